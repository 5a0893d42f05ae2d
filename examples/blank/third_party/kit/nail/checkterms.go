package nail

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

var (
	tierShape   = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	roles       = []string{"reviewer", "lead", "admin"}
	escalations = []string{"notify", "raise", "reassign", "expire"}
)

// checkReview checks the terms of every case, and of those of each tier.
func (r *reading) checkReview(v Review) {
	r.want(v.Undo >= 0 && v.Undo <= time.Hour, "review.undo", v.Undo, "write a duration from 0s to 1h, such as 10s")
	r.checkTerms("review", v.Terms)
	r.checkBlind("review", v.Blind, v.DoubleBlind)
	var names []string
	for i, t := range v.Tiers {
		path := fmt.Sprintf("review.tiers[%d]", i)
		r.want(tierShape.MatchString(t.Name), path+".name", t.Name, "write lower-case letters, digits, - and _, such as large")
		r.want(!slices.Contains(names, t.Name), path+".name", t.Name, "another tier is called so; give each its own name")
		r.want(strings.TrimSpace(t.When) != "", path+".when", t.When, "write an expression over the draft, such as total > 5000 || confidence < 0.8")
		names = append(names, t.Name)
		r.checkTitle(path+".title", t.Title)
		r.checkTerms(path, t.Terms)
		r.checkTaken(path, t.Terms)
		r.checkBlind(path, cmp.Or(t.Blind, v.Blind), cmp.Or(t.DoubleBlind, v.DoubleBlind))
	}
}

// checkTitle wants words in each language that is written.
func (r *reading) checkTitle(path string, t Title) {
	for lang, words := range map[string]string{"en": t.EN, "zh": t.ZH} {
		n := utf8.RuneCountInString(strings.TrimSpace(words))
		r.wantWritten(n >= 1 && n <= 80, path+"."+lang, words, "write 1 to 80 characters")
	}
}

// checkTerms checks the terms that are written below a path.
func (r *reading) checkTerms(path string, t Terms) {
	r.wantTime(path+".lease", t.Lease, time.Second, 24*time.Hour, "write a duration from 1s to 24h, such as 10m")
	r.wantTime(path+".escalate_after", t.EscalateAfter, time.Second, 1<<62, "write a duration from 1s up, such as 72h")
	r.wantTime(path+".due", t.Due, time.Second, 1<<62, "write a duration from 1s up, such as 24h")
	r.wantWritten(t.Quorum >= 1 && t.Quorum <= 9, path+".quorum", t.Quorum, "write how many people decide, from 1 to 9")
	r.wantWritten(t.Priority >= -100 && t.Priority <= 100, path+".priority", t.Priority, "write a whole number from -100 to 100")
	r.wantWritten(t.HourlyCap >= 0 && t.HourlyCap <= 3600, path+".hourly_cap", t.HourlyCap, "write a whole number from 0 to 3600, such as 60")
	for _, s := range []struct {
		key   string
		share float64
	}{{"second_look", t.SecondLook}, {"blind", t.Blind}, {"double_blind", t.DoubleBlind}, {"canaries", t.Canaries}} {
		r.wantWritten(s.share >= 0 && s.share <= 1, path+"."+s.key, s.share, "write a share from 0 to 1, such as 0.05")
	}
	r.checkWords(path+".roles", t.Roles, roles, "write reviewer, lead or admin: nobody else may decide")
	r.checkWords(path+".escalation", t.Escalation, escalations,
		"waiting never approves anything; write notify, raise, reassign or expire")
	r.checkLots(path+".lots", t.Lots)
}

// checkBlind refuses, at the last of the two that is written below a path,
// shares that are more than all cases: a case that two people fill in is not
// one that one person does.
func (r *reading) checkBlind(path string, blind, double float64) {
	if blind+double <= 1+1e-9 { // 0.7 and 0.3 are a hair more
		return
	}
	at := path + ".double_blind"
	if single := path + ".blind"; r.places[at].before(r.places[single]) {
		at = single
	}
	if _, written := r.places[at]; written {
		r.add(r.places[at], at, fmt.Sprintf("%s: blind %v and double_blind %v are more than all cases; write shares that are at most 1 together",
			at, blind, double))
	}
}

func (r *reading) checkLots(path string, l Lots) {
	if _, written := r.places[path]; !written {
		return
	}
	r.want(l.Size >= 2 && l.Size <= 10000, path+".size", l.Size, "write how many cases make a lot, from 2 to 10000")
	r.wantTime(path+".after", l.After, time.Minute, 1<<62, "write a duration from 1m up, such as 24h")
	r.wantWritten(l.Error > 0 && l.Error <= 0.5, path+".error", l.Error,
		"write the share of wrong cases that may pass, above 0 and at most 0.5, such as 0.02: no sample can promise none")
	r.wantWritten(l.Confidence >= 0.5 && l.Confidence < 1, path+".confidence", l.Confidence,
		"write how sure that is to be, from 0.5 to below 1, such as 0.95: no sample makes sure")
}

// checkWords wants each of the words known, and written once.
func (r *reading) checkWords(path string, got, known []string, mend string) {
	for i, word := range got {
		at := fmt.Sprintf("%s[%d]", path, i)
		r.want(slices.Contains(known, word), at, word, mend)
		r.want(!slices.Contains(got[:i], word), at, word, "it stands there already; write each word once")
	}
}

// checkTaken refuses what a tier would take back: a tier's zero is a term left
// out, and so the review's own.
func (r *reading) checkTaken(path string, t Terms) {
	const mend = "a tier cannot take a term back; leave it out here, and write it in those tiers alone that are to have it"
	r.wantWritten(t.FourEyes, path+".four_eyes", t.FourEyes, mend)
	r.wantWritten(t.Priority != 0, path+".priority", t.Priority, mend)
	r.wantWritten(t.HourlyCap != 0, path+".hourly_cap", t.HourlyCap, mend)
	r.wantWritten(t.SecondLook != 0, path+".second_look", t.SecondLook, mend)
	r.wantWritten(t.Blind != 0, path+".blind", t.Blind, mend)
	r.wantWritten(t.DoubleBlind != 0, path+".double_blind", t.DoubleBlind, mend)
	r.wantWritten(t.Canaries != 0, path+".canaries", t.Canaries, mend)
}

// wantTime adds a problem with a written duration that is out of range.
func (r *reading) wantTime(path string, d, least, most time.Duration, mend string) {
	r.wantWritten(d >= least && d <= most, path, d, mend)
}

// wantWritten is want for a value that may be left out.
func (r *reading) wantWritten(ok bool, path string, value any, mend string) {
	if _, written := r.places[path]; written {
		r.want(ok, path, value, mend)
	}
}
