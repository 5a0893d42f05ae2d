package intake

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"

	"github.com/tackhammer/tackhammer/kit"
)

// saveUTF8 is the way out of every trouble with an encoding.
const saveUTF8 = "save the file as UTF-8"

// Text returns the bytes of the plain text file name as UTF-8, by the rules that
// a document is read by: UTF-8, UTF-16 with a byte order mark, or clearly
// GB18030 or Windows-1252. It fails with kit.Invalid, by line, at anything else.
func Text(name string, data []byte) (string, error) {
	return (&file{Reader: &Reader{}, name: name, data: data}).decode()
}

// decode returns the bytes as UTF-8: they are UTF-8 already, UTF-16 with a byte
// order mark, or clearly GB18030 or Windows-1252. Anything else is an error
// that names the line of the first byte that does not fit; a guess would put
// wrong characters before a reviewer.
func (f *file) decode() (string, error) {
	data := f.data
	switch {
	case hasAny(data, "\xef\xbb\xbf"):
		data = data[3:]
	case hasAny(data, "\xff\xfe"):
		return f.decode16(data[2:], binary.LittleEndian)
	case hasAny(data, "\xfe\xff"):
		return f.decode16(data[2:], binary.BigEndian)
	}
	if binaryish(data) {
		return "", f.errorf(kit.Invalid, "it is not plain text: too many control characters").WithHint(saveUTF8)
	}
	if utf8.Valid(data) {
		return string(data), nil
	}
	if text, ok := legacy(data); ok {
		return text, nil
	}
	at := firstBad(data)
	return "", f.errorf(kit.Invalid, "line %d: byte 0x%02X is not UTF-8", 1+lineBreaks(data[:at]), data[at]).
		WithHint(saveUTF8)
}

// decode16 decodes UTF-16 without its mark. A half character is an error.
func (f *file) decode16(data []byte, order binary.ByteOrder) (string, error) {
	var b strings.Builder
	line := 1
	for i := 0; i+1 < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) {
			low := rune(-1)
			if i+3 < len(data) {
				low = rune(order.Uint16(data[i+2:]))
			}
			if r = utf16.DecodeRune(r, low); r == unicode.ReplacementChar {
				return "", f.errorf(kit.Invalid, "line %d: half a UTF-16 character", line).WithHint(saveUTF8)
			}
			i += 2
		}
		if r == '\n' {
			line++
		}
		b.WriteRune(r)
	}
	if len(data)%2 != 0 {
		return "", f.errorf(kit.Invalid, "line %d: half a UTF-16 character at the end", line).WithHint(saveUTF8)
	}
	return b.String(), nil
}

// binaryish reports whether more than a tenth of data is control bytes.
func binaryish(data []byte) bool {
	n := 0
	for _, c := range data {
		if c < ' ' && !bytes.ContainsRune([]byte("\t\n\v\f\r"), rune(c)) || c == 0x7f {
			n++
		}
	}
	return n*10 > len(data)
}

// legacy decodes GB18030 or Windows-1252, where data is clearly one of them.
// Chinese comes in pairs of high bytes; western letters stand alone between
// ASCII. Bytes that are mostly good UTF-8 are damaged UTF-8, nothing else.
func legacy(data []byte) (string, bool) {
	h := countHigh(data)
	if h.utf8*2 > h.all {
		return "", false
	}
	if h.paired*10 >= h.all*9 {
		if text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data); err == nil &&
			!bytes.ContainsRune(text, unicode.ReplacementChar) {
			return string(text), true
		}
	}
	if h.alone*10 >= h.all*9 && h.undefined == 0 {
		text, err := charmap.Windows1252.NewDecoder().Bytes(data)
		return string(text), err == nil
	}
	return "", false
}

// highBytes counts the bytes of 0x80 and up by the company they keep.
type highBytes struct {
	all       int // every one
	utf8      int // inside a good UTF-8 sequence
	paired    int // both bytes of a pair of common Chinese (both 0xA1 and up)
	alone     int // between two ASCII bytes
	undefined int // that Windows-1252 does not define
}

func countHigh(data []byte) highBytes {
	var h highBytes
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		if _, n := utf8.DecodeRune(data[i:]); n > 1 {
			h.utf8 += n
		}
		run := i
		for run < len(data) && data[run] >= utf8.RuneSelf {
			run++
		}
		h.count(data[i:run])
		i = run
	}
	return h
}

// count adds one unbroken run of high bytes.
func (h *highBytes) count(run []byte) {
	h.all += len(run)
	for _, c := range run {
		if bytes.IndexByte([]byte{0x81, 0x8d, 0x8f, 0x90, 0x9d}, c) >= 0 {
			h.undefined++
		}
	}
	if len(run) == 1 {
		h.alone++
		return
	}
	for i := 0; i+1 < len(run); i += 2 {
		if run[i] >= 0xa1 && run[i+1] >= 0xa1 {
			h.paired += 2
		}
	}
}

// firstBad returns the offset of the first byte that is not UTF-8.
func firstBad(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(data)
}

// lineBreaks counts ends of lines: "\n", "\r\n" or a lone "\r".
func lineBreaks(data []byte) int {
	return bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) - bytes.Count(data, []byte("\r\n"))
}

// newlines are the ways in which files end a line or a page.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// clean brings text into the shape that the package promises.
func clean(text string) string {
	text = newlines.Replace(strings.ToValidUTF8(text, "\ufffd"))
	return norm.NFC.String(strings.Map(visible, text))
}

// visible drops control characters and the marks that reorder text on screen,
// with which a file could show a person other words than it gives a model.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.IsControl(r), r == '\ufeff', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return -1
	}
	return r
}

// cleanRun brings one run of a page into that shape: without breaks and
// without blanks at its ends.
func cleanRun(text string) string {
	return strings.Join(strings.Fields(clean(text)), " ")
}
