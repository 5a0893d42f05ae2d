package doctor

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// ports tries to listen where the app and Ollama's server do.
func ports(ctx context.Context, m *machine) Finding {
	free := []string{fmt.Sprintf(m.Say("%s is free"), m.Addr)}
	if taken(ctx, m.Addr) {
		if m.console(ctx) {
			free[0] = fmt.Sprintf(m.Say("%s is served by an app already"), m.Addr)
		} else {
			return warn("go run . serve --addr "+next(m.Addr), "%s is taken%s", m.Addr, m.by(ctx, m.Addr))
		}
	}
	at, err := ollamaserver.Address(m.Getenv("OLLAMA_HOST"))
	if err != nil || !ollamaserver.LocalServer(at.String()) {
		return good("%s", free[0])
	}
	host := net.JoinHostPort(at.Hostname(), at.Port())
	switch {
	case !taken(ctx, host):
		free = append(free, fmt.Sprintf(m.Say("%s is free for Ollama"), host))
	case m.isOllama(ctx, at.String()):
		free = append(free, fmt.Sprintf(m.Say("%s is Ollama's"), host))
	default:
		return warn("export OLLAMA_HOST="+next(host), "%s, where Ollama would listen, is taken%s", host, m.by(ctx, host))
	}
	return good("%s", strings.Join(free, ", "))
}

func (m *machine) isOllama(ctx context.Context, base string) bool {
	_, err := m.ollamaVersion(ctx, base)
	return err == nil
}

// console reports whether an app of this program answers at the address.
func (m *machine) console(ctx context.Context) bool {
	status, body, err := m.get(ctx, "http://"+m.Addr+"/healthz")
	return err == nil && status == http.StatusOK && strings.Contains(string(body), "ok")
}

// taken reports whether an address cannot be listened at.
func taken(ctx context.Context, addr string) bool {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", addr)
	if err != nil {
		return true
	}
	_ = l.Close()
	return false
}

// next is the address with the port after.
func next(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil || n < 1 || n > 65534 {
		return "127.0.0.1:8081"
	}
	return net.JoinHostPort(host, strconv.Itoa(n+1))
}

// by names the program that listens at an address, as far as this user may
// know: " by NAME (process N)".
func (m *machine) by(ctx context.Context, addr string) string {
	_, port, err := net.SplitHostPort(addr)
	n, bad := strconv.ParseUint(port, 10, 16)
	if err != nil || bad != nil {
		return ""
	}
	if m.System == "linux" {
		return m.listener(uint16(n))
	}
	if m.has("lsof") {
		out, err := m.run(ctx, "", "lsof", "-nP", "-iTCP:"+port, "-sTCP:LISTEN", "-Fpc")
		if pid, name, ok := strings.Cut(out, "\nc"); err == nil && ok {
			return fmt.Sprintf(m.Say(" by %s (process %s)"), firstLine(name), plain(strings.TrimPrefix(pid, "p")))
		}
	}
	return ""
}

// listener finds the process in the kernel's own lists.
func (m *machine) listener(port uint16) string {
	socket := ""
	for _, table := range []string{"tcp", "tcp6"} {
		raw, err := os.ReadFile(filepath.Join(m.Root, "proc", "net", table))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(raw)) {
			f := strings.Fields(line)
			if len(f) > 9 && f[3] == "0A" && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				socket = "socket:[" + f[9] + "]"
			}
		}
	}
	if socket == "" {
		return ""
	}
	handles, _ := filepath.Glob(filepath.Join(m.Root, "proc", "[0-9]*", "fd", "*")) // the pattern is good
	for _, h := range handles {
		if to, err := os.Readlink(h); err == nil && to == socket {
			process := filepath.Dir(filepath.Dir(h))
			name, _ := os.ReadFile(filepath.Join(process, "comm"))
			return fmt.Sprintf(m.Say(" by %s (process %s)"), plain(string(name)), filepath.Base(process))
		}
	}
	return ""
}
