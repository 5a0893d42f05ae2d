package workflow

import "github.com/tackhammer/tackhammer/kit/review"

// Node is one step of a workflow as it was built, whether or not the path comes
// by it.
type Node struct {
	Name   string
	Kind   string         // draft, code, review or deliver
	From   string         // the step that feeds it, "" for the input
	Policy *review.Policy // of a review step, as the code states it; nil for others
}

// Graph lists every step in the order in which they were added. Check proves
// the same steps; Graph is for who proves them again.
func (w *Workflow) Graph() []Node {
	var all []Node
	for _, s := range w.steps {
		n := Node{Name: s.name, Kind: string(s.kind)}
		if s.from != nil {
			n.From = s.from.name
		}
		if s.kind == reviewStep {
			n.Policy = &s.policy
		}
		all = append(all, n)
	}
	return all
}
