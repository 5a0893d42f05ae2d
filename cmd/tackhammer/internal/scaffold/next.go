package scaffold

import (
	"context"
	"io"

	"github.com/tackhammer/tackhammer/kit"
)

// Next is an app's next state, computed and not yet written: the three-way
// merge of what was made (the base kept in .tackhammer), the team's tree, and
// what this program makes of the spec. Nothing on the disk has changed.
type Next struct {
	Dir      string   // absolute
	Spec     Spec     // the next one, with its defaults
	From, To string   // what base and new content are called in marks and sentences: "tackhammer 0.1.0"
	Changes  []Change // sorted by path, those of .tackhammer last; none where there is nothing to do
	Kit      KitState
}

// KitState says whether the kit in an app is what was written there.
type KitState struct {
	Edited []string // paths changed, gone or added below third_party/kit; none where it is pristine
}

// Checks chooses what Try and Continue do in the copy. The zero value does all.
type Checks struct {
	NoTest bool // build and vet alone
}

var errUnbuilt = kit.Errorf(kit.Internal, "update: the engine is being built")

// Next computes the next state of the app in dir: what this program makes of
// its spec, which change, where it is not nil, edits first. It fails with
// kit.Conflict while an update is pending or was interrupted, or another
// command works on the app, and with kit.Invalid where the app is of a newer
// tackhammer.
func (s Source) Next(dir string, change func(*Spec) error) (*Next, error) { return nil, errUnbuilt }

// Nothing reports that the app is what it is to be.
func (n *Next) Nothing() bool { return len(n.Changes) == 0 }

// Conflicts lists the files whose new content has marks.
func (n *Next) Conflicts() []string { return nil }

// Try builds, vets and tests the next state in a copy outside the app, which
// stays as it is. Steps and the last lines of what fails go to out.
func (n *Next) Try(ctx context.Context, what Checks, out io.Writer) error { return errUnbuilt }

// Apply writes the next state: all of it or nothing, also when the process is
// killed, see Recover. With conflicts it writes the files with their marks,
// keeps what Continue and Abort need below .tackhammer/pending, and fails with
// kit.Conflict. It fails with kit.Conflict, too, and writes nothing, where a
// file is no longer what Next read.
func (n *Next) Apply(ctx context.Context) error { return errUnbuilt }

// Continue ends a pending update whose conflicts are mended: it refuses while
// marks are left, builds, vets and tests in a copy, and renews .tackhammer.
func Continue(ctx context.Context, dir string, what Checks, out io.Writer) error { return errUnbuilt }

// Abort takes a pending update back, byte for byte. Where the team has touched
// its files since, it refuses and names them unless force is set.
func Abort(ctx context.Context, dir string, force bool) error { return errUnbuilt }

// Recover makes an app whole whose writer was killed: forward where all was
// ready, back where it was not. It says in a sentence what it did, "" for
// nothing. Every command that opens an app calls it first.
func Recover(dir string) (string, error) { return "", nil }
