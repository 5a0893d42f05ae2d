package review

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit/auth"
)

// Admission is who may decide on a review, as it was opened.
type Admission struct {
	Roles  int64    `json:"roles"`  // 1 reviewer, 2 lead, 4 admin, added up
	Barred []string `json:"barred"` // IDs of those who are kept from it; nil for not known
}

// AdmissionOf reads who may decide on a review.
func AdmissionOf(ctx context.Context, db bun.IDB, reviewID string) (Admission, error) {
	a := Admission{Barred: []string{}}
	if err := db.NewRaw(`SELECT roles FROM reviews WHERE id = ?`, reviewID).Scan(ctx, &a.Roles); err != nil {
		return a, err
	}
	var barred []string
	err := db.NewRaw(`SELECT user_id FROM barred WHERE review_id = ? ORDER BY user_id`, reviewID).Scan(ctx, &barred)
	a.Barred = append(a.Barred, barred...)
	return a, err
}

// Admits reports whether a role is one of those.
func (a Admission) Admits(role auth.Role) bool { return a.Roles&roleBits[role] != 0 }

// ToLeads is a with leads and admins alone, as Escalate leaves a review that
// nobody took in time to them.
func (a Admission) ToLeads() Admission {
	a.Roles = mask(leads)
	return a
}
