package scaffold

// Chain is the path from a template's own last review to the delivery: the
// steps that were added, each with what it takes and what it yields.
type Chain struct {
	Links []Link
	Var   string // the stage that is delivered
	Type  string // of its value
}

// Link is one step of a Chain.
type Link struct {
	Step
	In      string // the stage before it
	InType  string // of that stage's value
	Out     string // the stage behind it, and behind its review
	OutType string
}

// Chain puts the steps that were added behind a stage of the template's own,
// which holds values of a type: .Chain "checked" "Entry". A draft step hands on
// what was approved before it together with what it drafts.
func (a Additions) Chain(stage, typ string) Chain {
	c := Chain{Var: stage, Type: typ}
	for _, s := range a.Steps {
		l := Link{Step: s, In: c.Var, InType: c.Type, Out: s.Var() + "Done", OutType: c.Type}
		if s.Kind == "draft" {
			l.Out, l.OutType = s.Var()+"Checked", "With"+s.GoName()
		}
		c.Links = append(c.Links, l)
		c.Var, c.Type = l.Out, l.OutType
	}
	return c
}
