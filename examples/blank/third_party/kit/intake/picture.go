package intake

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	_ "image/png" // registers the format with package image
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// phraseSpace is the widest space, in line heights, between words of one
// phrase on a scan.
const phraseSpace = 1.0

// picture reads the scan of a page with the tesseract program. The picture's
// size is checked before it is unpacked, and a picture that breaks off half-way
// is refused: half a receipt read well is worse than none.
func (f *file) picture(ctx context.Context, kind string) (kit.Document, error) {
	cfg, _, err := image.DecodeConfig(bytes.NewReader(f.data))
	if err != nil {
		return kit.Document{}, f.brokenPicture(err)
	}
	if pixels := int64(cfg.Width) * int64(cfg.Height); pixels > f.MaxPixels {
		return kit.Document{}, f.errorf(kit.TooLarge, "the picture is %d by %d, more than %d pixels", cfg.Width, cfg.Height, f.MaxPixels).
			WithHint("save it smaller; 300 dots an inch are enough")
	}
	program, err := exec.LookPath(f.Tesseract)
	if err != nil {
		return kit.Document{}, f.errorf(kit.Unsupported, "pictures need the program %s, which is not installed: %w", f.Tesseract, err).
			WithHint("install it (Debian and Ubuntu: apt install tesseract-ocr; macOS: brew install tesseract), or send the text")
	}
	upright, size, err := f.upright(kind)
	if err != nil {
		return kit.Document{}, err
	}
	table, err := f.tesseract(ctx, program, upright)
	if err != nil {
		return kit.Document{}, err
	}
	words := tsvWords(table)
	if len(words) == 0 {
		return kit.Document{}, f.errorf(kit.Invalid, "no text can be read in the picture").
			WithHint("scan it again: upright, sharp, with even light")
	}
	return compose(words, []kit.Page{size}, phraseSpace), nil
}

// upright returns the picture as a viewer shows it: the bytes as they are, or,
// where a camera noted that it was held askew, turned.
func (f *file) upright(kind string) ([]byte, kit.Page, error) {
	img, _, err := image.Decode(bytes.NewReader(f.data))
	var odd jpeg.UnsupportedError
	switch {
	case errors.As(err, &odd): // a rare kind of JPEG, which tesseract may know
		cfg, _, _ := image.DecodeConfig(bytes.NewReader(f.data))
		return f.data, kit.Page{Width: float64(cfg.Width), Height: float64(cfg.Height)}, nil
	case err != nil:
		return nil, kit.Page{}, f.brokenPicture(err)
	}
	data, size := f.data, img.Bounds().Size()
	if o := orientation(f.data); kind == jpegType && o > 1 {
		if data, size, err = turn(img, o); err != nil {
			return nil, kit.Page{}, f.errorf(kit.Internal, "turn the picture: %w", err)
		}
	}
	return data, kit.Page{Width: float64(size.X), Height: float64(size.Y)}, nil
}

func (f *file) brokenPicture(err error) error {
	return f.errorf(kit.Invalid, "the picture is broken: %w", err).WithHint("open it in a viewer and save it again")
}

// tesseract runs the program on a picture given on its standard input and
// returns its table of words. No shell and no file on disk is involved.
func (f *file) tesseract(ctx context.Context, program string, picture []byte) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "stdin", "stdout", "-l", f.Languages, "tsv")
	cmd.Stdin = bytes.NewReader(picture)
	// Its threads fight each other over a page this small: one is 3 times faster.
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	cmd.WaitDelay = time.Second
	var out, complaint strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", f.late(ctx)
	}
	if err != nil {
		said := clip(cleanRun(complaint.String()), 300)
		if strings.Contains(said, "Failed loading language") || strings.Contains(said, "couldn't load any languages") {
			return "", f.errorf(kit.Unsupported, "tesseract lacks the language %s", f.Languages).
				WithHint("install its data (Debian and Ubuntu: apt install tesseract-ocr-LANGUAGE)")
		}
		return "", f.errorf(kit.Invalid, "tesseract cannot read the picture: %w: %s", err, said)
	}
	return out.String(), nil
}

// tsvWords reads the words of tesseract's table: level, page, block, paragraph,
// line, word, left, top, width, height, confidence, text. Only level 5 is words.
// Every word takes the height of its line, so that a comma stays in its row.
func tsvWords(table string) []run {
	var words []run
	var line kit.Box
	for row := range strings.Lines(table) {
		col := strings.SplitN(strings.TrimRight(row, "\r\n"), "\t", 12)
		if len(col) < 12 || col[0] != "4" && col[0] != "5" {
			continue
		}
		box, ok := tsvBox(col[6:10])
		text := cleanRun(col[11])
		switch {
		case !ok:
		case col[0] == "4":
			line = box
		case text != "":
			if box.Y0 >= line.Y0 && box.Y1 <= line.Y1 {
				box.Y0, box.Y1 = line.Y0, line.Y1
			}
			words = append(words, run{text: text, box: box})
		}
	}
	return words
}

// tsvBox reads left, top, width and height.
func tsvBox(col []string) (kit.Box, bool) {
	var n [4]float64
	for i := range n {
		v, err := strconv.Atoi(col[i])
		if err != nil || v < 0 || v > maxCoordinate {
			return kit.Box{}, false
		}
		n[i] = float64(v)
	}
	return kit.Box{X0: n[0], Y0: n[1], X1: n[0] + n[2], Y1: n[1] + n[3]}, true
}
