package audit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/store"
)

func Example() {
	ctx := context.Background()
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	db, err := store.Open(ctx, store.Config{URL: filepath.Join(dir, "app.db")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		fmt.Println(err)
		return
	}
	for _, kind := range []string{"case.made", "review.decided"} {
		if err := db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
			ctx, err := audit.Hold(ctx, tx)
			if err != nil {
				return err
			}
			_, err = audit.Append(ctx, tx, audit.Event{At: time.Unix(0, 0), Actor: "mei", Kind: kind, CaseID: "c1", Data: json.RawMessage(`{}`)})
			return err
		}); err != nil {
			fmt.Println(err)
		}
	}
	events, _ := audit.Events(ctx, db.Read(), "c1")
	for _, e := range events {
		fmt.Println(e.Seq, e.Kind, e.Hash[:8], "after", fmt.Sprintf("%.8q", e.Prev))
	}
	result, err := audit.Verify(ctx, db.Read())
	fmt.Println(result.OK(), result.Events, err)
	// Output:
	// 1 case.made 7045479e after ""
	// 2 review.decided 1c774788 after "7045479e"
	// true 2 <nil>
}

func ExampleCheckReceipt() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	signer, err := audit.MakeSigner(filepath.Join(dir, "receipts.pem"))
	if err != nil {
		fmt.Println(err)
		return
	}
	output := []byte(`{"total":"12.50"}`)
	receipt, _ := signer.Sign(audit.Receipt{Delivery: "d1", OutputHash: kit.Hash(output)})
	fmt.Println(audit.CheckReceipt(receipt, output, signer.PublicKey()))

	receipt.Case = "another"
	fmt.Println(audit.CheckReceipt(receipt, output, signer.PublicKey()))
	// Output:
	// <nil>
	// check receipt of delivery d1: the signature does not match: the receipt was changed after it was signed
}
