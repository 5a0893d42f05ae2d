package audit_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// signedTrail is a trail of twelve events: the key, three of cases, a
// checkpoint at event 4 that event 5 tells of, five of cases, and a checkpoint
// at event 10 that event 11 tells of, and one more.
type signedTrail struct {
	t      *testing.T
	db     *store.DB
	signer *audit.Signer
}

func newTrail(t *testing.T, db *store.DB) *signedTrail {
	t.Helper()
	s := &signedTrail{t, db, newSigner(t)}
	s.write(func(ctx context.Context, tx bun.Tx) error {
		return audit.AddKey(ctx, tx, noon, "system", s.signer.PublicKey())
	})
	for i := range 3 {
		add(t, db, "a", fmt.Sprint(i))
	}
	s.checkpoint(noon)
	for i := range 5 {
		add(t, db, "b", fmt.Sprint(i))
	}
	s.checkpoint(noon.Add(time.Hour))
	add(t, db, "c", `{"a":  "<two spaces>"}`)
	return s
}

func (s *signedTrail) write(f func(ctx context.Context, tx bun.Tx) error) {
	s.t.Helper()
	if err := s.db.Write(s.t.Context(), f); err != nil {
		s.t.Fatal(err)
	}
}

func (s *signedTrail) checkpoint(at time.Time) (c audit.Checkpoint) {
	s.t.Helper()
	s.write(func(ctx context.Context, tx bun.Tx) (err error) {
		c, err = audit.MakeCheckpoint(ctx, tx, s.signer, "notes", at)
		return err
	})
	return c
}

func (s *signedTrail) export(x audit.Extract) string {
	s.t.Helper()
	var out bytes.Buffer
	x.Workflow = "notes"
	if _, err := audit.Export(s.t.Context(), s.db.Read(), &out, x); err != nil {
		s.t.Fatal(err)
	}
	return out.String()
}

// archive takes the events up to the last checkpoint before an event out.
func (s *signedTrail) archive(before int64) (file string) {
	s.t.Helper()
	c, err := audit.LastCheckpoint(s.t.Context(), s.db.Read(), noon.Add(24*time.Hour), before)
	if err != nil {
		s.t.Fatal(err)
	}
	file = s.export(audit.Extract{To: c.Seq})
	sum := sha256.Sum256([]byte(file))
	s.write(func(ctx context.Context, tx bun.Tx) error {
		_, err := audit.TakeOut(ctx, tx, s.signer, c, hex.EncodeToString(sum[:]), noon.Add(48*time.Hour))
		return err
	})
	return file
}

func (s *signedTrail) verify(a audit.Against) audit.Result {
	s.t.Helper()
	r, err := a.Verify(s.t.Context(), s.db.Read())
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func TestCheckpointsAreMadeOnceAndTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTrail(t, db)
		r := s.verify(audit.Against{})
		if !r.OK() || r.Events != 12 || r.Checkpoints != 2 || len(r.Keys) != 1 {
			t.Errorf("verify: %+v", r)
		}
		if c := s.checkpoint(noon.Add(2 * time.Hour)); c.Seq != 12 {
			t.Errorf("a third checkpoint: %+v", c)
		}
		if c := s.checkpoint(noon.Add(3 * time.Hour)); c.Seq != 0 {
			t.Errorf("a checkpoint of nothing new: %+v", c)
		}
	})
}

func TestACheckpointIsDueByNumberAndByTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTrail(t, db)
		due := func(want bool, at time.Time) {
			t.Helper()
			if got, err := audit.CheckpointDue(t.Context(), db.Read(), at); err != nil || got != want {
				t.Errorf("due at %s: %v, %v", at, got, err)
			}
		}
		due(false, noon.Add(time.Hour-time.Second))
		due(true, noon.Add(time.Hour))
		s.checkpoint(noon)
		due(false, noon.Add(100*time.Hour))
		s.write(func(ctx context.Context, tx bun.Tx) (err error) {
			for range audit.CheckpointEvents {
				if _, err := audit.Append(ctx, tx, event("", "1")); err != nil {
					return err
				}
			}
			return nil
		})
		due(true, noon)
	})
}

