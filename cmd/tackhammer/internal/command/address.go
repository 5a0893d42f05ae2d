package command

import (
	"net"
	"strconv"

	"github.com/tackhammer/tackhammer/kit"
)

// freeAddr returns addr, its port chosen where it is 0, or fails while someone
// listens there: better now than after a minute of building.
func freeAddr(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if _, e := strconv.ParseUint(addr, 10, 16); e == nil {
		return "", kit.Errorf(kit.Invalid, "use %q as address: it is a port alone", addr).WithHint("--addr 127.0.0.1:%s", addr)
	}
	if err != nil {
		return "", kit.Errorf(kit.Invalid, "use %q as address: %w", addr, err).WithHint("for example --addr 127.0.0.1:8081")
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", kit.Errorf(kit.Conflict, "serve at %s: %w", addr, err).
			WithHint("another program has the port; name another with --addr %s", net.JoinHostPort(host, nextPort(port)))
	}
	defer l.Close()
	return net.JoinHostPort(host, strconv.Itoa(l.Addr().(*net.TCPAddr).Port)), nil
}

func nextPort(port string) string {
	if n, err := strconv.Atoi(port); err == nil && n > 0 && n < 65535 {
		return strconv.Itoa(n + 1)
	}
	return "8081"
}

// baseURL is how a browser on this machine reaches a server at addr.
func baseURL(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
