package app

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// behindEndpoint begins the name of a model behind a server with OpenAI's
// protocol. Such a server tells neither what the model weighs nor its licence.
const behindEndpoint = "openai:"

// endpoints are the models named of servers with OpenAI's protocol, in the order
// named: a better one nobody knows. It fails with kit.Invalid where nail.yaml
// does not say where they are.
func (p *picking) endpoints(names []string) (all []*contender, err error) {
	for i, name := range names {
		names[i] = behindEndpoint + name
		if _, err := p.provider(p.options, p.nail, names[i]); err != nil { // nothing is asked yet
			return nil, err
		}
		all = append(all, endpoint(names[i]))
	}
	if len(names) > 0 {
		p.notes = append(p.notes, sizeless(names))
	}
	return all, nil
}

// sizeless says where models stand whose size nobody tells.
func sizeless(names []string) string {
	if len(names) == 1 {
		return names[0] + " comes last: its server does not tell the size, and whether it fits a GPU is not checked"
	}
	return list(names) + " come last, in the order named: their server does not tell the sizes, and whether they fit a GPU is not checked"
}

// endpoint is a model of such a server, by its name in nail.yaml.
func endpoint(name string) *contender {
	none := ollamaserver.LicenceOf("")
	return &contender{Name: name, Fits: "not checked", Licence: &none}
}

// sized reports whether it is known how large a model is.
func sized(name string) bool { return !strings.HasPrefix(name, behindEndpoint) }

// wanted are the models that a person names, each kind in the order named.
type wanted struct {
	ollama, openai []string
	own            bool // the rules or the learned model, which are tried in any case
}

// none reports whether nobody named one.
func (w wanted) none() bool { return len(w.ollama)+len(w.openai) == 0 && !w.own }

// modelNames reads names with commas between. "openai:" precedes those of a
// server with OpenAI's protocol, "ollama:" may precede the others; "baseline" and
// "learned" alone are the app's own.
func modelNames(names string) (w wanted, err error) {
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		if name == "baseline" || name == "learned" {
			w.own = true
			continue
		}
		served, endpoint := strings.CutPrefix(name, behindEndpoint)
		name = strings.TrimPrefix(name, "ollama:")
		switch {
		case name == "" && strings.TrimSpace(names) == "":
		case endpoint && served != "" && !strings.ContainsFunc(served, unfit):
			w.openai = with(w.openai, served)
		case endpoint || !ollamaserver.ValidName(name):
			return w, kit.Errorf(kit.Invalid, "pick: %q is no model's name", name).
				WithHint("write names as `ollama list` shows them, or openai:NAME, with commas between")
		default:
			w.ollama = with(w.ollama, name)
		}
	}
	return w, nil
}

// unfit reports whether a letter cannot be in the name of a served model as
// nail.yaml takes it.
func unfit(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }

// with adds a name that is not there yet.
func with(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}