// Each thing that somebody with the database's own rights does to a row is
// told, with the row's name.
func TestVerifyNamesEachRow(t *testing.T) {
	const copied = "INSERT INTO audit_events SELECT %s, at, actor, kind, case_id, data, prev, 'x' || hash FROM audit_events WHERE seq = 6"
	tampers := []struct{ name, query, want string }{
		{"time", "UPDATE audit_events SET at = at + 1 WHERE seq = 3", "event 3: it (case.made) was altered"},
		{"first", "DELETE FROM audit_events WHERE seq = 1", "event 1: it is missing"},
		{"middle", "DELETE FROM audit_events WHERE seq = 7", "event 7: it is missing"},
		{"last", "DELETE FROM audit_events WHERE seq = 12", "event 12: it and the events after 11 are missing"},
		{"last, with its head", "DELETE FROM audit_events WHERE seq = 12; UPDATE audit_head SET seq = 11, hash = 'x'", "event 11: the head names it with another hash"},
		{"swapped", "UPDATE audit_events SET seq = 99 WHERE seq = 6; UPDATE audit_events SET seq = 6 WHERE seq = 8; UPDATE audit_events SET seq = 8 WHERE seq = 99",
			"event 6: it is out of order: it was written as event 8"},
		{"inserted at the end", fmt.Sprintf(copied, "13"), "event 13: it stands after the head, event 12: it was inserted"},
		{"inserted before all", fmt.Sprintf(copied, "0"), "event 0: it was inserted"},
		{"inserted, the others moved", "UPDATE audit_events SET seq = seq + 100 WHERE seq > 5; UPDATE audit_events SET seq = seq - 99 WHERE seq > 100; " + fmt.Sprintf(copied[:len(copied)-1]+"7", "6"),
			"event 6: it was inserted"},
		{"removed, the others moved", "DELETE FROM audit_events WHERE seq = 7; UPDATE audit_events SET seq = seq + 100 WHERE seq > 7; UPDATE audit_events SET seq = seq - 101 WHERE seq > 100",
			"event 7: it is out of order: it was written as event 8"},
		{"head", "UPDATE audit_head SET hash = 'x'", "event 12: the head names it with another hash"},
		{"cut back", "DELETE FROM audit_events WHERE seq > 8; UPDATE audit_head SET seq = 8, hash = (SELECT hash FROM audit_events WHERE seq = 8)",
			"checkpoint 10: it signs an event that is not there"},
		{"checkpoint's hash", "UPDATE checkpoints SET hash = 'x' WHERE seq = 4", "checkpoint 4: the signature does not match"},
		{"checkpoint's time", "UPDATE checkpoints SET at = at + 1 WHERE seq = 10", "checkpoint 10: the signature does not match"},
		{"checkpoint's workflow", "UPDATE checkpoints SET workflow = 'x' WHERE seq = 10", "checkpoint 10: the signature does not match"},
		{"checkpoint's number", "UPDATE checkpoints SET seq = 5 WHERE seq = 4", "checkpoint 5: the signature does not match"},
		{"checkpoint's key", "UPDATE checkpoints SET key_id = 'x' WHERE seq = 4", "checkpoint 4: its key is no Ed25519 key"},
		{"first checkpoint gone", "DELETE FROM checkpoints WHERE seq = 4", "checkpoint 4: it is missing"},
		{"last checkpoint gone", "DELETE FROM checkpoints WHERE seq = 10", "checkpoint 10: it is missing"},
		{"checkpoint inserted", "INSERT INTO checkpoints SELECT 8, hash, at, workflow, key_id, signature FROM checkpoints WHERE seq = 4", "checkpoint 8: the signature does not match"},
		{"archive inserted", "INSERT INTO archives SELECT 4, hash, 'x', 0, at, workflow, key_id, signature FROM checkpoints WHERE seq = 4", "archive 4: the signature does not match"},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		newTrail(t, db)
		for _, tamper := range tampers {
			r := tampered(t, db, strings.Split(tamper.query, "; ")...)
			if r.OK() || !strings.Contains(told(r), tamper.want) {
				t.Errorf("%s: want %q, found\n%s", tamper.name, tamper.want, told(r))
			}
		}
		whole(t, db, 12)
	})
}

