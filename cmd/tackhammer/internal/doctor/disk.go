package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// room is a folder that fills, with how much is to be free there, in bytes:
// below least an app is not built, below wanted it soon is not.
type room struct {
	name, dir     string
	least, wanted uint64
	mend          string
}

const mib, gib = 1 << 20, 1 << 30

func (m *machine) rooms(env map[string]string) []room {
	rooms := []room{
		{m.Say("the app"), m.abs, 100 * mib, gib, "du -sh " + m.abs},
		{m.Say("Go's cache"), env["GOCACHE"], 500 * mib, 2 * gib, "go clean -cache"},
		{m.Say("the temporary folder"), first(env["GOTMPDIR"], m.Getenv("TMPDIR"), os.TempDir()), 300 * mib, gib, "go env -w GOTMPDIR=DIR"},
	}
	if store := m.store(); store != "" {
		rooms = append(rooms, room{m.Say("the models"), store, 0, 4 * gib, "ollama list"})
	}
	return rooms
}

// store is where a server on this machine keeps its models, "" where there is
// none.
func (m *machine) store() string {
	if !ollamaserver.LocalServer(m.Getenv("OLLAMA_HOST")) {
		return ""
	}
	dir := m.Getenv("OLLAMA_MODELS")
	if home := m.Getenv("HOME"); dir == "" && home != "" {
		dir = filepath.Join(home, ".ollama", "models")
	}
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}

// disk tells how much is free where an app, its build and its models are.
func disk(_ context.Context, m *machine) Finding {
	env, _ := m.goEnv()            // without it the cache is not looked at
	rooms := map[string][]string{} // by how much is free there
	var sizes []string
	worst := Finding{Level: OK}
	for _, r := range m.rooms(env) {
		bytes, err := r.free()
		if err != nil {
			continue
		}
		free := size(bytes)
		if rooms[free] == nil {
			sizes = append(sizes, free)
		}
		rooms[free] = append(rooms[free], r.name)
		switch {
		case bytes < r.least:
			worst = Finding{Level: Wrong, Mend: r.mend}
		case bytes < r.wanted && worst.Level == OK:
			worst = Finding{Level: Warn, Mend: r.mend}
		}
	}
	if len(sizes) == 0 {
		return warn("", "the system does not tell how much is free")
	}
	for i, s := range sizes {
		sizes[i] = fmt.Sprintf(m.Say("%s free for %s"), s, strings.Join(rooms[s], ", "))
	}
	worst.Says = strings.Join(sizes, "; ")
	return worst
}

// free is how much is free on the disk of the room, or of what is there above
// it.
func (r room) free() (uint64, error) {
	if r.dir == "" {
		return 0, os.ErrNotExist
	}
	dir := above(r.dir, func(dir string) bool { _, err := os.Stat(dir); return err == nil })
	if dir == "" {
		return 0, os.ErrNotExist
	}
	return free(dir)
}

// size is a number of bytes as people read it.
func size(bytes uint64) string {
	if bytes < gib {
		return fmt.Sprintf("%d MiB", bytes/mib)
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/gib)
}
