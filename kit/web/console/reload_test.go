package console_test

import (
	"testing"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/labstack/echo/v4"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
	"github.com/tackhammer/tackhammer/kit/web/console"
)

// Who reloads what answered a form, or is sent back to its address after
// signing in again, sees a page.
func TestEveryFormsAddressIsAPageToo(t *testing.T) {
	w, e := newWorld(), echo.New()
	err := console.Register(e, console.Config{Service: w, Accounts: w, People: auth.Accounts{DB: storetest.SQLite(t)},
		Sessions: memstore.NewWithCleanupInterval(0)})
	if err != nil {
		t.Fatal(err)
	}
	// A script's alone, and two that answer with another address.
	pages := map[string]bool{"/reviews/:id/renew": true, "/settings": true, "/signout": true}
	for _, r := range e.Routes() {
		pages[r.Path] = pages[r.Path] || r.Method == "GET"
	}
	for _, r := range e.Routes() {
		if r.Method == "POST" && !pages[r.Path] {
			t.Errorf("POST %s has no page to come back to", r.Path)
		}
	}
}
