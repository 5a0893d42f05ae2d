package main

import (
	"regexp"
	"strings"

	"github.com/tackhammer/tackhammer/kit/eval"
	"github.com/tackhammer/tackhammer/kit/model/baseline"
)

const month = `(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]{0,6}`

var (
	// dateShapes are the ways to write a day, the surest first. The letters that
	// scans confuse with digits pass for them.
	dateShapes = []*regexp.Regexp{
		regexp.MustCompile(`(?:19|2[0O])[0-9O]{2} ?[-/.年] ?[0-9OIL]{1,2} ?[-/.月] ?[0-9OIL]{1,2}日?`), // 2018-12-25
		regexp.MustCompile(`[0-9OIL]{1,2} ?[-/.] ?[0-9OIL]{1,2} ?[-/.] ?2[0O][0-9OIL]{2}`),          // 25/12/2018
		regexp.MustCompile(`[0-9OIL]{1,2}[-/., ]{0,2}` + month + `[-/., ']{0,2}(?:2[0O])?[0-9O]{2}`),
		regexp.MustCompile(month + `\.? ?[0-9]{1,2},? ?2[0-9]{3}`),                  // DEC 25, 2018
		regexp.MustCompile(`[0-9OIL]{1,2} ?[-/.] ?[0-9OIL]{1,2} ?[-/.] ?[0-9O]{2}`), // 25-12-18
		regexp.MustCompile(`20[0-9]{2}[01][0-9][0-3][0-9]`),                         // 20181225
		regexp.MustCompile(`[0-3][0-9][01][0-9]20[0-9]{2}`),                         // 25122018
	}
	monthName = regexp.MustCompile(month)
	dateWord  = regexp.MustCompile(`(?:^|[^A-Z])(?:BIZ|BILL|INV|TRANS)?(?:DATE|DATED|TARIKH|ISSUED)(?:$|[^A-Z])|日期|时间|時間`)
	timeOfDay = regexp.MustCompile(`^.{0,4}[0-2]?[0-9] ?: ?[0-5][0-9]`)
	// otherDay is said of a day that is not the sale's.
	otherDay = words(`EXP[A-Z]*|VALID|UNTIL|DUE|BEFORE|SINCE|BIRTH|PERIOD|PROMO[A-Z]*|FROM|DELIVERY`)
)

// findDate takes the day that looks most like the sale's: the word "date"
// before it, or a time of day behind it. Of equals it takes the first.
func findDate(rows []row) (baseline.Guess, bool) {
	best, most := baseline.Guess{}, 0.0
	for i, r := range rows {
		for _, g := range daysIn(r) {
			if s := saleDay(rows, i, g); s > most {
				best, most = g, s
			}
		}
	}
	best.Confidence = most
	return best, most > 0
}

// saleDay tells how likely g, in row i, is the day of the sale.
func saleDay(rows []row, i int, g baseline.Guess) float64 {
	before, after := rows[i].upper[:g.Start-rows[i].start], rows[i].upper[g.End-rows[i].start:]
	switch {
	case otherDay.MatchString(before):
		return 0.4
	case dateWord.MatchString(before):
		return 0.99
	case i > 0 && dateWord.MatchString(rows[i-1].upper):
		return 0.98
	case timeOfDay.MatchString(after):
		return 0.98
	}
	return 0.96
}

// daysIn finds the days that a row names, those of the surest shape first.
func daysIn(r row) []baseline.Guess {
	var out []baseline.Guess
	for _, shape := range dateShapes {
		for from := 0; from < len(r.upper); {
			at := shape.FindStringIndex(r.upper[from:])
			if at == nil {
				break
			}
			start, end := from+at[0], from+at[1]
			from = start + 1
			if day, ok := readDay(r.upper, start, end); ok {
				out = append(out, baseline.Guess{Path: "date", Value: day, Start: r.start + start, End: r.start + end})
				from = end
			}
		}
	}
	return out
}

// readDay reads s[start:end] unless it is a piece of something longer.
func readDay(s string, start, end int) (string, bool) {
	if start > 0 && strings.ContainsRune("0123456789-/.", rune(s[start-1])) {
		return "", false
	}
	if end < len(s) && '0' <= s[end] && s[end] <= '9' && !timeOfDay.MatchString(s[end:]) {
		return "", false
	}
	shape := s[start:end]
	if monthName.MatchString(shape) {
		return eval.Date.Normalise(shape)
	}
	shape = digits.Replace(shape)
	if !oneMark(shape) {
		return "", false
	}
	return eval.Date.Normalise(shape)
}

// oneMark reports whether the same mark, or none, parts day, month and year:
// "19- 21/03" is the end of a number and the beginning of a date.
func oneMark(shape string) bool {
	marks := strings.FieldsFunc(shape, func(r rune) bool { return r == ' ' || '0' <= r && r <= '9' })
	return len(marks) == 0 || marks[0] == "年" || len(marks) == 2 && marks[0] == marks[1]
}
