package audit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var noon = time.Date(2026, 11, 24, 12, 0, 0, 123456789, time.FixedZone("CST", 8*3600))

func TestAppendChains(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if h, err := audit.HeadOf(t.Context(), db.Read()); err != nil || h != (audit.Head{}) {
			t.Fatalf("head of an empty chain: %v, %v", h, err)
		}
		first, second := add(t, db, "a", `{"n": 1.50,  "<k>":"é\u0000"}`), add(t, db, "a", `[]`)
		add(t, db, "b", `null`)
		if first.Seq != 1 || first.Prev != "" || second.Seq != 2 || second.Prev != first.Hash || second.Hash != second.Sum() {
			t.Errorf("the events do not chain: %+v, %+v", first, second)
		}
		events, err := audit.Events(t.Context(), db.Read(), "a")
		if err != nil || len(events) != 2 {
			t.Fatalf("%d events of the case, %v", len(events), err)
		}
		if got := string(events[0].Data); got != `{"n": 1.50,  "<k>":"é\u0000"}` {
			t.Errorf("the data came back as %s", got)
		}
		if !events[0].At.Equal(noon.Truncate(time.Microsecond)) || events[0].Hash != first.Hash {
			t.Errorf("read back %+v, wrote %+v", events[0], first)
		}
		whole(t, db, 3)
	})
}

// The hash was computed by another program, from the words of Sum alone: whoever
// keeps a trail of an older version must still be able to check it.
func TestTheHashOfAnEventStays(t *testing.T) {
	e := audit.Event{Seq: 7, At: time.UnixMicro(1764000000123456), Actor: "u1", Kind: "review.decided", CaseID: "c1",
		Data: json.RawMessage(`{"a":1}`), Prev: "aa"}
	if got := e.Sum(); got != "d27d8f23d701b629765ba77424ee694d45ff4608620b38cdcc262ce4cf1be315" {
		t.Errorf("%s", got)
	}
}

func TestAppendRefusesWhatItCouldNotGiveBack(t *testing.T) {
	db := storetest.SQLite(t)
	good := audit.Event{At: noon, Actor: "u", Kind: "k", Data: json.RawMessage("{}")}
	for name, spoil := range map[string]func(*audit.Event){
		"no JSON":     func(e *audit.Event) { e.Data = json.RawMessage("{") },
		"no data":     func(e *audit.Event) { e.Data = nil },
		"no kind":     func(e *audit.Event) { e.Kind = "" },
		"no actor":    func(e *audit.Event) { e.Actor = "" },
		"no time":     func(e *audit.Event) { e.At = time.Time{} },
		"not UTF-8":   func(e *audit.Event) { e.Data = json.RawMessage("\"\xff\"") },
		"a zero byte": func(e *audit.Event) { e.CaseID = "a\x00b" },
	} {
		e := good
		spoil(&e)
		if _, err := tryAdd(t, db, e); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole(t, db, 0)
}

func TestAppendFromManyAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := range 10 {
					if _, err := tryAdd(t, db, event(fmt.Sprint(w), fmt.Sprint(i))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		// A chain that grows is whole at every moment.
		for range 5 {
			r, err := audit.Verify(t.Context(), db.Read())
			if err != nil || !r.OK() {
				t.Errorf("while it grows: %+v, %v", r, err)
			}
		}
		wg.Wait()
		whole(t, db, 80)
	})
}

// Every column of every row that someone edits in the database is noticed.
func TestVerifyNamesWhatWasDone(t *testing.T) {
	tampers := []struct {
		name, query string
		seq         int64
		what        string
	}{
		{"time", "UPDATE audit_events SET at = at + 1 WHERE seq = 3", 3, "altered"},
		{"actor", "UPDATE audit_events SET actor = 'eve' WHERE seq = 3", 3, "altered"},
		{"kind", "UPDATE audit_events SET kind = 'x' WHERE seq = 1", 1, "altered"},
		{"case", "UPDATE audit_events SET case_id = 'x' WHERE seq = 5", 5, "altered"},
		{"data", "UPDATE audit_events SET data = '{ }' WHERE seq = 2", 2, "altered"},
		{"prev", "UPDATE audit_events SET prev = 'x' WHERE seq = 2", 2, "does not follow"},
		{"hash", "UPDATE audit_events SET hash = 'x' WHERE seq = 3", 3, "altered"},
		{"removed", "DELETE FROM audit_events WHERE seq = 3", 3, "missing"},
		{"removed many", "DELETE FROM audit_events WHERE seq IN (2, 3)", 2, "up to 3 are missing"},
		{"first removed", "DELETE FROM audit_events WHERE seq = 1", 1, "missing"},
		{"last removed", "DELETE FROM audit_events WHERE seq = 5", 5, "missing"},
		{"all removed", "DELETE FROM audit_events", 5, "missing"},
		{"renumbered", "UPDATE audit_events SET seq = 9 WHERE seq = 5", 5, "missing"},
		{"head moved", "UPDATE audit_head SET hash = 'x'", 5, "head"},
		{"head back", "UPDATE audit_head SET seq = 4", 5, "head"},
		{"head gone", "DELETE FROM audit_head", 5, "gone"},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for i := range 5 {
			add(t, db, "c", fmt.Sprint(i))
		}
		for _, tamper := range tampers {
			r := tampered(t, db, tamper.query)
			if r.OK() || r.Problems[0].Seq != tamper.seq || !strings.Contains(r.Problems[0].What, tamper.what) {
				t.Errorf("%s: found %+v, want %q at %d first", tamper.name, r.Problems, tamper.what, tamper.seq)
			}
		}
		whole(t, db, 5)
	})
}

