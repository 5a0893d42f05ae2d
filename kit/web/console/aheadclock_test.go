package console_test

import (
	"net/url"
	"testing"
	"time"
)

// A clock that was a day ahead when somebody's sessions were ended lets them in
// all the same, for as long as nobody ends their sessions again.
func TestAClockThatWasAheadKeepsNobodyOut(t *testing.T) {
	o := newOffice(t, nil)
	before := o.another().enters(o, o.mei)
	o.w.pass(24 * time.Hour)
	if _, err := o.accounts.Revoke(t.Context(), o.mei.Email); err != nil {
		t.Fatal(err)
	}
	o.w.pass(-24 * time.Hour)
	before.get("/inbox").leads(t, "/signin?next=%2Finbox")
	now := o.another().enters(o, o.mei)
	now.get("/inbox").has(t, 200)
	o.w.pass(16 * time.Minute)
	now.get("/inbox").has(t, 200)
	now.post("/account/password", url.Values{"new": {pass}, "again": {pass}}).has(t, 422, "and set it then") // it is not fresh for a day
	if _, err := o.accounts.Revoke(t.Context(), o.mei.Email); err != nil {
		t.Fatal(err)
	}
	now.get("/inbox").leads(t, "/signin?next=%2Finbox")
	o.another().enters(o, o.mei).get("/inbox").has(t, 200)
}
