package nail

import "time"

// Terms say how a case is to be reviewed. Shares are of the cases, from 0 to
// 1; a case is in a sample or not, whenever it is asked for.
type Terms struct {
	// Lease is how long a claim holds without a sign of life, from a second
	// up. Defaults to 10 minutes.
	Lease time.Duration `yaml:"lease"`

	// EscalateAfter is how long a review waits before Escalation is taken,
	// from a second up. Defaults to 72 hours.
	EscalateAfter time.Duration `yaml:"escalate_after"`

	// Quorum is how many people decide, each without seeing what the others
	// did: from 1 to 9. Defaults to 1.
	Quorum int `yaml:"quorum"`

	// FourEyes keeps the person who brought the case in, and those who looked
	// at it before, from deciding. Defaults to false.
	FourEyes bool `yaml:"four_eyes"`

	// Roles may decide: of reviewer, lead and admin. Defaults to all three.
	Roles []string `yaml:"roles"`

	// Priority puts a review before those of a lower one: from -100 to 100.
	// Defaults to 0.
	Priority int `yaml:"priority"`

	// Due is how long after its opening a review is to be decided, from a
	// second up. Defaults to EscalateAfter.
	Due time.Duration `yaml:"due"`

	// Escalation is what is done with a review that waited too long: of
	// notify, raise, reassign and expire. None approves. Defaults to raise.
	Escalation []string `yaml:"escalation"`

	// HourlyCap is how many reviews one person may decide within an hour.
	// Defaults to 0, no cap.
	HourlyCap int `yaml:"hourly_cap"`

	// SecondLook is the share of approved cases that a second person looks at
	// before they leave. Defaults to 0.
	SecondLook float64 `yaml:"second_look"`

	// Blind is the share of cases whose fields the person fills in before the
	// draft is shown. Defaults to 0.
	Blind float64 `yaml:"blind"`

	// DoubleBlind is the share of cases that two people fill in, each before
	// the draft is shown. Defaults to 0.
	DoubleBlind float64 `yaml:"double_blind"`

	// Canaries is the share of cases that are first shown with an error put
	// in on purpose. Defaults to 0.
	Canaries float64 `yaml:"canaries"`

	// Lots says whether sure cases gather to be decided together. Defaults to
	// not.
	Lots Lots `yaml:"lots"`
}

// Tier is the terms of drafts that meet an expression.
type Tier struct {
	// Name is what addresses, programs and the trail call the tier, in lower-case letters, digits,
	// - and _. It has no default.
	Name string `yaml:"name"`

	// Title is what people read in place of the name. Defaults to the name.
	Title Title `yaml:"title"`

	// When is an expression over the draft, such as total > 5000 ||
	// confidence < 0.8. It has no default.
	When string `yaml:"when"`

	// Terms that differ; what they leave out is the review's own, but for
	// Lots, which gather no draft of a tier that does not say so itself.
	Terms `yaml:",inline"`
}

// Title is a name for people, in at most 80 characters.
type Title struct {
	EN string `yaml:"en"` // Defaults to the name
	ZH string `yaml:"zh"` // Defaults to EN
}

// Lots says how sure cases gather. Its zero value means that none do.
type Lots struct {
	// Size is how many cases make a lot, from 2 to 10,000. It has no default
	// where lots are spoken of.
	Size int `yaml:"size"`

	// After closes a lot that is not full, from a minute up. Defaults to 24
	// hours.
	After time.Duration `yaml:"after"`

	// Error is the share of wrong cases that an accepted lot may have at
	// most, above 0 and at most 0.5. Defaults to 0.02.
	Error float64 `yaml:"error"`

	// Confidence is how sure that is to be, from 0.5 to below 1. Defaults to
	// 0.95.
	Confidence float64 `yaml:"confidence"`
}

// fill gives the terms of a review what they leave out.
func (t Terms) fill() Terms {
	if len(t.Roles) == 0 {
		t.Roles = []string{"reviewer", "lead", "admin"}
	}
	if len(t.Escalation) == 0 {
		t.Escalation = []string{"raise"}
	}
	if t.Due == 0 {
		t.Due = t.EscalateAfter
	}
	t.Lots = t.Lots.fill()
	return t
}

// fill gives lots that gather what they leave out.
func (l Lots) fill() Lots {
	if l.Size == 0 {
		return l
	}
	if l.After == 0 {
		l.After = 24 * time.Hour
	}
	if l.Error == 0 {
		l.Error = 0.02
	}
	if l.Confidence == 0 {
		l.Confidence = 0.95
	}
	return l
}
