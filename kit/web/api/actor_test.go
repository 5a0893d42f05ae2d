package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// Who acts is the token's owner, an admin's too, whatever the request says.
func TestNobodyDecidesAsSomebodyElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := build(t, db)
		accounts := auth.Accounts{DB: db}
		mei, err := accounts.ByEmail(t.Context(), "mei@example.com")
		must(t, err)
		boss, err := accounts.Add(t.Context(), "Boss", "boss@example.com", auth.Admin)
		must(t, err)
		token, err := accounts.Token(t.Context(), boss.Email)
		must(t, err)
		h.submit("one")
		headers := []string{"X-User", mei.ID, "X-Forwarded-User", mei.ID, "Cookie", "user=" + mei.ID}
		if a := h.do("POST", "/reviews/claim?user_id="+mei.ID, token, "", headers...); a.status != http.StatusUnprocessableEntity {
			t.Errorf("with a parameter: %d %s", a.status, a.raw)
		}
		v := h.do("POST", "/reviews/claim", token, "", headers...)
		if v.status != 200 || v.at("holder", "id") != boss.ID {
			t.Fatalf("claimed by %v: %s", v.at("holder", "id"), v.raw)
		}
		h.decide(h.mei, v, "approve", "k", "").want(t, 409, "lost_lease") // it is not hers, and stays so
		for _, field := range []string{"user", "user_id", "by", "person", "actor", "user_kind"} {
			if a := h.decide(token, v, "approve", "k"+field, fmt.Sprintf(`,%q:%q`, field, mei.ID)); a.status != http.StatusUnprocessableEntity {
				t.Errorf("with the field %s: %d %s", field, a.status, a.raw)
			}
		}
		if a := h.decide(token, v, "approve", "k", ""); a.status != 200 {
			t.Fatalf("decide: %d %s", a.status, a.raw)
		}
		var by []string
		must(t, db.Read().NewRaw("SELECT user_id FROM decisions UNION ALL SELECT actor FROM audit_events WHERE kind = 'decision.made'").Scan(t.Context(), &by))
		if len(by) != 2 || by[0] != boss.ID || by[1] != boss.ID {
			t.Errorf("decided by %v, want %s", by, boss.ID)
		}
	})
}

func TestAnExpiredTokenIsToldApart(t *testing.T) {
	db := storetest.SQLite(t)
	h, accounts := build(t, db), auth.Accounts{DB: db, Clock: func() time.Time { return time.Now().Add(-2 * time.Hour) }}
	old, err := accounts.TokenFor(t.Context(), "mei@example.com", time.Hour)
	must(t, err)
	for token, want := range map[string]string{old: "the token expired at ", "tp_nobody": "the token is unknown"} {
		if a := h.do("GET", "/status", token, ""); a.status != 401 || !strings.Contains(a.str("detail"), want) {
			t.Errorf("%d %s, want %q", a.status, a.raw, want)
		}
	}
}
