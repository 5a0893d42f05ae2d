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
	"strconv"
	"strings"
	"sync"
)

//go:embed zh.yaml
var chinese string

// catalogue reads zh.yaml when it is first asked for.
var catalogue = sync.OnceValue(func() map[string]string { return read(chinese) })

// read takes the one form of YAML that zh.yaml has, a quoted key and a quoted
// text on each line: a whole YAML parser would take longer than all else that
// help does. A line that is otherwise is left out; a test compares the two.
func read(lines string) map[string]string {
	texts := make(map[string]string, 1000)
	for line := range strings.Lines(lines) {
		key, err := strconv.QuotedPrefix(line)
		if err != nil {
			continue // a heading
		}
		text, err := strconv.Unquote(strings.TrimSpace(strings.TrimPrefix(line[len(key):], ":")))
		if key, bad := strconv.Unquote(key); err == nil && bad == nil {
			texts[key] = text
		}
	}
	return texts
}

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
