package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// answering is how long a program that serves may take to say that it does.
const answering = 5 * time.Second

// alive tells whether a program serves at an address, without a look at the
// database: what a container asks of itself, in an image that has no other
// program to ask with. It fails with kit.Unavailable when none does.
func (c Config) alive(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
	if err != nil {
		return kit.Errorf(kit.Invalid, "ask at %s: %w", address, err).WithHint("give HOST:PORT, such as 127.0.0.1:8080")
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req) // never by a proxy
	if err != nil {
		return kit.Errorf(kit.Unavailable, "ask at %s: %w", address, err).WithHint("`%s serve` listens there by --addr %s", c.Name, address)
	}
	defer resp.Body.Close()
	var said struct{ Status string }
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil || resp.StatusCode != http.StatusOK || said.Status != "ok" {
		return kit.Errorf(kit.Unavailable, "ask at %s: what listens there answers %s, and is not this program or not well", address, resp.Status)
	}
	fmt.Fprintf(c.Out, "%s serves at %s\n", c.Name, address)
	return nil
}
