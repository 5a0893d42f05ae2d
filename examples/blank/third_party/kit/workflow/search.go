package workflow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/store"
)

const (
	maxSearched = 64 << 10 // bytes of a case that are indexed
	maxLooked   = 2000     // cases that one page of a search looks through
)

// index sets the words by which a case is found: its name, what it was made
// of, and what was delivered. What is only drafted is no part of it: a search
// must not tell who decides blind what the model thinks.
func (r *Runner) index(ctx context.Context, tx bun.Tx, caseID string) error {
	var c struct {
		Name  string `bun:"name"`
		Input string `bun:"input"`
	}
	if err := tx.NewRaw(`SELECT name, input FROM cases WHERE id = ?`, caseID).Scan(ctx, &c); err != nil {
		return err
	}
	var values []string
	err := tx.NewRaw(`SELECT d.value FROM deliveries x JOIN decisions d ON d.id = x.decision_id WHERE x.case_id = ?
		ORDER BY x.id DESC LIMIT 1`, caseID).Scan(ctx, &values)
	if err != nil {
		return err
	}
	text := c.Name
	for _, v := range values {
		text += "\n" + leaves([]byte(v))
	}
	text += "\n" + sourceText([]byte(c.Input))
	return r.DB.SetWords(ctx, tx, caseID, store.Words(text[:min(len(text), maxSearched)]))
}

// sourceText is what people could search for in a case's input.
func sourceText(input []byte) string {
	parts := map[string]json.RawMessage{}
	if json.Unmarshal(input, &parts) != nil {
		return leaves(input)
	}
	var text strings.Builder
	for _, key := range inOrder(parts) {
		switch key {
		case "spans", "pages", "blob", "media_type":
		default:
			text.WriteString(leaves(parts[key]))
		}
	}
	return text.String()
}

// inOrder lists keys with those of a document first, so that they are indexed
// whole before anything else.
func inOrder(parts map[string]json.RawMessage) []string {
	keys := []string{"name", "text"}
	for key := range parts {
		if key != "name" && key != "text" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys[2:])
	return keys
}

// leaves are the texts and numbers of some JSON, without the names of its
// fields.
func leaves(raw []byte) string {
	var text strings.Builder
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	walk(v, func(leaf string) { text.WriteString(leaf + "\n") })
	return text.String()
}

func walk(v any, leaf func(string)) {
	switch v := v.(type) {
	case string:
		leaf(v)
	case json.Number:
		leaf(v.String())
	case []any:
		for _, e := range v {
			walk(e, leaf)
		}
	case map[string]any:
		for _, e := range v {
			walk(e, leaf)
		}
	}
}

// found lists cases that have all words of a search and are kept, newest
// first. It looks through a bounded number of them: next is where to go on, ""
// when all were looked through.
func (r *Runner) found(ctx context.Context, query, after string, limit int, keep func(ids []string) ([]caseColumns, error)) (rows []caseColumns, next string, err error) {
	before, _ := strconv.ParseInt(after, 10, 64)
	terms := store.Terms(query)
	at := map[string]int64{}
	for looked, batch := 0, limit+1; ; batch = maxLooked {
		hits, err := r.DB.FindCases(ctx, terms, before, batch)
		if err != nil {
			return nil, "", err
		}
		var ids []string
		for _, h := range hits {
			ids, at[h.CaseID], before = append(ids, h.CaseID), h.N, h.N
		}
		kept, err := keep(ids)
		if err != nil {
			return nil, "", err
		}
		rows = append(rows, kept...)
		switch looked += len(hits); {
		case len(rows) > limit:
			rows = rows[:limit]
			return rows, strconv.FormatInt(at[rows[limit-1].ID], 10), nil
		case len(hits) < batch:
			return rows, "", nil
		case looked >= maxLooked:
			return rows, strconv.FormatInt(before, 10), nil
		}
	}
}

// fillSearch indexes the cases that came in before this program knew how to.
// Each few of them are one transaction, so that it can end at any time and go
// on at the next start, or in another process.
func (r *Runner) fillSearch(ctx context.Context) {
	for ctx.Err() == nil {
		more := false
		err := r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			ids, err := r.DB.Wordless(ctx, tx, 50)
			for _, id := range ids {
				if err := r.index(ctx, tx, id); err != nil {
					return err
				}
			}
			more = len(ids) > 0
			return err
		})
		if err != nil && ctx.Err() == nil {
			r.Logger.Warn("index cases for the search", "error", err)
		}
		if err != nil || !more {
			return
		}
	}
}

// searchCases is Cases for a filter with words.
func (r *Runner) searchCases(ctx context.Context, f CaseFilter, limit int) (Page[CaseRow], error) {
	if _, err := strconv.ParseInt(f.After, 10, 64); f.After != "" && err != nil {
		return Page[CaseRow]{}, invalid("search cases", "after", "is no cursor of a page before")
	}
	rows, next, err := r.found(ctx, f.Query, f.After, limit, func(ids []string) (rows []caseColumns, err error) {
		if len(ids) == 0 {
			return nil, nil
		}
		err = r.DB.Read().NewRaw(caseQuery+`WHERE id IN (?) AND (? = '' OR state = ?)`, bun.List(ids), string(f.State), string(f.State)).Scan(ctx, &rows)
		place := map[string]int{}
		for i, id := range ids {
			place[id] = i
		}
		slices.SortFunc(rows, func(a, b caseColumns) int { return place[a.ID] - place[b.ID] })
		return rows, err
	})
	p := Page[CaseRow]{Items: make([]CaseRow, 0, len(rows)), Next: next}
	for _, row := range rows {
		p.Items = append(p.Items, row.row())
	}
	if err != nil {
		return p, err
	}
	return p, r.waitsForBudget(ctx, pointers(p.Items)...)
}
