// Package verify proves from outside that nobody removed the person from an
// app: it reads the app's source, its kit, what .tackhammer remembers, and the
// graph of the built program.
//
//	report, err := verify.Run(ctx, verify.Config{Dir: "receipts-desk", Source: src})
//	if err != nil {
//		return err // it could not even begin
//	}
//	report.Proven() // no error among report.Findings, and everything was looked at
//
// Run looks for what goes round the types, the graph and the database, which
// keep the promise in the running app: deliveries and approvals made by hand, by
// reflection or by unsafe; statements against the kit's tables; code that acts
// as a person; a kit that is not the released one. It reads every Go file that a
// build can choose, also those that this system's build leaves out, and those of
// modules that go.mod takes from a folder. Tests are no part of the program and
// are not read, and neither are released modules that do not import the kit.
//
// It cannot see through what is put together while the program runs: a
// statement spelled from letters, or a program that the app starts. Such a
// statement still meets the triggers of the database. A Finding says where the
// proof ends rather than leaving it out.
package verify

import (
	"context"
	"path/filepath"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
)

// Config says what to verify and how.
type Config struct {
	Dir    string          // the app's folder; needed
	Source scaffold.Source // this release's kit and templates; needed

	// NoRun leaves out building the app and running its graph command. Such a
	// report is never proven.
	NoRun bool

	// AllowKitEdits makes warnings of the errors that an edited kit is
	// otherwise.
	AllowKitEdits bool

	// Say translates texts and formats of the report. Defaults to English.
	Say func(english string) string
}

// Report is what Run found.
type Report struct {
	App      string    `json:"app"`        // the app's module path
	Made     string    `json:"tackhammer"` // the version that made it, by its lock
	Kit      string    `json:"kit"`        // pristine, edited or unknown
	Proof    []string  `json:"proof"`      // what was shown, in sentences
	Ran      []string  `json:"ran"`        // the commands that ran code of the app
	Left     []string  `json:"left"`       // what was not looked at
	Graph    *Graph    `json:"graph,omitempty"`
	Findings []Finding `json:"findings"`
	OK       bool      `json:"proven"`
}

// Proven reports that everything was looked at and nothing speaks against it.
func (r *Report) Proven() bool { return r.Count(Error) == 0 && len(r.Left) == 0 }

// Count is how many findings are of a severity.
func (r *Report) Count(s Severity) (n int) {
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// session is one run over one app.
type session struct {
	Config
	root string // Dir, absolute and without links
	lock scaffold.Lock
	spec scaffold.Spec
	rep  *Report
	seen map[Finding]bool

	goFiles map[string][]string // names of Go files and of nested go.mod files, by folder
	units   []*unit             // what was read of the app's Go
	edited  map[string]bool     // files of the kit that are not the release's, below the app
}

// Run verifies the app in c.Dir. It fails with kit.NotFound where no app of
// tackhammer stands and with kit.Unavailable without a go command. What is wrong
// with the app, and what of it could not be read, is in the report.
func Run(ctx context.Context, c Config) (*Report, error) {
	root, err := realDir(c.Dir)
	if err != nil {
		return nil, err
	}
	s := &session{Config: c, root: root, seen: map[Finding]bool{}, edited: map[string]bool{},
		rep: &Report{Kit: "unknown", Proof: []string{}, Ran: []string{}, Left: []string{}, Findings: []Finding{}}}
	if s.lock, err = scaffold.ReadLock(root); err != nil {
		return nil, err
	}
	if err := needGo(); err != nil {
		return nil, err
	}
	s.rep.Made = s.lock.Tackhammer
	if err := s.verify(ctx); err != nil {
		return nil, err
	}
	sortFindings(s.rep.Findings)
	s.rep.OK = s.rep.Proven()
	return s.rep, nil
}

// verify runs each part. Later parts know what earlier ones found.
func (s *session) verify(ctx context.Context) error {
	for _, part := range []func(context.Context) error{s.checkKit, s.checkModule, s.checkFiles, s.checkSource, s.checkGraph} {
		if err := part(ctx); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return kit.Errorf(kit.Unavailable, "verify %s: interrupted", s.Dir)
		}
	}
	return nil
}

// proof adds a sentence on what was shown.
func (s *session) proof(format string, args ...any) {
	s.rep.Proof = append(s.rep.Proof, s.sentence(format, args...))
}

// left adds a sentence on what was not looked at.
func (s *session) left(format string, args ...any) {
	s.rep.Left = append(s.rep.Left, s.sentence(format, args...))
}

// realDir is a folder without links on the way to it.
func realDir(dir string) (string, error) {
	root, err := filepath.Abs(dir)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return "", kit.Errorf(kit.NotFound, "verify %s: %w", dir, err).WithHint("name the folder of an app, or run it there")
	}
	return root, nil
}
