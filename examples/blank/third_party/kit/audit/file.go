package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
)

// File is an exported trail, read once from its start.
type File struct {
	Name string // for what is told of it
	io.Reader
}

// VerifyFile checks an exported trail by itself, as Verify does a database. It
// has no head, so it cannot tell whether events after the last are missing.
// Without keys those that the file tells of count, and where it tells of none,
// any. Problems name the line.
func (a Against) VerifyFile(f File) (Result, error) {
	v := newVerifier(a)
	err := v.file(f)
	v.close()
	v.result.Head = v.last
	if err != nil {
		return v.result, kit.Errorf(kit.Invalid, "verify %s after line %d: %w", f.Name, v.line, err)
	}
	return v.result, nil
}

// file reads the lines of an exported trail.
func (v *verifier) file(f File) error {
	given := len(v.Keys) > 0
	err := readLines(f, func(n int64, l line, err error) {
		v.line = n
		switch {
		case err != nil:
			v.tell("line", 0, "%v", err)
		case (l.Trail != nil) != (n == 1):
			v.tell("line", 0, "the first line, and no other, says what the file has")
		case l.Trail != nil:
			v.fileHead(*l.Trail)
		case l.Archive != nil:
			v.fileArchive(*l.Archive)
		case l.Checkpoint != nil:
			v.checkpoint(*l.Checkpoint)
		default:
			e := l.Event.event()
			if !given {
				v.Keys = learn(v.Keys, e)
			}
			v.event(e)
		}
	})
	if err == nil && v.line == 0 {
		v.tell("line", 0, "the file is empty")
	}
	return err
}

func (v *verifier) fileHead(h fileHead) {
	if h.Version != 1 || h.From < 1 {
		v.tell("line", 0, "it is no trail that this program knows")
		return
	}
	v.start.Seq, v.result.CaseID, v.open = h.From-1, h.CaseID, h.From > 1
	v.last = v.start
}

// fileArchive is what came before the file's first event.
func (v *verifier) fileArchive(a Archive) {
	if err := a.Check(); err != nil || a.Seq != v.last.Seq || v.result.Events > 0 {
		v.tell("archive", a.Seq, "it is not what came before the first event of this file, or was altered")
		return
	}
	v.result.Keys[a.KeyID]++
	v.signed[a.KeyID] = a.Seq
	v.start, v.open = Head{a.Seq, a.Hash}, false
	v.last = v.start
}

// files reads the archives' files that were given, and compares each with its
// record and with the checkpoints that are still kept.
func (v *verifier) files(archives []Archive, old []Checkpoint) error {
	for _, f := range v.Archives {
		hash := sha256.New()
		one := newVerifier(Against{Keys: v.Keys, Checkpoints: v.Checkpoints})
		if err := one.file(File{f.Name, io.TeeReader(f, hash)}); err != nil {
			return kit.Errorf(kit.Invalid, "read the archive %s: %w", f.Name, err)
		}
		one.outer = nil // whether they are met at all is not this file's matter
		one.close()
		maps.Copy(v.met, one.met)
		for _, p := range one.result.Problems {
			v.tell("archive", p.Seq, "%s: %s", f.Name, p)
		}
		sum := hex.EncodeToString(hash.Sum(nil))
		i := slices.IndexFunc(archives, func(a Archive) bool { return a.FileSHA256 == sum })
		if i < 0 || archives[i].Seq != one.last.Seq || archives[i].Hash != one.last.Hash {
			v.tell("archive", one.last.Seq, "%s is not the file that was written: no record of an archive has its hash", f.Name)
			continue
		}
		v.result.Events += one.result.Events
		v.kept(one, archives[:i], old)
	}
	return nil
}

// kept compares what a file follows, and its checkpoints, with what the
// database has of them.
func (v *verifier) kept(one *verifier, earlier []Archive, old []Checkpoint) {
	var follows Head
	if n := len(earlier); n > 0 {
		follows = Head{earlier[n-1].Seq, earlier[n-1].Hash}
	}
	if one.start != follows {
		v.tell("archive", one.last.Seq, "its first event follows event %d, and not the archive before", one.start.Seq)
	}
	n := int64(0)
	for _, c := range old {
		if c.Seq > one.start.Seq && c.Seq <= one.last.Seq {
			n++
		}
	}
	if n != one.result.Checkpoints {
		v.tell("archive", one.last.Seq, "its file has %d checkpoints, the database %d", one.result.Checkpoints, n)
	}
}
