package app

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// vram is the memory of the one GPU that a model is to fit, in bytes. 0 is not
// known.
type vram struct {
	bytes int64
	given bool   // by the flag
	why   string // how it is known, or why it is not
}

var sizeShape = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?([KMGT]i?B?)?$`)

// parseSize reads "24GiB", "24 GB" or "24", which is GiB.
func parseSize(s string) (int64, error) {
	m := sizeShape.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, kit.Errorf(kit.Invalid, "read the size %q", s).WithHint("write a number with a unit, such as 24GiB or 800MB")
	}
	n, err := strconv.ParseFloat(m[1], 64)
	unit := strings.TrimSuffix(m[2], "B")
	base := 1000.0
	if unit == "" || strings.HasSuffix(unit, "i") {
		base = 1024
	}
	scale := map[string]int{"": 3, "K": 1, "M": 2, "G": 3, "T": 4}[strings.TrimSuffix(unit, "i")]
	for range scale {
		n *= base
	}
	if err != nil || n > 1<<50 || n < 1 {
		return 0, kit.Errorf(kit.Invalid, "read the size %q: it is out of range", s).WithHint("write one such as 24GiB")
	}
	return int64(n), nil
}

// gpu is the size that is given, or else that of the largest GPU of this
// machine, where Ollama's server is on it.
func gpu(ctx context.Context, given string) (vram, error) {
	if given != "" {
		bytes, err := parseSize(given)
		return vram{bytes: bytes, given: true, why: "as --vram says"}, err
	}
	if !ollamaserver.LocalServer(os.Getenv("OLLAMA_HOST")) {
		return vram{why: "the model's server is on another machine: give --vram to have what does not fit its GPU refused"}, nil
	}
	if bytes := max(nvidia(ctx), amd("/sys/class/drm")); bytes > 0 {
		return vram{bytes: bytes, why: "as this machine shows"}, nil
	}
	return vram{why: "this machine shows no GPU's memory: give --vram to have what does not fit refused"}, nil
}

// nvidia is the memory of the largest of NVIDIA's GPUs, 0 without one.
func nvidia(ctx context.Context) (most int64) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits").Output()
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(out)) {
		mib, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if err == nil {
			most = max(most, mib<<20)
		}
	}
	return most
}

// amd is the same of AMD's, as the kernel shows them in a folder.
func amd(folder string) (most int64) {
	files, _ := filepath.Glob(filepath.Join(folder, "card*", "device", "mem_info_vram_total")) // the pattern is good
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if bytes, err := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64); err == nil {
			most = max(most, bytes)
		}
	}
	return most
}

// gib is a number of bytes as people read it.
func gib(bytes int64) string {
	if bytes < 100<<20 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}

// gb is a size on the disk as people read it, "" for none.
func gb(bytes int64) string {
	switch {
	case bytes <= 0:
		return "-"
	case bytes < 100e6:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}
