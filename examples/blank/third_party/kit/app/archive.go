package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/whole"
)

// readCheckpoint reads what `trail checkpoint` printed.
func readCheckpoint(path string) (p audit.Checkpoint, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return p, kit.Errorf(kit.Invalid, "verify: --checkpoint: %w", err)
	}
	in := json.NewDecoder(bytes.NewReader(raw))
	in.DisallowUnknownFields()
	if err := in.Decode(&p); err != nil || p.Seq < 1 {
		return p, kit.Errorf(kit.Invalid, "verify: --checkpoint: %s holds no checkpoint", path).
			WithHint("it is what `trail checkpoint` printed")
	}
	return p, nil
}

// trailArchive writes the file, then lets the events go. It may be killed at any
// point: before the file stands under its name nothing has happened; after that
// the next run finds the file and goes on from there.
func (c Config) trailArchive(ctx context.Context, cc *cli.Context, s *Service) error {
	path := cc.String("out")
	if path == "" {
		return kit.Errorf(kit.Invalid, "archive the trail: name the file to write").WithHint("--out FILE")
	}
	older, words, err := age(cc, s.Nail)
	if err != nil {
		return err
	}
	p, sum, err := s.archiveFile(ctx, path, older)
	if kit.CodeOf(err) == kit.NotFound {
		fmt.Fprintf(c.Out, "nothing to archive: no checkpoint is older than %s and before every case that is not over\n", words)
		return nil
	}
	if err != nil {
		return err
	}
	if p.Seq == 0 {
		fmt.Fprintf(c.Out, "%s was archived before, and the trail is without it\n", path)
		return nil
	}
	a, err := s.Runner.TakeOut(ctx, p, sum)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "archived the events up to %d in %s, SHA-256 %s\nkeep the file: `verify --archive` reads the chain through it\n", a.Seq, path, a.FileSHA256)
	return nil
}

// archiveFile writes the events up to the archive point, or takes up the file
// of a run that was cut off. The zero Checkpoint says that its events are out
// of the trail already.
func (s *Service) archiveFile(ctx context.Context, path string, older time.Duration) (p audit.Checkpoint, sum string, err error) {
	if _, err := os.Lstat(path); err == nil {
		return s.takeUp(ctx, path, older)
	}
	if p, err = s.Runner.ArchivePoint(ctx, older); err != nil {
		return p, "", err
	}
	if err := s.whole(ctx); err != nil {
		return p, "", err
	}
	hash := sha256.New()
	err = whole.New(path, 0o600, func(w io.Writer) error { return s.writeTrail(ctx, io.MultiWriter(w, hash), p.Seq) })
	if errors.Is(err, fs.ErrExist) {
		return p, "", exists(path)
	}
	if err != nil {
		return p, "", kit.Errorf(kit.Invalid, "archive the trail: %w", err).WithHint("does its folder exist, and may you write there?")
	}
	return p, hex.EncodeToString(hash.Sum(nil)), nil
}

// whole refuses to archive a trail that is broken: what shows that would be
// taken out of the database, under the service's signature.
func (s *Service) whole(ctx context.Context) error {
	found, err := audit.Verify(ctx, s.DB.Read())
	if err != nil || found.OK() {
		return err
	}
	return kit.Errorf(kit.Conflict, "archive the trail: it is broken: %s", found.Problems[0]).
		WithHint("nothing was taken out; `verify` tells all that is wrong")
}

func (s *Service) writeTrail(ctx context.Context, w io.Writer, to int64) error {
	_, err := audit.Export(ctx, s.DB.Read(), w, audit.Extract{Workflow: s.Runner.Workflow.Name(), To: to})
	return err
}

func exists(path string) error {
	return kit.Errorf(kit.Conflict, "archive the trail: %s is there already, and is not what would be written", path).
		WithHint("name another file with --out")
}

// takeUp holds a file that is there against the trail: it counts only when it
// is byte for byte what would be written now.
func (s *Service) takeUp(ctx context.Context, path string, older time.Duration) (p audit.Checkpoint, sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return p, "", kit.Errorf(kit.Invalid, "archive the trail: %w", err)
	}
	defer f.Close()
	hash := sha256.New()
	res, err := audit.Against{}.VerifyFile(audit.File{Name: path, Reader: io.TeeReader(f, hash)})
	if err != nil || !res.OK() {
		return p, "", exists(path)
	}
	sum = hex.EncodeToString(hash.Sum(nil))
	archives, err := audit.Archives(ctx, s.DB.Read())
	if err != nil {
		return p, "", err
	}
	for _, a := range archives {
		if a.FileSHA256 == sum {
			return p, sum, nil
		}
	}
	p, err = audit.LastCheckpoint(ctx, s.DB.Read(), kit.Now().Add(-older), res.Head.Seq+1)
	if err != nil || p.Seq != res.Head.Seq {
		return p, "", exists(path)
	}
	now := sha256.New()
	if err := s.writeTrail(ctx, now, p.Seq); err != nil {
		return p, "", err
	}
	if hex.EncodeToString(now.Sum(nil)) != sum {
		return p, "", exists(path)
	}
	return p, sum, nil
}
