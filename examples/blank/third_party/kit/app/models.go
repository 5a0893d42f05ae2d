package app

import (
	"os"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/model/ollama"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// model chooses who drafts: the flag's model, or the nail's. The rules draft in
// place of a learned model that does not beat them.
func (c Config) model(o Options, n nail.Nail) (model.Provider, error) {
	if o.Model != "" {
		n.Model = o.Model
	}
	if n.Model == "learned" {
		return c.learnedOrRules(o), nil
	}
	return c.provider(o, n, n.Model)
}

// provider opens the model of a name as nail.yaml writes it. The prompts are
// checked whoever drafts, so that a change of model finds them good.
func (c Config) provider(o Options, n nail.Nail, name string) (model.Provider, error) {
	prompts, err := c.prompts(o.Dev)
	if err != nil {
		return nil, err
	}
	n.Model = name
	switch {
	case name == "baseline":
		return c.Baseline, nil
	case name == "learned":
		m, err := c.learned(o)
		if err != nil {
			return nil, err
		}
		return m, nil
	case n.Ollama() != "":
		p, err := ollama.New(ollama.Config{URL: os.Getenv("OLLAMA_HOST"), Model: n.Ollama(), Prompts: prompts, Slots: n.Slots})
		if err != nil {
			return nil, err
		}
		return school(p, o.Data, n.Ollama())
	case n.OpenAIModel() != "":
		return behindServers(n, prompts)
	}
	return nil, kit.Errorf(kit.Invalid, "choose the model %q: it is none that is known", name).
		WithHint("write baseline, learned, ollama:NAME with a name that `ollama list` shows, or openai:NAME")
}
