package console

import (
	"regexp"
	"strings"
)

// saying is what another room says of a file, and the catalogue's key for it.
type saying struct {
	says *regexp.Regexp
	key  string
}

// refusals are what intake says of files that it does not read. A test holds
// them to its sources.
var refusals = []saying{
	{regexp.MustCompile(`the importer (\S+) cannot read it: (.+)$`), "intake.importer"}, // first: what follows is the team's own words
	{regexp.MustCompile(`larger than (.+)$`), "intake.larger"},
	{regexp.MustCompile(`the file is empty$`), "intake.empty"},
	{regexp.MustCompile(`there is no text in it$`), "intake.no_text"},
	{regexp.MustCompile(`more than (\d+) characters of text$`), "intake.text"},
	{regexp.MustCompile(`a part of the PDF unpacks to more than (.+)$`), "intake.unpacks"},
	{regexp.MustCompile(`not read within (.+)$`), "intake.slow"},
	{regexp.MustCompile(`(\d+) pages, more than (\d+)$`), "intake.pages"},
	{regexp.MustCompile(`the PDF holds no text that can be read$`), "intake.pdf_text"},
	{regexp.MustCompile(`the PDF is broken: (.+)$`), "intake.pdf_broken"},
	{regexp.MustCompile(`the PDF is encrypted$`), "intake.pdf_locked"},
	{regexp.MustCompile(`a page has more than (.+) of drawing commands$`), "intake.drawing"},
	{regexp.MustCompile(`the picture is (\d+) by (\d+), more than (\d+) pixels$`), "intake.pixels"},
	{regexp.MustCompile(`pictures need the program (\S+), which is not installed`), "intake.ocr"},
	{regexp.MustCompile(`no text can be read in the picture$`), "intake.picture_text"},
	{regexp.MustCompile(`the picture is broken: (.+)$`), "intake.picture_broken"},
	{regexp.MustCompile(`tesseract lacks the language (\S+)$`), "intake.ocr_language"},
	{regexp.MustCompile(`tesseract cannot read the picture: (.+)$`), "intake.ocr_failed"},
	{regexp.MustCompile(`the name says (\S+), the content does not$`), "intake.misnamed"},
	{regexp.MustCompile(`(\S+) files are not read here$`), "intake.kind"},
	{regexp.MustCompile(`it is a HEIC picture or a video, which is not read here$`), "intake.heic"},
	{regexp.MustCompile(`it is (.+), which is not read here$`), "intake.other"},
	{regexp.MustCompile(`it is not plain text: too many control characters$`), "intake.control"},
	{regexp.MustCompile(`line (\d+): byte (0x[0-9A-F]{2}) is not UTF-8$`), "intake.utf8"},
	{regexp.MustCompile(`line (\d+): half a UTF-16 character`), "intake.utf16"},
	{regexp.MustCompile(`line (\d+): (.+)$`), "intake.line"},
	{regexp.MustCompile(`stopped: `), "intake.stopped"},
}

// mends are what intake says of how to mend a file.
var mends = []struct{ says, key string }{
	{"split the file, save it smaller, or raise the limit", "intake.split_save"},
	{"split the file, or raise the limit", "intake.split"},
	{"send fewer pages at once, or raise the time limit", "intake.fewer"},
	{"a scanned PDF holds pictures only: save its pages as .jpg or .png and send those", "intake.scanned"},
	{"open it in a viewer and save it again as PDF", "intake.save_pdf"},
	{"open it with its password and print it to a new PDF", "intake.print_pdf"},
	{"open it in a viewer and save it again", "intake.save_again"},
	{"save it smaller; 300 dots an inch are enough", "intake.smaller"},
	{"scan it again: upright, sharp, with even light", "intake.scan_again"},
	{"install it (Debian and Ubuntu: apt install tesseract-ocr; macOS: brew install tesseract), or send the text", "intake.install"},
	{"install its data (Debian and Ubuntu: apt install tesseract-ocr-LANGUAGE)", "intake.install_language"},
	{"an OCR table has lines of x1,y1,x2,y2,x3,y3,x4,y4,text", "intake.table"},
	{"the file may be broken or misnamed", "intake.misnamed_hint"},
	{"can be read: .txt, .csv of an OCR run, .pdf with text, .jpg and .png", "intake.readable"},
	{", also ", "intake.also"},
	{"save a picture as JPEG", "intake.jpeg"},
	{"save the file as UTF-8", "intake.save_utf8"},
	{"; ", "intake.then"},
}

// refusal says in the person's language why a file was not read. What is not
// known is said as it is.
func (t *tongue) refusal(words string) string {
	for _, r := range refusals {
		if m := r.says.FindStringSubmatch(words); m != nil {
			m = append(m, "", "", "")
			return t.T(r.key, "A", m[1], "B", m[2], "C", m[3])
		}
	}
	return words
}

// mend says in the person's language how to mend a file.
func (t *tongue) mend(hint string) string {
	for _, m := range mends {
		hint = strings.Replace(hint, m.says, t.T(m.key), 1)
	}
	return hint
}