func TestVerifyFindsSwappedEvents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for i := range 4 {
			add(t, db, "c", fmt.Sprint(i))
		}
		r := tampered(t, db, "UPDATE audit_events SET seq = 99 WHERE seq = 2",
			"UPDATE audit_events SET seq = 2 WHERE seq = 3", "UPDATE audit_events SET seq = 3 WHERE seq = 99")
		if r.OK() || r.Problems[0].Seq != 2 {
			t.Errorf("swapped events 2 and 3: %+v", r.Problems)
		}
	})
}

// A forger who recomputes the altered row's own hash breaks the next link.
func TestVerifyFindsARecomputedHash(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		add(t, db, "c", "1")
		forged := add(t, db, "c", "2")
		add(t, db, "c", "3")
		forged.Data = json.RawMessage("42")
		r := tampered(t, db, fmt.Sprintf("UPDATE audit_events SET data = '42', hash = '%s' WHERE seq = 2", forged.Sum()))
		if r.OK() || r.Problems[0].Seq != 3 || !strings.Contains(r.Problems[0].What, "follow event 2") {
			t.Errorf("a recomputed hash: %+v", r.Problems)
		}
	})
}

// A long chain is read in pages, and a wreck is told in a few lines.
func TestVerifyInPages(t *testing.T) {
	db := storetest.SQLite(t)
	if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		for range 2500 {
			if _, err := audit.Append(ctx, tx, event("c", "1")); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	whole(t, db, 2500)
	if r := tampered(t, db, "UPDATE audit_events SET actor = 'eve'"); len(r.Problems) != 20 || r.Events != 2500 {
		t.Errorf("%d problems told of %d events", len(r.Problems), r.Events)
	}
}

// tampered does as one with the database's own rights could, looks, and takes
// it back.
func tampered(t *testing.T, db *store.DB, queries ...string) audit.Result {
	t.Helper()
	return tamperedAgainst(t, db, audit.Against{}, queries...)
}

func tamperedAgainst(t *testing.T, db *store.DB, a audit.Against, queries ...string) audit.Result {
	t.Helper()
	tx, err := bun.NewDB(db.SQL(), db.Read().Dialect()).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	tamper(t, db, tx, queries...)
	r, err := a.Verify(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tamper takes the guards away first.
func tamper(t *testing.T, db *store.DB, tx bun.Tx, queries ...string) {
	t.Helper()
	disarm := []string{"DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete",
		"DROP TRIGGER checkpoints_no_update", "DROP TRIGGER checkpoints_no_delete", "DROP TRIGGER archives_no_update"}
	if db.Engine() == store.Postgres {
		disarm = nil
		for _, table := range []string{"audit_events", "checkpoints", "archives"} {
			disarm = append(disarm, "ALTER TABLE "+table+" DISABLE TRIGGER ALL")
		}
	}
	for _, q := range append(disarm, queries...) {
		if _, err := tx.NewRaw(q).Exec(t.Context()); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func whole(t *testing.T, db *store.DB, events int64) {
	t.Helper()
	r, err := audit.Verify(t.Context(), db.Read())
	if err != nil || !r.OK() || r.Events != events || r.Head.Seq != events {
		t.Errorf("verify: %+v, %v; want %d good events", r, err, events)
	}
}

func event(caseID, data string) audit.Event {
	return audit.Event{At: noon, Actor: "u1", Kind: "case.made", CaseID: caseID, Data: json.RawMessage(data)}
}

func add(t *testing.T, db *store.DB, caseID, data string) audit.Event {
	t.Helper()
	e, err := tryAdd(t, db, event(caseID, data))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func tryAdd(t *testing.T, db *store.DB, e audit.Event) (out audit.Event, err error) {
	err = db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) (err error) {
		ctx, err = audit.Hold(ctx, tx)
		if err != nil {
			return err
		}
		out, err = audit.Append(ctx, tx, e)
		return err
	})
	return out, err
}
