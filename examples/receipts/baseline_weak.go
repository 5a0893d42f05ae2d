package main

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/tackhammer/tackhammer/kit/model/baseline"
)

// weak is all that might be right, beside what the rules answer: "train" learns
// to choose from it. What is not here, no model learned from corrections can
// say, so a guess too many does no harm. Its confidence is a hint, no more.
func weak(rows []row) []baseline.Guess {
	pieces, kinds := head(rows)
	var out []baseline.Guess
	for _, some := range [][]baseline.Guess{weakCompanies(pieces, kinds), weakDates(rows), weakAddresses(pieces, kinds), weakTotals(rows)} {
		out = append(out, some...)
	}
	for i := range out {
		out[i].Weak = true
	}
	return out
}

// weakDates are the days that the receipt names.
func weakDates(rows []row) []baseline.Guess {
	var out []baseline.Guess
	for i, r := range rows {
		for _, g := range daysIn(r) {
			g.Confidence = saleDay(rows, i, g) / 2
			out = append(out, g)
		}
	}
	return out
}

// weakTotals are the amounts that the receipt names.
func weakTotals(rows []row) []baseline.Guess {
	var out []baseline.Guess
	for _, a := range amountsIn(rows) {
		if a.cents < 0 {
			continue
		}
		sure := max(0.1, totalConfidence(weight(a.label))/2)
		out = append(out, baseline.Guess{Path: "total", Value: ringgit(a.cents), Confidence: sure, Start: a.start, End: a.end})
	}
	return out
}

// ringgit writes hundredths as an amount.
func ringgit(cents int) json.Number {
	return json.Number(strconv.FormatFloat(float64(cents)/100, 'f', 2, 64))
}

// weakCompanies are up to three pieces of the head in a row.
func weakCompanies(pieces []row, kinds []kind) []baseline.Guess {
	sure := map[kind]float64{legal: 0.47, trade: 0.47, other: 0.37, address: 0.1}
	var out []baseline.Guess
	for first := range pieces {
		for last := first; last < min(first+3, len(pieces)) && kinds[last] < number; last++ {
			name := companyName(joined(pieces[first : last+1]))
			if name != "" && utf8.RuneCountInString(name) <= maxCompany {
				out = append(out, baseline.Guess{Path: "company", Value: name, Confidence: sure[kinds[first]], Start: pieces[first].start, End: pieces[last].end()})
			}
		}
	}
	return out
}

// weakAddresses are up to eight pieces of the head in a row.
func weakAddresses(pieces []row, kinds []kind) []baseline.Guess {
	sure := map[kind]float64{legal: 0.1, trade: 0.1, other: 0.2, address: 0.4, number: 0.1}
	var out []baseline.Guess
	for first := range pieces {
		for last := first; last < min(first+8, len(pieces)) && kinds[last] != heading; last++ {
			text := joined(pieces[first : last+1])
			text = text[len(place.FindString(upper(text))):]
			if text != "" && utf8.RuneCountInString(text) <= maxAddress {
				out = append(out, baseline.Guess{Path: "address", Value: text, Confidence: sure[kinds[first]], Start: pieces[first].start, End: pieces[last].end()})
			}
		}
	}
	return out
}
