package intake

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
)

// The limits of fonts. The fonts of real files fit.
const (
	maxFonts = 32      // fonts that are kept at a time
	maxCMap  = 4 << 20 // bytes of a character map, unpacked
	maxCodes = 1 << 17 // codes with a meaning or a width of their own
)

// font tells what the codes of a string mean and how wide they are.
type font struct {
	length  func(raw string) int     // bytes of the code that raw starts with
	meaning func(code string) string // "" where the file does not say
	mapped  map[string]string        // the file's own map to Unicode, by code
	widths  map[uint32]float64       // in ems
	missing float64                  // the width of all other codes, in ems
}

// code is one code of a shown string.
type code struct {
	text  string
	width float64 // in ems
	space bool    // the one-byte code 32, which word spacing widens
}

// codes takes a shown string apart.
func (t *font) codes(raw string) []code {
	var out []code
	for len(raw) > 0 {
		n := min(max(t.length(raw), 1), len(raw))
		c := raw[:n]
		text, ok := t.mapped[c]
		if !ok {
			text = t.meaning(c)
		}
		width, ok := t.widths[codeNumber(c)]
		if !ok {
			width = t.missing
		}
		out = append(out, code{text, width, c == " "})
		raw = raw[n:]
	}
	return out
}

// codeNumber is a code of up to four bytes as a number.
func codeNumber(c string) uint32 {
	var n uint32
	for i := range len(c) {
		n = n<<8 | uint32(c[i])
	}
	return n
}

// fontNamed is the font that the resources know by name.
func (p *painter) fontNamed(name string) *font {
	if t := p.fonts[name]; t != nil {
		return t
	}
	v := p.resources.Key("Font").Key(name)
	t := p.known.font(v.String(), v)
	p.fonts[name] = t
	return t
}

// fontCache keeps the fonts of a file from page to page, by the text of their
// dictionaries, which refer to the rest by number.
type fontCache map[string]*font

func (c fontCache) font(key string, v pdf.Value) *font {
	if c[key] == nil {
		if len(c) >= maxFonts {
			clear(c)
		}
		c[key] = newFont(v)
	}
	return c[key]
}

// newFont reads a font dictionary, as far as text needs it.
func newFont(v pdf.Value) *font {
	t := &font{length: fixed(1), widths: map[uint32]float64{}}
	wide := t.readMap(v.Key("ToUnicode"))
	if v.Key("Subtype").Name() == "Type0" {
		t.length, t.meaning = composite(v.Key("Encoding").Name())
		if len(t.mapped) > 0 && !wide {
			t.length = fixed(1)
		}
		t.compositeWidths(v.Key("DescendantFonts").Index(0))
		return t
	}
	t.meaning = simple(v)
	t.simpleWidths(v)
	return t
}

func fixed(n int) func(string) int { return func(string) int { return n } }

// composite gives the length and meaning of the codes of a font of many
// characters, by the name of its encoding. Codes that only number the shapes
// of a font (Identity-H) have no meaning but the one in the file's own map.
func composite(encoding string) (length func(string) int, meaning func(string) string) {
	switch {
	case strings.Contains(encoding, "UCS2"), strings.Contains(encoding, "UTF16"):
		return fixed(2), utf16Text
	case strings.HasPrefix(encoding, "GB"):
		length = func(raw string) int {
			if raw[0] < 0x80 {
				return 1
			}
			return 2
		}
		return length, func(c string) string {
			s, _ := simplifiedchinese.GB18030.NewDecoder().String(c)
			return s
		}
	}
	return fixed(2), func(string) string { return "" }
}

// simple gives the meaning of one-byte codes. The library knows the encodings;
// it is not asked to read a character map, which it does without limits.
func simple(v pdf.Value) func(string) string {
	var table [256]string
	var encoder pdf.TextEncoding
	if v.Key("ToUnicode").Kind() != pdf.Stream || v.Key("Encoding").Kind() != pdf.Null {
		f := pdf.Font{V: v}
		if !(v.Key("ToUnicode").Kind() == pdf.Stream && v.Key("Encoding").Name() == "Identity-H") {
			encoder = f.Encoder()
		}
	}
	for i := range table {
		raw := string([]byte{byte(i)})
		if encoder != nil {
			table[i] = encoder.Decode(raw)
		} else {
			table[i] = raw
		}
		if !utf8.ValidString(table[i]) {
			table[i] = string(charmap.Windows1252.DecodeByte(byte(i)))
		}
	}
	return func(c string) string { return table[c[0]] }
}

// simpleWidths reads the widths of one-byte codes. Fonts that every viewer has
// come without: theirs are known, and what stands in for a font that the file
// does not bring is as wide as one of them.
func (t *font) simpleWidths(v pdf.Value) {
	scale := 1.0 / 1000
	if m := v.Key("FontMatrix"); v.Key("Subtype").Name() == "Type3" && m.Len() == 6 {
		scale = number(m.Index(0))
	}
	first, widths, descriptor := v.Key("FirstChar").Int64(), v.Key("Widths"), v.Key("FontDescriptor")
	t.missing = number(descriptor.Key("MissingWidth")) * scale
	switch {
	case widths.Len() > 0:
	case v.Key("Subtype").Name() != "Type3" && !brings(descriptor):
		font := substitute(v)
		for c := range uint32(256) {
			t.widths[c] = standardWidth(font, t.meaning(string([]byte{byte(c)})))
		}
	default:
		t.missing = cmp.Or(number(descriptor.Key("AvgWidth"))*scale, t.missing, 0.5)
	}
	for i := range min(widths.Len(), 256) {
		t.widths[uint32(first)+uint32(i)] = number(widths.Index(i)) * scale
	}
}

