package workflow

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/store"
)

// SavedView is the filters of a list under a name. Query is that of the list's
// address, without a page.
type SavedView struct {
	ID     string `bun:"id" json:"id"`
	Page   string `bun:"page" json:"page"` // inbox or cases
	Name   string `bun:"name" json:"name"`
	Query  string `bun:"query" json:"query"`
	Shared bool   `bun:"shared" json:"shared"` // everybody sees it
	Mine   bool   `bun:"mine" json:"mine"`
}

const (
	maxViews     = 50 // of one person and page
	maxViewName  = 40 // characters
	maxViewQuery = 1000
)

// SaveView keeps a list's filters under a name; the same name again replaces
// the person's own. Leads and admins may share theirs.
func (r *Runner) SaveView(ctx context.Context, by auth.User, v SavedView) (SavedView, error) {
	err := r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) (err error) {
		if v, err = v.clean(by); err != nil {
			return err
		}
		v.ID, v.Mine = kit.NewID(), true
		var others int
		err = tx.NewRaw(`SELECT COUNT(*) FROM views WHERE user_id = ? AND page = ? AND name <> ?`, by.ID, v.Page, v.Name).Scan(ctx, &others)
		if err != nil {
			return err
		}
		if others >= maxViews {
			return kit.Errorf(kit.Conflict, "save view %s: there are %d already", v.Name, maxViews).WithHint("remove one first")
		}
		_, err = tx.NewRaw(`DELETE FROM views WHERE user_id = ? AND page = ? AND name = ?`, by.ID, v.Page, v.Name).Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw(`INSERT INTO views (id, user_id, page, name, query, shared, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			v.ID, by.ID, v.Page, v.Name, v.Query, v.Shared, r.Clock().UnixMicro()).Exec(ctx)
		if err != nil {
			return err
		}
		return r.note(ctx, tx, by.ID, "view.saved", "", map[string]any{"view": v.ID, "page": v.Page, "name": v.Name, "shared": v.Shared})
	})
	if store.IsUnique(err) {
		return v, kit.Errorf(kit.Conflict, "save view %s: it was saved just now", v.Name)
	}
	return v, err
}

// clean checks a view and leaves in its query what a colleague needs.
func (v SavedView) clean(by auth.User) (SavedView, error) {
	const act = "save a view"
	v.Name = caseName(v.Name)
	q, err := url.ParseQuery(v.Query)
	switch {
	case !by.Person() || by.Disabled:
		return v, kit.Errorf(kit.Forbidden, "%s: %s is no person", act, by.Name)
	case v.Shared && !by.MayLead():
		return v, kit.Errorf(kit.Forbidden, "%s: only leads share views", act)
	case v.Page != "inbox" && v.Page != "cases":
		return v, invalid(act, "page", "must be inbox or cases")
	case v.Name == "" || utf8.RuneCountInString(v.Name) > maxViewName:
		return v, invalid(act, "name", "must have 1 to 40 characters")
	case err != nil || len(v.Query) > maxViewQuery || strings.Contains(v.Query, "\x00"):
		return v, invalid(act, "query", "is none of an address")
	}
	q.Del("after")
	q.Del("lang")
	v.Query = q.Encode()
	return v, nil
}

// Views lists the views of a page that a person sees: their own, then those
// that others share, by name.
func (r *Runner) Views(ctx context.Context, by auth.User, page string) ([]SavedView, error) {
	views := []SavedView{}
	err := r.DB.Read().NewRaw(`SELECT id, page, name, query, shared, user_id = ? AS mine FROM views
		WHERE page = ? AND (user_id = ? OR shared) ORDER BY user_id <> ?, name, id LIMIT 200`, by.ID, page, by.ID, by.ID).Scan(ctx, &views)
	return views, err
}

// DropView removes a person's own view.
func (r *Runner) DropView(ctx context.Context, by auth.User, id string) error {
	return r.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		var name string
		err := tx.NewRaw(`DELETE FROM views WHERE id = ? AND user_id = ? RETURNING name`, id, by.ID).Scan(ctx, &name)
		if errors.Is(err, sql.ErrNoRows) {
			return kit.Errorf(kit.NotFound, "remove view %s: you have no such view", id)
		}
		if err != nil {
			return err
		}
		return r.note(ctx, tx, by.ID, "view.dropped", "", map[string]string{"view": id, "name": name})
	})
}
