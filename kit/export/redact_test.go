package export_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/model"
)

// learned exports one correction and returns what a trainer sees of it.
func learned(t *testing.T, tr export.Training, d decided) (user, answer string) {
	t.Helper()
	dir, _ := written(t, tr, d)
	var e struct{ Messages []chatMessage }
	strict(t, lines(t, filepath.Join(dir, "train.jsonl"))[len(d)-1], &e)
	return documentOf(e.Messages[1].Content), e.Messages[2].Content
}

// documentOf is what stands between the fences of a prompt.
func documentOf(user string) string {
	_, doc, _ := strings.Cut(user, "-----BEGIN DOCUMENT ")
	_, doc, _ = strings.Cut(doc, "-----\n")
	doc, _, _ = strings.Cut(doc, "\n-----END")
	return doc
}

func company(name string) string {
	raw, _ := json.Marshal(map[string]any{"company": name, "date": "2018-02-01", "address": nil, "total": 9, "paid": true})
	return string(raw)
}

func TestPrivateValuesAreGone(t *testing.T) {
	for _, c := range []struct{ name, value, text, want string }{
		{"as written", "ABC Trading", "ABC Trading\nTOTAL 9", "[COMPANY_1]\nTOTAL 9"},
		{"any case and spaces", "ABC Trading", "Abc  TRADING / abctrading", "[COMPANY_1] / [COMPANY_1]"},
		{"full width", "ABC Trading", "ＡＢＣ　ＴＲＡＤＩＮＧ！", "[COMPANY_1]！"},
		{"accents", "Café Lima", "CAFE LIMA and Cafe\u0301 Lima", "[COMPANY_1] and [COMPANY_1]"},
		{"marks between", "ABC Trading", "A.B.C. TRADING.", "[COMPANY_1]."},
		{"over two lines", "ABC Trading Sdn Bhd", "ABC TRADING\nSDN BHD", "[COMPANY_1]"},
		{"glued by a scan", "ABC Trading", "ABCTRADINGTEL 03", "[COMPANY_1]TEL 03"},
		{"a word in words", "Tan", "TAN: standard tan, Tan's", "[COMPANY_1]: standard [COMPANY_1], [COMPANY_1]'s"},
		{"regex", "a.*(b|c)+$", "pay a.*(b|c)+$ or axxb", "pay [COMPANY_1] or axxb"},
		{"marks alone", ".*", "pay .* now", "pay [COMPANY_1] now"},
		{"Chinese", "云帆文具", "欢迎来到云帆文具店\n合计", "欢迎来到[COMPANY_1]店\n合计"},
		{"Chinese, one character", "李", "李先生", "[COMPANY_1]先生"},
		{"line by line", "12 Jalan Damai, 43000 Kajang", "12 JALAN DAMAI  TEL\n43000 KAJANG", "[COMPANY_1]  TEL\n[COMPANY_1]"},
		{"like a placeholder", "company", "company [COMPANY_1]", "[COMPANY_1] [[COMPANY_1]_1]"},
	} {
		user, answer := learned(t, training(t, export.Chat), decided{correction("1", c.text, company(c.value), company(c.value))})
		if user != c.want || !strings.HasPrefix(answer, `{"company":"[COMPANY_1]","date":"2018-02-01"`) {
			t.Errorf("%s: %q becomes %q, want %q; answer %s", c.name, c.text, user, c.want, answer)
		}
	}
}

func TestWhatIsEmptyStays(t *testing.T) {
	for _, value := range []string{"", "  "} {
		user, answer := learned(t, training(t, export.Chat), decided{correction("1", "ABC\nTOTAL", company(value), company(value))})
		if user != "ABC\nTOTAL" || !strings.HasPrefix(answer, fmt.Sprintf(`{"company":%q`, value)) {
			t.Errorf("%q: %q, %s", value, user, answer)
		}
	}
	none := `{"company":null,"date":null,"address":null,"total":null,"paid":true}`
	if user, answer := learned(t, training(t, export.Chat), decided{correction("1", "null\nTOTAL", none, none)}); user != "null\nTOTAL" || answer != none {
		t.Errorf("%q, %s", user, answer)
	}
}

func TestAPlaceholderIsStable(t *testing.T) {
	d := decided{
		correction("1", "ABC Trading", company("ABC Trading"), company("ABC Trading")),
		correction("2", "XYZ", company("XYZ"), company("XYZ")),
		correction("3", "ABC TRADING.", company("ABC TRADING."), company("ABC TRADING.")),
	}
	if user, answer := learned(t, training(t, export.Chat), d); user != "[COMPANY_1]" || !strings.Contains(answer, `"[COMPANY_1]"`) {
		t.Errorf("%q, %s", user, answer)
	}
}

