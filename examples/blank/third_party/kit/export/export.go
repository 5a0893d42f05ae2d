// Package export carries what people approved out of the service: to a folder,
// to a webhook, as a list for other programs, and as training data.
//
// Targets is what a workflow's runner sends deliveries with: to the folder, the
// webhook, and functions of the team's own. The first two take the same JSON, {"id","case_id","case_name","step","output","receipt","created_at"},
// and may see one delivery more than once: the folder then holds the same file,
// and the webhook's receiver knows it by its id.
//
//	targets, err := export.New(export.Config{Folder: "deliveries"})
//	runner, err := workflow.NewRunner(workflow.Config{Sender: targets, …})
//
// Deliveries writes all of them as JSON Lines or CSV. Training makes training
// data of what people corrected, in the forms that trainers read.
package export

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/workflow"
)

// The names of the targets.
const (
	FolderTarget  = "folder"
	WebhookTarget = "webhook"
)

// Config says where deliveries go.
type Config struct {
	// Folder takes each delivery as a file ID.json; it is made when it is not
	// there. Defaults to none.
	Folder string

	// URL takes each delivery as a POST: https, or http on this machine or a
	// private network. Defaults to none.
	URL string

	// Secret signs what is posted, as "whsec_" and the base64 of 24 bytes or
	// more. Needed with URL.
	Secret string

	// Own are further targets, each a function of the team's own. Defaults to
	// none.
	Own []Own

	// Timeout bounds one POST with its answer. Defaults to 15 seconds.
	Timeout time.Duration

	// Clock tells the time of a signature. Defaults to kit.Now.
	Clock kit.Clock
}

// Targets sends deliveries. It is safe for many goroutines.
type Targets struct {
	folder  string
	webhook *webhook // nil where none is set
	own     []Own
}

var _ workflow.Sender = (*Targets)(nil)

// New checks c. It fails with kit.Invalid when the URL is not safe to post to,
// the secret is none, or an own target has no name of its own. Without any target deliveries stay in the database.
func New(c Config) (*Targets, error) {
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	if c.Clock == nil {
		c.Clock = kit.Now
	}
	if err := checkOwn(c.Own); err != nil {
		return nil, err
	}
	t := &Targets{folder: c.Folder, own: c.Own}
	if c.URL == "" {
		return t, nil
	}
	hook, err := newWebhook(c)
	if err != nil {
		return nil, err
	}
	t.webhook = hook
	return t, nil
}

// Targets names where each delivery goes, in order.
func (t *Targets) Targets() []string {
	var names []string
	if t.folder != "" {
		names = append(names, FolderTarget)
	}
	if t.webhook != nil {
		names = append(names, WebhookTarget)
	}
	for _, o := range t.own {
		names = append(names, o.Name)
	}
	return names
}

// Send brings one delivery to one target. It fails with kit.Invalid when
// another try cannot help, else with kit.Unavailable.
func (t *Targets) Send(ctx context.Context, target string, out workflow.Outgoing) error {
	if own, ok := t.ownOf(target); ok {
		return own.send(ctx, ownPatience, out)
	}
	body, err := encode(out)
	if err != nil {
		return kit.Errorf(kit.Invalid, "write delivery %s: %w", out.ID, err)
	}
	switch {
	case target == FolderTarget && t.folder != "":
		return writeFile(t.folder, out.ID, body)
	case target == WebhookTarget && t.webhook != nil:
		return t.webhook.post(ctx, out.ID, body)
	}
	return kit.Errorf(kit.Invalid, "send delivery %s: no target is called %q now", out.ID, target).
		WithHint("it was there when the delivery was made: set it again, in nail.yaml or in the code, and retry the case")
}

// encode writes v as one line of JSON. Nothing in it is escaped anew: the
// receipt's hash is over the output's bytes as they stand here.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

// client posts without following redirects: what was approved goes to the
// address that was set, and nowhere else.
func client(timeout time.Duration) *http.Client {
	return &http.Client{Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
