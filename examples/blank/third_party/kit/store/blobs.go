package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"

	"github.com/tackhammer/tackhammer/kit"
)

// Blobs keeps files (scans, audio, video) by what they contain: the same
// content has one name and is kept once.
type Blobs struct {
	bucket *blob.Bucket
	dir    string
}

// OpenBlobs opens the folder at a path or file:// URL, and makes it, for its
// owner alone, when there is none. Another kind of URL is kit.Unsupported.
func OpenBlobs(ctx context.Context, where string) (*Blobs, error) {
	dir, err := folder(where)
	if err != nil {
		return nil, err
	}
	bucket, err := fileblob.OpenBucket(dir, &fileblob.Options{
		CreateDir: true, DirFileMode: 0o700, Metadata: fileblob.MetadataDontWrite,
		NoTempDir: true, // a rename must not cross disks
	})
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "open blob folder %s: %w", dir, err)
	}
	return &Blobs{bucket, dir}, nil
}

func folder(where string) (string, error) {
	if where == "" {
		return "", kit.Errorf(kit.Invalid, "open blob folder: the path is empty")
	}
	if !strings.Contains(where, "://") {
		return where, nil
	}
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return "", kit.Errorf(kit.Unsupported, "open blob folder %q: not a folder", where).
			WithHint("give a folder's path or file:///PATH")
	}
	return u.Path, nil
}

// Put keeps data and returns its hash: hex SHA-256. It writes a file that
// appears whole or not at all, and writes nothing when a good one is there.
func (b *Blobs) Put(ctx context.Context, data []byte) (string, error) {
	hash := kit.Hash(data)
	if _, err := b.Get(ctx, hash); err == nil {
		return hash, nil
	}
	if err := b.bucket.WriteAll(ctx, keyOf(hash), data, nil); err != nil {
		return "", kit.Errorf(kit.Internal, "keep blob %s: %w", hash, err)
	}
	if err := b.sync(hash); err != nil {
		return "", kit.Errorf(kit.Internal, "keep blob %s on the disk: %w", hash, err)
	}
	return hash, nil
}

// sync sees the content onto the disk: the database, which is told of it next,
// must never know more than the folder after a power cut.
func (b *Blobs) sync(hash string) error {
	f, err := os.OpenFile(filepath.Join(b.dir, filepath.FromSlash(keyOf(hash))), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Get returns the content with the hash. It fails with kit.NotFound when there
// is none, kit.Invalid for what is no hash, and kit.Internal when the file no
// longer has the content that its name promises.
func (b *Blobs) Get(ctx context.Context, hash string) ([]byte, error) {
	if !validHash(hash) {
		return nil, kit.Errorf(kit.Invalid, "get blob %.80q: not a hash of 64 hex digits", hash)
	}
	data, err := b.bucket.ReadAll(ctx, keyOf(hash))
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, kit.Errorf(kit.NotFound, "get blob %s: no such content", hash)
	}
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "get blob %s: %w", hash, err)
	}
	if kit.Hash(data) != hash {
		return nil, kit.Errorf(kit.Internal, "get blob %s: the file was altered", hash).
			WithHint("bring the file back from a backup, or import the original again")
	}
	return data, nil
}

// Close lets go of the folder.
func (b *Blobs) Close() error { return b.bucket.Close() }

// keyOf spreads the files over folders, 256 to each level.
func keyOf(hash string) string { return hash[:2] + "/" + hash[2:4] + "/" + hash }

// validHash takes lower-case hex alone: nothing else may become a path.
func validHash(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}
