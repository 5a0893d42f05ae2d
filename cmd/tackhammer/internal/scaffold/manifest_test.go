package scaffold

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tackhammer/tackhammer/kit"
)

func TestManifestRefuses(t *testing.T) {
	head := "name: tiny\ndescription: {en: A., zh: B.}\n"
	for _, c := range []struct{ text, says string }{
		{"name: tiny\n", "description.en and description.zh are wanted"},
		{head + "fiels: []\n", "[3:1] unknown field"},
		{"name: [\n", "[1:7]"},
		{strings.Replace(head, "tiny", "other", 1), `its name is "other", its folder's is "tiny"`},
		{head + "files: [{path: gone.md}]\n", "names gone.md, which is not there"},
		{head + "files: [{path: ../up.md}]\n", "without .."},
		{head + "files: [{path: template.yaml, to: /etc/passwd}]\n", "without .."},
		{head + "files: [{path: template.yaml, when: {lang: [fr]}}]\n", `"fr" as language`},
		{head + "files: [{path: template.yaml, when: {db: [dbase]}}]\n", `"dbase" as database`},
	} {
		src := Source{Templates: fstest.MapFS{"tiny/template.yaml": file(c.text)}}
		_, err := src.List()
		if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "tiny/template.yaml") {
			t.Errorf("%q: %v, want %q", c.text, err, c.says)
		}
	}
}
