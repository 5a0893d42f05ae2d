package api

import "testing"

func TestANameThatStandsTwiceIsFound(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}`:  "",
		`{"verdict":"reject","verdict":"approve"}`:   "verdict",
		`{"a":{"b":"b","c":[],"b":1}}`:               "b",
		`[{"a":{}},{"a":[[1]],"x":"a","a":null}]`:    "a",
		`{"a":"a","\u0061":1}`:                       "a",
		`{"a":[{"b":1}],"b":"a","c":{},"d":"c"}`:     "",
		`"text"`:                                     "",
		`{"a":1,`:                                    "",
		`{"fields":{"total":1,"date":"","total":2}}`: "total",
	} {
		if got := twice([]byte(body)); got != want {
			t.Errorf("%s: %q stands twice, want %q", body, got, want)
		}
	}
}
