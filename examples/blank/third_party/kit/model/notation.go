package model

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// numberPattern finds anything that could be a number.
var numberPattern = regexp.MustCompile(`\d+(?:[.,' ]\d+)*|\.\d+`)

// numberHits finds a number in any notation: with thousands separators, with a
// comma for the point, with other decimals.
func numberHits(text, value string) []hit {
	want, ok := exact(value)
	if !ok {
		return nil
	}
	want.Abs(want)
	written := strings.TrimLeft(value, "-+")
	var hits []hit
	for _, m := range numberPattern.FindAllStringIndex(text, -1) {
		for _, part := range parts(text, m[0], m[1]) {
			got := text[part.start:part.end]
			if got == written {
				hits = append(hits, hit{part, asWritten})
				break
			}
			if reads(got, want) {
				hits = append(hits, hit{part, otherNotation})
				break
			}
		}
	}
	return hits
}

// parts returns a run of digits as a whole and, where spaces part it, each
// piece: "2 33.90" is a count before a price as often as a number.
func parts(text string, start, end int) []span {
	out := []span{{start, end}}
	if !strings.Contains(text[start:end], " ") {
		return out
	}
	at := start
	for _, piece := range strings.Split(text[start:end], " ") {
		out = append(out, span{at, at + len(piece)})
		at += len(piece) + 1
	}
	return out
}

var (
	commaThousands = regexp.MustCompile(`^\d{1,3}([,' ]\d{3})+(\.\d+)?$`)
	pointThousands = regexp.MustCompile(`^\d{1,3}([. ]\d{3})+(,\d+)?$`)
	commaDecimal   = regexp.MustCompile(`^\d+,\d{1,2}$`)
	apart          = strings.NewReplacer(",", "", "'", "", " ", "")
)

// reads reports whether the digits got can be read as the number want.
func reads(got string, want *big.Rat) bool {
	readings := []string{got}
	if commaThousands.MatchString(got) {
		readings = append(readings, apart.Replace(got))
	}
	if pointThousands.MatchString(got) || commaDecimal.MatchString(got) {
		readings = append(readings, strings.Replace(strings.NewReplacer(".", "", " ", "").Replace(got), ",", ".", 1))
	}
	for _, r := range readings {
		if n, ok := exact(r); ok && n.Cmp(want) == 0 {
			return true
		}
	}
	return false
}

// exact reads a number without rounding; longer than a number of any document
// it is none.
func exact(s string) (*big.Rat, bool) {
	if len(s) > 40 {
		return nil, false
	}
	if _, exp, ok := strings.Cut(strings.ToLower(s), "e"); ok {
		if n, err := strconv.Atoi(exp); err != nil || n > 40 || n < -40 {
			return nil, false
		}
	}
	if strings.ContainsAny(s, "/_xXpP") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

const months = `jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?`

// dateForm is one notation of a day. order names the groups: y, m, d.
type dateForm struct {
	pattern *regexp.Regexp
	order   string
}

// dateForms are all notations, the likelier of two readings first.
var dateForms = []dateForm{
	{regexp.MustCompile(`(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})`), "ymd"},
	{regexp.MustCompile(`(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日?`), "ymd"},
	{regexp.MustCompile(`(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})`), "dmy"},
	{regexp.MustCompile(`(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})`), "mdy"},
	{regexp.MustCompile(`(\d{2})[-/.](\d{1,2})[-/.](\d{1,2})`), "ymd"},
	{regexp.MustCompile(`(?i)(\d{1,2})(?:st|nd|rd|th)?[-/., ]{0,2}(` + months + `)[-/., ']{0,2}(\d{4}|\d{2})`), "dmy"},
	{regexp.MustCompile(`(?i)(` + months + `)[-/., ]{0,2}(\d{1,2})(?:st|nd|rd|th)?[-/., ']{1,3}(\d{4}|\d{2})`), "mdy"},
	{regexp.MustCompile(`(\d{4})(\d{2})(\d{2})`), "ymd"},
	{regexp.MustCompile(`(\d{2})(\d{2})(\d{4})`), "dmy"},
}

// dateHits finds the day value (YYYY-MM-DD) in any notation. The notations
// stand in the order of their likelihood; a place is named once.
func dateHits(text, value string) []hit {
	day, err := time.Parse("2006-01-02", value)
	if err != nil {
		return nil
	}
	var hits []hit
	seen := make(map[int]bool)
	parts := near(text, day)
	for rank, form := range dateForms {
		for _, m := range form.placesIn(text, parts, day) {
			if seen[m.start] {
				continue
			}
			seen[m.start] = true
			if text[m.start:m.end] == value {
				hits = append(hits, hit{m, -1})
				continue
			}
			hits = append(hits, hit{m, rank})
		}
	}
	return hits
}

// longestDate is more than any notation is long, in bytes.
const longestDate = 40

// near returns the parts of text where day can stand: each notation holds the
// last two digits of the year. Most of a document is then never searched.
func near(text string, day time.Time) []span {
	var out []span
	year := day.Format("06")
	for pos := 0; ; {
		i := strings.Index(text[pos:], year)
		if i < 0 {
			return out
		}
		pos += i + 1
		part := span{max(0, pos-longestDate), min(len(text), pos+longestDate)}
		if last := len(out) - 1; last >= 0 && out[last].end >= part.start {
			out[last].end = part.end
			continue
		}
		out = append(out, part)
	}
}

// maxPlaces bounds how many dates of one notation are looked at: a text of
// nothing but figures has a date at each of them.
const maxPlaces = 20_000

// placesIn finds the day in one notation, in parts of the text. After a place
// that is another day the search goes on inside it: "0001 05/01/2018" holds a
// date from its third character on, and the right one from its sixth.
func (f dateForm) placesIn(text string, parts []span, day time.Time) []span {
	var out []span
	tried := 0
	for _, part := range parts {
		for pos := part.start; tried < maxPlaces; tried++ {
			m := f.pattern.FindStringSubmatchIndex(text[pos:part.end])
			if m == nil {
				break
			}
			for i := range m {
				m[i] += pos
			}
			pos = m[0] + 1
			if digitAt(text, m[0]-1) || digitAt(text, m[1]) || !isDay(day, f.order, text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]]) {
				continue
			}
			out = append(out, span{m[0], m[1]})
			pos = m[1]
		}
	}
	return out
}

// digitAt reports whether a digit stands at i: then what ends or starts there is
// part of a longer number.
func digitAt(text string, i int) bool {
	return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9'
}

// isDay reports whether three groups in order name the day.
func isDay(day time.Time, order string, groups ...string) bool {
	for i, g := range groups {
		n, err := strconv.Atoi(g)
		same := false
		switch order[i] {
		case 'y':
			same = n == day.Year() || (len(g) == 2 && n == day.Year()%100)
		case 'd':
			same = n == day.Day()
		case 'm':
			same = n == int(day.Month()) || (err != nil && startsMonth(day.Month(), g))
		}
		if !same {
			return false
		}
	}
	return true
}

// startsMonth compares a month's name by its first three letters.
func startsMonth(m time.Month, name string) bool {
	return strings.EqualFold(m.String()[:3], name[:min(3, len(name))])
}