func told(r audit.Result) string {
	var lines []string
	for _, p := range r.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// A chain that was written anew from some event on is whole in itself, and no
// longer what the checkpoints signed.
func TestARewrittenChainIsFoundByItsCheckpoints(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTrail(t, db)
		kept, err := audit.LastCheckpoint(t.Context(), db.Read(), noon.Add(24*time.Hour), 11)
		if err != nil || kept.Seq != 10 {
			t.Fatalf("%+v, %v", kept, err)
		}
		if r := s.verify(audit.Against{Checkpoints: []audit.Checkpoint{kept}}); !r.OK() {
			t.Errorf("with its own checkpoint: %s", told(r))
		}
		anew := rewritten(t, s, 3)
		if r := tampered(t, db, anew...); !strings.HasPrefix(told(r), "checkpoint 4: it signs another event 4") {
			t.Errorf("rewritten from event 3 on: %s", told(r))
		}
		r := tamperedAgainst(t, db, audit.Against{Checkpoints: []audit.Checkpoint{kept}}, append(anew, "DELETE FROM checkpoints")...)
		if !strings.Contains(told(r), "event 10: it is not the one that the checkpoint from outside signs") {
			t.Errorf("with the checkpoint that was kept: %s", told(r))
		}
		r = tamperedAgainst(t, db, audit.Against{Checkpoints: []audit.Checkpoint{kept}}, "DELETE FROM audit_events WHERE seq > 8", "DELETE FROM checkpoints WHERE seq > 8",
			"UPDATE audit_head SET seq = 8, hash = (SELECT hash FROM audit_events WHERE seq = 8)")
		if told(r) != "event 10: it is missing: the checkpoint from outside signs it" {
			t.Errorf("cut back with its checkpoint: %s", told(r))
		}
	})
}

