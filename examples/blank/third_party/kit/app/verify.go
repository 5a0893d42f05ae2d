package app

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/line"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

func (c Config) verifyCommand() *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "check the audit trail and the receipts, without a running service", ArgsUsage: "[FILE…]",
		Description: "Without files: the whole trail, whether cases, decisions and deliveries are still what it noted, and\n" +
			"the receipt of each delivery in the database, signed with a key that the trail knows. With files: the\n" +
			"receipt in each delivered file, also where there is no database. --key says whose signature counts alone.",
		Flags: shared(jsonFlag(), keyFlag(),
			&cli.StringSliceFlag{Name: "checkpoint", Usage: "`FILE` with a checkpoint that was kept elsewhere; all files that follow are such, too: give all of them"},
			&cli.StringSliceFlag{Name: "archive", Usage: "`FILE` of archived events, to read the chain through it; may be given again"}),
		Action: func(cc *cli.Context) error {
			if cc.NArg() > 0 && !cc.IsSet("checkpoint") {
				return c.verifyFiles(cc)
			}
			return c.with(finds, 0, cc.NArg(), c.verifyTrail)(cc)
		},
	}
}

// verified is what verify found, for programs.
type verified struct {
	Chain    *audit.Result  `json:"chain,omitempty"`
	Receipts int            `json:"receipts"`
	Keys     map[string]int `json:"keys"` // how many good receipts each public key signed
	Wrong    []string       `json:"wrong"`

	// Uncompared is how many cases were not held against the trail, for their
	// events are archived.
	Uncompared int64 `json:"uncompared"`

	trailAlone bool     // no receipts were looked for
	delivered  []string // what the files say was delivered

	Unread []string `json:"unread"` // files that could not be read, and why
}

// receipt checks one receipt against the keys that count; none means that any
// does.
func (v *verified) receipt(r audit.Receipt, output []byte, keys []ed25519.PublicKey) error {
	v.Receipts++
	var key ed25519.PublicKey
	for _, k := range keys {
		if key == nil || base64.StdEncoding.EncodeToString(k) == r.PublicKey {
			key = k
		}
	}
	err := audit.CheckReceipt(r, output, key)
	if err == nil {
		v.Keys[r.PublicKey]++
	}
	return err
}

func (c Config) verifyTrail(ctx context.Context, cc *cli.Context, s *Service) error {
	against, done, err := s.against(ctx, cc)
	defer done()
	if err != nil {
		return err
	}
	keys := against.Keys
	res, err := against.Verify(ctx, s.DB.Read())
	if err != nil {
		return err
	}
	v := verified{Chain: &res, Keys: map[string]int{}, Wrong: []string{}, Unread: []string{}}
	v.chain(res)
	if v.Uncompared, err = s.archivedCases(ctx); err != nil {
		return err
	}
	faults, err := s.Runner.Compare(ctx)
	if err != nil {
		return err
	}
	v.Wrong = append(v.Wrong, faults...)
	if _, err := export.Each(ctx, s.Runner, func(d workflow.Delivery) error {
		err := v.receipt(d.Receipt, d.Output, keys)
		if len(keys) == 0 {
			err = errors.New("the trail knows no key of the service")
		}
		if err != nil {
			v.Wrong = append(v.Wrong, fmt.Sprintf("delivery %s: %v", d.ID, err))
		}
		return nil
	}); err != nil {
		return err
	}
	return c.printVerified(cc, v)
}

// chain takes what is wrong with the trail.
func (v *verified) chain(res audit.Result) {
	for _, p := range res.Problems {
		v.Wrong = append(v.Wrong, p.String())
	}
}

// archivedCases is how many cases have their events in archives, where nothing
// compares them with the trail.
func (s *Service) archivedCases(ctx context.Context) (int64, error) {
	archives, err := audit.Archives(ctx, s.DB.Read())
	if err != nil || len(archives) == 0 {
		return 0, err
	}
	return archives[len(archives)-1].Cases, nil
}

// countingKeys are the keys whose signature counts: the one that was given, or
// those of the trail.
func (s *Service) countingKeys(ctx context.Context, cc *cli.Context) ([]ed25519.PublicKey, error) {
	if given, err := givenPublicKey(cc); err != nil || given != nil {
		return given, err
	}
	return audit.Keys(ctx, s.DB.Read())
}

func givenPublicKey(cc *cli.Context) ([]ed25519.PublicKey, error) {
	given := cc.String("key")
	if given == "" {
		return nil, nil
	}
	key, err := audit.ParsePublicKey(given)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "verify: --key: %w", err)
	}
	return []ed25519.PublicKey{key}, nil
}

func (c Config) printVerified(cc *cli.Context, v verified) error {
	if cc.Bool("json") {
		if err := c.printJSON(v); err != nil {
			return err
		}
	} else {
		c.tellVerified(v)
	}
	var bad []string
	if n := len(v.Wrong); n > 0 {
		bad = append(bad, count(n, "fault"))
	}
	if n := len(v.Unread); n > 0 {
		bad = append(bad, count(n, "file")+" could not be read")
	}
	if len(bad) == 0 {
		return nil
	}
	return kit.Errorf(kit.Internal, "verify: %s", strings.Join(bad, ", "))
}

// count tells n things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// tellKept says what of the trail could not be looked at here.
func (v verified) tellKept(w io.Writer) {
	if v.Chain.CaseID != "" {
		fmt.Fprintf(w, "the events of case %s alone: whether one is missing cannot be told\n", v.Chain.CaseID)
	}
	if v.Chain.Archived > 0 {
		fmt.Fprintf(w, "archived: the events up to %d, with %s that could not be compared\n", v.Chain.Archived, count(int(v.Uncompared), "case"))
	}
}

func (c Config) tellVerified(v verified) {
	for _, w := range v.Wrong {
		fmt.Fprintf(c.Out, "WRONG  %s\n", w)
	}
	for _, d := range v.delivered {
		fmt.Fprintf(c.Out, "ok     %s\n", line.Wrap(d, len("ok     ")))
	}
	for _, u := range v.Unread {
		fmt.Fprintf(c.Err, "could not be read: %s\n", u)
	}
	if v.Chain != nil {
		fmt.Fprintf(c.Out, "chain: %d events, head %.16s, %s\n", v.Chain.Events, v.Chain.Head.Hash, count(int(v.Chain.Checkpoints), "checkpoint"))
		v.tellKept(c.Out)
	}
	for _, key := range slices.Sorted(maps.Keys(v.Keys)) {
		fmt.Fprintf(c.Out, "signed with %s: %d\n", key, v.Keys[key])
	}
	if v.trailAlone {
		fmt.Fprintf(c.Out, "%s in all\n", count(len(v.Wrong), "fault"))
		return
	}
	fmt.Fprintf(c.Out, "receipts: %d checked, %s in all\n", v.Receipts, count(len(v.Wrong), "fault"))
}
