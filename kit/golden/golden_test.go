package golden

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// answersIn writes files into a folder of answers.
func answersIn(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestASheetAnswersManyCases has one value in each of the ways a spreadsheet
// writes it, beside files of single cases.
func TestASheetAnswersManyCases(t *testing.T) {
	a, err := Open(answersIn(t, map[string]string{
		"one.json":     `{"total": 9.50, "shop": {"name": "A"}}`,
		"discount.csv": "\xef\xbb\xbfCase, discount ,shop.name\r\none,\"1,234.50\",A\r\ntwo,,\r\n三号,null,茶\r\n,,\r\n",
		"gbk.csv":      "case,shop.name\nfour,\xd6\xd0\xb9\xfa\xbd\xa8\xc9\xe8\xd2\xf8\xd0\xd0\xb9\xc9\xb7\xdd\xd3\xd0\xcf\xde\xb9\xab\xcb\xbe\n",
		"notes.txt":    "nothing of these",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Names(); !slices.Equal(got, []string{"four", "one", "三号"}) {
		t.Errorf("the cases are %q", got)
	}
	for name, want := range map[string]map[string]string{
		"one": {"total": "9.50", "shop.name": `"A"`, "discount": `"1,234.50"`}, "two": nil,
		"三号": {"discount": "null", "shop.name": `"茶"`}, "four": {"shop.name": `"中国建设银行股份有限公司"`},
	} {
		got, err := a.Of(name)
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		for path, value := range want {
			if string(got[path]) != value {
				t.Errorf("%s: %s is %s, want %s", name, path, got[path], value)
			}
		}
	}
}

func TestSheetsThatAreNone(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":           {"", "s.csv:1: the first column is not case"},
		"no head":         {"one,2\n", "s.csv:1: the first column is not case"},
		"no name":         {"case,\none,2\n", "s.csv:1: column 2 is \"\""},
		"a field twice":   {"case,total,total\n", "s.csv:1: column 3 is \"total\""},
		"too many values": {"case,total\none,2,3\n", "s.csv:2: wrong number of fields"},
		"an open quote":   {"case,total\none,\"2\n", "s.csv:2: "},
		"nobody's value":  {"case,total\n\n,2\n", "s.csv:3: a value without a case"},
		"two words":       {"case,total\none,2\none,3\n", "s.csv:3: total of one is \"3\", and \"2\" in"},
		"no text":         {"case,total\none,\x00\x01\x02\x03\n", "it is not plain text"},
	} {
		_, err := Open(answersIn(t, map[string]string{"s.csv": c.text}))
		if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a, err := Open(answersIn(t, map[string]string{"s.csv": "case,total\none,2\n", "one.json": `{"total": 3}`}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Of("one"); kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), `total of one is "3" in`) {
		t.Errorf("a sheet against a file: %v", err)
	}
}
