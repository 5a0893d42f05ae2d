package ollamaserver

import (
	"net"
	"net/url"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

// DefaultURL is where a server listens when nobody says otherwise.
const DefaultURL = "http://127.0.0.1:" + defaultPort

const defaultPort = "11434"

// Address reads where a server is as Ollama's own programs read OLLAMA_HOST: a
// host, a host and port, or a URL; "" is DefaultURL, and an address that means
// "every interface" is this machine. It fails with kit.Invalid for what is none
// of these.
func Address(text string) (*url.URL, error) {
	trimmed := strings.TrimRight(strings.Trim(strings.TrimSpace(text), `"'`), "/")
	scheme, rest, named := strings.Cut(trimmed, "://")
	if !named {
		scheme, rest = "http", trimmed
	}
	port, known := map[string]string{"http": "80", "https": "443"}[scheme]
	if !named {
		port = defaultPort
	}
	u, err := url.Parse(scheme + "://" + local(rest, port))
	if err != nil || !known {
		return nil, kit.Errorf(kit.Invalid, "open ollama: %q is no address of a server", text).WithHint("write it as %s", DefaultURL)
	}
	return u, nil
}

// local is HOST:PORT/PATH with the port that goes without saying, and with this
// machine for a host that means all of its interfaces.
func local(rest, port string) string {
	at, path, deeper := strings.Cut(rest, "/")
	host, given, err := net.SplitHostPort(at)
	if err != nil {
		host, given = strings.Trim(at, "[]"), port
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	if at = net.JoinHostPort(host, given); deeper {
		at += "/" + path
	}
	return at
}
