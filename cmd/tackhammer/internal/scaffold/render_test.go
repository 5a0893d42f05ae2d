package scaffold

import (
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
)

// A template that was made to fill a disk, or to run for ever, is told with its
// file and line, and soon.
func TestRenderIsBounded(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"a long loop":       {"one\n<% range 1000000000 %>x<% end %>", "tiny/a.txt.tmpl:2 does not come to an end"},
		"an empty loop":     {"<% range 1000000000000 %><% end %>", "tiny/a.txt.tmpl:1 does not come to an end"},
		"loops in loops":    {"<% range 100000 %><% range 100000 %><% end %><% end %>", "does not come to an end"},
		"a fat loop":        {"<% range 100000 %>" + strings.Repeat("x", 1000) + "<% end %>", "tiny/a.txt.tmpl:1 makes more than 10 MB"},
		"a call of itself":  {"<% define \"a\" %>\n<% template \"a\" %><% end %><% template \"a\" %>", "tiny/a.txt.tmpl"},
		"a tree of calls":   {`<% define "a" %><% if . %><% template "a" (slice . 1) %><% template "a" (slice . 1) %><% end %><% end %><% template "a" "0123456789012345678901234567890123456789" %>`, "does not come to an end"},
		"a wide printf":     {`<% printf "%1000000d" 1 %>`, "a number of three digits"},
		"a star in printf":  {`<% printf "%*d" 1000000 1 %>`, "or has a star"},
		"doubling":          {`<% $x := "xxxxxxxx" %><% range 100 %><% $x = print $x $x %><% end %>`, "calls a function with more than 1 MB"},
		"doubling printf":   {`<% $x := "xxxxxxxx" %><% range 100 %><% $x = printf "%s%s" $x $x %><% end %>`, "a format that makes more than 1 MB"},
		"doubling by quote": {`<% $x := "\"" %><% range 100 %><% $x = quote $x %><% end %>`, "calls a function with more than 1 MB"},
		"escapes":           {`<% $x := "&" %><% range 100 %><% $x = html $x $x %><% end %>`, "calls a function with more than 1 MB"},
		"much in between":   {`<% range 1000 %><% $x := printf "%s" "` + strings.Repeat("x", 100000) + `" %><% end %>`, "more than 64 MB"},
		"the step's name":   {`<% _step 1 %>`, "is not for a file to name"},
		"a huge file":       {strings.Repeat("x", 1<<20+1), "are the most for one that is filled in"},
		"deep":              {strings.Repeat("<%if 1%>", 100000) + strings.Repeat("<%end%>", 10), "tiny/a.txt.tmpl"},
		"deep parentheses":  {"<% print " + strings.Repeat("(", 200000) + " %>", "tiny/a.txt.tmpl"},
	} {
		_, err := (&renderer{}).render("tiny/a.txt.tmpl", []byte(c.text), view{})
		if kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %.300v, want %q", name, err, c.says)
		}
	}
}

// The limits hold for all files of an app together.
func TestRenderCountsAllFiles(t *testing.T) {
	r := &renderer{}
	text := []byte("<% range 9000 %>" + strings.Repeat("x", 1000) + "<% end %>")
	var err error
	n := 0
	for ; err == nil && n < 10; n++ {
		_, err = r.render("a.tmpl", text, view{})
	}
	if n != 8 || err == nil || !strings.Contains(err.Error(), "more than 64 MB") {
		t.Errorf("file %d: %v", n, err)
	}
}

// What files of templates are allowed is what they always were.
func TestRenderWithinTheLimits(t *testing.T) {
	for text, want := range map[string]string{
		`<% range 3 %>x<% if eq . 1 %><% continue %><% end %>y<% else %>none<% end %>`:                           "xyxxy",
		`<% range .Fields %>x<% else %>none<% end %>`:                                                            "none",
		`<% define "a" %>[<% . %>]<% end %><% template "a" 1 %><% with $x := 2 %><% template "a" $x %><% end %>`: "[1][2]",
		`<% printf "%-4s|%03d" "a" 7 %> <% quote "a\"b" %> <% html "<" %> <% print 1 2 %><% println "x" %>`:      "a   |007 \"a\\\"b\" &lt; 1 2x\n",
		"a\n<%- range 2 -%>\n b \n<%- end %>":                                                                    "abb",
	} {
		got, err := (&renderer{}).render("a.tmpl", []byte(text), view{})
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
}
