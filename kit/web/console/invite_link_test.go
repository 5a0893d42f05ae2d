package console_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/web/console"
)

// Whatever host a request names: a link that lets its reader in leads home.
func TestAnInvitationLeadsToTheConsolesOwnAddress(t *testing.T) {
	var mailed string
	o := newOffice(t, func(cfg *console.Config) {
		cfg.URL = "https://desk.example/"
		cfg.Mail = post(func(_ auth.User, link string) error { mailed = link; return nil })
	})
	o.enters(o, o.boss)
	made := o.post("/people", url.Values{"name": {"Ana"}, "email": {"ana@example.com"}, "role": {"lead"}}).made(t)
	if !strings.HasPrefix(made, "https://desk.example/signin/link?") || mailed != made {
		t.Errorf("shown %s, mailed %s", made, mailed)
	}
	made = o.post("/people/"+o.mei.ID+"/reset", nil).made(t)
	if !strings.HasPrefix(made, "https://desk.example/signin/link?") {
		t.Errorf("a reset leads to %s", made)
	}
}
