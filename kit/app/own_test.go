package app_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/intake"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// ownWrong names what is wrong with the own desk's importer or target.
const ownWrong = "OWN_WRONG"

// ownDesk is the desk of a team that reads letters and keeps a ledger by
// functions of its own. ledger.jsonl of the working folder holds what the
// target got.
func ownDesk() app.Config {
	c := desk()
	c.Name = "own-desk"
	c.Importers = []intake.Importer{{Name: "mail", Endings: []string{".eml"}, Read: readMail}}
	c.Targets = []export.Own{{Name: "ledger", Send: keepLedger}}
	switch os.Getenv(ownWrong) {
	case "importer":
		c.Importers[0].Endings = []string{".eml", ".pdf"}
	case "target":
		c.Targets[0].Name = "folder"
	}
	return c
}

// readMail takes what stands behind the blank line.
func readMail(_ context.Context, _ string, data []byte) (kit.Document, error) {
	head, text, ok := strings.Cut(string(data), "\n\n")
	switch {
	case strings.TrimSpace(head) == "boom":
		panic("no such header")
	case !ok:
		return kit.Document{}, kit.Errorf(kit.Invalid, "it has no blank line behind the header").WithHint("save it again as .eml")
	}
	return kit.Document{Text: text}, nil
}

// keepLedger adds a line for each delivery.
func keepLedger(_ context.Context, out workflow.Outgoing) error {
	f, err := os.OpenFile("ledger.jsonl", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	return json.NewEncoder(f).Encode(out)
}

// openOwn opens the own desk on a new SQLite database, with a case of one
// letter.
func openOwn(t *testing.T, send func(context.Context, workflow.Outgoing) error) (*app.Service, string) {
	t.Helper()
	c := ownDesk()
	c.Out, c.Err = t.Output(), t.Output()
	c.Targets[0].Send = send
	data := t.TempDir()
	s, err := c.Open(t.Context(), app.Options{Data: data, DB: filepath.Join(data, "app.db"), Model: "baseline"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	by, err := s.Accounts.Service(t.Context(), "import")
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.Runner.Import(t.Context(), by, "a.eml", strings.NewReader("From: Tan\n\nFirst note\nof two"), "", true)
	if err != nil {
		t.Fatal(err)
	}
	return s, done.ID
}

// caseOf is a case with its delivery, as a person sees it.
func caseOf(t *testing.T, s *app.Service, id string) *workflow.Case {
	t.Helper()
	by, err := s.Accounts.ByEmail(t.Context(), "mei@example.com")
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Runner.Case(t.Context(), by, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestADeliveryGoesToTheTeamsOwnTargetOnceDecided(t *testing.T) {
	var got []workflow.Outgoing
	s, id := openOwn(t, func(_ context.Context, out workflow.Outgoing) error { got = append(got, out); return nil })
	if err := approveAll(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	c := caseOf(t, s, id)
	if c.State != kit.Delivered || len(c.Delivery.Sends) != 2 || c.Delivery.Sends[1].Target != "ledger" || c.Delivery.Sends[1].DoneAt == nil {
		t.Errorf("%s: %+v", c.State, c.Delivery)
	}
	if len(got) != 1 || got[0].CaseID != id || got[0].Receipt.Decision.Verdict != kit.Approve || !strings.Contains(string(got[0].Output), "First note") {
		t.Errorf("%+v", got)
	}
}

func TestAnOwnTargetIsTriedAgainUnlessItSaysThatItCannotHelp(t *testing.T) {
	var tries atomic.Int32
	s, id := openOwn(t, func(context.Context, workflow.Outgoing) error {
		if tries.Add(1) < 2 {
			panic("the ledger is locked")
		}
		return nil
	})
	if err := approveAll(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if c := caseOf(t, s, id); c.State != kit.Delivered || tries.Load() != 2 {
		t.Errorf("%s after %d tries", c.State, tries.Load())
	}

	tries.Store(0)
	s, id = openOwn(t, func(context.Context, workflow.Outgoing) error {
		tries.Add(1)
		return kit.Errorf(kit.Invalid, "no such account")
	})
	if err := approveAll(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	c := caseOf(t, s, id)
	if c.State != kit.Failed || tries.Load() != 1 || !strings.Contains(c.Error.Message, "no such account") {
		t.Errorf("%s after %d tries: %+v", c.State, tries.Load(), c.Error)
	}
	if done := c.Delivery.Sends[0]; done.Target != export.FolderTarget || done.DoneAt == nil {
		t.Errorf("the folder waited for the ledger: %+v", done)
	}
}
