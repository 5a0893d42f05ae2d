package doctor

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// leastOllama is the first release that takes a schema for its answers. A server
// that somebody built calls itself 0.0.0, which tells nothing.
const leastOllama = "0.5.0"

// window is the context that a model's need of memory is worked out for, in
// tokens.
const window = 8192

// wants is the name of the Ollama model that drafts, "" where none does.
func (n Needs) wants() string {
	name, _ := strings.CutPrefix(n.Model, "ollama:")
	if name == n.Model {
		return ""
	}
	return name
}

// server asks the Ollama server for its version.
func server(ctx context.Context, m *machine) Finding {
	needed := m.Needs.wants() != ""
	at, err := ollamaserver.Address(m.Getenv("OLLAMA_HOST"))
	if err != nil {
		return unless(needed, "unset OLLAMA_HOST", "OLLAMA_HOST is no address of a server: %s", plain(m.Getenv("OLLAMA_HOST")))
	}
	version, err := m.ollamaVersion(ctx, at.String())
	switch {
	case err != nil && !needed:
		return good("none answers at %s; not needed: %s drafts", shown(at.String()), m.Needs.Model)
	case err != nil:
		return wrong(m.startOllama(at.Hostname()), "no server answers at %s", shown(at.String()))
	case version != "0.0.0" && semver.IsValid("v"+version) && semver.Compare("v"+version, "v"+leastOllama) < 0:
		return unless(needed, m.installOllama(), "%s at %s is older than %s, which is the first to keep to a schema", version, shown(at.String()), leastOllama)
	}
	return good("%s at %s", version, shown(at.String()))
}

func (m *machine) ollamaVersion(ctx context.Context, base string) (string, error) {
	version, err := ollamaserver.Version(ctx, base)
	return plain(version), err
}

// startOllama is how a server gets to answer at host.
func (m *machine) startOllama(host string) string {
	switch {
	case !ollamaserver.LocalServer(host):
		return "ssh " + host + " ollama serve"
	case m.has("ollama"):
		return "ollama serve"
	}
	return m.installOllama()
}

func (m *machine) installOllama() string {
	switch m.System {
	case "darwin":
		return "brew install ollama"
	case "windows":
		return "winget install Ollama.Ollama"
	}
	return "curl -fsSL https://ollama.com/install.sh | sh"
}

// drafter looks for the model that drafts, or for one that could, and whether
// it fits the GPU.
func drafter(ctx context.Context, m *machine) Finding {
	name := m.Needs.wants()
	host := m.Getenv("OLLAMA_HOST")
	all, err := ollamaserver.List(ctx, host)
	switch {
	case err != nil && name == "":
		return good("%s drafts", m.Needs.Model)
	case err != nil:
		return wrong("ollama pull "+name, "%s is not found: its server does not answer", name)
	case name != "":
		return m.chosen(ctx, host, name, all)
	case len(all) == 0:
		return good("%s drafts; the server has no other", m.Needs.Model)
	}
	return m.any(ctx, host, all)
}

// chosen tells of the one that the spec names.
func (m *machine) chosen(ctx context.Context, host, name string, all []ollamaserver.Installed) Finding {
	for _, one := range all {
		if !sameModel(one.Name, name) {
			continue
		}
		if m.spilled(ctx, host, one.Name) {
			return warn("ollama ps", "%s is loaded and does not fit the GPU: it is slow", one.Name)
		}
		need, most := m.need(ctx, host, one), m.memory(ctx, host)
		switch {
		case one.Remote != "":
			return warn("ollama list", "%s runs on %s: what it is given leaves this machine", one.Name, plain(one.Remote))
		case most == 0:
			return good("%s is there, and takes %s", one.Name, need)
		case uint64(need.Bytes) > most:
			return warn("ollama list", "%s takes %s, the GPU has %s: it is slow; a smaller one fits", one.Name, need, size(most))
		}
		return good("%s takes %s of the GPU's %s", one.Name, need, size(most))
	}
	return wrong("ollama pull "+name, "the server has no %s; it has %s", name, m.names(all))
}

// any tells of those that could draft in the place of rules.
func (m *machine) any(ctx context.Context, host string, all []ollamaserver.Installed) Finding {
	most := m.memory(ctx, host)
	if most == 0 {
		return good("%s drafts; the server has %s", m.Needs.Model, m.names(all))
	}
	for i := len(all) - 1; i >= 0; i-- { // the largest first
		if all[i].Remote == "" && uint64(m.need(ctx, host, all[i]).Bytes) <= most {
			return good("%s drafts; of %d models on the server %s is the largest that fits the GPU", m.Needs.Model, len(all), all[i].Name)
		}
	}
	return warn("ollama pull qwen3:4b", "%s drafts; of %d models on the server none fits the GPU's %s", m.Needs.Model, len(all), size(most))
}

// memory is what a model on the server can take, 0 where it is not known: of
// another machine nothing is.
func (m *machine) memory(ctx context.Context, host string) uint64 {
	if !ollamaserver.LocalServer(host) {
		return 0
	}
	return m.largest(ctx)
}

// need is by the weights where they can be read here, else by what the server
// tells.
func (m *machine) need(ctx context.Context, host string, one ollamaserver.Installed) ollamaserver.Need {
	d, err := ollamaserver.Show(ctx, host, one.Name)
	if err != nil {
		return ollamaserver.Details{}.Estimate(one, window, m.Needs.Slots)
	}
	if info, err := os.Stat(d.File); err == nil && info.Mode().IsRegular() {
		if need, err := ollamaserver.EstimateFile(d.File, window, m.Needs.Slots); err == nil {
			return need
		}
	}
	return d.Estimate(one, window, m.Needs.Slots)
}

func (m *machine) spilled(ctx context.Context, host, name string) bool {
	loaded, _ := ollamaserver.Loaded(ctx, host) // none is loaded where it does not tell
	for _, l := range loaded {
		if l.Name == name && l.Spilled() {
			return true
		}
	}
	return false
}

// sameModel reports whether a model that a server has is the one that is asked
// for: a name without a tag is the latest.
func sameModel(has, asked string) bool {
	return strings.EqualFold(has, asked) || strings.EqualFold(has, asked+":latest")
}

// names lists at most three.
func (m *machine) names(all []ollamaserver.Installed) string {
	if len(all) == 0 {
		return m.Say("none")
	}
	var some []string
	for _, one := range all[:min(3, len(all))] {
		some = append(some, strings.TrimSuffix(one.Name, ":latest"))
	}
	list := strings.Join(some, ", ")
	if more := len(all) - len(some); more > 0 {
		list += fmt.Sprintf(m.Say(" and %d more"), more)
	}
	return list
}
