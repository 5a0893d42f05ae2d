package workflow

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/model"
	"github.com/tackhammer/tackhammer/kit/review"
)

// receipt makes the signed proof of who decided what about a delivery.
func (r *Runner) receipt(ctx context.Context, tx bun.Tx, id string, c *current, s *step, d review.Decision, value json.RawMessage, now time.Time) (json.RawMessage, error) {
	var seen struct {
		Step   string `bun:"step"`
		Input  string `bun:"input_hash"`
		Value  string `bun:"value"`
		Fields string `bun:"fields"`
		Model  string `bun:"model_name"`
		Digest string `bun:"model_digest"`
		Prompt string `bun:"prompt_hash"`
		Server string `bun:"server"`
	}
	err := tx.NewRaw(`SELECT r.step, c.input_hash, d.value, d.fields, d.model_name, d.model_digest, d.prompt_hash, d.server
		FROM reviews r JOIN drafts d ON d.id = r.draft_id JOIN cases c ON c.id = r.case_id WHERE r.id = ?`,
		d.ReviewID).Scan(ctx, &seen)
	if err != nil {
		return nil, err
	}
	lot, err := receiptLot(ctx, tx, d)
	if err != nil {
		return nil, err
	}
	alike, err := review.Alike(ctx, tx, d)
	if err != nil {
		return nil, err
	}
	earlier, err := r.receiptSteps(ctx, tx, c.ID, seen.Step)
	if err != nil {
		return nil, err
	}
	head, err := audit.HeadOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	signed, err := r.Signer.Sign(audit.Receipt{
		Delivery: id, Case: c.ID, Workflow: r.Workflow.name, Step: s.name,
		Decision: receiptDecision(d), Others: receiptDecisions(alike), Lot: lot, Earlier: earlier,
		Fields: receiptFields(r.Schema(seen.Step), json.RawMessage(seen.Value), d.Value, setBefore(seen.Fields)),
		Model:  kit.ModelInfo{Name: seen.Model, Digest: seen.Digest, Server: seen.Server}, PromptHash: seen.Prompt,
		InputHash: seen.Input, OutputHash: kit.Hash(value), Chain: head, At: now,
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(signed)
}

func receiptDecision(d review.Decision) audit.ReceiptDecision {
	return audit.ReceiptDecision{ID: d.ID, Verdict: d.Verdict, Reason: d.Reason, Subject: d.Subject,
		Person: audit.ReceiptPerson{ID: d.Person.ID, Name: d.Person.Name}, At: d.CreatedAt}
}

func receiptDecisions(all []review.Decision) (list []audit.ReceiptDecision) {
	for _, d := range all {
		list = append(list, receiptDecision(d))
	}
	return list
}

// receiptSteps are the reviews that a case passed before the step last.
func (r *Runner) receiptSteps(ctx context.Context, tx bun.Tx, caseID, last string) (all []audit.ReceiptStep, err error) {
	for _, step := range r.Workflow.Reviews() {
		if step.Name == last {
			break
		}
		passed, err := review.Passed(ctx, tx, caseID, step.Name)
		if err != nil {
			return nil, err
		}
		if len(passed) > 0 {
			all = append(all, audit.ReceiptStep{Step: step.Name, Decisions: receiptDecisions(passed)})
		}
	}
	return all, nil
}

// setBefore names the fields of a draft that had their values from a person.
func setBefore(fields string) map[string]bool {
	var drafted []kit.Field
	_ = json.Unmarshal([]byte(fields), &drafted) // written by the runner alone
	set := map[string]bool{}
	for _, f := range drafted {
		set[f.Path] = slices.Contains(f.Marks, kit.MarkSet)
	}
	return set
}

// receiptFields sets each field's draft beside what the person made of it.
func receiptFields(schema *model.Schema, draft, final json.RawMessage, set map[string]bool) []audit.ReceiptField {
	before, after := schema.Flatten(draft), schema.Flatten(final)
	var fields []audit.ReceiptField
	for _, f := range schema.Fields() {
		fields = append(fields, audit.ReceiptField{Path: f.Path, Draft: before[f.Path], Final: after[f.Path], Set: set[f.Path]})
	}
	return fields
}
