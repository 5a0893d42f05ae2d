package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
)

func TestOpenExistingMakesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "app.db")
	if _, err := store.Open(t.Context(), store.Config{URL: path, Existing: true}); kit.CodeOf(err) != kit.NotFound {
		t.Fatalf("a missing file: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
		t.Errorf("something was made: %v", err)
	}
	made, err := store.Open(t.Context(), store.Config{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	made.Close()
	db, err := store.Open(t.Context(), store.Config{URL: path, Existing: true})
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
}
