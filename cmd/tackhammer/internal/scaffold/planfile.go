package scaffold

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
)

// planFormat is the form of a plan file that this program writes and reads.
const planFormat = 1

// planLimit is in bytes: a plan shows every line that it changes.
const planLimit = 32 << 20

// PlanFile is a plan as it is kept, read by a person and applied later. It holds
// no contents but in diffs, for people: who applies it plans again from Spec and
// compares.
type PlanFile struct {
	Format     int    `yaml:"format"`     // planFormat
	Tackhammer string `yaml:"tackhammer"` // the version that made it
	Command    string `yaml:"command"`    // one of PlanCommands
	Title      string `yaml:"title"`      // what is done, in words
	Folder     string `yaml:"folder"`     // of the app, as the user wrote it, from where the command runs
	Before     string `yaml:"before"`     // what stands there: missing, empty, or sha256:HEX over what is touched
	Spec       Spec   `yaml:"spec"`       // of the app afterwards

	text string // the file, with line feeds
}

// PlanCommands are the commands that a plan can be of.
var PlanCommands = []string{"new", "add", "remove", "update"}

// The states of a folder that a new app goes to.
const (
	Missing = "missing"
	Empty   = "empty"
)

// WritePlan fills in what is left of p, and returns the file's text. The same p
// and changes always give the same bytes. Before stays where it is set.
func (s Source) WritePlan(p PlanFile, changes []Change) ([]byte, error) {
	ops, err := Operations(changes, false)
	if err != nil {
		return nil, err
	}
	p.Format, p.Tackhammer = planFormat, s.version()
	if p.Before == "" {
		p.Before = stateBefore(ops)
	}
	head, err := yaml.Marshal(p)
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "write the plan: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, planHead, p.Tackhammer)
	b.Write(head)
	b.WriteString(operationsKey)
	for _, op := range ops {
		if err := writeOperation(&b, op); err != nil {
			return nil, err
		}
	}
	b.WriteString(sealKey + sum(b.Bytes()) + "\n")
	return b.Bytes(), nil
}

const planHead = `# A plan of tackhammer %s. Nothing in it has been done yet.
#
# "tackhammer apply FILE" does it, as long as the folder is what it was when the
# plan was made. What is written comes from tackhammer, which plans once more and
# compares; the diffs are here to be read. A plan that was changed is refused.

`

// What the parts of a plan file begin with. No line of a diff does: it stands
// further in.
const (
	operationsKey = "\noperations:\n"
	sealKey       = "\nseal: sha256:"
)

// stateBefore is one hash over the contents that are replaced.
func stateBefore(ops []Operation) string {
	var b strings.Builder
	for _, op := range ops {
		fmt.Fprintf(&b, "%s  %s\n", op.Before, op.Path)
	}
	return "sha256:" + sum([]byte(b.String()))
}

// writeOperation writes one item of a list, its diff as a block of text.
func writeOperation(b *bytes.Buffer, op Operation) error {
	diff := op.Diff
	op.Diff = ""
	item, err := yaml.Marshal([]Operation{op})
	if err != nil {
		return kit.Errorf(kit.Internal, "write the plan: %w", err)
	}
	b.Write(item)
	switch {
	case diff == "":
		return nil
	case !isBlock(diff):
		quoted, err := json.Marshal(diff) // a text in JSON is one in YAML
		if err != nil {
			return kit.Errorf(kit.Internal, "write the plan: %w", err)
		}
		fmt.Fprintf(b, "  diff: %s\n", quoted)
		return nil
	}
	b.WriteString("  diff: |\n")
	for line := range strings.Lines(diff) {
		b.WriteString("    " + line)
	}
	return nil
}

// isBlock reports whether YAML holds a text as a block, to the letter.
func isBlock(text string) bool {
	odd := func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }
	return strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\n\n") && !strings.ContainsFunc(text, odd)
}

// ReadPlan reads a plan file. It fails with kit.Conflict where somebody changed
// it after it was written, and with kit.Invalid where it is none.
func ReadPlan(name string, raw []byte) (PlanFile, error) {
	var p PlanFile
	if len(raw) > planLimit {
		return p, kit.Errorf(kit.Invalid, "read %s: it is over %d bytes: no plan is", name, planLimit)
	}
	text := strings.ReplaceAll(string(raw), "\r\n", "\n") // git may have made them
	head, _, ok := strings.Cut(text, operationsKey)
	at := strings.LastIndex(text, sealKey)
	if !ok || at < 0 {
		return p, kit.Errorf(kit.Invalid, "read %s: it is no plan", name).WithHint("tackhammer plan new DIR --template NAME -o FILE makes one")
	}
	if got := strings.TrimSuffix(text[at+len(sealKey):], "\n"); got != sum([]byte(text[:at])) {
		return p, kit.Errorf(kit.Conflict, "read %s: the plan was changed after it was made; nothing was done", name).
			WithHint("make it again: a plan is read, and not edited")
	}
	if err := readable(name, []byte(head)); err != nil {
		return p, err
	}
	r := &specReading{places: map[string]spot{}}
	r.read([]byte(head+"\n"), &p)
	if len(r.wrong) == 0 {
		r.planValues(p)
	}
	p.text = text
	return p, r.told().err(name)
}

func (r *specReading) planValues(p PlanFile) {
	if p.Format != planFormat {
		r.wrong.add(r.places["format"], "format", "format %d is not known to this tackhammer, which reads %d", p.Format, planFormat)
	}
	if !slices.Contains(PlanCommands, p.Command) {
		r.wrong.add(r.places["command"], "command", "%q is none of the commands %s", p.Command, strings.Join(PlanCommands, ", "))
	}
	if p.Folder == "" || strings.ContainsFunc(p.Folder+p.Title, unicode.IsControl) {
		r.wrong.add(r.places["folder"], "folder", "%q is no folder", p.Folder)
	}
}
