package workflow

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// noted is what an event of a case says, as far as it can be compared.
type noted struct {
	Decision string   `json:"decision"`
	Delivery string   `json:"delivery"`
	Verdict  string   `json:"verdict"`
	Reason   string   `json:"reason"`
	Changed  []string `json:"changed"`
	Subject  string   `json:"subject"`
	Value    string   `json:"value"`
	Receipt  string   `json:"receipt"`
	From     string   `json:"from"` // the hash of what a delivery was made of; "" before that was noted
	Lot      string   `json:"lot"`
	Input    string   `json:"input"`
	Step     string   `json:"step"`
	Draft    string   `json:"draft"`
	Original string   `json:"original"`
	Seal     string   `json:"seal"` // "" before drafts were sealed
	Case     string   `json:"case"`
	Name     string   `json:"name"`
	Workflow string   `json:"workflow"` // "" before that was noted
	To       string   `json:"to"`
	kind     string
	actor    string
	seq      int64
	rounds   int // that the case had until then
	notedRound
}

// notedRound is what the events of a case say of its rounds.
type notedRound struct {
	Review  string            `json:"review"`
	Round   string            `json:"round"`
	Quorum  int               `json:"quorum"`
	Tier    string            `json:"tier"`
	Kind    string            `json:"kind"`
	Fields  map[string]string `json:"fields"`
	Redraft []string          `json:"redraft"`
	Stood   []string          `json:"stood"`
	Reviews []string          `json:"reviews"`
	Actions []review.Action   `json:"actions"`
	review.Admission
}

// sameFields reports whether a decision does with single fields what was noted.
func (n notedRound) sameFields(d review.Decision) bool {
	return maps.Equal(n.Fields, d.Fields) && slices.Equal(n.Redraft, d.Redraft) && slices.Equal(n.Stood, d.Stood)
}

// story is what the events of a case tell.
type story struct {
	events    []audit.Event
	told      []noted // what they say, in their order
	submitted noted
	input     string // its hash; "" when the events do not begin with the case
	submitter string
	end       string // the kind of the event that ended it; "" while none did

	drafts  map[string]noted // by draft
	rounds  map[string]noted // by round
	opened  map[string]noted // the reviews that opened after others of their round
	leads   map[string]bool  // the reviews that were left to leads
	made    map[string]noted // by decision
	undone  map[string]int64 // by decision: the number of the event
	left    map[string]noted // by delivery
	outputs map[string][]string

	assigned map[string]string // by review: whom it was left to last
}

// storyOf reads the events of a case. Those of another shape are left out:
// audit.Verify looks at all.
func storyOf(events []audit.Event) *story {
	s := &story{events: events, drafts: map[string]noted{}, rounds: map[string]noted{}, opened: map[string]noted{}, leads: map[string]bool{},
		made: map[string]noted{}, undone: map[string]int64{}, left: map[string]noted{}, outputs: map[string][]string{}, assigned: map[string]string{}}
	for _, e := range events {
		n := noted{kind: e.Kind, actor: e.Actor, seq: e.Seq, rounds: len(s.rounds)}
		if json.Unmarshal(e.Data, &n) == nil {
			s.told = append(s.told, n)
			s.add(e.Kind, n)
		}
	}
	return s
}

func (s *story) add(kind string, n noted) {
	switch kind {
	case "case.submitted":
		s.submitted, s.input, s.submitter = n, n.Input, n.actor
	case "draft.made":
		s.drafts[n.Draft] = n
	case "step.done":
		s.outputs[n.Step] = append(s.outputs[n.Step], n.Value)
	case "round.opened":
		s.rounds[n.Round] = n
	case "review.opened":
		s.opened[n.Review] = n
	case "review.escalated":
		for _, id := range n.Reviews {
			s.leads[id] = s.leads[id] || slices.Contains(n.Actions, review.Reassign)
		}
	case "decision.made":
		s.made[n.Decision] = n
	case "decision.undone":
		s.undone[n.Decision], s.end = n.seq, "" // also of a case that had failed
	case "review.assigned":
		s.assigned[n.Review] = n.To
	case "delivery.made":
		s.left[n.Delivery] = n
	case "case.delivered", "case.failed":
		s.end = kind
	case "case.retried":
		s.end = ""
	}
}

func (s *story) takenBack(decision string) bool { return s.undone[decision] > 0 }

// rejected reports whether somebody rejected the case, and did not take it back.
func (s *story) rejected() bool {
	for id, d := range s.made {
		if d.Verdict == string(kit.Reject) && !s.takenBack(id) {
			return true
		}
	}
	return false
}

// yielded reports whether a step of code yielded what has that hash.
func (s *story) yielded(hash string) bool {
	for _, values := range s.outputs {
		if slices.Contains(values, hash) {
			return true
		}
	}
	return false
}

// kindOf is the kind of review that was opened under an ID.
func (s *story) kindOf(id string, canary noted) review.Kind {
	n, later := s.opened[id]
	switch {
	case canary.Review == id:
		return review.Canary
	case later:
		return review.Kind(n.Kind)
	}
	return review.First
}

// admission is who may decide on a review of a round, by what opened it.
func (s *story) admission(id, round string) review.Admission {
	if n, later := s.opened[id]; later && n.Barred != nil {
		return n.Admission
	}
	return s.rounds[round].Admission
}
