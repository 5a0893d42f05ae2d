package scaffold

import (
	"bytes"
	"strconv"
	"strings"
	"text/template"

	"github.com/tackhammer/tackhammer/kit"
)

// funcs are the functions of a template file besides text/template's own.
var funcs = template.FuncMap{
	// quote makes a string literal that Go, YAML and JSON all read alike: names
	// are printable, so only quotes and backslashes are escaped.
	"quote": strconv.Quote,
}

// render runs a .tmpl file with spec as its data; other files pass unchanged.
// It fails with the file's name and line.
func render(file string, data []byte, spec Spec) ([]byte, error) {
	if !strings.HasSuffix(file, ".tmpl") {
		return data, nil
	}
	t, err := template.New(file).Delims("<%", "%>").Funcs(funcs).Option("missingkey=error").Parse(string(data))
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "parse template file: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, spec); err != nil {
		return nil, kit.Errorf(kit.Invalid, "render template file: %w", err)
	}
	return out.Bytes(), nil
}
