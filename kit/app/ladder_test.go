package app

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

func TestTheLadderIsSortedAndWhole(t *testing.T) {
	l, err := readLadder(ladderFile)
	if err != nil || len(l.Models) < 8 || l.AsOf == "" {
		t.Fatalf("%+v, %v", l, err)
	}
	if !slices.IsSortedFunc(l.Models, func(a, b rung) int {
		switch {
		case a.GB < b.GB:
			return -1
		case a.GB > b.GB:
			return 1
		}
		return 0
	}) {
		t.Error("the ladder is not sorted by size")
	}
	seen := map[string]bool{}
	for _, m := range l.Models {
		if seen[m.Name] || !ollamaserver.ValidName(m.Name) || m.GB <= 0 || m.GB > 40 || len(m.Abilities) == 0 || m.Languages == "" || m.Licence == "" {
			t.Errorf("%+v", m)
		}
		seen[m.Name] = true
		for _, a := range m.Abilities {
			if a != "text" && a != "vision" {
				t.Errorf("%s: %q is no ability", m.Name, a)
			}
		}
	}
	if _, err := readLadder([]byte("models: [{nam: x}]")); err == nil {
		t.Error("a mistyped key is taken")
	}
}

func TestSizesAreRead(t *testing.T) {
	for s, want := range map[string]int64{"24GiB": 24 << 30, "24": 24 << 30, "24 GB": 24e9, "800MB": 800e6, "1.5 TiB": 3 << 39, "16G": 16e9, "512MiB": 512 << 20} {
		if got, err := parseSize(s); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "GiB", "-1", "1e9", "24 GiBs", "0", "99999999999TB"} {
		if got, err := parseSize(s); err == nil {
			t.Errorf("%q: %d", s, got)
		}
	}
}

func TestTheLargestGPUIsFound(t *testing.T) {
	dir := t.TempDir()
	for card, bytes := range map[string]string{"card0": "8573157376\n", "card1": "25753026560\n", "card2": "broken"} {
		folder := filepath.Join(dir, card, "device")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "mem_info_vram_total"), []byte(bytes), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := amd(dir); got != 25753026560 {
		t.Errorf("AMD: %d", got)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "nvidia-smi"), []byte("#!/bin/sh\necho 24564\necho 143771\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	t.Setenv("OLLAMA_HOST", "127.0.0.1:11434")
	if got, err := gpu(t.Context(), ""); err != nil || got.bytes != 143771<<20 {
		t.Errorf("NVIDIA: %+v, %v", got, err)
	}
	t.Setenv("OLLAMA_HOST", "gpu.example.com")
	if got, err := gpu(t.Context(), ""); err != nil || got.bytes != 0 || got.why == "" {
		t.Errorf("a server elsewhere: %+v, %v", got, err)
	}
}

// A server may name any file: only Ollama's own blobs are opened.
func TestOnlyBlobsAreOpened(t *testing.T) {
	t.Setenv("OLLAMA_HOST", "127.0.0.1")
	for file, opened := range map[string]bool{"/etc/passwd": false, "": false, "/srv/x/sha256-ab": false, "/var/lib/ollama/.ollama/models/blobs/sha256-ab": true, "/blobs/../etc/passwd": false} {
		if got := weightsFile(file); (got != "") != opened {
			t.Errorf("%q: %q", file, got)
		}
	}
}
