package app

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
	"github.com/tackhammer/tackhammer/kit/store"
)

// registered is a model that was made for this service.
type registered struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Digest   string    `json:"digest"`
	Base     string    `json:"base"`
	SHA256   string    `json:"file_sha256"`
	Size     int64     `json:"size"`
	Manifest string    `json:"manifest_sha256"`
	Recipe   string    `json:"recipe"`
	MadeAt   time.Time `json:"made_at"`
	MadeBy   string    `json:"made_by"`
}

// registeredRow is one as it is read.
type registeredRow struct {
	ID             string
	Name           string
	Digest         string
	Base           string
	FileSha256     string `bun:"file_sha256"`
	Size           int64
	ManifestSha256 string `bun:"manifest_sha256"`
	Recipe         string
	MadeAt         int64
	MadeBy         string
}

// registry lists the models that were registered, newest first.
func registry(ctx context.Context, db *store.DB) ([]registered, error) {
	var rows []registeredRow
	err := db.Read().NewRaw("SELECT id, name, digest, base, file_sha256, size, manifest_sha256, recipe, made_at, made_by FROM models ORDER BY id DESC").Scan(ctx, &rows)
	out := make([]registered, 0, len(rows))
	for _, r := range rows {
		out = append(out, registered{ID: r.ID, Name: r.Name, Digest: r.Digest, Base: r.Base, SHA256: r.FileSha256, Size: r.Size, Manifest: r.ManifestSha256,
			Recipe: r.Recipe, MadeAt: time.UnixMicro(r.MadeAt).UTC(), MadeBy: r.MadeBy})
	}
	return out, err
}

// known reports whether the model is registered already, and fails with
// kit.Conflict when its name is taken by another. One that its server has and
// the database lacks, as when registering was cut short, is made anew.
func (m *candidate) known(ctx context.Context, db *store.DB) (bool, error) {
	digest, same, err := ollamaserver.Holds(ctx, os.Getenv("OLLAMA_HOST"), m.made.Name, m.made.SHA256)
	if err != nil || digest == "" {
		return false, err
	}
	all, err := registry(ctx, db)
	if err != nil {
		return false, err
	}
	for _, r := range all {
		if r.Name == m.made.Name && r.Digest == digest && r.SHA256 == m.made.SHA256 && r.Base == m.made.Base {
			m.made = r
			return true, nil
		}
	}
	if same && !namedIn(all, m.made.Name) {
		return false, nil
	}
	return false, kit.Errorf(kit.Conflict, "register the model %s: the server has another of this name", m.made.Name).
		WithHint("give --name another, such as %s-2", m.made.Name)
}

// namedIn reports whether one of these has the name.
func namedIn(all []registered, name string) bool {
	for _, r := range all {
		if r.Name == name {
			return true
		}
	}
	return false
}

// note writes the model down with its event.
func (m registered) note(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		ctx, err := audit.Hold(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw(`INSERT INTO models (id, name, digest, base, file_sha256, size, manifest_sha256, recipe, made_at, made_by)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, m.ID, m.Name, m.Digest, m.Base, m.SHA256, m.Size, m.Manifest, m.Recipe, m.MadeAt.UnixMicro(), m.MadeBy).Exec(ctx)
		if err != nil {
			return err
		}
		data, err := json.Marshal(m)
		if err != nil {
			return err
		}
		_, err = audit.Append(ctx, tx, audit.Event{At: m.MadeAt, Actor: m.MadeBy, Kind: "model.registered", Data: data})
		return err
	})
}

// readManifest reads the hash of a manifest and the texts that a model saw in
// training: those of all parts but the test's. Without a path there are none.
func readManifest(path string) (sha string, sources []string, err error) {
	if path == "" {
		return "", nil, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, export.ManifestFile)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", nil, kit.Errorf(kit.Invalid, "read the manifest: %w", err).WithHint("name the manifest.json that `export corrections` wrote")
	}
	var m export.Manifest
	if err := json.Unmarshal(raw, &m); err != nil || len(m.Records) == 0 {
		return "", nil, kit.Errorf(kit.Invalid, "read the manifest %s: it is none of training data", path).WithHint("name the manifest.json that `export corrections` wrote")
	}
	for _, r := range m.Records {
		if r.Part != export.Test && r.Source != "" {
			sources = append(sources, r.Source)
		}
	}
	return kit.Hash(raw), sources, nil
}
