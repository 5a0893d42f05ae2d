package eval

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// The shapes of dates. What may follow a date is a time of day, which is no
// part of it; see clockTime.
var (
	yearFirst  = regexp.MustCompile(`^(\d{4})\s*[-/. 年]\s*(\d{1,2})\s*[-/. 月]\s*(\d{1,2})日?`)
	yearLast   = regexp.MustCompile(`^(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})`)
	monthNamed = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th)?[-/., ]*([a-z]{3,9})[-/., ']*(\d{4}|\d{2})`)
	monthFirst = regexp.MustCompile(`^([a-z]{3,9})[. ]*(\d{1,2})(?:st|nd|rd|th)?[, ]+(\d{4})`)
	eight      = regexp.MustCompile(`^\d{8}`)
	clockTime  = regexp.MustCompile(`^(?:$|[\s,t(]+.*$)`)
)

// normalDate reads the day that s starts with, "25 DEC 2018 8:13 PM" for one,
// and spells it "2018-12-25". Day comes before month unless only the other
// way makes a date; two digits of a year mean 1969 to 2068.
func normalDate(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(norm.NFKC.String(s)))
	for _, read := range []func(string) (string, string){
		readYearFirst, readYearLast, readMonthNamed, readMonthFirst, readEight,
	} {
		if day, rest := read(s); day != "" && clockTime.MatchString(rest) {
			return day, true
		}
	}
	return "", false
}

func readYearFirst(s string) (day, rest string) {
	m := yearFirst.FindStringSubmatch(s)
	if m == nil {
		return "", s
	}
	return calendar(m[1], m[2], m[3]), s[len(m[0]):]
}

func readYearLast(s string) (day, rest string) {
	m := yearLast.FindStringSubmatch(s)
	if m == nil {
		return "", s
	}
	day = calendar(m[3], m[2], m[1])
	if day == "" {
		day = calendar(m[3], m[1], m[2])
	}
	return day, s[len(m[0]):]
}

func readMonthNamed(s string) (day, rest string) {
	m := monthNamed.FindStringSubmatch(s)
	if m == nil {
		return "", s
	}
	return calendar(m[3], monthNumber(m[2]), m[1]), s[len(m[0]):]
}

func readMonthFirst(s string) (day, rest string) {
	m := monthFirst.FindStringSubmatch(s)
	if m == nil {
		return "", s
	}
	return calendar(m[3], monthNumber(m[1]), m[2]), s[len(m[0]):]
}

// readEight reads eight digits in a row: year first when that gives a year of
// the last or this century, else day first.
func readEight(s string) (day, rest string) {
	m := eight.FindString(s)
	if m == "" {
		return "", s
	}
	if century := m[:2]; century == "19" || century == "20" {
		day = calendar(m[:4], m[4:6], m[6:])
	}
	if day == "" {
		day = calendar(m[4:], m[2:4], m[:2])
	}
	return day, s[len(m):]
}

// monthNumber reads an English month, whole or cut to three letters or more.
func monthNumber(name string) string {
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(strings.ToLower(m.String()), name) || name == "sept" && m == time.September {
			return strconv.Itoa(int(m))
		}
	}
	return "0"
}

// calendar spells a day, or returns "" when the calendar has no such day.
func calendar(year, month, day string) string {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	if len(year) == 2 {
		y += 2000
		if y > 2068 {
			y -= 100
		}
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if y == 0 || t.Month() != time.Month(m) || t.Day() != d {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}
