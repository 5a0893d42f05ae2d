package app_test

import (
	"context"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/app"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// open opens the desk as a program that works, and returns the public key that
// it signs with.
func open(t *testing.T, o app.Options) (string, error) {
	t.Helper()
	c := desk()
	c.Out, c.Err = io.Discard, t.Output()
	s, err := c.Open(context.Background(), o)
	if err != nil {
		return "", err
	}
	defer s.Close()
	return base64.StdEncoding.EncodeToString(s.Signer.PublicKey()), nil
}

// Machines that share a database have to share its key: one that would make
// its own is stopped before it signs anything.
func TestMachinesOfOneDatabaseShareTheKey(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		here, there := app.Options{Data: t.TempDir(), DB: url}, app.Options{Data: t.TempDir(), DB: url}
		first, err := open(t, here)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := open(t, here); err != nil || again != first {
			t.Errorf("the second time %s, %v; want %s", again, err, first)
		}
		_, err = open(t, there)
		if kit.CodeOf(err) != kit.Conflict || !strings.Contains(err.Error(), first) || !strings.Contains(kit.HintOf(err), "--new-key") {
			t.Errorf("another machine: %v", err)
		}
		if _, err := os.Stat(filepath.Join(there.Data, "receipt.key")); !os.IsNotExist(err) {
			t.Errorf("it made a key: %v", err)
		}
		there.Key = filepath.Join(here.Data, "receipt.key")
		if got, err := open(t, there); err != nil || got != first {
			t.Errorf("with --key: %s, %v", got, err)
		}
	})
}

// A key of the environment begins a service, or joins it when the operator
// says so; then both count.
func TestTheKeyOfTheEnvironment(t *testing.T) {
	here := app.Options{Data: t.TempDir()}
	first, err := open(t, here)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("APP_RECEIPT_KEY", base64.StdEncoding.EncodeToString(make([]byte, 32)))
	if _, err := open(t, here); kit.CodeOf(err) != kit.Conflict {
		t.Errorf("a key that nobody announced: %v", err)
	}
	here.NewKey = true
	second, err := open(t, here)
	if err != nil || second == first {
		t.Fatalf("%s, %v", second, err)
	}
	here.NewKey = false
	if got, err := open(t, here); err != nil || got != second {
		t.Errorf("once it was announced: %s, %v", got, err)
	}
	db := storetest.Open(t, filepath.Join(here.Data, "app.db"))
	keys, err := audit.Keys(t.Context(), db.Read())
	if err != nil || len(keys) != 2 || base64.StdEncoding.EncodeToString(keys[0]) != first {
		t.Errorf("the trail knows %d keys, %v", len(keys), err)
	}
}

// Of many that start at once on a new database, all sign with one key, which
// the trail notes once.
func TestManyStartAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		o := app.Options{Data: t.TempDir(), DB: url}
		keys := make([]string, 6)
		var all sync.WaitGroup
		for i := range keys {
			all.Go(func() {
				var err error
				if keys[i], err = open(t, o); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, k := range keys {
			if k != keys[0] || k == "" {
				t.Errorf("the keys are %v", keys)
			}
		}
		known, err := audit.Keys(t.Context(), storetest.Open(t, url).Read())
		if err != nil || len(known) != 1 {
			t.Errorf("the trail knows %d keys, %v", len(known), err)
		}
	})
}

// Many that start at once, each with a folder of its own, would each make a
// key: one of them begins the service, and the others are told.
func TestManyFoldersStartAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		if _, err := storetest.Open(t, url).Pending(t.Context()); err != nil { // so that nothing but the key is raced for
			t.Fatal(err)
		}
		var begun atomic.Int32
		var all sync.WaitGroup
		for range 24 {
			o := app.Options{Data: t.TempDir(), DB: url}
			all.Go(func() {
				switch _, err := open(t, o); kit.CodeOf(err) {
				case "":
					begun.Add(1)
				case kit.Conflict:
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		known, err := audit.Keys(t.Context(), storetest.Open(t, url).Read())
		if err != nil || len(known) != 1 || begun.Load() != 1 {
			t.Errorf("%d began, the trail knows %d keys, %v", begun.Load(), len(known), err)
		}
	})
}
