package intake

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

func TestTableBecomesRows(t *testing.T) {
	doc := mustRead(t, "ocr.csv", strings.Join([]string{
		"300,102,340,102,340,121,300,121,9.00",
		`10,10,200,10,200,30,10,30,"ACME, SDN" BHD`,
		"",
		"10,100,90,100,90,120,10,120,TOTAL,  RM",
		"10,130,90,130,90,150,10,150,合计\x07",
		"10,160,90,160,90,180,10,180, \t",
	}, "\r\n"))
	const want = "\"ACME, SDN\" BHD\nTOTAL, RM  9.00\n合计\n"
	if doc.Text != want {
		t.Fatalf("text %q, want %q", doc.Text, want)
	}
	var got []string
	for _, s := range doc.Spans {
		got = append(got, doc.Text[s.Start:s.End])
	}
	if strings.Join(got, "|") != `"ACME, SDN" BHD|TOTAL, RM|9.00|合计` {
		t.Errorf("spans %q", got)
	}
	if b := (kit.Box{X0: 300, Y0: 102, X1: 340, Y1: 121}); doc.Spans[2].Box != b {
		t.Errorf("box %+v, want %+v", doc.Spans[2].Box, b)
	}
	if doc.Pages[0] != (kit.Page{Width: 340, Height: 150}) || doc.MediaType != "text/csv" {
		t.Errorf("page %+v, type %s", doc.Pages[0], doc.MediaType)
	}
}

func TestTallRunsKeepLinesApart(t *testing.T) {
	doc := mustRead(t, "ocr.csv", "0,0,50,0,50,60,0,60,LOGO\n60,0,90,0,90,20,60,20,one\n60,20,90,20,90,40,60,40,two\n60,40,90,40,90,60,60,60,three\n")
	if doc.Text != "one\nLOGO  two\nthree\n" {
		t.Errorf("text %q", doc.Text)
	}
}

func TestSlantedRowStaysOne(t *testing.T) {
	doc := mustRead(t, "ocr.csv", "0,10,40,10,40,30,0,30,a\n100,14,140,14,140,34,100,34,b\n200,18,240,18,240,38,200,38,c\n0,40,40,40,40,60,0,60,d")
	if doc.Text != "a  b  c\nd\n" {
		t.Errorf("text %q", doc.Text)
	}
}

func TestTableCoordinates(t *testing.T) {
	doc := mustRead(t, "ocr.csv", "-5,-1e1,20.5,-10,20.5,8,-5,8,edge\n9,9,9,9,9,9,9,9,point")
	if b := doc.Spans[0].Box; b != (kit.Box{X1: 20.5, Y1: 8}) {
		t.Errorf("box %+v", b)
	}
	for _, bad := range []string{"1e9", "-99999999", "NaN", "Inf", "x", "", "1;2", strings.Repeat("9", 400)} {
		refused(t, "ocr.csv", "1,1,9,1,9,9,1,9,ok\n\n1,1,9,1,"+bad+",9,1,9,bad", kit.Invalid, "line 3", "coordinate 5")
	}
}

func TestTableIsRefused(t *testing.T) {
	refused(t, "people.csv", "name,age\nAda,36\n", kit.Invalid, "line 1", "2 columns", "x1,y1")
	refused(t, "ocr.csv", "1,1,9,1,9,9,1,9", kit.Invalid, "line 1", "8 columns")
	refused(t, "ocr.csv", "1,1,9,1,9,9,1,9,", kit.Invalid, "no text")
	refused(t, "ocr.csv", "\n\n", kit.Invalid, "no text")
	refused(t, "ocr.csv", "1,1,9,1,9,9,1,9,a\xff合计合计", kit.Invalid, "line 1", "0xFF")
}

func TestTableInGBK(t *testing.T) {
	if doc := mustRead(t, "ocr.csv", "1,1,9,1,9,9,1,9,\xba\xcf\xbc\xc6\n"); doc.Text != "合计\n" {
		t.Errorf("text %q", doc.Text)
	}
}
