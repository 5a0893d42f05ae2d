package intake

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// fuzz reads data under name: whatever comes, the reader neither panics nor
// hangs, and a document keeps its promises.
func fuzz(t *testing.T, name, data string) {
	r := Reader{Timeout: 2 * time.Second, MaxRunes: 100_000}
	start := time.Now()
	doc, _, err := r.Read(context.Background(), name, strings.NewReader(data))
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if err == nil {
		sound(t, doc)
		return
	}
	if code := kit.CodeOf(err); code == kit.Internal || code == "" || !strings.Contains(err.Error(), name) {
		t.Errorf("error %v has the code %q", err, code)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a", "\x00", "a\r\nb\rc\n\n", "\xff\xfea\x00", "\xfe\xff\xd8\x3d", "合计", "\xba\xcf\xbc\xc6", "Caf\xe9", "e\u0301\u202e\ufeff", "\ufb01\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { fuzz(t, "a.txt", s) })
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"", "1,2,3,4,5,6,7,8,TOTAL, RM\n9,2,3,4,5,6,7,8,\"9.00\"", "-1,1e5,0x10,4,5,6,7,8,合\r\n", "NaN,1,1,1,1,1,1,1,a", ",,,,,,,,", "1,1,1,1,1,1,1,1,\u0301\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { fuzz(t, "a.csv", s) })
}

func FuzzPDF(f *testing.F) {
	good := onePage("/Rotate 90", "BT /F1 10 Tf 20 50 Td (TOTAL) Tj [(9) -900 (.00)] TJ ET /X1 Do")
	f.Add(good)
	f.Add(good[:len(good)-40])
	f.Add(makePDF("", "<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [3 0 R] /Count 1>>",
		"<</Type /Page /Parent 2 0 R /Contents 4 0 R /Resources <</Font <</F1 5 0 R>> >> >>", stream("", "BT /F1 9 Tf <0001> Tj ET"),
		"<</Subtype /Type0 /ToUnicode 6 0 R /DescendantFonts [<</W [1 [500] 2 9 1]>>]>>", stream("", "1 beginbfrange <0001> <0002> <0041> endbfrange")))
	f.Add(crossPDF("%PDF-1.7\n", 3, [3]uint32{}, [3]uint32{2, 2, 0}, [3]uint32{1, 9, 0}, [3]uint32{1, 9, 0}))
	f.Fuzz(func(t *testing.T, s string) { fuzz(t, "a.pdf", s) })
}

func FuzzTSV(f *testing.F) {
	f.Add("4\t1\t1\t1\t1\t0\t5\t5\t90\t20\t-1\t\n5\t1\t1\t1\t1\t1\t5\t7\t30\t10\t90\tTOTAL\n")
	f.Add("5\t1\t1\t1\t1\t1\t-5\t7\t999999999\t10\t90\t\xff\r\n5\t\t\n")
	f.Fuzz(func(t *testing.T, table string) {
		words := tsvWords(table)
		if doc := compose(words, []kit.Page{extent(words)}, phraseSpace); len(words) > 0 {
			sound(t, doc)
		}
	})
}
