package scaffold

import "testing"

func TestClosest(t *testing.T) {
	known := []string{"new", "templates", "demo", "version"}
	for got, want := range map[string]string{
		"nwe":       "new",
		"ne":        "new",
		"template":  "templates",
		"tepmlates": "templates",
		"vresion":   "version",
		"serve":     "",
		"":          "",
		"新":         "",
	} {
		if near := Closest(got, known); near != want {
			t.Errorf("Closest(%q) = %q, want %q", got, near, want)
		}
	}
}