// rewritten are the statements that alter event from and chain the rest anew.
func rewritten(t *testing.T, s *signedTrail, from int64) (statements []string) {
	t.Helper()
	prev := ""
	for _, line := range strings.Split(strings.TrimSpace(s.export(audit.Extract{})), "\n") {
		var l struct {
			Event *struct {
				audit.Event
				Text string `json:"data_text"`
			} `json:"event"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Event == nil {
			continue
		}
		e := l.Event.Event
		if l.Event.Text != "" {
			e.Data = json.RawMessage(l.Event.Text)
		}
		if e.Seq == from {
			e.Actor = "eve"
		}
		if e.Seq > from {
			e.Prev = prev
		}
		e.Hash = e.Sum()
		prev = e.Hash
		statements = append(statements, fmt.Sprintf("UPDATE audit_events SET actor = '%s', prev = '%s', hash = '%s' WHERE seq = %d", e.Actor, e.Prev, e.Hash, e.Seq))
	}
	return append(statements, fmt.Sprintf("UPDATE audit_head SET hash = '%s'", prev))
}

func TestAStrangersCheckpointsAreFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTrail(t, db)
		other := newSigner(t)
		if r := s.verify(audit.Against{Keys: []ed25519.PublicKey{other.PublicKey()}}); !strings.Contains(told(r), "checkpoint 4: it is signed with") {
			t.Errorf("against another key: %s", told(r))
		}
	})
}

func TestGuardsOfTheTrail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTrail(t, db)
		s.archive(5)
		for _, q := range []string{
			"DELETE FROM audit_events WHERE seq = 5", "UPDATE audit_events SET actor = 'eve' WHERE seq = 6",
			"UPDATE checkpoints SET hash = 'x'", "DELETE FROM checkpoints WHERE seq = 4",
			"UPDATE archives SET seq = 99", "DELETE FROM archives",
		} {
			if _, err := db.SQL().ExecContext(t.Context(), q); err == nil {
				t.Errorf("%s: done", q)
			}
		}
		if r := s.verify(audit.Against{}); !r.OK() {
			t.Error(told(r))
		}
	})
}

func TestAnArchivedTrailGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTrail(t, db)
		first := s.archive(5)
		second := s.archive(12)
		r := s.verify(audit.Against{})
		if !r.OK() || r.Archived != 10 || r.Head.Seq != 16 {
			t.Errorf("verify: %+v", r)
		}
		keys, err := audit.Keys(t.Context(), db.Read())
		if err != nil || len(keys) != 1 || !keys[0].Equal(s.signer.PublicKey()) {
			t.Errorf("the keys after it: %v, %v", keys, err)
		}
		r = s.verify(audit.Against{Archives: files(first, second)})
		if !r.OK() || r.Events != 16 {
			t.Errorf("with the files: %s, %d events", told(r), r.Events)
		}
		if r := s.verify(audit.Against{Archives: files(strings.Replace(first, `"case_id":"a"`, `"case_id":"z"`, 1))}); !strings.Contains(told(r), "archive 2: one: line 3: event 2: it (case.made) was altered") ||
			!strings.Contains(told(r), "archive 4: one is not the file that was written") {
			t.Errorf("with a file that was altered: %s", told(r))
		}
		for name, q := range map[string]string{
			"event 11: it is missing":                  "DELETE FROM audit_events WHERE seq = 11",
			"archive 10: the signature does not match": "UPDATE archives SET cases = 7 WHERE seq = 10",
			"checkpoint 10: it is missing":             "DELETE FROM checkpoints WHERE seq = 10",
			"event 3: it was inserted":                 "INSERT INTO audit_events SELECT 3, at, actor, kind, case_id, data, prev, 'x' FROM audit_events WHERE seq = 11",
		} {
			if r := tampered(t, db, q); !strings.Contains(told(r), name) {
				t.Errorf("%s: found\n%s", name, told(r))
			}
		}
	})
}

func files(contents ...string) (fs []audit.File) {
	for i, c := range contents {
		fs = append(fs, audit.File{Name: []string{"one", "two"}[i], Reader: strings.NewReader(c)})
	}
	return fs
}

// A kept checkpoint of what was archived since is met in the archive's file.
func TestACheckpointFromOutsideOfAnArchive(t *testing.T) {
	s := newTrail(t, storetest.SQLite(t))
	kept, err := audit.LastCheckpoint(t.Context(), s.db.Read(), noon.Add(24*time.Hour), 5)
	if err != nil {
		t.Fatal(err)
	}
	first, second := s.archive(5), s.archive(12)
	if r := s.verify(audit.Against{Checkpoints: []audit.Checkpoint{kept}}); !strings.Contains(told(r), "give the archive's file, too") {
		t.Errorf("without the file: %s", told(r))
	}
	if r := s.verify(audit.Against{Checkpoints: []audit.Checkpoint{kept}, Archives: files(first, second)}); !r.OK() {
		t.Errorf("with the files: %s", told(r))
	}
}

// The newest checkpoint signs what was cut before it; one from before tells.
func TestATrailIsHeldAgainstAllCheckpointsThatWereKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTrail(t, db)
		night1, err := audit.LastCheckpoint(t.Context(), db.Read(), noon.Add(24*time.Hour), 11)
		if err != nil || night1.Seq != 10 {
			t.Fatalf("%+v, %v", night1, err)
		}
		s.write(func(_ context.Context, tx bun.Tx) error {
			tamper(t, db, tx, "DELETE FROM audit_events WHERE seq > 8", "DELETE FROM checkpoints WHERE seq > 8",
				"UPDATE audit_head SET seq = 8, hash = (SELECT hash FROM audit_events WHERE seq = 8)")
			return nil
		})
		add(t, db, "d", "9")
		add(t, db, "d", "10")
		night2 := s.checkpoint(noon.Add(3 * time.Hour))
		if r := s.verify(audit.Against{Checkpoints: []audit.Checkpoint{night2}}); !r.OK() {
			t.Errorf("with the newest alone: %s", told(r))
		}
		r := s.verify(audit.Against{Checkpoints: []audit.Checkpoint{night2, night1}})
		if told(r) != "event 10: it is not the one that the checkpoint from outside signs: the chain was rewritten" {
			t.Errorf("with both: %s", told(r))
		}
	})
}

func TestWithoutACheckpointThereIsNoneToFind(t *testing.T) {
	_, err := audit.LastCheckpoint(t.Context(), storetest.SQLite(t).Read(), noon, 5)
	if kit.CodeOf(err) != kit.NotFound || kit.HintOf(err) == "" {
		t.Error(err)
	}
}

func TestTakingOutNeedsAWholeTrail(t *testing.T) {
	s := newTrail(t, storetest.SQLite(t))
	c := audit.Checkpoint{Seq: 40, Workflow: "notes"}
	err := s.db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := audit.TakeOut(ctx, tx, s.signer, c, "x", noon)
		return err
	})
	if kit.CodeOf(err) != kit.Conflict {
		t.Error(err)
	}
}

func TestAnExportedTrailProvesItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newTrail(t, db)
		file := s.export(audit.Extract{})
		if n := strings.Count(file, "\n"); n != 1+12+2 {
			t.Errorf("%d lines:\n%s", n, file)
		}
		checkFile(t, file, "", 12)
		checkFile(t, s.export(audit.Extract{From: 5}), "", 8)
		checkFile(t, s.export(audit.Extract{From: 6, To: 8}), "", 3)
		checkFile(t, s.export(audit.Extract{CaseID: "b"}), "", 5)
		lines := strings.SplitAfter(file, "\n")
		without := func(i int) string { return strings.Join(lines[:i], "") + strings.Join(lines[i+1:], "") }
		checkFile(t, without(0), "line 1: the first line", 11)
		checkFile(t, without(3), "line 4: event 3: it is missing", 11)
		checkFile(t, without(5), "checkpoint 4: it is missing", 12)
		checkFile(t, strings.Replace(file, `"seq":7`, `"seq":6`, 1), "line 9: event 6: it is out of order", 12)
		checkFile(t, strings.Replace(file, `<two`, `<too`, 1), "line 15: event 12: it (case.made) was altered", 12)
		checkFile(t, file[:len(file)-9], "line 15: ", 11)
		checkFile(t, file+lines[2], "line 16: event 2: it is out of order", 13)
		checkFile(t, lines[0]+strings.TrimSpace(lines[1])+"{}\n", "line 2: it is no line of a trail", 0)
		checkFile(t, strings.Replace(file, `"version":1`, `"version":2`, 1), "line 1: it is no trail that this program knows", 12)
		s.archive(5)
		rest := s.export(audit.Extract{})
		checkFile(t, rest, "", 10)
		checkFile(t, strings.Replace(rest, `"cases":`, `"cases":1`, 1), "line 2: archive 4: it is not what came before the first event", 10)
		checkFile(t, "", "the file is empty", 0)
		checkFile(t, "\n", "line 1: ", 0)
	})
}

func checkFile(t *testing.T, content, want string, events int64) {
	t.Helper()
	r, err := audit.Against{}.VerifyFile(audit.File{Name: "f", Reader: strings.NewReader(content)})
	if err != nil || r.Events != events || r.OK() != (want == "") || !strings.Contains(told(r), want) {
		t.Errorf("want %q and %d events, found %d, %v\n%s", want, events, r.Events, err, told(r))
	}
}
