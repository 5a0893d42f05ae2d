package store_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/store"
)

func openBlobs(t *testing.T) (*store.Blobs, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	b, err := store.OpenBlobs(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b, dir
}

// kept lists the files below dir.
func kept(t *testing.T, dir string) (files []string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

func TestBlobsKeepContentOnce(t *testing.T) {
	b, dir := openBlobs(t)
	for _, data := range [][]byte{{}, []byte("abc"), bytes.Repeat([]byte{0, 255}, 1<<19)} {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				hash, err := b.Put(t.Context(), data)
				if err != nil {
					t.Error(err)
				}
				if got, err := b.Get(t.Context(), hash); err != nil || !bytes.Equal(got, data) {
					t.Errorf("got %d bytes back of %d, %v", len(got), len(data), err)
				}
			})
		}
		wg.Wait()
	}
	files := kept(t, dir)
	if len(files) != 3 {
		t.Fatalf("3 contents are kept in %q", files)
	}
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if _, err := os.Stat(filepath.Join(dir, "ba", "78", abc)); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v; want mode 0700", info, err)
	}
}

func TestBlobsRefuseWhatIsNoHash(t *testing.T) {
	b, dir := openBlobs(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "secret"), []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "ab", "../secret", "/etc/passwd", strings.Repeat("../", 21) + "x", strings.Repeat("A", 64),
		strings.Repeat("g", 64), strings.Repeat("a", 63), strings.Repeat("a", 65), strings.Repeat("a", 62) + "/a", strings.Repeat("a", 63) + "\x00"} {
		if _, err := b.Get(t.Context(), bad); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("get %q: %v", bad, err)
		}
	}
	if _, err := b.Get(t.Context(), strings.Repeat("a", 64)); kit.CodeOf(err) != kit.NotFound {
		t.Errorf("get what is not there: %v", err)
	}
}

func TestBlobsNoticeDamageAndHealIt(t *testing.T) {
	b, dir := openBlobs(t)
	hash, err := b.Put(t.Context(), []byte("scan"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept(t, dir)[0], []byte("scam"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(t.Context(), hash); kit.CodeOf(err) != kit.Internal || !strings.Contains(err.Error(), "altered") {
		t.Errorf("get an altered file: %v", err)
	}
	if _, err := b.Put(t.Context(), []byte("scan")); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Get(t.Context(), hash); err != nil || string(got) != "scan" {
		t.Errorf("after putting it again: %q, %v", got, err)
	}
}

func TestOpenBlobs(t *testing.T) {
	dir := filepath.ToSlash(t.TempDir())
	b, err := store.OpenBlobs(t.Context(), "file://"+dir+"/by%20url")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := os.Stat(dir + "/by url"); err != nil {
		t.Error(err)
	}
	for where, want := range map[string]kit.Code{"": kit.Invalid, "s3://bucket": kit.Unsupported, "file://": kit.Unsupported} {
		if _, err := store.OpenBlobs(t.Context(), where); kit.CodeOf(err) != want {
			t.Errorf("open %q: %v", where, err)
		}
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.OpenBlobs(t.Context(), file); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("open a file as folder: %v", err)
	}
}
