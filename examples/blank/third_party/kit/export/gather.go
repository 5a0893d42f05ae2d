package export

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// Why a correction is no example.
const (
	leftLot    = "passed with a lot: nobody looked at it"
	leftBlind  = "filled in blind: it was made without the draft"
	leftStep   = "drafted by another step"
	leftShape  = "does not fit the draft's schema of today"
	leftLater  = "a later review of the same case had the last word"
	leftRight  = "the draft was right: there is nothing to prefer"
	leftGaveUp = "the model gave no valid answer: there is nothing to reject"
)

// example is one correction on its way into a file.
type example struct {
	System string
	User   string
	Chosen json.RawMessage // what was let out
	Draft  json.RawMessage // what the model said; for DPO
	Rows   [][]string      // for Table
	Record Record
}

// kept is what is remembered of each example while the others are read.
type kept struct {
	cluster int32
	dropped bool
}

// gathered are the examples of a spool.
type gathered struct {
	training Training
	redact   *redactor
	spool    string
	kept     []kept
	clusters clusters
	latest   map[string]int // by case: its example
	left     map[string]int // how many were left out, by why
	until    time.Time      // of the last decision
}

// gather reads every correction once and puts those that are examples into a
// spool in dir.
func gather(ctx context.Context, t Training, c Corrector, dir string) (*gathered, error) {
	redact, err := newRedactor(t.Schema, t.Private)
	if err != nil {
		return nil, err
	}
	g := &gathered{training: t, redact: redact, spool: filepath.Join(dir, ".spool"), latest: map[string]int{}, left: map[string]int{}}
	f, err := os.OpenFile(g.spool, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := bufio.NewWriter(f)
	for after := ""; ; {
		page, err := c.Corrections(ctx, after, pageSize)
		if err != nil {
			return nil, err
		}
		for _, one := range page.Items {
			if err := g.take(ctx, out, one); err != nil {
				return nil, fmt.Errorf("export the correction of case %s: %w", one.CaseID, err)
			}
		}
		if after = page.Next; after == "" {
			return g, out.Flush()
		}
	}
}

// take puts one correction into the spool, or counts why not.
func (g *gathered) take(ctx context.Context, out *bufio.Writer, c workflow.Correction) error {
	if why := g.unfit(c); why != "" {
		g.left[why]++
		return nil
	}
	if before, again := g.latest[c.CaseID]; again {
		if !g.kept[before].dropped {
			g.kept[before].dropped = true
			g.left[leftLater]++
		}
		delete(g.latest, c.CaseID)
	}
	e, err := g.example(ctx, c)
	if err != nil {
		return err
	}
	if why := g.noPair(e, c); why != "" {
		g.left[why]++
		return nil
	}
	line, err := encode(e)
	if err != nil {
		return err
	}
	g.latest[c.CaseID] = len(g.kept)
	g.kept = append(g.kept, kept{cluster: g.clusters.add(e.Record.Group, e.Record.TextHash)})
	g.until = later(g.until, c.DecidedAt)
	_, err = out.Write(line)
	return err
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// unfit says why a correction is no label; "" when it is one.
func (g *gathered) unfit(c workflow.Correction) string {
	switch {
	case c.Lot != "":
		return leftLot
	case c.Blind:
		return leftBlind
	case c.DraftStep != g.training.Step:
		return leftStep
	case len(g.training.Schema.Validate(c.Value)) > 0:
		return leftShape
	}
	return ""
}

// noPair says why an example has nothing to prefer; "" when it has, or its
// form asks for none.
func (g *gathered) noPair(e example, c workflow.Correction) string {
	switch {
	case g.training.Format != DPO:
		return ""
	case c.Draft.GaveUp != "" || !json.Valid(c.Draft.Value) || len(g.training.Schema.Validate(c.Draft.Value)) > 0:
		return leftGaveUp
	case bytes.Equal(e.Chosen, e.Draft):
		return leftRight
	}
	return ""
}

// why words what was left out, for the error that nothing was left.
func (g *gathered) why() string {
	var parts []string
	for _, reason := range slices.Sorted(maps.Keys(g.left)) {
		parts = append(parts, fmt.Sprintf("%d %s", g.left[reason], reason))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// example makes the one of a correction, without what is private.
func (g *gathered) example(ctx context.Context, c workflow.Correction) (e example, err error) {
	t := g.training
	final, draft := g.flat(c.Value), g.flat(c.Draft.Value)
	hidden := g.redact.of(final, draft, c.Draft.Fields)
	e.Record = t.record(c, final)
	shownFinal, shownDraft := hidden.values(final, g.redact.private), hidden.values(draft, g.redact.private)
	e.Chosen, e.Draft = t.Schema.Assemble(shownFinal), t.Schema.Assemble(shownDraft)
	if t.Format == Table {
		c.Reason = hidden.hide(c.Reason)
		e.Rows = t.rows(c, pair{draft, final}, pair{shownDraft, shownFinal})
		return e, nil
	}
	input, err := hidden.hideInput(c.Input)
	if err != nil {
		return e, err
	}
	prompt, err := t.Prompt(ctx, input)
	if err != nil {
		return e, err
	}
	e.System, e.User, e.Record.PromptHash = prompt.System, prompt.User, prompt.Hash
	return e, nil
}

// flat are the fields of a value, each written in one way.
func (g *gathered) flat(value json.RawMessage) map[string]json.RawMessage {
	flat := g.training.Schema.Flatten(value)
	for path, one := range flat {
		if c, err := canonical(one); err == nil {
			flat[path] = c
		}
	}
	return flat
}

// record is what the manifest says of a correction.
func (t Training) record(c workflow.Correction, final map[string]json.RawMessage) Record {
	return Record{Case: c.CaseID, Decision: c.ID, PersonID: c.Person.ID, Person: c.Person.Name, DecidedAt: c.DecidedAt, Verdict: c.Verdict,
		Model: c.Draft.Model.Name, ModelDigest: c.Draft.Model.Digest, DraftPromptHash: c.Draft.Prompt, SchemaHash: t.Schema.Hash(),
		InputHash: c.InputHash, Source: sourceHash(c), TextHash: textHash(c), Group: t.group(c, final)}
}

// group is the name that keeps a correction together with others, hashed: it
// may be a private value.
func (t Training) group(c workflow.Correction, final map[string]json.RawMessage) string {
	name := c.CaseID
	switch {
	case t.Group == ByFrom && c.From != "":
		name = c.From
	case t.Group != ByCase && t.Group != ByFrom:
		if value := final[t.Group]; len(value) > 0 && string(value) != "null" && sameValue(value) != `""` {
			name = sameValue(value)
		}
	}
	return kit.Hash([]byte(t.Group + "\x00" + name))[:16]
}

// textHash is the same for texts that differ in spaces, marks and case alone.
func textHash(c workflow.Correction) string {
	var doc kit.Document
	if json.Unmarshal(c.Input, &doc) != nil || fold(doc.Text) == "" {
		return c.InputHash
	}
	return TextHash(doc.Text)
}

// TextHash is what a document is known again by, as it was learned from and as
// it is measured on: a hex SHA-256 that is the same whatever its spaces, marks
// and case. A text with no letter and no digit is known by its bytes.
func TextHash(text string) string {
	if folded := fold(text); folded != "" {
		text = folded
	}
	return kit.Hash([]byte(text))
}

// sourceHash is the TextHash by which a measured case is known; "" where there
// is no text.
func sourceHash(c workflow.Correction) string {
	var doc kit.Document
	if json.Unmarshal(c.Input, &doc) != nil || doc.Text == "" {
		return ""
	}
	return TextHash(doc.Text)
}

// pair is what was drafted beside what was let out, by field.
type pair struct{ draft, final map[string]json.RawMessage }

// rows are the fields of a correction for Table: which changed is told by what
// was said, and shown is what is left of it.
func (t Training) rows(c workflow.Correction, said, shown pair) [][]string {
	var rows [][]string
	for _, f := range t.Schema.Fields() {
		changed := !bytes.Equal(said.draft[f.Path], said.final[f.Path])
		rows = append(rows, []string{c.CaseID, f.Path, cellText(shown.draft[f.Path]), cellText(shown.final[f.Path]), fmt.Sprint(changed),
			string(c.Verdict), inert(c.Person.Name), c.DecidedAt.UTC().Format(time.RFC3339), inert(c.Reason)})
	}
	return rows
}

// cellText is a value as it stands in a table.
func cellText(value json.RawMessage) string {
	text := kit.Plain(value)
	if len(value) > 0 && value[0] == '"' {
		return inert(text)
	}
	return text
}
