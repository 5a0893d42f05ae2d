// Package say holds what the command line says in Chinese, by what it says in
// English: the way of gettext, where the text itself, or the format of
// fmt.Sprintf, is the key.
//
//	fmt.Fprintf(w, say.Text("made %s in %s\n"), name, folder)
//
// The language is the terminal's. A text that the catalogue does not have is
// said in English; the package's test finds those of this program.
package say

import (
	_ "embed"
	"os"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed zh.yaml
var chinese []byte

// catalogue reads zh.yaml when it is first asked for.
var catalogue = sync.OnceValue(func() map[string]string {
	texts := map[string]string{}
	if err := yaml.Unmarshal(chinese, &texts); err != nil {
		panic(err) // a test reads it
	}
	return texts
})

// Lang is the language of the user's terminal, "en" or "zh": the first of
// TACKHAMMER_LANG, LC_ALL, LC_MESSAGES and LANG that is set tells it.
func Lang() string {
	for _, name := range []string{"TACKHAMMER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// Text is what stands for english, a text or a format, in Lang.
func Text(english string) string {
	if Lang() != "zh" {
		return english
	}
	if text, ok := catalogue()[english]; ok {
		return text
	}
	return english
}
