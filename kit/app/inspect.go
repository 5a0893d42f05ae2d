package app

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

func (c Config) statusCommand() *cli.Command {
	return &cli.Command{Name: "status", Usage: "tell how many cases stand where", Flags: shared(jsonFlag()), Action: c.with(c.status)}
}

func (c Config) status(ctx context.Context, cc *cli.Context, s *Service) error {
	st, err := s.Runner.Status(ctx)
	if err != nil {
		return err
	}
	if cc.Bool("json") {
		return c.printJSON(st)
	}
	fmt.Fprintf(c.Out, "%s: workflow %s, model %s, %s\n", s.Nail.Name, st.Workflow, orNone(st.Model.Name), st.Database)
	for _, state := range kit.States {
		fmt.Fprintf(c.Out, "  %-10s  %d\n", state, st.Cases[state])
	}
	if st.Oldest != nil {
		fmt.Fprintf(c.Out, "the oldest review waits for %s\n", time.Since(*st.Oldest).Round(time.Second))
	}
	fmt.Fprintf(c.Out, "the audit trail has %d events\n", st.Chain.Seq)
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "(no answer)"
	}
	return s
}

func (c Config) checkCommand() *cli.Command {
	return &cli.Command{
		Name: "check", Usage: "check the workflow, nail.yaml, the prompts and the model",
		Flags: shared(jsonFlag()), Action: c.check,
	}
}

// finding is what one check said.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Words string `json:"words"`
	Hint  string `json:"hint,omitempty"`
	err   error
}

func (c Config) check(cc *cli.Context) error {
	found := c.findings(cc.Context, options(cc))
	if cc.Bool("json") {
		if err := c.printJSON(found); err != nil {
			return err
		}
	}
	var failed []string
	for _, f := range found {
		mark := "ok   "
		if !f.OK {
			mark, failed = "WRONG", append(failed, f.Check)
		}
		if cc.Bool("json") {
			continue
		}
		fmt.Fprintf(c.Out, "%s  %-8s  %s\n", mark, f.Check, f.Words)
		if f.Hint != "" {
			fmt.Fprintf(c.Out, "                 hint: %s\n", f.Hint)
		}
	}
	if len(failed) > 0 {
		return kit.Errorf(kit.Internal, "check: wrong: %s", strings.Join(failed, ", "))
	}
	return nil
}

// findings runs each check.
func (c Config) findings(ctx context.Context, o Options) []finding {
	n, err := c.nail(o.Nail)
	found := []finding{told("nail", err, n.Job)}
	w := c.Workflow(c.Baseline)
	var path []string
	for _, s := range w.Steps() {
		path = append(path, s.Kind+" "+s.Name)
	}
	found = append(found, told("workflow", w.Check(), strings.Join(path, " → ")))
	words, err := c.checkPrompts(w, o)
	found = append(found, told("prompts", err, words))
	if found[0].OK {
		words, err := c.checkModel(ctx, o)
		found = append(found, told("model", err, words))
	}
	return found
}

func told(check string, err error, words string) finding {
	if err != nil {
		return finding{Check: check, Words: err.Error(), Hint: kit.HintOf(err), err: err}
	}
	return finding{Check: check, OK: true, Words: words}
}

// checkPrompts loads the prompts and looks for one of each draft step.
func (c Config) checkPrompts(w *workflow.Workflow, o Options) (string, error) {
	p, err := c.prompts(o.Dev)
	if err != nil {
		return "", err
	}
	for _, s := range w.Steps() {
		if s.Kind == "draft" && !slices.Contains(p.Tasks(), s.Name) {
			return "", kit.Errorf(kit.Invalid, "the draft step %s has no prompt", s.Name).WithHint("write prompts/%s.md", s.Name)
		}
	}
	return strings.Join(p.Tasks(), ", "), nil
}

// checkModel asks the model who it is, and whether it answers by schema.
func (c Config) checkModel(ctx context.Context, o Options) (string, error) {
	n, err := c.nail(o.Nail)
	if err != nil {
		return "", err
	}
	m, err := c.model(o, n)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	info, err := m.Info(ctx)
	if err != nil {
		return "", err
	}
	if p, ok := m.(interface{ Probe(context.Context) error }); ok {
		if err := p.Probe(ctx); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s (%.12s)", info.Name, info.Digest), nil
}

func (c Config) migrateCommand() *cli.Command {
	return &cli.Command{
		Name: "migrate", Usage: "bring the database to this program's schema; serve does it too", Flags: shared(
			&cli.BoolFlag{Name: "status", Usage: "only tell how many migrations are missing"}),
		Action: c.migrate,
	}
}

func (c Config) migrate(cc *cli.Context) error {
	o := options(cc)
	n, err := c.nail(o.Nail)
	if err != nil {
		return err
	}
	db, err := openDB(cc.Context, o, n)
	if err != nil {
		return err
	}
	defer db.Close()
	missing, err := db.Pending(cc.Context)
	if err != nil {
		return err
	}
	if cc.Bool("status") {
		fmt.Fprintf(c.Out, "%d migrations are missing\n", missing)
		return nil
	}
	if err := db.Migrate(cc.Context); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "%d migrations applied\n", missing)
	return nil
}

