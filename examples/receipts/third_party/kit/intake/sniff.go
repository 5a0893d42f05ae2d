package intake

import (
	"bytes"
	"path/filepath"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// strangers are kinds of files that users send and nothing here reads. Knowing
// them by name makes a better refusal than "unknown".
var strangers = []struct{ signature, name, hint string }{
	{"PK\x03\x04", "a ZIP or Office file", "save the document as PDF; unpack an archive first"},
	{"\xd0\xcf\x11\xe0", "an old Office file", "save the document as PDF"},
	{"GIF8", "a GIF picture", "save the picture as PNG"},
	{"BM", "a BMP picture", "save the picture as PNG"},
	{"II*\x00", "a TIFF picture", "save the picture as PNG"},
	{"MM\x00*", "a TIFF picture", "save the picture as PNG"},
	{"RIFF", "a WebP picture or a recording", "save a picture as PNG"},
	{"{\\rtf", "an RTF document", "save the document as PDF"},
	{"\x1f\x8b", "a gzip archive", "unpack it first"},
	{"7z\xbc\xaf", "a 7-Zip archive", "unpack it first"},
	{"Rar!", "a RAR archive", "unpack it first"},
	{"\x7fELF", "a program", ""},
	{"MZ", "a program", ""},
}

// sniff decides by content what the file is; the extension only parts text
// from OCR tables, and speaks up where content and name disagree.
func (f *file) sniff() (string, error) {
	head := f.data[:min(len(f.data), 1024)]
	ext := strings.ToLower(filepath.Ext(f.name))
	switch {
	case hasAny(head, "\xff\xd8\xff"):
		return jpegType, nil
	case hasAny(head, "\x89PNG\r\n\x1a\n"):
		return pngType, nil
	case bytes.Contains(head, []byte("%PDF-")) && (ext == ".pdf" || !mentioned(head)):
		return pdfType, nil
	}
	if err := f.stranger(head, ext); err != nil {
		return "", err
	}
	switch ext {
	case ".csv":
		return csvType, nil
	case ".txt", ".text", "":
		if f.isTable() {
			return csvType, nil
		}
		return textType, nil
	case ".pdf", ".jpg", ".jpeg", ".png":
		return "", f.errorf(kit.Invalid, "the name says %s, the content does not", ext[1:]).
			WithHint("the file may be broken or misnamed")
	}
	return "", f.errorf(kit.Unsupported, "%s files are not read here", ext).WithHint("%s", f.readable())
}

// mentioned reports whether a "%PDF-" in head is only mentioned: a real one
// stands at the start, after nothing but a few bytes of junk that is no line
// of text.
func mentioned(head []byte) bool {
	before, _, _ := bytes.Cut(head, []byte("%PDF-"))
	return bytes.ContainsAny(before, "abcdefghijklmnopqrstuvwxyz")
}

// stranger returns the refusal of a kind of file that is known but not read.
// The short signatures are letters too, so text that is named as text passes.
func (f *file) stranger(head []byte, ext string) error {
	texty := ext == ".txt" || ext == ".text" || ext == ".csv"
	for _, s := range strangers {
		if !hasAny(head, s.signature) || texty && !bytes.ContainsRune(head, 0) {
			continue
		}
		return f.errorf(kit.Unsupported, "it is %s, which is not read here", s.name).
			WithHint("%s", strings.TrimPrefix(s.hint+"; "+f.readable(), "; "))
	}
	if len(head) > 12 && bytes.HasPrefix(head[4:], []byte("ftyp")) {
		return f.errorf(kit.Unsupported, "it is a HEIC picture or a video, which is not read here").
			WithHint("save a picture as JPEG; %s", f.readable())
	}
	return nil
}
