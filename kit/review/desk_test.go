package review_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// entry is what the reviews of these tests are about.
type entry struct {
	Shop  string       `json:"shop" jsonschema:"minLength=1,maxLength=40"`
	Total *json.Number `json:"total" jsonschema:"minimum=0"`
}

// noon is when the tests happen.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func tenMinutes(string, string) review.Policy { return review.Policy{Lease: 10 * time.Minute} }

// desk is a database with people and a clock that stands until it is moved.
type desk struct {
	t        testing.TB
	db       *store.DB
	now      time.Time
	ann, bob auth.User
	schema   *model.Schema
}

func newDesk(t testing.TB, db *store.DB) *desk {
	t.Helper()
	schema, err := model.SchemaOf[entry]()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, db: db, now: noon, schema: schema}
	d.ann, d.bob = d.person("Ann"), d.person("Bob")
	return d
}

func (d *desk) person(name string) auth.User {
	d.t.Helper()
	u, err := (auth.Accounts{DB: d.db}).Add(context.Background(), name, strings.ToLower(name)+"@example.com", auth.Reviewer)
	if err != nil {
		d.t.Fatal(err)
	}
	return u
}

// write runs f in a transaction of its own.
func (d *desk) write(f func(ctx context.Context, tx bun.Tx) error) error {
	return d.db.Write(context.Background(), f)
}

// open makes a case with a draft and puts its review into the queue.
func (d *desk) open(o review.Opening) string {
	d.t.Helper()
	o.ID, o.CaseID, o.DraftID, o.Step = kit.NewID(), kit.NewID(), kit.NewID(), "check"
	if o.At.IsZero() {
		o.At = d.now
	}
	err := d.write(func(ctx context.Context, tx bun.Tx) error {
		at := d.now.UnixMicro()
		_, err := tx.NewRaw(`INSERT INTO cases (id, workflow, state, step, name, input, input_hash, version, created_at, updated_at)
			VALUES (?, 'w', 'review', 'check', 'case', '{"text":"ABC 9.50"}', 'h', 1, ?, ?)`, o.CaseID, at, at).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw(`INSERT INTO drafts (id, case_id, step, value, fields, model_name, model_digest, prompt_hash, usage,
			gave_up, created_at) VALUES (?, ?, 'extract', '{"shop":"ABC","total":9.5}', '[]', 'rules', 'v1', 'p', '{}', '', ?)`,
			o.DraftID, o.CaseID, at).Exec(ctx)
		if err != nil {
			return err
		}
		return review.Add(ctx, tx, o)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return o.ID
}

// claim gives a person the next review, nil when none waits.
func (d *desk) claim(by auth.User) *review.Review {
	d.t.Helper()
	var got review.Claimed
	err := d.write(func(ctx context.Context, tx bun.Tx) (err error) {
		got, err = review.Claim(ctx, d.db, tx, by, d.now, tenMinutes)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	if got.ID == "" {
		return nil
	}
	return d.get(got.ID)
}

func (d *desk) claimOne(by auth.User, id string) error {
	return d.write(func(ctx context.Context, tx bun.Tx) error {
		_, err := review.ClaimOne(ctx, d.db, tx, by, id, d.now, tenMinutes)
		return err
	})
}

func (d *desk) get(id string) *review.Review {
	d.t.Helper()
	v, err := review.Get(context.Background(), d.db.Read(), auth.User{}, id, d.now)
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// decide decides on a review as its holder saw it.
func (d *desk) decide(by auth.User, id string, req review.Request) (decision review.Decision, repeated bool, err error) {
	err = d.write(func(ctx context.Context, tx bun.Tx) (err error) {
		decision, repeated, err = review.Decide(ctx, d.db, tx, d.schema, by, id, req, d.now, tenMinutes)
		return err
	})
	return decision, repeated, err
}

// request is the verdict on a review as it stands.
func request(v *review.Review, verdict kit.Verdict) review.Request {
	return review.Request{Verdict: verdict, Subject: v.Subject, Epoch: v.Lease.Epoch, Key: "click"}
}

// wantError fails unless err carries the code and the words.
func wantError(t testing.TB, err error, code kit.Code, words string) {
	t.Helper()
	if kit.CodeOf(err) != code || !strings.Contains(err.Error(), words) {
		t.Errorf("got error %v with code %q, want %q with %q", err, kit.CodeOf(err), code, words)
	}
}
