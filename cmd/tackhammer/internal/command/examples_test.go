package command

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
)

// next is what a shell is told of the last of words.
func next(t *testing.T, words ...string) (found []string) {
	t.Helper()
	var out, errs bytes.Buffer
	args := slices.Concat([]string{"tackhammer"}, words, []string{"--generate-bash-completion"})
	if code := Run(context.Background(), args, &out, &errs); code != 0 {
		t.Fatalf("%q: exit %d, %s", args, code, &errs)
	}
	for l := range strings.Lines(out.String()) {
		word, _, _ := strings.Cut(strings.TrimSpace(l), "\t")
		found = append(found, word)
	}
	return found
}

// commands are the full names of all commands.
func commands(t *testing.T, above ...string) (all []string) {
	t.Helper()
	for _, name := range next(t, append(slices.Clone(above), "")...) {
		full := append(slices.Clone(above), name)
		help := helpOf(t, full)
		all = append(all, strings.Join(full, " "))
		if strings.Contains(help, "\nCOMMANDS:") {
			all = append(all, commands(t, full...)...)
		}
	}
	return all
}

func helpOf(t *testing.T, name []string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := Run(context.Background(), slices.Concat([]string{"tackhammer"}, name, []string{"--help"}), &out, &errs); code != 0 {
		t.Fatalf("%q --help: exit %d, %s", name, code, &errs)
	}
	return out.String()
}

// The help of each command ends with examples, and an example names a command
// and flags that there are.
func TestHelpOfEachCommandEndsWithExamples(t *testing.T) {
	all := commands(t)
	var groups []string // commands with others below them
	for _, name := range all {
		if above, _, ok := cutLast(name); ok && name != "nail check" {
			groups = append(groups, above)
		}
	}
	if len(all) < 15 {
		t.Fatalf("few commands: %q", all)
	}
	for _, name := range all {
		_, shown, ok := strings.Cut(helpOf(t, strings.Fields(name)), "\nEXAMPLES:\n")
		if !ok || len(allExamples()[name]) == 0 {
			t.Errorf("%s has no examples", name)
		}
		for _, e := range allExamples()[name] {
			if len(e) > 76 || !strings.Contains(shown, "   "+e+"\n") {
				t.Errorf("%s: the example is too long, or is not shown: %s", name, e)
			}
			_, line, ok := strings.Cut(" "+e, " tackhammer "+name)
			if !ok && !strings.Contains(e, "(tackhammer "+name) {
				t.Errorf("%s: an example of another command: %s", name, e)
			}
			if !slices.Contains(groups, name) { // whose examples are of those below
				knownFlags(t, name, line)
			}
		}
	}
	for name := range examples {
		if !slices.Contains(all, name) {
			t.Errorf("examples of %q, which is no command", name)
		}
	}
}

func cutLast(name string) (above, last string, ok bool) {
	at := strings.LastIndex(name, " ")
	if at < 0 {
		return "", name, false
	}
	return name[:at], name[at+1:], true
}

func knownFlags(t *testing.T, name, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " | ")
	known := next(t, append(strings.Fields(name), "-")...)
	for _, word := range strings.Fields(line) {
		flag, _, _ := strings.Cut(word, "=")
		if strings.HasPrefix(flag, "--") && !slices.Contains(known, flag) {
			t.Errorf("%s: an example has %s, which is no flag of it", name, flag)
		}
	}
}

func TestReleasesAreMarkedByTheirTag(t *testing.T) {
	for v, want := range map[string]bool{
		"v1.2.3": true, "v1.2.3-rc.1": true, "(devel)": false, "": false,
		"v0.0.0-20261129230110-ae26217abcde": false, "v1.2.3+dirty": false,
	} {
		if tagged(v) != want {
			t.Errorf("%q: %v", v, !want)
		}
	}
	version = "v9.8.7"
	defer func() { version = "" }()
	if release() != "9.8.7" {
		t.Errorf("the linker's version is %q", release())
	}
}
