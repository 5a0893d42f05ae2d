package command

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/tryout"
	"github.com/tackhammer/tackhammer/kit"
)

// checkedTemplate is what template check found, as --json prints it.
type checkedTemplate struct {
	Template string           `json:"template,omitempty"`
	Digest   string           `json:"digest,omitempty"`
	Tried    []triedSpec      `json:"tried"`
	Failed   int              `json:"failed"`
	Error    string           `json:"error,omitempty"` // why nothing was tried
	Problems []kit.FieldError `json:"problems,omitempty"`
}

// triedSpec is one combination of options.
type triedSpec struct {
	Command string  `json:"command"` // which tries it again
	OK      bool    `json:"ok"`
	Seconds float64 `json:"seconds"`
	Error   string  `json:"error,omitempty"`
}

func runTemplateCheck(c *cli.Context) error {
	found, err := checkTemplate(c)
	if err != nil {
		found.Error = err.Error()
		var e *kit.Error
		if errors.As(err, &e) {
			found.Problems = e.Fields
		}
	}
	if c.Bool("json") {
		if e := printJSON(c.App.Writer, found); e != nil {
			return e
		}
	} else if err == nil {
		found.print(c.App.Writer, c.Bool("no-build"))
	}
	if err == nil && found.Failed > 0 {
		err = kit.Errorf(kit.Internal, "check the template %s: %d of %d apps fail", found.Template, found.Failed, len(found.Tried)).
			WithHint("each command above tries one of them again; --keep APP leaves it to look at")
	}
	return err
}

func checkTemplate(c *cli.Context) (found checkedTemplate, err error) {
	found.Tried = []triedSpec{}
	src, m, err := ownTemplate(c)
	if err != nil {
		return found, err
	}
	found.Template, found.Digest = m.Name, src.Digest()
	specs := tryout.Specs(m)
	fmt.Fprintf(c.App.ErrWriter, say.Text("%d apps, in which every two options stand together\n"), len(specs))
	results, err := tryout.All(c.Context, src, specs, !c.Bool("no-build"), c.App.ErrWriter)
	for _, r := range results {
		one := triedSpec{Command: tryAgain(src, c.Args().First(), r.Spec), OK: r.Err == nil, Seconds: r.Seconds}
		if r.Err != nil {
			one.Error = r.Err.Error()
			found.Failed++
		}
		found.Tried = append(found.Tried, one)
	}
	return found, err
}

// tryAgain is the command line that tries spec alone.
func tryAgain(src scaffold.Source, dir string, spec scaffold.Spec) string {
	words := []string{self(), "template", "test", shellQuote(dirWord(dir))}
	r := &request{dir: "app", src: src}
	flags, ok := r.flags(spec)
	if !ok {
		return strings.Join(words, " ") + " --spec - " + hereDocument(spec)
	}
	return strings.Join(append(words, flags[1:]...), " ") // without --template
}

func (f checkedTemplate) print(w io.Writer, rendered bool) {
	alike := map[string]int{} // how many apps fail so
	for _, one := range f.Tried {
		alike[one.Error]++
	}
	for _, one := range f.Tried {
		if one.OK || alike[one.Error] == 0 {
			continue
		}
		fmt.Fprintf(w, "%s\n%s\n", one.Command, one.Error)
		if more := alike[one.Error] - 1; more > 0 {
			fmt.Fprintf(w, say.Text("%d more fail so; --json has each\n"), more)
		}
		fmt.Fprintln(w)
		alike[one.Error] = 0 // told
	}
	switch {
	case f.Failed > 0:
		return
	case rendered:
		fmt.Fprintf(w, say.Text("%s: all %d apps can be made; without --no-build they are tested, too\n"), f.Template, len(f.Tried))
	default:
		fmt.Fprintf(w, say.Text("%s: all %d apps build, and vet and their tests pass\n"), f.Template, len(f.Tried))
	}
	fmt.Fprintf(w, say.Text("digest %s\n"), f.Digest)
}