func (c Config) verifyCommand() *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "check the audit trail and the receipts, without a running service", ArgsUsage: "[FILE…]",
		Description: "Without files: the whole trail, whether cases, decisions and deliveries are still what it noted, and\n" +
			"the receipt of each delivery in the database. With files: the receipt in each delivered file, also\n" +
			"where there is no database; --key says whose signature counts.",
		Flags: shared(jsonFlag(), &cli.StringFlag{Name: "key", Usage: "the service's public `KEY` in base64, as each receipt states it"}),
		Action: func(cc *cli.Context) error {
			if cc.NArg() > 0 {
				return c.verifyFiles(cc)
			}
			return c.with(c.verifyTrail)(cc)
		},
	}
}

// verified is what verify found, for programs.
type verified struct {
	Chain    *audit.Result `json:"chain,omitempty"`
	Receipts int           `json:"receipts"`
	Wrong    []string      `json:"wrong"`
}

func (c Config) verifyTrail(ctx context.Context, cc *cli.Context, s *Service) error {
	res, err := audit.Verify(ctx, s.DB.Read())
	if err != nil {
		return err
	}
	v := verified{Chain: &res, Wrong: []string{}}
	for _, p := range res.Problems {
		v.Wrong = append(v.Wrong, fmt.Sprintf("event %d: %s", p.Seq, p.What))
	}
	faults, err := s.Runner.Compare(ctx)
	if err != nil {
		return err
	}
	v.Wrong = append(v.Wrong, faults...)
	if err := s.eachDelivery(ctx, func(d workflow.Delivery) {
		v.Receipts++
		if err := audit.CheckReceipt(d.Receipt, d.Output, s.Signer.PublicKey()); err != nil {
			v.Wrong = append(v.Wrong, fmt.Sprintf("delivery %s: %v", d.ID, err))
		}
	}); err != nil {
		return err
	}
	return c.printVerified(cc, v)
}

// eachDelivery walks through all deliveries.
func (s *Service) eachDelivery(ctx context.Context, f func(workflow.Delivery)) error {
	for after := ""; ; {
		page, err := s.Runner.Deliveries(ctx, after, 200)
		if err != nil {
			return err
		}
		for _, d := range page.Items {
			f(d)
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// verifyFiles checks the receipts of delivered files.
func (c Config) verifyFiles(cc *cli.Context) error {
	key, err := publicKey(cc.String("key"))
	if err != nil {
		return err
	}
	v := verified{Wrong: []string{}}
	for _, path := range cc.Args().Slice() {
		v.Receipts++
		if err := verifyFile(path, key); err != nil {
			v.Wrong = append(v.Wrong, fmt.Sprintf("%s: %v", path, err))
		}
	}
	return c.printVerified(cc, v)
}

func publicKey(s string) (ed25519.PublicKey, error) {
	if s == "" {
		return nil, nil
	}
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, kit.Errorf(kit.Invalid, "verify: --key is no public key").WithHint("it is the public_key of a receipt that you trust, 44 letters")
	}
	return raw, nil
}

func verifyFile(path string, key ed25519.PublicKey) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		var bad *fs.PathError
		if errors.As(err, &bad) {
			return bad.Err // the path is told already
		}
		return err
	}
	var d struct {
		Output  json.RawMessage `json:"output"`
		Receipt audit.Receipt   `json:"receipt"`
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return fmt.Errorf("it is no delivery: %w", err)
	}
	return audit.CheckReceipt(d.Receipt, d.Output, key)
}

func (c Config) printVerified(cc *cli.Context, v verified) error {
	if cc.Bool("json") {
		if err := c.printJSON(v); err != nil {
			return err
		}
	} else {
		c.tellVerified(v)
	}
	if len(v.Wrong) > 0 {
		return kit.Errorf(kit.Internal, "verify: %d faults", len(v.Wrong))
	}
	return nil
}

func (c Config) tellVerified(v verified) {
	for _, w := range v.Wrong {
		fmt.Fprintf(c.Out, "WRONG  %s\n", w)
	}
	if v.Chain != nil {
		fmt.Fprintf(c.Out, "chain: %d events, head %.16s\n", v.Chain.Events, v.Chain.Head.Hash)
	}
	fmt.Fprintf(c.Out, "receipts: %d checked, %d faults in all\n", v.Receipts, len(v.Wrong))
}
