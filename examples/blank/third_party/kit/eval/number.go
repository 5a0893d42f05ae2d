package eval

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// currency is how money is named beside a number. Other letters are no part of
// one, or the invoice numbers A12 and B12 would be the same.
const currency = `(?:(?:[a-z]{1,3})?\p{Sc}|(?:rmb|rm|rs|rp|myr|sgd|usd|eur|gbp|cny|hkd|twd|jpy|idr|thb|vnd|inr|aud|nzd|cad|chf)\.?|[元圆円])?`

var (
	// amount is one number with what money is written with around it: a sign, a
	// currency before or after, separators within.
	amount = regexp.MustCompile(`^(\(?)([-+]?)` + currency + `([-+]?)(\d[\d.,']*|\.\d+)` + currency + `%?(-?)\)?$`)
	// scientific is a number as JSON may spell it.
	scientific = regexp.MustCompile(`^-?\d+(\.\d+)?e[-+]?\d{1,3}$`)
)

// normalNumber reads a number and spells it plainly: "RM 1,234.50" is "1234.5".
func normalNumber(s string) (string, bool) {
	s = strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
	if scientific.MatchString(s) {
		f, err := strconv.ParseFloat(s, 64)
		return strconv.FormatFloat(f, 'f', -1, 64), err == nil
	}
	m := amount.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	plain, ok := plainDecimal(m[4])
	negative := m[1] != "" || m[2] == "-" || m[3] == "-" || m[5] == "-"
	if negative && plain != "0" {
		plain = "-" + plain
	}
	return plain, ok
}

// plainDecimal drops thousands separators and needless zeros.
func plainDecimal(digits string) (string, bool) {
	point := decimalPoint(digits)
	whole, fraction := digits, ""
	if point >= 0 {
		whole, fraction = digits[:point], digits[point+1:]
	}
	whole = strings.TrimLeft(strings.NewReplacer(",", "", ".", "", "'", "").Replace(whole), "0")
	fraction = strings.TrimRight(fraction, "0")
	if strings.ContainsAny(fraction, ".,'") {
		return "", false
	}
	if whole == "" {
		whole = "0"
	}
	if fraction == "" {
		return whole, true
	}
	return whole + "." + fraction, true
}

// decimalPoint finds the separator before the fraction, or -1. The last of two
// different ones is it; one that repeats is not; and a lone comma before
// exactly three digits parts thousands, where a lone point does not.
func decimalPoint(s string) int {
	last := strings.LastIndexAny(s, ".,")
	if last < 0 {
		return -1
	}
	mark := s[last : last+1]
	if strings.Count(s, mark) > 1 {
		return -1
	}
	mixed := strings.ContainsAny(s[:last], ".,")
	if mark == "," && !mixed && len(s)-last-1 == 3 {
		return -1
	}
	return last
}
