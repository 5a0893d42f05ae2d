package eval

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func TestNormalise(t *testing.T) {
	for _, c := range []struct {
		kind     Kind
		in, want string // want "" for what is not of the kind
	}{
		{Text, "BOOK TA .K (TAMAN DAYA) SDN BHD", "booktaktamandayasdnbhd"},
		{Text, "上海　好味道（静安店）", "上海好味道静安店"},
		{Text, "ＡＢＣ－１２", "abc12"},
		{Text, "Σίσυφος", "σίσυφοσ"},
		{Text, "cafe\u0301", "café"},
		{Text, " -- ", ""},

		{Date, "25/12/2018", "2018-12-25"},
		{Date, "25-12-18", "2018-12-25"},
		{Date, "2018-12-25", "2018-12-25"},
		{Date, "2018/3/9", "2018-03-09"},
		{Date, "25 DEC 2018", "2018-12-25"},
		{Date, "25-Dec-18", "2018-12-25"},
		{Date, "1st September 2019", "2019-09-01"},
		{Date, "MAR 9, 2018", "2018-03-09"},
		{Date, "20180326", "2018-03-26"},
		{Date, "26032018", "2018-03-26"},
		{Date, "20122018", "2018-12-20"}, // 2012 has no month 20
		{Date, "2018年12月25日", "2018-12-25"},
		{Date, "２０１８年３月９日 20:13", "2018-03-09"},
		{Date, "25/12/2018 8:13:39 PM", "2018-12-25"},
		{Date, "2018-12-25T20:13:39Z", "2018-12-25"},
		{Date, "03/04/2018", "2018-04-03"}, // the day first
		{Date, "12/25/2018", "2018-12-25"}, // unless impossible
		{Date, "29.02.2020", "2020-02-29"},
		{Date, "1-1-99", "1999-01-01"},
		{Date, "29/02/2019", ""},
		{Date, "31/13/2019", ""},
		{Date, "25 XYZ 2018", ""},
		{Date, "soon", ""},
		{Date, "", ""},

		{Number, "9.00", "9"},
		{Number, "9", "9"},
		{Number, "RM 1,234.50", "1234.5"},
		{Number, "RM1,234", "1234"},
		{Number, "$8.20", "8.2"},
		{Number, "1.234,50", "1234.5"},
		{Number, "1.234.567", "1234567"},
		{Number, "12,5", "12.5"},
		{Number, "1'000.00", "1000"},
		{Number, "￥１２８．００元", "128"},
		{Number, "-0.02", "-0.02"},
		{Number, "RM -0.02", "-0.02"},
		{Number, "(5.00)", "-5"},
		{Number, "5.00-", "-5"},
		{Number, "-0.00", "0"},
		{Number, ".50", "0.5"},
		{Number, "1.5e3", "1500"},
		{Number, "1e999999", ""},
		{Number, "9 pcs at 3", ""},
		{Number, "free", ""},
		{Number, "$.50", "0.5"},
		{Number, "Rs. 500", "500"},
		{Number, "S$12.30", "12.3"},
		{Number, "12 USD", "12"},
		{Number, "A12", ""},
		{Number, "12A", ""},
		{Number, "", ""},
	} {
		got, ok := c.kind.Normalise(c.in)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s %q: %q, %v, want %q", c.kind, c.in, got, ok, c.want)
		}
	}
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