// compositeWidths reads the widths of a font of many characters: a list of
// "first [w w w]" and "first last w". They go by the number of the shape, which
// is the code in all but rare files.
func (t *font) compositeWidths(v pdf.Value) {
	t.missing = 1
	if dw := v.Key("DW"); !dw.IsNull() {
		t.missing = number(dw) / 1000
	}
	w := v.Key("W")
	for i := 0; i+1 < w.Len() && len(t.widths) < maxCodes; {
		first := uint32(w.Index(i).Int64())
		if list := w.Index(i + 1); list.Kind() == pdf.Array {
			for k := range min(list.Len(), maxCodes) {
				t.widths[first+uint32(k)] = number(list.Index(k)) / 1000
			}
			i += 2
			continue
		}
		last, width := uint32(w.Index(i+1).Int64()), number(w.Index(i+2))/1000
		for c := first; c <= last && c-first < maxCodes; c++ {
			t.widths[c] = width
		}
		i += 3
	}
}

// cmapToken finds the parts of a character map that matter.
var cmapToken = regexp.MustCompile(`<[0-9A-Fa-f\s]*>|\[|\]|[A-Za-z]+`)

// readMap reads the file's own map to Unicode. It reports whether codes longer
// than a byte are in it.
func (t *font) readMap(v pdf.Value) (wide bool) {
	t.mapped = map[string]string{}
	if v.Kind() != pdf.Stream {
		return true
	}
	data, _ := io.ReadAll(io.LimitReader(v.Reader(), maxCMap))
	var args []string // codes of the entry under way
	var list bool     // inside a list of meanings
	section := ""
	for _, token := range cmapToken.FindAllString(string(data), -1) {
		switch {
		case token[0] == '[' || token[0] == ']':
			list = token[0] == '['
			if !list {
				args = nil
			}
		case token[0] != '<':
			section, args, list = token, nil, false
		default:
			args = append(args, unhex(token))
			wide = wide || section == "begincodespacerange" && len(args[len(args)-1]) > 1
			args = t.entry(section, args, list)
		}
		if len(t.mapped) >= maxCodes {
			break
		}
	}
	return wide
}

// entry keeps an entry that is whole, and returns what is left of it.
func (t *font) entry(section string, args []string, list bool) []string {
	switch {
	case section == "beginbfchar" && len(args) == 2:
		t.mapped[args[0]] = utf16Text(args[1])
	case section == "beginbfrange" && list && len(args) >= 3:
		// args holds first, last and the meanings so far: one a code.
		t.mapped[next(args[0], len(args)-3)] = utf16Text(args[len(args)-1])
		return args
	case section == "beginbfrange" && len(args) == 3:
		n := codeNumber(args[1]) - codeNumber(args[0])
		for i := 0; i <= int(min(n, 0xffff)); i++ {
			t.mapped[next(args[0], i)] = utf16Text(next(args[2], i))
		}
	case section == "begincodespacerange" && len(args) == 2, len(args) > 3:
	default:
		return args
	}
	return nil
}

// next is the code i places after c, of the same length.
func next(c string, i int) string {
	b := []byte(c)
	for k := len(b) - 1; k >= 0 && i > 0; k-- {
		i += int(b[k])
		b[k] = byte(i)
		i >>= 8
	}
	return string(b)
}

// unhex reads <0041>, blanks and all; a missing last digit is 0.
func unhex(token string) string {
	digits := strings.Join(strings.Fields(token[1:len(token)-1]), "")
	if len(digits)%2 != 0 {
		digits += "0"
	}
	b, _ := hex.DecodeString(digits)
	return string(b)
}

// utf16Text reads big-endian UTF-16, the encoding of meanings.
func utf16Text(s string) string {
	units := make([]uint16, len(s)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16([]byte(s[2*i:]))
	}
	if len(s) == 1 {
		return s
	}
	return string(utf16.Decode(units))
}

// shortRadicals are radicals that some programs write where they mean the
// character, and that Unicode does not call the same.
var shortRadicals = strings.NewReplacer("⺠", "民", "⻁", "虎", "⻄", "西", "⻅", "见", "⻆", "角", "⻉", "贝", "⻋", "车",
	"⻓", "长", "⻔", "门", "⻘", "青", "⻙", "韦", "⻚", "页", "⻛", "风", "⻜", "飞", "⻝", "食", "⻢", "马", "⻣", "骨",
	"⻤", "鬼", "⻥", "鱼", "⻦", "鸟", "⻨", "麦", "⻩", "黄", "⻬", "齐", "⻮", "齿", "⻰", "龙", "⻳", "龟")

// letters writes the shapes that a PDF may name instead of letters as those
// letters: joined Latin letters (the fi of "file") and the radicals of Chinese.
func letters(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 0xfb00 && r <= 0xfb06 || r >= 0x2e80 && r <= 0x2fd5 {
			b.WriteString(norm.NFKC.String(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return shortRadicals.Replace(b.String())
}
