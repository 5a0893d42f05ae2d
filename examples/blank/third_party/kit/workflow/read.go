package workflow

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// Schema is the shape of what a draft or review step yields, nil for other
// steps.
func (r *Runner) Schema(step string) *model.Schema {
	if s := r.Workflow.step(step); s != nil {
		return s.schema
	}
	return nil
}

// Review reads a review without claiming it, as far as the user may see it now.
func (r *Runner) Review(ctx context.Context, by auth.User, id string) (*review.Review, error) {
	v, err := review.Get(ctx, r.DB.Read(), by, id, r.Clock())
	if err != nil || v.State != review.Open || v.Holder != nil && v.Holder.ID == by.ID {
		return v, err
	}
	causes, err := review.Causes(ctx, r.DB.Read(), by, r.terms, id)
	v.Cause = causes[id]
	return v, err
}

// Renew prolongs the user's lease on a review.
func (r *Runner) Renew(ctx context.Context, by auth.User, id string, epoch int64) (lease review.Lease, err error) {
	err = r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		by, err := r.now(ctx, tx, by)
		if err != nil {
			return err
		}
		lease, err = review.Renew(ctx, r.DB, tx, by, id, epoch, r.Clock(), r.terms)
		return err
	})
	return lease, err
}

// Release gives a review back to the queue.
func (r *Runner) Release(ctx context.Context, by auth.User, id string, epoch int64) error {
	return r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := review.Release(ctx, r.DB, tx, by, id, epoch); err != nil {
			return err
		}
		if err := r.tallyRelease(ctx, tx, id); err != nil {
			return err
		}
		return r.noteReview(ctx, tx, by, "review.released", id)
	})
}

// noteClaim appends the event of a claim.
func (r *Runner) noteClaim(ctx context.Context, tx bun.Tx, by auth.User, c review.Claimed) error {
	return r.note(ctx, tx, by.ID, "review.claimed", c.CaseID, map[string]any{"review": c.ID, "epoch": c.Epoch})
}

// noteReview appends an event about a review to its case's history.
func (r *Runner) noteReview(ctx context.Context, tx bun.Tx, by auth.User, kind, id string) error {
	var row struct {
		CaseID string `bun:"case_id"`
		Epoch  int64  `bun:"epoch"`
	}
	if err := tx.NewRaw(`SELECT case_id, epoch FROM reviews WHERE id = ?`, id).Scan(ctx, &row); err != nil {
		return err
	}
	return r.note(ctx, tx, by.ID, kind, row.CaseID, map[string]any{"review": id, "epoch": row.Epoch})
}

// micros reads a stored time.
func micros(us int64) time.Time { return time.UnixMicro(us).UTC() }

// optional reads a stored time that may be NULL.
func optional(us *int64) *time.Time {
	if us == nil {
		return nil
	}
	at := micros(*us)
	return &at
}

// caseColumns are those of a stored CaseRow.
type caseColumns struct {
	ID        string `bun:"id"`
	Name      string `bun:"name"`
	State     string `bun:"state"`
	Step      string `bun:"step"`
	ErrorCode string `bun:"error_code"`
	Error     string `bun:"error"`
	CreatedAt int64  `bun:"created_at"`
	UpdatedAt int64  `bun:"updated_at"`
}

const caseQuery = `SELECT id, name, state, step, error_code, error, created_at, updated_at FROM cases `

func (c caseColumns) row() CaseRow {
	return CaseRow{ID: c.ID, Name: c.Name, State: kit.State(c.State), Step: c.Step, Error: c.Error,
		CreatedAt: micros(c.CreatedAt), UpdatedAt: micros(c.UpdatedAt)}
}

// caseRow reads one case as a list shows it.
func caseRow(ctx context.Context, db bun.IDB, id string) (CaseRow, error) {
	var c caseColumns
	err := db.NewRaw(caseQuery+`WHERE id = ?`, id).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return CaseRow{}, kit.Errorf(kit.NotFound, "case %s: there is no such case", id)
	}
	return c.row(), err
}

