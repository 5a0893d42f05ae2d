package ollamaserver

import (
	"context"
	"net/http"
)

// LoadedModel is a model that a server holds in memory now. Sizes are in
// bytes. A model with SizeVRAM below Size has spilled to the CPU's memory: it
// does not fit the GPU, and is slow.
type LoadedModel struct {
	Name     string
	Digest   string // hex SHA-256
	Size     int64  // all of it, with its context
	SizeVRAM int64  // the part on the GPU; 0 where there is none
}

// Spilled reports whether only a part of the model is on the GPU.
func (l LoadedModel) Spilled() bool { return l.SizeVRAM > 0 && l.SizeVRAM < l.Size }

// Loaded lists what a server holds in memory (/api/ps). It fails with
// kit.Unavailable when none answers at the address server ("" is DefaultURL).
func Loaded(ctx context.Context, server string) ([]LoadedModel, error) {
	client, err := Client(server, http.DefaultClient)
	if err != nil {
		return nil, err
	}
	found, err := client.ListRunning(ctx)
	if err != nil {
		return nil, unreached("list the loaded models", err)
	}
	out := make([]LoadedModel, 0, len(found.Models))
	for _, m := range found.Models {
		out = append(out, LoadedModel{Name: m.Name, Digest: m.Digest, Size: m.Size, SizeVRAM: m.SizeVRAM})
	}
	return out, nil
}
