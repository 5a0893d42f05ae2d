package app

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/goccy/go-yaml"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

//go:embed ladder.yaml
var ladderFile []byte

// ladder is a list of models that could be tried.
type ladder struct {
	AsOf   string `yaml:"as_of" json:"as_of"`
	Models []rung `yaml:"models" json:"models"` // the smallest first
}

// rung is one of them. GB is approximate.
type rung struct {
	Name      string   `yaml:"name" json:"name"`
	GB        float64  `yaml:"gb" json:"gb"`
	Abilities []string `yaml:"abilities" json:"abilities"`
	Languages string   `yaml:"languages" json:"languages"`
	Licence   string   `yaml:"licence" json:"licence"`
	Installed bool     `yaml:"-" json:"installed"`
}

func readLadder(raw []byte) (l ladder, err error) {
	err = yaml.UnmarshalWithOptions(raw, &l, yaml.Strict())
	return l, err
}

// listLadder prints the ladder, and which of it the server has.
func (c Config) listLadder(cc *cli.Context) error {
	l, err := readLadder(ladderFile)
	if err != nil {
		return err
	}
	have, down := ollamaserver.List(cc.Context, os.Getenv("OLLAMA_HOST"))
	for i := range l.Models {
		l.Models[i].Installed = installed(have, l.Models[i].Name)
	}
	if cc.Bool("json") {
		return c.printJSON(l)
	}
	w := tabwriter.NewWriter(c.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "model\tsize\tabilities\tlanguages\tlicence\there")
	for _, m := range l.Models {
		here := "-"
		if m.Installed {
			here = "yes"
		}
		fmt.Fprintf(w, "%s\t~%.1f GB\t%s\t%s\t%s\t%s\n", m.Name, m.GB, strings.Join(m.Abilities, ", "), m.Languages, m.Licence, here)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "\nas of %s, sizes approximate; %s pick --pull fetches what is missing up to --up-to, and tries it\n", l.AsOf, c.Name)
	if down != nil {
		fmt.Fprintf(c.Err, "what is here is not known: %v\n", down)
	}
	return nil
}

func installed(have []ollamaserver.Installed, name string) bool {
	return slices.ContainsFunc(have, func(m ollamaserver.Installed) bool { return sameModel(name, m.Name) })
}

// pull fetches what is missing of the models named, or else of the ladder, once
// a person has agreed.
func (p *picking) pull(ctx context.Context, cc *cli.Context) error {
	said := p.names(cc)
	if cc.IsSet("up-to") {
		said = cc.String("models") // the ladder is meant, whatever nail.yaml names
	}
	names, err := modelNames(said)
	if err != nil || !names.none() && len(names.ollama) == 0 {
		return err // of what is named, Ollama's server has none to fetch
	}
	have, err := ollamaserver.List(ctx, os.Getenv("OLLAMA_HOST"))
	if err != nil {
		return err
	}
	lacking, err := p.lacking(names, cc.String("up-to"), have)
	if err != nil || len(lacking) == 0 {
		return err
	}
	if err := agreed(cc, p.Err, lacking); err != nil {
		return err
	}
	for _, m := range lacking {
		if err := p.fetch(ctx, m.Name); err != nil {
			return err
		}
	}
	return nil
}

// lacking are the models to fetch: those named whatever their size, or the
// ladder's up to the largest size asked for.
func (p *picking) lacking(names wanted, upTo string, have []ollamaserver.Installed) (lacking []rung, err error) {
	l, err := readLadder(ladderFile)
	if err != nil {
		return nil, err
	}
	most, err := parseSize(upTo)
	if err != nil {
		return nil, err
	}
	for _, m := range l.Models {
		if names.none() && m.GB*1e9 <= float64(most) && (p.vram.bytes == 0 || m.GB*1e9 < float64(p.vram.bytes)) && !installed(have, m.Name) {
			lacking = append(lacking, m)
		}
	}
	for _, name := range names.ollama {
		if installed(have, name) {
			continue
		}
		m := rung{Name: name}
		if i := slices.IndexFunc(l.Models, func(r rung) bool { return r.Name == name }); i >= 0 {
			m = l.Models[i]
		}
		lacking = append(lacking, m)
	}
	return lacking, nil
}

// agreed asks a person at a terminal whether to fetch; without one, only --yes
// agrees.
func agreed(cc *cli.Context, out io.Writer, lacking []rung) error {
	var words []string
	size := 0.0
	for _, m := range lacking {
		if m.GB == 0 {
			words = append(words, m.Name+" (of unknown size)")
			continue
		}
		words = append(words, fmt.Sprintf("%s (~%.1f GB)", m.Name, m.GB))
		size += m.GB
	}
	if cc.Bool("yes") {
		return nil
	}
	in, isFile := cc.App.Reader.(*os.File)
	if !isFile || !term.IsTerminal(int(in.Fd())) || !terminal(out) {
		return kit.Errorf(kit.Invalid, "pick: nobody said whether to fetch %s", strings.Join(words, ", ")).
			WithHint("add --yes; nothing is asked without a terminal")
	}
	fmt.Fprintf(out, "fetch %s, about %.1f GB together? [y/N] ", strings.Join(words, ", "), size)
	answer, _ := bufio.NewReader(in).ReadString('\n') // its end is a no
	if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "y") {
		return kit.Errorf(kit.Invalid, "pick: nothing was fetched").WithHint("leave --pull out to try what is there")
	}
	return nil
}

// fetch fetches one model and shows how far it is.
func (p *picking) fetch(ctx context.Context, name string) error {
	p.say("fetching %s", name)
	shown := &bar{}
	total, done := int64(0), int64(0)
	err := ollamaserver.Pull(ctx, os.Getenv("OLLAMA_HOST"), name, func(at ollamaserver.Pulling) {
		if at.Total != total && at.Total > 0 { // the next file
			shown.end()
			shown, total, done = p.progress(int(at.Total>>20), "MiB of "+name, p.how.silent), at.Total, 0
		}
		if shown.b != nil && at.Done > done {
			shown.b.IncrBy(int(at.Done>>20) - int(done>>20))
			done = at.Done
		}
	})
	shown.end()
	return err
}