// Cases lists cases, newest first.
func (r *Runner) Cases(ctx context.Context, f CaseFilter) (Page[CaseRow], error) {
	limit := pageSize(f.Limit)
	if f.Query != "" {
		return r.searchCases(ctx, f, limit)
	}
	if err := checkCursor("list cases", f.After); err != nil {
		return Page[CaseRow]{}, err
	}
	where, args := `WHERE 1 = 1`, []any{}
	if f.State != "" {
		where, args = where+` AND state = ?`, append(args, string(f.State))
	}
	if f.After != "" {
		where, args = where+` AND id < ?`, append(args, f.After)
	}
	var rows []caseColumns
	err := r.DB.Read().NewRaw(caseQuery+where+` ORDER BY id DESC LIMIT ?`, append(args, limit+1)...).Scan(ctx, &rows)
	if err != nil {
		return Page[CaseRow]{}, err
	}
	p := page(rows, limit, caseColumns.row, func(c caseColumns) string { return c.ID })
	return p, r.waitsForBudget(ctx, pointers(p.Items)...)
}

// pageSize bounds how many items a page holds.
func pageSize(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 200)
}

// page makes a page of up to limit of the rows; one row more tells that there
// is a next page.
func page[R, T any](rows []R, limit int, item func(R) T, cursor func(R) string) Page[T] {
	p := Page[T]{Items: make([]T, 0, len(rows))}
	if len(rows) > limit {
		rows = rows[:limit]
		p.Next = cursor(rows[limit-1])
	}
	for _, row := range rows {
		p.Items = append(p.Items, item(row))
	}
	return p
}

// Case reads one case with all that happened to it, as far as the user may see
// it now.
func (r *Runner) Case(ctx context.Context, by auth.User, id string) (*Case, error) {
	db := r.DB.Read()
	var c struct {
		caseColumns
		Input string `bun:"input"`
	}
	err := db.NewRaw(`SELECT id, name, state, step, error_code, error, created_at, updated_at, input
		FROM cases WHERE id = ?`, id).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, kit.Errorf(kit.NotFound, "case %s: there is no such case", id)
	}
	if err != nil {
		return nil, err
	}
	v := &Case{CaseRow: c.row(), Input: json.RawMessage(c.Input)}
	if c.ErrorCode != "" {
		v.Error = &CaseError{Code: kit.Code(c.ErrorCode), Message: c.caseColumns.Error}
	}
	if err := r.waitsForBudget(ctx, &v.CaseRow); err != nil {
		return nil, err
	}
	if v.Error == nil && v.CaseRow.Error != "" {
		v.Error = &CaseError{Code: OverBudget, Message: v.CaseRow.Error}
	}
	if err := r.fillCase(ctx, db, v); err != nil {
		return nil, err
	}
	if err := v.sit(ctx, db, by, r.Clock(), r.terms); err != nil {
		return nil, err
	}
	if err := v.conceal(ctx, db, by); err != nil {
		return nil, err
	}
	newest, err := history(ctx, db, by, v.ID, "", maxHistory)
	slices.Reverse(newest.Items)
	v.History, v.Earlier = newest.Items, newest.Next
	return v, err
}

