package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit/model/baseline"
)

// label says what the amount behind it is. Of a receipt's amounts the one with
// the weightiest label is the total; weight 0 is never it.
type label struct {
	words  *regexp.Regexp
	weight float64
}

// labels are tried in order: the first that fits counts.
var labels = []label{
	{words(`QTY|QUANTITY|ITEMS?|SAVINGS?|SAVED|SUPPLIES|POINTS?|DISCOUNTS?|DISC|COUNT`), 0},
	{regexp.MustCompile(`EXCL|BEFORE|W/O|WITHOUT`), 0.5},
	{regexp.MustCompile(`TOTAL ?(?:GST|TAX|VAT|SST)|(?:GST|TAX|VAT|SST) TOTAL|INCLUDE`), 0},
	{regexp.MustCompile(`ROUND[A-Z ]*TOTAL|TOTAL.*ROUNDED|AFTER (?:ROUND|ADJ)|(?:FINAL|GRAND|NETT?) ?TOTAL`), 6},
	{regexp.MustCompile(`TOTAL.*(?:PAYABLE|DUE)|TO BE PAID|实付|實付|应付|應付`), 6},
	{regexp.MustCompile(`小计|小計|SUB[- ]?T[O0]TAL`), 1},
	{regexp.MustCompile(`ROUND|找零|CHANGE|税|稅`), 0},
	{regexp.MustCompile(`(?:AMOUNT|AMT|BALANCE) ?(?:DUE|PAYABLE)|NETT? ?(?:AMOUNT|AMT)`), 5},
	{regexp.MustCompile(`T[O0]TAL|JUMLAH|AM(?:OUN)?T INCL|合计|合計|总计|總計|总额|總額`), 4},
	{words(`DUE|NETT?|PAY|AMOUNT|AMT`), 3},
	{words(`CASH|VISA|MASTER(?:CARD)?|CARD|PAYMENT|TENDER[A-Z]*|PAID|DEBIT|NETS`), 0.8},
}

var (
	paid   = regexp.MustCompile(`CASH|TENDER|PAYMENT|PAID|RECEIVED|ACCEPTED|收款|现金|現金`)
	change = regexp.MustCompile(`CHANGE|BAKI|找零`)
	// taxTable opens the table of taxes at the foot, whose totals are of goods.
	taxTable = regexp.MustCompile(`(?:GST|TAX|SST|VAT) ?(?:SUMMARY|ANALYSIS|CODE|DETAIL)`)
	// money has two places behind the point, or a currency beside it.
	money = regexp.MustCompile(`(?:(?:RM|[$¥￥£€]) ?)?(?:-?[0-9O]{1,3}(?:,[0-9O]{3})+[.,][0-9O]{2}|-?[0-9O]*[.,] ?[0-9O]{2})|[$¥￥£€] ?[0-9]+(?:\.[0-9])?|[0-9]+(?:\.[0-9])? ?元`)
	// noMoney behind an amount tells that it was none: 9.000, 12.05.2018, 6.00%.
	noMoney = regexp.MustCompile(`^[.,]?[0-9]|^ ?%`)
)

// amount is a sum of money in a row, in hundredths.
type amount struct {
	label      string // the words before it
	cents      int
	start, end int // in the document, in bytes
}

// findTotal takes the amount with the weightiest label, the last of equals,
// and holds it against what was paid less what came back.
func findTotal(rows []row) (baseline.Guess, bool) {
	all := amountsIn(rows)
	best, most := amount{}, 0.0
	for _, a := range all {
		if w := weight(a.label); w > 0 && w >= most && a.cents >= 0 {
			best, most = a, w
		}
	}
	confidence := totalConfidence(most)
	if given, spent, ok := amountSpent(all); ok && (most < 4 || near(spent.cents, best.cents) || given == best.cents) {
		best, confidence = spent, 0.99
	}
	return baseline.Guess{Path: "total", Value: ringgit(best.cents), Confidence: confidence, Start: best.start, End: best.end}, confidence > 0
}

// totalConfidence is how often a label of this weight was right.
func totalConfidence(weight float64) float64 {
	switch {
	case weight >= 6:
		return 0.97
	case weight >= 3:
		return 0.92
	case weight > 0:
		return 0.65
	}
	return 0
}

// amountsIn lists the amounts before the table of taxes. Where a row has none,
// its words may belong to an amount that slipped to the next.
func amountsIn(rows []row) []amount {
	var out []amount
	above := ""
	for _, r := range rows {
		if taxTable.MatchString(r.upper) && len(out) > 0 {
			break
		}
		found := amountsOf(r, above)
		above = ""
		if len(found) == 0 {
			above = r.upper
		}
		out = append(out, found...)
	}
	return out
}

// amountsOf reads a row's amounts, each with the words since the last one.
func amountsOf(r row, above string) []amount {
	var out []amount
	last := 0
	for _, at := range money.FindAllStringIndex(r.upper, -1) {
		if noMoney.MatchString(r.upper[at[1]:]) {
			continue
		}
		said := r.upper[last:at[0]]
		if last == 0 && strings.Trim(said, " :：RM$¥￥£€-") == "" {
			said = above
		}
		out = append(out, amount{label: said, cents: cents(r.upper[at[0]:at[1]]), start: r.start + at[0], end: r.start + at[1]})
		last = at[1]
	}
	return out
}

// cents reads an amount: its digits, brought to two places behind the point.
// What no receipt comes to is -1, a code that looks like money.
func cents(s string) int {
	plain := strings.Map(func(r rune) rune {
		if strings.ContainsRune("-0123456789.,", r) {
			return r
		}
		return -1
	}, digits.Replace(s))
	places := 0
	if at := strings.LastIndexAny(plain, ".,"); at >= 0 {
		places = len(plain) - at - 1
	}
	n, err := strconv.Atoi(strings.NewReplacer(".", "", ",", "").Replace(plain))
	if err != nil || n > 1e11 {
		return -1
	}
	for ; places < 2; places++ {
		n *= 10
	}
	return n
}

// weight looks at the words nearest to the amount first.
func weight(text string) float64 {
	parts := row{text: text}.parts()
	for i := len(parts) - 1; i >= 0; i-- {
		for _, l := range labels {
			if l.words.MatchString(parts[i].text) {
				return l.weight
			}
		}
	}
	return 0
}

// amountSpent is what was given less the change, where the receipt names that
// amount too. Of several places it takes the one with the weightiest label.
func amountSpent(all []amount) (given int, spent amount, ok bool) {
	back := -1
	for _, a := range all {
		switch {
		case change.MatchString(a.label):
			back = max(a.cents, -a.cents)
		case paid.MatchString(a.label) && back < 0:
			given = max(a.cents, -a.cents)
		}
	}
	most := -1.0
	for _, a := range all {
		if w := weight(a.label); back >= 0 && a.cents > 0 && a.cents == given-back && w > most {
			spent, most = a, w
		}
	}
	return given, spent, most >= 0
}

// near allows for rounding to the smallest coin.
func near(a, b int) bool { return a-b <= 5 && b-a <= 5 }
