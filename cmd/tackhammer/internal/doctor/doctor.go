// Package doctor tells whether this machine can make, build and run an app:
// each check says what is there, or what is wrong and the one command that
// mends it.
//
// Examine runs all checks at once, each within a limit of time, and changes
// nothing: a file that it writes to see whether a folder takes one is removed.
//
//	found := doctor.Examine(ctx, doctor.Config{Needs: doctor.Needs{Model: "ollama:qwen3:4b"}})
//	if !doctor.CanRun(found) {
//		// some finding is Wrong
//	}
package doctor

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"
)

// Level is how a check ended.
type Level string

// The levels. What is Wrong keeps the app from being built or run as asked;
// what is Warn is worth a look.
const (
	OK    Level = "ok"
	Warn  Level = "warn"
	Wrong Level = "wrong"
)

// Finding is what one check found.
type Finding struct {
	Name  string `json:"name"`           // of the check: go, git, modules, …
	Level Level  `json:"level"`          // ok, warn or wrong
	Says  string `json:"says"`           // what is there, or what is wrong
	Mend  string `json:"mend,omitempty"` // the one command that mends it on this system

	format string // that Says was made of, with args; "" where it is whole
	args   []any
}

// Needs are what an app asks of a machine. The zero value asks for Go, a folder
// and a disk.
type Needs struct {
	Model    string   // who drafts: baseline, learned, ollama:NAME or openai:NAME. Defaults to baseline
	DB       string   // sqlite or postgres. Defaults to sqlite
	Lang     string   // en or zh: which pictures tesseract is to read. Defaults to en
	Go       string   // the least version, "1.26.0" as go.mod has it. Defaults to any
	Sum      []byte   // the app's go.sum: the modules that its build takes. Defaults to none
	Programs []string // that it cannot do without: ffmpeg, tesseract
	Slots    int      // answers that the model makes at a time. Defaults to 4
}

// Config says what to examine.
type Config struct {
	Needs  Needs
	Dir    string              // the app's folder, or the one that it is to be made in. Defaults to the present one
	Addr   string              // where the app is to serve. Defaults to 127.0.0.1:8080
	Limit  time.Duration       // for each check. Defaults to 2 s
	Getenv func(string) string // Defaults to os.Getenv
	System string              // as in runtime.GOOS, which it defaults to
	Root   string              // of the folders proc and sys. Defaults to /

	Say func(english string) string // translates texts and formats. Defaults to English
}

func (c Config) filled() Config {
	or := func(v *string, def string) {
		if *v == "" {
			*v = def
		}
	}
	or(&c.Needs.Model, "baseline")
	or(&c.Needs.DB, "sqlite")
	or(&c.Needs.Lang, "en")
	or(&c.Dir, ".")
	or(&c.Addr, "127.0.0.1:8080")
	or(&c.System, runtime.GOOS)
	or(&c.Root, "/")
	if c.Needs.Slots <= 0 {
		c.Needs.Slots = 4
	}
	if c.Limit <= 0 {
		c.Limit = 2 * time.Second
	}
	if c.Getenv == nil {
		c.Getenv = os.Getenv
	}
	if c.Say == nil {
		c.Say = func(english string) string { return english }
	}
	return c
}

// check is one row of the table: a name, and how to find out.
type check struct {
	name string
	look func(context.Context, *machine) Finding
}

// checks are all of them, in the order in which they are told.
var checks = []check{
	{"go", golang},
	{"git", git},
	{"modules", modules},
	{"folder", folder},
	{"paths", paths},
	{"disk", disk},
	{"ollama", server},
	{"model", drafter},
	{"gpu", gpu},
	{"tesseract", tesseract},
	{"ffmpeg", ffmpeg},
	{"browser", browser},
	{"ports", ports},
	{"postgresql", postgres},
	{"docker", docker},
	{"clock", clock},
}

// Examine runs every check at once, and returns what they found in the order of
// the table. It takes hardly longer than the limit of one, also where a check
// hangs.
func Examine(ctx context.Context, c Config) []Finding {
	m := newMachine(c.filled())
	results := make([]chan Finding, len(checks))
	for i, one := range checks {
		results[i] = make(chan Finding, 1) // nobody may be there to take it
		go func() {
			ctx, cancel := context.WithTimeout(ctx, m.Limit)
			defer cancel()
			results[i] <- one.look(ctx, m)
		}()
	}
	late := time.NewTimer(m.Limit + m.Limit/4)
	defer late.Stop()
	found := make([]Finding, len(checks))
	over := false
	for i, one := range checks {
		found[i] = within(results[i], late.C, &over, m.Limit)
		found[i] = found[i].in(m.Say)
		found[i].Name = one.name
	}
	return found
}

// within waits for a check until it is late for all of them.
func within(result <-chan Finding, late <-chan time.Time, over *bool, limit time.Duration) Finding {
	if !*over {
		select {
		case f := <-result:
			return f
		case <-late:
			*over = true
		}
	}
	select {
	case f := <-result:
		return f
	default:
		return slow(limit)
	}
}

// slow is what is said of a check that did not end in time: nothing is known.
func slow(limit time.Duration) Finding {
	return warn(fmt.Sprintf("tackhammer doctor --limit %v", 10*limit), "no answer within %v: not known", limit)
}

// CanRun reports whether nothing is Wrong.
func CanRun(found []Finding) bool {
	return !slices.ContainsFunc(found, func(f Finding) bool { return f.Level == Wrong })
}

// in says the finding in the language of say.
func (f Finding) in(say func(string) string) Finding {
	if f.format != "" {
		f.Says = fmt.Sprintf(say(f.format), f.args...)
	}
	f.format, f.args = "", nil
	return f
}

func good(format string, args ...any) Finding {
	return Finding{Level: OK, Says: fmt.Sprintf(format, args...), format: format, args: args}
}

func warn(mend, format string, args ...any) Finding {
	return Finding{Level: Warn, Says: fmt.Sprintf(format, args...), Mend: mend, format: format, args: args}
}

func wrong(mend, format string, args ...any) Finding {
	return Finding{Level: Wrong, Says: fmt.Sprintf(format, args...), Mend: mend, format: format, args: args}
}

// unless is wrong where the app cannot do without, and a warning otherwise.
func unless(needed bool, mend, format string, args ...any) Finding {
	if needed {
		return wrong(mend, format, args...)
	}
	return warn(mend, format, args...)
}