func TestTheDraftsReadingIsGoneToo(t *testing.T) {
	c := correction("1", "ABC TRADlNG SDN BND\nRECEIPT", company("ABC TRADlNG SDN BND"), company("ABC Trading Sdn Bhd"))
	if user, answer := learned(t, training(t, export.Chat), decided{c}); user != "[COMPANY_1]\nRECEIPT" || !strings.Contains(answer, "[COMPANY_1]") {
		t.Errorf("misread: %q, %s", user, answer)
	}
	c = correction("1", "ABC TRADING\nRECEIPT", company("RECEIPT"), company("ABC Trading"))
	c.Draft.Fields = []kit.Field{{Path: "company", Evidence: []kit.Evidence{{Text: "RECEIPT"}}}}
	dir, _ := written(t, training(t, export.DPO), decided{c})
	raw, _ := os.ReadFile(filepath.Join(dir, "train.jsonl"))
	if text := string(raw); strings.Contains(strings.ToLower(text), "abc") || !strings.Contains(text, `[COMPANY_1]\n[COMPANY_2]`) {
		t.Errorf("another value: %s", text)
	}
}

func TestOtherFieldsAndTheInputHoldNoPrivateValue(t *testing.T) {
	final := `{"company":"ABC Trading","date":"2018-02-01","address":"ABC Trading, 12 Jalan","total":9.00,"paid":true}`
	c := correction("1", "ABC TRADING\n01/02/2018\nTOTAL RM9.00\nCASH 10.00", final, final)
	tr := training(t, export.Chat)
	tr.Private = []string{"total", "date"}
	user, answer := learned(t, tr, decided{c})
	if want := "[COMPANY_1]\n[DATE_1]\nTOTAL RM[TOTAL_1]\nCASH 10.00"; user != want {
		t.Errorf("%q, want %q", user, want)
	}
	if want := `{"company":"[COMPANY_1]","date":"[DATE_1]","address":"[COMPANY_1], 12 Jalan","total":"[TOTAL_1]","paid":true}`; answer != want {
		t.Errorf("%s, want %s", answer, want)
	}
}

// TestSpansFollowTheText holds that the layout of what is left stands where it
// stood.
func TestSpansFollowTheText(t *testing.T) {
	doc := kit.Document{Name: "ABC Trading.pdf", Blob: "abc9", Text: "AT ABC TRADING  TEL 03\nTOTAL 9",
		Spans: []kit.Span{{Start: 0, End: 2}, {Start: 3, End: 14}, {Start: 16, End: 22}, {Start: 23, End: 30}}}
	c := correction("1", "", company("ABC Trading"), company("ABC Trading"))
	c.Input, _ = json.Marshal(doc)
	tr := training(t, export.Chat)
	var got kit.Document
	inner := tr.Prompt
	tr.Prompt = func(ctx context.Context, input json.RawMessage) (model.Rendered, error) {
		if err := json.Unmarshal(input, &got); err != nil {
			t.Error(err)
		}
		return inner(ctx, input)
	}
	learned(t, tr, decided{c})
	var texts []string
	for _, s := range got.Spans {
		texts = append(texts, got.Text[s.Start:s.End])
	}
	if fmt.Sprintf("%q", texts) != `["AT" "[COMPANY_1]" "TEL 03" "TOTAL 9"]` || got.Name != "[COMPANY_1].pdf" || got.Blob != "abc9" {
		t.Errorf("%q of %+v", texts, got)
	}
}

// TestNoPrivateValueIsLeft tries values and texts of a hostile alphabet.
func TestNoPrivateValueIsLeft(t *testing.T) {
	tr := training(t, export.Chat)
	letters := rapid.StringOfN(rapid.SampledFrom([]rune("aAＡbB.*[]()\\$ -1_文具é\n")), 1, 8, -1)
	rapid.Check(t, func(rt *rapid.T) {
		value := letters.Draw(rt, "value")
		if strings.TrimSpace(value) == "" {
			return
		}
		text := letters.Draw(rt, "before") + " " + value + " " + letters.Draw(rt, "after")
		dir, err := os.MkdirTemp("", "redact")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		if _, err := tr.Write(rt.Context(), decided{correction("1", text, company(value), company(value))}, filepath.Join(dir, "out")); err != nil {
			rt.Fatal(err)
		}
		raw, _ := os.ReadFile(filepath.Join(dir, "out", "train.jsonl"))
		var e struct{ Messages []chatMessage }
		if err := json.Unmarshal(raw, &e); err != nil {
			rt.Fatal(err)
		}
		user := documentOf(e.Messages[1].Content)
		if !strings.Contains(user, "[COMPANY_1]") || !strings.Contains(e.Messages[2].Content, `"company":"[COMPANY_1]"`) {
			rt.Fatalf("%q in %q becomes %q", value, text, user)
		}
		if left := strings.ReplaceAll(user, "[COMPANY_1]", "\x00"); strings.Contains(left, " "+value+" ") {
			rt.Fatalf("%q is left in %q", value, left)
		}
	})
}
