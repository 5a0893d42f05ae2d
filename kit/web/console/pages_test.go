package console_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// slipPDF is a PDF of two pages: the shop on the first, the total on the
// second.
func slipPDF() string {
	page := func(words string) string {
		content := "BT /F1 12 Tf 20 60 Td (" + words + ") Tj ET"
		return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content)
	}
	const leaf = "<</Type /Page /Parent 2 0 R /Contents %d 0 R /Resources <</Font <</F1 7 0 R>> >> >>"
	objects := []string{"<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 200 100]>>",
		fmt.Sprintf(leaf, 5), fmt.Sprintf(leaf, 6), page("KEDAI TIGA"), page("TOTAL 12.50"),
		"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding>>"}
	out, table := "%PDF-1.4\n", "0000000000 65535 f \n"
	for i, o := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", len(out))
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	return out + fmt.Sprintf("xref\n0 %d\n%strailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, table, len(objects)+1, len(out))
}

func TestEvidenceJumpsInAPDF(t *testing.T) {
	long(t)
	r, base, link := real(t, time.Minute)
	file := filepath.Join(t.TempDir(), "slip.pdf")
	if err := os.WriteFile(file, []byte(slipPDF()), 0o644); err != nil {
		t.Fatal(err)
	}
	b := browse(t, base)
	b.run(chromedp.EmulateViewport(1440, 500), b.open(link), click("form.stack .primary"))
	b.at("/inbox")
	b.run(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}), click(".upload .button"))
	b.at("/upload")
	id := b.text(`document.querySelector(".main-cell a").pathname.split("/")[2]`)
	reaches(t, r, id, kit.InReview)
	b.run(b.open("/inbox"))
	b.keys("n")
	b.holds(`location.pathname.startsWith("/reviews/") && document.querySelectorAll(".sheet img").length === 2`)
	b.holds(`document.querySelector(".sheet img").naturalWidth === 1240`)
	b.run(click(".sheet:nth-of-type(2) a.ev"))
	b.holds(`document.activeElement.name === "f.total"`)
	b.holds(`document.querySelector(".sheet:nth-of-type(2) .ev.on") !== null`)
	b.silent()
}

func TestPagesOfAPDFAreServedAsPictures(t *testing.T) {
	r, base, link := real(t, time.Minute)
	c := client{t: t, base: base, http: newBrowser()}
	c.get("/cases/x/pages/1").leads(t, "/signin?next=%2Fcases%2Fx%2Fpages%2F1")
	c.post("/signin", map[string][]string{"secret": {strings.TrimPrefix(link, "/signin/link?code=")}}).leads(t, "/")
	c.upload("slip.pdf", slipPDF(), "slip.txt", "KEDAI SATU\nTOTAL 1.00\n").has(t, 200, "2 taken")
	page, err := r.Cases(t.Context(), workflow.CaseFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range page.Items {
		reaches(t, r, k.ID, kit.InReview)
		one := c.get("/cases/" + k.ID + "/pages/1")
		if k.Name == "slip.txt" {
			one.has(t, http.StatusUnsupportedMediaType)
			continue
		}
		picture, err := png.Decode(bytes.NewReader([]byte(one.body)))
		if err != nil || picture.Bounds().Dx() != 1240 || one.header.Get("Content-Type") != "image/png" {
			t.Errorf("page 1 is %s (%v)", one.header.Get("Content-Type"), err)
		}
		c.get("/cases/"+k.ID+"/pages/1", "If-None-Match", one.header.Get("ETag")).has(t, http.StatusNotModified)
		for _, wrong := range []string{"0", "3", "-1", "x", "99999999999999999999"} {
			c.get("/cases/"+k.ID+"/pages/"+wrong).has(t, http.StatusNotFound)
		}
	}
}
