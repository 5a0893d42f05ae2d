package workflow_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
	"github.com/tackhammer/tackhammer/kit/store/storetest"
)

// A decision is shown under a name: whoever changes the name is named.
func TestCompareNamesWhoIsCalledOtherwise(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := idle(t, db)
		admin, err := s.accounts.Add(t.Context(), "Adi", "adi@example.com", auth.Admin)
		if err == nil {
			_, err = s.accounts.Delete(t.Context(), admin.ID, s.person("Gone").ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		s.agrees()
		want, of := "user "+s.ann.ID+": they are not called what they were when they were added", ` WHERE id = '`+s.ann.ID+`'`
		for _, set := range []string{`name = 'Zoe'`, `email = 'zoe@example.com'`, `salt = ''`, `salt = 'x', name = 'Zoe'`} {
			s.names(want, `UPDATE users SET `+set+of)
		}
		s.names("user "+s.robot.ID+": they are not called what they were when they were added", `UPDATE users SET name = 'other' WHERE id = '`+s.robot.ID+`'`)
		var salts int
		if err := db.Read().NewRaw(`SELECT COUNT(*) FROM users WHERE deleted_at > 0 AND salt <> ''`).Scan(t.Context(), &salts); err != nil || salts > 0 {
			t.Errorf("%d deleted people can still be told by the trail, %v", salts, err)
		}
	})
}
