package scaffold

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// pendingDir holds what ends a change that has conflicts, or takes it back:
//
//	state.json  the pending
//	old.zip     the files that it changed, as they were
//	marks/      what .tackhammer is to hold in the end
const pendingDir = marksDir + "/pending"

// pending is a change that is in the tree with its marks.
type pending struct {
	From  string        `json:"from"`
	To    string        `json:"to"`
	Files []pendingFile `json:"files"`
}

type pendingFile struct {
	Path     string `json:"path"`
	Mode     uint32 `json:"mode,omitempty"` // of the old file; 0 where there was none
	New      string `json:"new,omitempty"`  // hex SHA-256 of what was written; "" for nothing
	Conflict bool   `json:"conflict,omitempty"`
}

// Apply writes the next state: all of it or nothing, also when the process is
// killed, see Recover. With conflicts it writes the files with their marks,
// keeps what Continue and Abort need below .tackhammer/pending, and fails with
// kit.Conflict. It fails with kit.Conflict, too, and writes nothing, where a
// file is no longer what Next read.
func (n *Next) Apply(ctx context.Context) error {
	release, err := hold(n.Dir)
	if err != nil {
		return err
	}
	defer release()
	if err := settled(n.Dir); err != nil {
		return err
	}
	conflicts := n.Conflicts()
	if len(conflicts) == 0 {
		return write(ctx, n.Dir, edits(n.Changes))
	}
	all, err := n.pendingEdits()
	if err != nil {
		return err
	}
	if err := write(ctx, n.Dir, all); err != nil {
		return err
	}
	return kit.Errorf(kit.Conflict, "merge the app: files with conflicts: %s", strings.Join(conflicts, ", ")).
		WithHint("mend what stands between the marks, then `tackhammer update --continue`; `tackhammer update --abort` takes all back")
}

// edits are what changes write.
func edits(changes []Change) (all []edit) {
	for _, c := range changes {
		if c.Kind == Keep {
			continue
		}
		e := edit{path: c.Path, exact: c.Old != nil}
		if c.Old != nil {
			e.old = &File{Mode: fs.FileMode(c.Mode), Data: c.Old}
		}
		if c.New != nil {
			e.new = &File{Mode: fs.FileMode(c.Mode), Data: c.New}
		}
		all = append(all, e)
	}
	return all
}

// pendingEdits are the changes with their marks, and what is kept for the end.
func (n *Next) pendingEdits() ([]edit, error) {
	var all []edit
	var old []Op
	p := pending{From: n.names().Base, To: n.names().Theirs}
	for _, e := range edits(n.Changes) {
		if isMark(e.path) {
			e.path, e.old, e.exact = pendingDir+"/marks/"+strings.TrimPrefix(e.path, marksDir+"/"), nil, false
			all = append(all, e)
			continue
		}
		f := pendingFile{Path: e.path}
		if e.old != nil {
			f.Mode = uint32(e.old.Mode)
			old = append(old, Op{Path: e.path, Data: e.old.Data})
		}
		if e.new != nil {
			f.New = sum(e.new.Data)
		}
		p.Files = append(p.Files, f)
		all = append(all, e)
	}
	p.flag(n.Conflicts())
	kept, err := p.files(old)
	return append(all, kept...), err
}

func (p *pending) flag(conflicts []string) {
	in := map[string]bool{}
	for _, c := range conflicts {
		in[c] = true
	}
	for i := range p.Files {
		p.Files[i].Conflict = in[p.Files[i].Path]
	}
}

// files are those of pendingDir beside the marks.
func (p *pending) files(old []Op) ([]edit, error) {
	state, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "keep the pending update: %w", err)
	}
	archive, err := baseZip(old)
	if err != nil {
		return nil, err
	}
	var all []edit
	for name, data := range map[string][]byte{"state.json": state, "old.zip": archive, ".gitignore": []byte("*\n")} {
		all = append(all, edit{path: pendingDir + "/" + name, new: &File{Mode: 0o644, Data: data}})
	}
	return all, nil
}

// openPending reads a pending change of the app in root.
func openPending(root *os.Root) (p pending, old Tree, err error) {
	raw, err := root.ReadFile(pendingDir + "/state.json")
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil, kit.Errorf(kit.Conflict, "open the update: none is pending").
			WithHint("tackhammer update begins one, and leaves it open where there are conflicts")
	}
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		return p, nil, kit.Errorf(kit.Internal, "read %s/state.json: %w", pendingDir, err)
	}
	raw, err = root.ReadFile(pendingDir + "/old.zip")
	if err == nil {
		old, err = unzip(raw)
	}
	if err != nil {
		return p, nil, kit.Errorf(kit.Internal, "read %s/old.zip: %w", pendingDir, err)
	}
	return p, old, nil
}

// closing are the edits that remove pendingDir.
func closing(root *os.Root) (all []edit, err error) {
	err = fs.WalkDir(root.FS(), pendingDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		is, err := look(root, path)
		if err == nil && is.file == nil {
			err = fmt.Errorf("%s is no file", path)
		}
		all = append(all, edit{path: path, old: is.file})
		return err
	})
	if err != nil {
		return nil, unread(pendingDir, err)
	}
	return all, nil
}
