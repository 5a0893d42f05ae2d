package app

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/nail"
)

// pocView words the facts for the page. err is the first thing that went
// wrong.
type pocView struct {
	say   wordbook
	lang  string
	facts pocFacts
	run   *pocRun
	err   error
}

// pocBody is what the page's template shows.
type pocBody struct {
	Facts             pocFacts
	Tiles             []pocTile
	Marks             []string
	Kinds             []pocKindRow
	Size              string
	DraftSeconds      string
	Examples          []pocExample
	Bars              template.HTML
	Fields            []pocFieldRow
	Months            []pocMonthRow
	Cases             string
	Timed, Wages      string
	People            []string
	Offer, OfferMonth string
}

type pocTile struct{ Figure, Words, Mark string }

type pocKindRow struct {
	Name  string
	Files int
	Size  string
}

type pocFieldRow struct{ Label, Count, Interval, Goal, Stand string }

type pocMonthRow struct{ Name, Mark, Case, Month, Money string }

// body words all that the page shows.
func (v *pocView) body(ctx context.Context) pocBody {
	f := v.facts
	b := pocBody{Facts: f, Tiles: v.tiles(), Size: bytesWords(f.Bytes), DraftSeconds: pocSeconds(f.DraftP50),
		Examples: v.examples(ctx), People: v.people(), Cases: pocCount(f.Month.Cases)}
	for _, k := range f.Kinds {
		b.Kinds = append(b.Kinds, pocKindRow{v.kind(k.Kind), k.Files, bytesWords(k.Bytes)})
	}
	b.Fields, b.Bars = v.fields()
	if n := v.run.nail; f.Month.ByHand > 0 && f.Month.Price > 0 {
		b.Months, b.Timed = v.months(), v.timed()
		b.Wages = v.word("poc.saves.wages", "Today", v.money(n.Today.Wage), "Review", v.money(n.Reviewer.Wage))
	}
	if n := v.run.nail; n.Price > 0 {
		b.Offer = v.word("poc.offer.case", "Price", v.money(n.Price))
		if n.Volume > 0 {
			b.OfferMonth = v.word("poc.offer.month", "Month", v.money(f.Month.Price), "Cases", b.Cases)
		}
	}
	b.Marks = v.marks(b)
	return b
}

// word is a message of the page, and keeps what goes wrong with it.
func (v *pocView) word(key string, args ...any) string {
	s, err := v.say.say(key, args...)
	if err != nil && v.err == nil {
		v.err = err
	}
	return s
}

func (v *pocView) title() string { return v.word("poc.title", "Title", v.run.nail.Title) }

func (v *pocView) lead() string {
	return v.word("poc.lead", "Job", strings.Join(strings.Fields(v.run.nail.Job), " "))
}

func (v *pocView) foot() string {
	return v.word("poc.foot", "At", v.facts.At.Format("2006-01-02 15:04 UTC"), "Files", v.facts.Files, "Drafter", v.drafter())
}

// drafter is who made the drafts, and which edition. Rules, and what was
// learned from the app's own cases, have no name of their own.
func (v *pocView) drafter() string {
	m := v.facts.Model
	edition := fmt.Sprintf("%.12s", m.Digest)
	if m.Name == "rules" || m.Name == "learned" {
		return v.word("poc.by."+m.Name, "Edition", edition)
	}
	return v.word("poc.by.model", "Name", m.Name, "Edition", edition)
}

// basis marks a figure into which the time of a review goes, beside what
// nail.yaml states.
func (v *pocView) basis() string {
	if v.facts.Review.Measured == 0 {
		return "assumed"
	}
	return "both"
}

// marks are the marks that stand on the page, for its legend.
func (v *pocView) marks(b pocBody) []string {
	used := map[string]bool{"stated": b.Offer != ""}
	for _, t := range b.Tiles {
		used[t.Mark] = true
	}
	for _, m := range b.Months {
		used[m.Mark] = true
	}
	return slices.DeleteFunc([]string{"stated", "both", "assumed"}, func(m string) bool { return !used[m] })
}

// tiles are the figures at the head.
func (v *pocView) tiles() []pocTile {
	f := v.facts
	tiles := []pocTile{{fmt.Sprint(f.Files), v.word("poc.tile.files"), ""}, {fmt.Sprint(f.Drafted), v.word("poc.tile.drafted"), ""}}
	if f.Reviewed > 0 {
		tiles = append(tiles, pocTile{fmt.Sprintf("%d / %d", f.AllRight, f.Reviewed),
			v.word("poc.tile.right", "Low", v.say.whole(f.Low), "High", v.say.whole(f.High)), ""})
	} else {
		tiles = append(tiles, pocTile{"0", v.word("poc.tile.unreviewed"), ""})
	}
	if f.Month.HoursByHand > 0 {
		key := "poc.tile.hours"
		if f.Month.HoursSaved < 0 {
			key = "poc.tile.hours.more"
		}
		tiles = append(tiles, pocTile{pocHours(f.Month.HoursSaved), v.word(key), v.basis()})
	}
	return tiles
}