// fillCase adds what hangs on a case, all but its history.
func (r *Runner) fillCase(ctx context.Context, db bun.IDB, v *Case) (err error) {
	if v.Draft, err = latestDraft(ctx, db, v.ID); err != nil {
		return err
	}
	err = db.NewRaw(`SELECT id FROM reviews WHERE case_id = ? AND state = 'open' AND waits ORDER BY seat LIMIT 1`, v.ID).Scan(ctx, &v.ReviewID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if v.Decision, err = review.Standing(ctx, db, v.ID); err != nil {
		return err
	}
	if v.Decision != nil {
		if v.Delivery, err = r.deliveryOf(ctx, db, v.ID, "", v.Decision.ID); err != nil {
			return err
		}
	}
	return nil
}

// latestDraft reads a case's last draft, nil when there is none.
func latestDraft(ctx context.Context, db bun.IDB, caseID string) (*review.Draft, error) {
	var d struct {
		ID        string `bun:"id"`
		Value     string `bun:"value"`
		Fields    string `bun:"fields"`
		Model     string `bun:"model_name"`
		Digest    string `bun:"model_digest"`
		Prompt    string `bun:"prompt_hash"`
		Usage     string `bun:"usage"`
		GaveUp    string `bun:"gave_up"`
		Server    string `bun:"server"`
		By        string `bun:"calibration"`
		CreatedAt int64  `bun:"created_at"`
	}
	err := db.NewRaw(`SELECT CASE WHEN d.canary THEN d.original ELSE d.id END AS id, d.value, d.fields,
		d.model_name, d.model_digest, d.prompt_hash, d.usage, d.gave_up, d.server, d.calibration, d.created_at FROM drafts d
		WHERE d.case_id = ? AND (NOT d.canary OR EXISTS (SELECT 1 FROM reviews r WHERE r.case_id = d.case_id
			AND r.draft_id = d.id AND r.state = 'open')) ORDER BY d.id DESC LIMIT 1`, caseID).Scan(ctx, &d)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var fields []kit.Field
	if err := json.Unmarshal([]byte(d.Fields), &fields); err != nil {
		return nil, fmt.Errorf("read draft %s: %w", d.ID, err)
	}
	return &review.Draft{ID: d.ID, Value: json.RawMessage(d.Value), Fields: fields,
		Model: kit.ModelInfo{Name: d.Model, Digest: d.Digest, Server: d.Server}, Calibration: d.By, Prompt: d.Prompt, Usage: json.RawMessage(d.Usage),
		GaveUp: d.GaveUp, CreatedAt: micros(d.CreatedAt)}, nil
}

// Original returns the file that a case was made of, with its media type. A
// case that was not made of a file is kit.NotFound.
func (r *Runner) Original(ctx context.Context, caseID string) (mediaType string, data []byte, err error) {
	c, err := caseInput(ctx, r.DB.Read(), caseID)
	if err != nil {
		return "", nil, err
	}
	var doc kit.Document
	if json.Unmarshal(c, &doc) != nil || doc.Blob == "" || r.Blobs == nil {
		return "", nil, kit.Errorf(kit.NotFound, "case %s: it was not made of a file", caseID)
	}
	data, err = r.Blobs.Get(ctx, doc.Blob)
	return doc.MediaType, data, err
}

// Page draws a page, counted from 0, of the PDF that a case was made of, as a
// PNG. Its errors are those of Original and of intake.Printer.Page; what is no
// PDF is kit.Unsupported.
func (r *Runner) Page(ctx context.Context, caseID string, page int) ([]byte, error) {
	mediaType, data, err := r.Original(ctx, caseID)
	if err != nil {
		return nil, err
	}
	if mediaType != "application/pdf" {
		return nil, kit.Errorf(kit.Unsupported, "draw page %d of case %s: it was made of %s", page+1, caseID, mediaType)
	}
	return r.Printer.Page(ctx, data, page)
}

func caseInput(ctx context.Context, db bun.IDB, id string) (json.RawMessage, error) {
	var input string
	err := db.NewRaw(`SELECT input FROM cases WHERE id = ?`, id).Scan(ctx, &input)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, kit.Errorf(kit.NotFound, "case %s: there is no such case", id)
	}
	return json.RawMessage(input), err
}

// modelAnswers is how long Status waits for the model to say who it is: pages
// that people look at wait with it.
const modelAnswers = 500 * time.Millisecond

// Status tells how the service stands. It reads kept counters, never counts.
func (r *Runner) Status(ctx context.Context) (Status, error) {
	db := r.DB.Read()
	st := Status{Workflow: r.Workflow.name, Database: string(r.DB.Engine()), Cases: map[kit.State]int64{}}
	var counts []struct {
		State string `bun:"state"`
		N     int64  `bun:"n"`
	}
	if err := db.NewRaw(`SELECT state, n FROM case_counts`).Scan(ctx, &counts); err != nil {
		return st, err
	}
	for _, c := range counts {
		st.Cases[kit.State(c.State)] = c.N
	}
	var oldest []int64
	err := db.NewRaw(`SELECT created_at FROM reviews WHERE state = 'open' AND waits ORDER BY created_at LIMIT 1`).Scan(ctx, &oldest)
	if err != nil {
		return st, err
	}
	if len(oldest) > 0 {
		st.Oldest = optional(&oldest[0])
	}
	if r.Config.Model != nil {
		// A model that does not answer is no reason to tell nothing, or late.
		asking, end := context.WithTimeout(ctx, modelAnswers)
		st.Model, _ = r.Config.Model.Info(asking)
		end()
	}
	budget, err := r.Budget(ctx)
	if err != nil {
		return st, err
	}
	if r.Rates.Limited() {
		st.Budget = &budget
	}
	head, err := audit.HeadOf(ctx, db)
	st.Chain = &head
	return st, err
}
