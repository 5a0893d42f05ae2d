package review

import (
	"context"

	"github.com/uptrace/bun"
)

// Certified is a bar with the person who certified it.
type Certified struct {
	Bar
	By Holder `json:"by"`
}

// CertifiedBars lists the bars that hold, newest first, and behind them the
// newest that are void, as many as asked for.
func CertifiedBars(ctx context.Context, db bun.IDB, void int) ([]Certified, error) {
	var rows []struct {
		barRow
		By   string `bun:"certified_by"`
		Name string `bun:"certifier"`
	}
	const columns = `b.id, b.step, b.threshold, b.error, b.confidence, b.labels, b.wrong, b.cases, b.share, b.model_name, b.model_digest,
		b.prompt_hash, b.schema_hash, b.server, b.calibration, b.certified_at, b.voided_at, b.void_reason, b.certified_by, u.name AS certifier`
	err := db.NewRaw(`SELECT `+columns+` FROM bars b JOIN users u ON u.id = b.certified_by
		WHERE b.voided_at IS NULL OR b.id IN (SELECT x.id FROM bars x WHERE x.voided_at IS NOT NULL ORDER BY x.id DESC LIMIT ?)
		ORDER BY CASE WHEN b.voided_at IS NULL THEN 0 ELSE 1 END, b.id DESC`, void).Scan(ctx, &rows)
	all := make([]Certified, len(rows))
	for i, r := range rows {
		all[i] = Certified{Bar: r.bar(), By: Holder{ID: r.By, Name: r.Name}}
	}
	return all, err
}
