package command

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// ollamaLimit is how long a server on this machine or network may take to
// answer before the demo goes on without it.
const ollamaLimit = 500 * time.Millisecond

// offerOllama says how to draft with a model of an Ollama server, when there
// is one in reach. A server that is down or odd is not worth a word.
func (d demo) offerOllama(ctx context.Context) {
	if strings.HasPrefix(d.Model, "ollama:") {
		return
	}
	base := ollamaURL(os.Getenv("OLLAMA_HOST"))
	version, models, err := askOllama(ctx, base)
	if err != nil {
		return
	}
	fmt.Fprintf(d.Out, "ollama   %s answers at %s", version, base)
	if len(models) == 0 {
		fmt.Fprintln(d.Out, ", but has no model yet: ollama pull NAME")
		return
	}
	fmt.Fprintln(d.Out, "; to draft with it:")
	command := "tackhammer demo"
	if d.dirGiven {
		command += " --dir " + shellQuote(d.Dir)
	}
	for _, m := range models[:min(3, len(models))] {
		fmt.Fprintf(d.Out, "           %s --model ollama:%s\n", command, m)
	}
}

// askOllama returns a server's version and its models' names.
func askOllama(ctx context.Context, base string) (version string, models []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, ollamaLimit)
	defer cancel()
	var v struct {
		Version string `json:"version"`
	}
	if err := getJSON(ctx, base+"/api/version", &v); err != nil {
		return "", nil, err
	}
	var tags struct {
		Models []struct {
			Name string `json:"name"`
		} `json:"models"`
	}
	if err := getJSON(ctx, base+"/api/tags", &tags); err != nil {
		return "", nil, err
	}
	for _, m := range tags.Models {
		models = append(models, strings.TrimSuffix(m.Name, ":latest"))
	}
	return v.Version, models, nil
}

func getJSON(ctx context.Context, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("get %s: %s", url, resp.Status)
	}
	return json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 1<<20)).Decode(into)
}

// ollamaURL reads OLLAMA_HOST as Ollama's own programs do: a host, a host and
// port, or a URL; an address that means "every interface" is this machine.
func ollamaURL(v string) string {
	v = strings.TrimRight(strings.Trim(strings.TrimSpace(v), `"'`), "/")
	scheme, rest, ok := strings.Cut(v, "://")
	if !ok {
		scheme, rest = "http", v
	}
	def := map[string]string{"http": "11434", "https": "443"}[scheme]
	if ok && scheme == "http" {
		def = "80"
	}
	hostport, path, _ := strings.Cut(rest, "/")
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		host, port = strings.Trim(hostport, "[]"), def
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	u := url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port), Path: path}
	return u.String()
}
