package doctor

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// card is a GPU that models can run on.
type card struct {
	name  string
	bytes uint64 // of memory that a model can take
}

// gpu tells of the GPUs and their memory; a machine needs none.
func gpu(ctx context.Context, m *machine) Finding {
	cards, trouble := m.cards(ctx)
	if trouble.Says != "" {
		return trouble
	}
	if len(cards) == 0 {
		return good("none is seen: models run on the processor, small ones fast enough")
	}
	var told []string
	for _, c := range cards[:min(3, len(cards))] {
		told = append(told, fmt.Sprintf("%s, %s", plain(c.name), size(c.bytes)))
	}
	says := strings.Join(told, "; ")
	if more := len(cards) - len(told); more > 0 {
		says += fmt.Sprintf(m.Say("; %d more"), more)
	}
	return good("%s", says)
}

// cards are the GPUs of this machine, or why they do not work.
func (m *machine) cards(ctx context.Context) ([]card, Finding) {
	if m.System == "darwin" {
		return m.apple(ctx), Finding{}
	}
	cards, trouble := m.nvidia(ctx)
	if len(cards) == 0 && trouble.Says == "" {
		cards = m.amd(ctx)
	}
	return cards, trouble
}

// largest is the memory of the largest GPU, 0 where none is seen.
func (m *machine) largest(ctx context.Context) (bytes uint64) {
	cards, _ := m.cards(ctx)
	for _, c := range cards {
		bytes = max(bytes, c.bytes)
	}
	return bytes
}

func (m *machine) nvidia(ctx context.Context) (cards []card, trouble Finding) {
	_, err := os.Stat(filepath.Join(m.Root, "proc", "driver", "nvidia"))
	driver := err == nil
	if !m.has("nvidia-smi") {
		if driver {
			return nil, warn("", "the kernel has NVIDIA's driver, but nvidia-smi is not on the PATH: its memory is not known")
		}
		return nil, Finding{}
	}
	out, err := m.run(ctx, "", "nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
	if err != nil {
		mend := "nvidia-smi"
		if m.System == "linux" {
			mend = m.asRoot("modprobe nvidia", "")
		}
		return nil, warn(mend, "nvidia-smi fails: %s", plain(first(firstLine(out), err.Error())))
	}
	for line := range strings.Lines(out) {
		at := strings.LastIndex(line, ",")
		if at < 0 {
			continue
		}
		if n, err := strconv.ParseUint(strings.TrimSpace(line[at+1:]), 10, 32); err == nil {
			cards = append(cards, card{strings.TrimSpace(line[:at]), n << 20})
		}
	}
	return cards, Finding{}
}

// amd asks AMD's program, or the kernel where that is missing.
func (m *machine) amd(ctx context.Context) []card {
	if m.has("rocm-smi") {
		if out, err := m.run(ctx, "", "rocm-smi", "--showmeminfo", "vram", "--csv"); err == nil {
			if cards := rocm(out); len(cards) > 0 {
				return cards
			}
		}
	}
	files, _ := filepath.Glob(filepath.Join(m.Root, "sys", "class", "drm", "card*", "device", "mem_info_vram_total")) // the pattern is good
	var cards []card
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if bytes, err := strconv.ParseUint(strings.TrimSpace(string(raw)), 10, 64); err == nil && bytes > gib {
			cards = append(cards, card{"AMD", bytes})
		}
	}
	return cards
}

// rocm reads the table of rocm-smi: a row a card, its memory in bytes in the
// column that is named for the total.
func rocm(table string) (cards []card) {
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil || len(rows) < 2 {
		return nil
	}
	for _, row := range rows[1:] {
		for i, head := range rows[0] {
			if bytes, err := strconv.ParseUint(row[i], 10, 64); err == nil && strings.HasPrefix(head, "VRAM Total Memory") {
				cards = append(cards, card{"AMD " + row[0], bytes})
			}
		}
	}
	return cards
}

// apple is Apple's own GPU, which shares the machine's memory: the system lets
// it have about three quarters.
func (m *machine) apple(ctx context.Context) []card {
	out, err := m.run(ctx, "", "sysctl", "-n", "hw.memsize")
	bytes, bad := strconv.ParseUint(out, 10, 64)
	if err != nil || bad != nil || runtime.GOARCH != "arm64" && m.arch(ctx) != "arm64" {
		return nil
	}
	return []card{{"Apple's, with the machine's memory", bytes / 4 * 3}}
}

func (m *machine) arch(ctx context.Context) string {
	out, _ := m.run(ctx, "", "uname", "-m") // "" where it does not tell
	return out
}
