package verify

import (
	"slices"
	"strings"
	"testing"
)

func TestGraphsWithoutAPersonAreRefused(t *testing.T) {
	one := []Terms{{Quorum: 1, Roles: []string{"reviewer"}}}
	draft, check, out := Step{Name: "extract", Kind: "draft"}, Step{Name: "check", Kind: "review", From: "extract", Terms: one}, Step{Name: "export", Kind: "deliver", From: "check"}
	with := func(s Step, change func(*Step)) Step { change(&s); return s }
	for name, c := range map[string]struct {
		steps []Step
		want  string // a part of one finding, "" for none
	}{
		"the person in between":   {[]Step{draft, check, out}, ""},
		"code after the review":   {[]Step{draft, check, {Name: "shout", Kind: "code", From: "check"}, with(out, func(s *Step) { s.From = "shout" })}, ""},
		"a second draft reviewed": {[]Step{draft, check, {Name: "again", Kind: "draft", From: "check"}, {Name: "look", Kind: "review", From: "again", Terms: one}, with(out, func(s *Step) { s.From = "look" })}, ""},
		"no review":               {[]Step{draft, with(out, func(s *Step) { s.From = "extract" })}, "export delivers the draft extract"},
		"a draft after it":        {[]Step{draft, check, {Name: "again", Kind: "draft", From: "check"}, with(out, func(s *Step) { s.From = "again" })}, "delivers the draft again"},
		"from the input":          {[]Step{{Name: "export", Kind: "deliver"}}, "delivers what no person reviewed"},
		"nothing delivered":       {[]Step{draft, check}, "no step delivers"},
		"a second path":           {[]Step{draft, check, out, {Name: "leak", Kind: "deliver", From: "extract"}}, "leak delivers the draft"},
		"a ring":                  {[]Step{{Name: "a", Kind: "code", From: "b"}, {Name: "b", Kind: "code", From: "a"}, with(out, func(s *Step) { s.From = "b" })}, "go in a ring"},
		"two of one name":         {[]Step{draft, check, out, check}, "two steps are called"},
		"a quorum of none":        {[]Step{draft, with(check, func(s *Step) { s.Terms = []Terms{{Quorum: 0, Roles: []string{"lead"}}} }), out}, "a quorum of 0"},
		"nobody may":              {[]Step{draft, with(check, func(s *Step) { s.Terms = []Terms{{Quorum: 1}} }), out}, "nobody may decide"},
		"a lot without a sample":  {[]Step{draft, with(check, func(s *Step) { s.Terms = []Terms{{Tier: "sure", Quorum: 1, Roles: []string{"lead"}, Lot: 200}} }), out}, "tier sure: of a lot of 200"},
		"no terms":                {[]Step{draft, with(check, func(s *Step) { s.Terms = nil }), out}, "says nothing of who decides"},
	} {
		s := &session{seen: map[Finding]bool{}, rep: &Report{}}
		s.prove(&Graph{Steps: c.steps})
		var got []string
		for _, f := range s.rep.Findings {
			got = append(got, f.Words)
		}
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.ContainsFunc(got, func(w string) bool { return strings.Contains(w, c.want) }) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	s := &session{seen: map[Finding]bool{}, rep: &Report{}}
	if s.prove(&Graph{Steps: []Step{draft, check, out}, Faults: []string{"workflow: wrong"}}); s.rep.Count(Error) != 1 {
		t.Errorf("a fault that the app tells itself is not told on: %v", s.rep.Findings)
	}
}
