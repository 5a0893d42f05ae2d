package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// saidByIntake are the words that intake's sources make errors and hints of.
func saidByIntake(t *testing.T) (errors, hints []string) {
	t.Helper()
	names, _ := filepath.Glob("../../intake/*.go")
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "printer.go") || strings.HasSuffix(name, "files.go") {
			continue // the last two are of pages and of folders, which no upload meets
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			for i, arg := range call.Args {
				text, ok := arg.(*ast.BasicLit)
				if !ok || text.Kind != token.STRING {
					continue
				}
				words, _ := strconv.Unquote(text.Value)
				switch {
				case method.Sel.Name == "errorf" && i == 1 && !internal(call.Args[0]):
					errors = append(errors, words)
				case method.Sel.Name == "WithHint" && i == 0:
					hints = append(hints, words)
				}
			}
			return true
		})
	}
	return errors, hints
}

// internal reports whether an error is a defect, which no person is told of.
func internal(code ast.Expr) bool {
	name, ok := code.(*ast.SelectorExpr)
	return ok && name.Sel.Name == "Internal"
}

func TestEveryRefusalOfAFileIsSaidInChinese(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	zh := tongues["zh"]
	verb := regexp.MustCompile(`%[a-z0-9]+`)
	errors, hints := saidByIntake(t)
	for _, format := range errors {
		words := verb.ReplaceAllString(strings.ReplaceAll(format, "0x%02X", "0xE9"), "7")
		if said := zh.refusal("read a.pdf: " + words); !strings.ContainsFunc(said, chinese) {
			t.Errorf("%q is said as %q", words, said)
		}
	}
	for _, hint := range hints {
		if said := zh.mend(strings.ReplaceAll(hint, "%s", "")); hint != "%s" && !strings.ContainsFunc(said, chinese) {
			t.Errorf("%q is said as %q", hint, said)
		}
	}
	if len(errors) < 25 || len(hints) < 8 {
		t.Errorf("only %d errors and %d hints were found", len(errors), len(hints))
	}
}

func chinese(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }

func TestARefusalKeepsItsNumbers(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"read a.pdf: 900 pages, more than 200":                                 "共 900 页，超过 200 页",
		"read 收据.txt: line 3: byte 0xE9 is not UTF-8":                          "第 3 行：字节 0xE9 不是 UTF-8",
		"read a.heic: it is a HEIC picture or a video, which is not read here": "这是 HEIC 图片或视频，这里不读取",
		"something that nobody foresaw":                                        "something that nobody foresaw",
	} {
		if said := tongues["zh"].refusal(words); said != want {
			t.Errorf("%q is said as %q", words, said)
		}
	}
	if said := tongues["zh"].mend("save a picture as JPEG; can be read: .txt, .csv of an OCR run, .pdf with text, .jpg and .png"); strings.Contains(said, "picture") || strings.Contains(said, "can be read") {
		t.Errorf("a hint is said as %q", said)
	}
}
