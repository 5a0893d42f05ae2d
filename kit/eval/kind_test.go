package eval

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

// normalises holds Normalise against pairs of what goes in and what comes out,
// "" for what is not of the kind.
func normalises(t *testing.T, kind Kind, all [][2]string) {
	t.Helper()
	for _, c := range all {
		got, ok := kind.Normalise(c[0])
		if got != c[1] || ok != (c[1] != "") {
			t.Errorf("%s %q: %q, %v, want %q", kind, c[0], got, ok, c[1])
		}
	}
}

func TestTextsAreNormalised(t *testing.T) {
	normalises(t, Text, [][2]string{
		{"BOOK TA .K (TAMAN DAYA) SDN BHD", "booktaktamandayasdnbhd"},
		{"上海　好味道（静安店）", "上海好味道静安店"},
		{"ＡＢＣ－１２", "abc12"},
		{"Σίσυφος", "σίσυφοσ"},
		{"cafe\u0301", "café"},
		{" -- ", ""},
	})
}

func TestDatesAreNormalised(t *testing.T) {
	normalises(t, Date, [][2]string{
		{"25/12/2018", "2018-12-25"},
		{"25-12-18", "2018-12-25"},
		{"2018-12-25", "2018-12-25"},
		{"2018/3/9", "2018-03-09"},
		{"25 DEC 2018", "2018-12-25"},
		{"25-Dec-18", "2018-12-25"},
		{"1st September 2019", "2019-09-01"},
		{"MAR 9, 2018", "2018-03-09"},
		{"20180326", "2018-03-26"},
		{"26032018", "2018-03-26"},
		{"20122018", "2018-12-20"}, // 2012 has no month 20
		{"2018年12月25日", "2018-12-25"},
		{"２０１８年３月９日 20:13", "2018-03-09"},
		{"25/12/2018 8:13:39 PM", "2018-12-25"},
		{"2018-12-25T20:13:39Z", "2018-12-25"},
		{"03/04/2018", "2018-04-03"}, // the day first
		{"12/25/2018", "2018-12-25"}, // unless impossible
		{"29.02.2020", "2020-02-29"},
		{"1-1-99", "1999-01-01"},
		{"29/02/2019", ""},
		{"31/13/2019", ""},
		{"25 XYZ 2018", ""},
		{"soon", ""},
		{"", ""},
	})
}

func TestNumbersAreNormalised(t *testing.T) {
	normalises(t, Number, [][2]string{
		{"9.00", "9"},
		{"9", "9"},
		{"RM 1,234.50", "1234.5"},
		{"RM1,234", "1234"},
		{"$8.20", "8.2"},
		{"1.234,50", "1234.5"},
		{"1.234.567", "1234567"},
		{"12,5", "12.5"},
		{"1'000.00", "1000"},
		{"￥１２８．００元", "128"},
		{"-0.02", "-0.02"},
		{"RM -0.02", "-0.02"},
		{"(5.00)", "-5"},
		{"5.00-", "-5"},
		{"-0.00", "0"},
		{".50", "0.5"},
		{"1.5e3", "1500"},
		{"1e999999", ""},
		{"9 pcs at 3", ""},
		{"free", ""},
		{"$.50", "0.5"},
		{"Rs. 500", "500"},
		{"S$12.30", "12.3"},
		{"12 USD", "12"},
		{"A12", ""},
		{"12A", ""},
		{"", ""},
	})
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		a, b string
		want bool
	}{
		{Number, `9.00`, `"9"`, true},
		{Number, `9.00`, `"9.01"`, false},
		{Number, `"unknown"`, `"unknown"`, true},
		{Number, `"unknown"`, `null`, false},
		{Date, `"25/12/2018"`, `"2018-12-25"`, true},
		{Date, `"25/12/2018"`, `null`, false},
		{Text, `"No. 5, Road"`, `"NO 5 ROAD"`, true},
		{Text, `["a","b"]`, `["a", "b"]`, true},
		{Text, `"--"`, `"---"`, false}, // nothing to compare by but the spelling
		{"", `"a"`, `"A"`, true},
	} {
		if got := c.kind.Match(json.RawMessage(c.a), json.RawMessage(c.b)); got != c.want {
			t.Errorf("%s: %s against %s is %v, want %v", c.kind, c.a, c.b, got, c.want)
		}
	}
}

func TestNormaliseTwiceChangesNothing(t *testing.T) {
	values := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`(RM|\$|¥)? ?-?[0-9]{1,3}([,.][0-9]{1,3}){0,3}`),
		rapid.StringMatching(`[0-9]{1,4}[-/. ]([0-9]{1,2}|JAN|Mar)[-/. ][0-9]{1,4}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		s := values.Draw(t, "s")
		for _, k := range []Kind{Text, Date, Number} {
			once, ok := k.Normalise(s)
			if !ok {
				continue
			}
			if twice, ok := k.Normalise(once); twice != once || !ok {
				t.Fatalf("%s %q: once %q, twice %q", k, s, once, twice)
			}
		}
	})
}

func TestEveryDayReadsBackInEachSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := calendar("20"+rapid.StringMatching(`[0-5][0-9]`).Draw(t, "year"),
			rapid.StringMatching(`0[1-9]|1[0-2]`).Draw(t, "month"),
			rapid.StringMatching(`0[1-9]|1[0-9]|2[0-8]`).Draw(t, "day"))
		y, m, d := day[:4], day[5:7], day[8:]
		for _, s := range []string{
			d + "/" + m + "/" + y, d + "-" + m + "-" + y[2:], y + m + d,
			y + "年" + m + "月" + d + "日", d + "." + m + "." + y + ", 14:05",
		} {
			if got, _ := Date.Normalise(s); got != day {
				t.Fatalf("%q reads as %q, want %q", s, got, day)
			}
		}
	})
}

func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"RM 1,234.50", "25/12/2018", "上海", "1e308", "\xff", "0-0-0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, k := range []Kind{Text, Date, Number} {
			if form, ok := k.Normalise(s); ok && form == "" {
				t.Errorf("%s %q: read, but as nothing", k, s)
			}
		}
	})
}

func TestKindOfAnswers(t *testing.T) {
	for _, c := range []struct {
		answers []string
		want    Kind
	}{
		{[]string{"9.00", "RM 10"}, Number},
		{[]string{"25/12/2018", "2018-12-25"}, Date},
		{[]string{"20181225", "25/12/2018"}, Date},
		{[]string{"20181225", "7"}, Number},
		{[]string{"9.00", "Kopi Corner"}, Text},
		{nil, Text},
	} {
		if got := kindOf(c.answers); got != c.want {
			t.Errorf("%q: %s, want %s", c.answers, got, c.want)
		}
	}
}