// kind is a media type, or an ending, in words.
func (v *pocView) kind(kind string) string {
	switch {
	case kind == "text/csv":
		return v.word("poc.kind.table")
	case strings.HasPrefix(kind, "text/"):
		return v.word("poc.kind.text")
	case kind == "application/pdf":
		return v.word("poc.kind.pdf")
	case strings.HasPrefix(kind, "image/"):
		return v.word("poc.kind.picture", "Type", strings.ToUpper(strings.TrimPrefix(kind, "image/")))
	case kind == "":
		return v.word("poc.kind.none")
	}
	return v.word("poc.kind.other", "Ending", kind)
}

// fields are the rows of how right each field is, and their picture.
func (v *pocView) fields() (rows []pocFieldRow, picture template.HTML) {
	b := bars{Percent: v.say.whole, Title: v.word("poc.right.bars"), Desc: v.word("poc.right.meaning")}
	for _, f := range v.facts.Fields {
		if f.N == 0 {
			continue
		}
		row := pocFieldRow{Label: v.label(f.Label), Count: v.word("poc.right.ofn", "Right", f.Right, "N", f.N),
			Interval: v.say.whole(f.Low) + " – " + v.say.whole(f.High), Goal: "–", Stand: f.Stand}
		if f.Goal > 0 {
			row.Goal = v.say.whole(f.Goal)
		}
		rows = append(rows, row)
		b.Of = append(b.Of, shareBar{Name: row.Label, Value: float64(f.Right) / float64(f.N), Low: f.Low, High: f.High, Goal: f.Goal, Words: row.Count})
	}
	if len(b.Of) == 0 {
		return nil, ""
	}
	return rows, b.figure()
}

// label is a field's name in the page's language.
func (v *pocView) label(l map[string]string) string {
	if words := l[v.lang]; words != "" {
		return words
	}
	return l["en"]
}

// months are the rows of what a case and a month come to.
func (v *pocView) months() []pocMonthRow {
	n, m, s := v.run.nail, v.facts.Month, v.facts.Review.Seconds
	saved, time := "poc.saves.time", n.Today.Minutes*60-s
	if time < 0 {
		saved = "poc.saves.time.more"
	}
	return []pocMonthRow{
		{v.word("poc.saves.hand"), "stated", v.word("poc.saves.minutes", "N", pocNumber(n.Today.Minutes)), v.hours(m.HoursByHand), v.money(m.ByHand)},
		{v.word("poc.saves.review"), v.basis(), v.word("poc.saves.seconds", "N", pocNumber(s)), v.hours(m.HoursReview), v.money(m.ReviewCost)},
		{v.word(saved), v.basis(), v.word("poc.saves.minutes", "N", pocNumber(max(time, -time)/60)), v.hours(m.HoursSaved), ""},
		{v.word("poc.saves.price"), "stated", v.money(n.Price), v.money(m.Price), ""},
		v.kept(".us", m.KeptByUs, "stated"),
		v.kept("", m.Kept, v.basis()),
	}
}

// kept is the row of what the buyer keeps, or pays more. who ends the key of
// the words: whose people review.
func (v *pocView) kept(who string, amount float64, mark string) pocMonthRow {
	key := "poc.saves.kept"
	if amount < 0 {
		key, amount = "poc.saves.more", -amount
	}
	each := v.money(amount / float64(max(v.facts.Month.Cases, 1)))
	return pocMonthRow{v.word(key + who), mark, each, v.money(amount), ""}
}

// timed says where the time of a review comes from.
func (v *pocView) timed() string {
	r := v.facts.Review
	if r.Measured == 0 {
		return v.word("poc.saves.untimed")
	}
	return v.word("poc.saves.timed", "Count", r.Measured, "Least", pocNumber(r.Least), "Most", pocNumber(r.Most), "Median", pocNumber(r.Seconds))
}

// people says what stays with people.
func (v *pocView) people() []string {
	f := v.facts
	all := []string{v.word("poc.people.decide")}
	for _, one := range []struct {
		key       string
		count, of int
	}{
		{"poc.people.unreadable", len(f.Unreadable), f.Files}, {"poc.people.failed", len(f.Failed), f.Files},
		{"poc.people.marked", f.Marked, f.Drafted}, {"poc.people.fix", f.Reviewed - f.AllRight, f.Reviewed},
	} {
		if one.count > 0 {
			all = append(all, v.word(one.key, "Count", one.count, "Of", one.of))
		}
	}
	return all
}

func (v *pocView) hours(h float64) string { return v.word("poc.saves.hours", "N", pocHours(h)) }

func (v *pocView) money(amount float64) string {
	return nail.Amount(amount) + " " + v.run.nail.Currency
}

func pocHours(h float64) string {
	if h = max(h, -h); h < 10 {
		return pocNumber(h)
	}
	return message.NewPrinter(language.English).Sprintf("%.0f", h)
}

func pocCount(n int) string { return message.NewPrinter(language.English).Sprintf("%d", n) }

// pocNumber is a number with at most one digit behind the point.
func pocNumber(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") }

// pocSeconds is a time that may be a few milliseconds.
func pocSeconds(s float64) string {
	if s < 0.1 {
		return fmt.Sprintf("%.3f", s)
	}
	return fmt.Sprintf("%.1f", s)
}

// fieldsOf are the fields that the drafts have.
func (v *pocView) fieldsOf() []model.FieldSpec { return v.run.model.Schema.Fields() }
