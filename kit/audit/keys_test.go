package audit_test

import (
	"context"
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

func TestKeysAreInTheTrail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if keys, err := audit.Keys(t.Context(), db.Read()); len(keys) != 0 || err != nil {
			t.Fatalf("a new trail knows %v, %v", keys, err)
		}
		add(t, db, "c", "1")
		first, second := newSigner(t).PublicKey(), newSigner(t).PublicKey()
		if err := db.Write(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			if err := audit.AddKey(ctx, tx, noon, "system", first); err != nil {
				return err
			}
			return audit.AddKey(ctx, tx, noon, "system", second)
		}); err != nil {
			t.Fatal(err)
		}
		keys, err := audit.Keys(t.Context(), db.Read())
		if err != nil || len(keys) != 2 || !keys[0].Equal(first) || !keys[1].Equal(second) {
			t.Errorf("the trail knows %v, %v", keys, err)
		}
		whole(t, db, 3)
	})
}

func TestKeysRefuseWhatIsNone(t *testing.T) {
	for _, data := range []string{`{"public_key":"c2hvcnQ="}`, `[]`} {
		db := storetest.SQLite(t)
		e := event("", data)
		e.Kind = "key.added"
		if _, err := tryAdd(t, db, e); err != nil {
			t.Fatal(err)
		}
		if keys, err := audit.Keys(t.Context(), db.Read()); kit.CodeOf(err) != kit.Internal || !strings.Contains(err.Error(), "event 1") {
			t.Errorf("%s: %v, %v", data, keys, err)
		}
	}
}

func TestSeedSigner(t *testing.T) {
	seed := base64.StdEncoding.EncodeToString(make([]byte, 32))
	a, err := audit.SeedSigner(seed + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := audit.SeedSigner(seed); err != nil || !b.PublicKey().Equal(a.PublicKey()) {
		t.Errorf("the same seed gave another key, %v", err)
	}
	signed, err := a.Sign(receipt())
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.CheckReceipt(signed, []byte(output), a.PublicKey()); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "AAAA", seed + "AAAA", "not base64"} {
		if _, err := audit.SeedSigner(bad); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestReadSignerMakesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	if _, err := audit.ReadSigner(path); kit.CodeOf(err) != kit.NotFound {
		t.Fatalf("a missing file: %v", err)
	}
	made, err := audit.MakeSigner(path)
	if err != nil {
		t.Fatal(err)
	}
	if read, err := audit.ReadSigner(path); err != nil || !read.PublicKey().Equal(made.PublicKey()) {
		t.Errorf("read another key, %v", err)
	}
	if again, err := audit.MakeSigner(path); err != nil || !again.PublicKey().Equal(made.PublicKey()) {
		t.Errorf("a second making replaced the key, %v", err)
	}
	if _, err := new(audit.Signer).Sign(receipt()); kit.CodeOf(err) != kit.Internal {
		t.Errorf("without a key: %v", err)
	}
}
