package workflow

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/auth"
	"github.com/tackhammer/tackhammer/kit/review"
)

const maxComment = 4000 // characters

// Comment is what a person says of a case. Nobody alters it; its author can
// take it back, which leaves its place without its words.
type Comment struct {
	ID        string          `json:"id"`
	CaseID    string          `json:"case_id"`
	Person    review.Holder   `json:"person"`
	Text      string          `json:"text"`
	Called    []review.Holder `json:"called,omitempty"`  // whom it calls by @name
	Unknown   []string        `json:"unknown,omitempty"` // names that are nobody's, or several people's
	CreatedAt time.Time       `json:"created_at"`
	DeletedAt *time.Time      `json:"deleted_at,omitempty"`
}

// AddComment adds a person's comment to a case. Whoever it calls by @ and their
// name, or what stands before the @ of their address, is told. Names that it
// could not make out are in Unknown; the comment stands all the same. Viewers
// only read. The same key again gives the first answer.
func (r *Runner) AddComment(ctx context.Context, by auth.User, caseID, text, key string) (Comment, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	c := Comment{ID: kit.NewID(), CaseID: caseID, Person: review.Holder{ID: by.ID, Name: by.Name}, Text: text, CreatedAt: r.Clock()}
	err := r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		if err := checkComment(by, text, key); err != nil {
			return err
		}
		first, err := repeatedComment(ctx, tx, by, caseID, text, key)
		if err != nil || first != "" {
			c.ID = first
			return err
		}
		return r.insertComment(ctx, tx, &c, key)
	})
	if err != nil {
		return Comment{}, err
	}
	return c, nil
}

func checkComment(by auth.User, text, key string) error {
	const act = "add a comment"
	switch {
	case !by.MayDecide():
		return kit.Errorf(kit.Forbidden, "%s: %s may only read", act, by.Name)
	case text == "" || !utf8.ValidString(text) || strings.Contains(text, "\x00") || utf8.RuneCountInString(text) > maxComment:
		return invalid(act, "text", "must have 1 to 4000 characters")
	case key == "" || len(key) > maxKey || !utf8.ValidString(key):
		return invalid(act, "key", "must have 1 to 200 bytes")
	}
	return nil
}

// repeatedComment is the comment that was made with the key, "" for a new key.
func repeatedComment(ctx context.Context, tx bun.Tx, by auth.User, caseID, text, key string) (string, error) {
	var first struct {
		ID     string `bun:"id"`
		CaseID string `bun:"case_id"`
		Text   string `bun:"text"`
	}
	err := tx.NewRaw(`SELECT id, case_id, text FROM comments WHERE user_id = ? AND key = ?`, by.ID, key).Scan(ctx, &first)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err == nil && (first.CaseID != caseID || first.Text != text && first.Text != "") {
		return "", kit.Errorf(kit.Conflict, "add a comment: its key was used for another one")
	}
	return first.ID, err
}

func (r *Runner) insertComment(ctx context.Context, tx bun.Tx, c *Comment, key string) error {
	if _, err := caseRow(ctx, tx, c.CaseID); err != nil {
		return err
	}
	people, err := r.people(ctx, tx)
	if err != nil {
		return err
	}
	c.Called, c.Unknown = called(c.Text, people)
	_, err = tx.NewRaw(`INSERT INTO comments (id, case_id, user_id, text, key, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		c.ID, c.CaseID, c.Person.ID, c.Text, key, c.CreatedAt.UnixMicro()).Exec(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, p := range c.Called {
		ids = append(ids, p.ID)
		if err := r.mention(ctx, tx, c, p.ID); err != nil {
			return err
		}
	}
	return r.note(ctx, tx, c.Person.ID, "comment.added", c.CaseID, map[string]any{"comment": c.ID, "text": kit.Hash([]byte(c.Text)), "called": ids})
}

// mention tells a person that a comment calls them. Who calls themselves knows.
func (r *Runner) mention(ctx context.Context, tx bun.Tx, c *Comment, userID string) error {
	seen := sql.NullInt64{Int64: c.CreatedAt.UnixMicro(), Valid: userID == c.Person.ID}
	_, err := tx.NewRaw(`INSERT INTO mentions (comment_id, user_id, seen_at) VALUES (?, ?, ?)`, c.ID, userID, seen).Exec(ctx)
	if err != nil || seen.Valid {
		return err
	}
	return r.notice(ctx, tx, noticeMentioned, userID, c.CaseID, "")
}

// called finds the people whom a text calls by @, each once, and the names that
// it could not make out. An @ inside a word, as in an address, calls nobody.
func called(text string, people []known) (who []review.Holder, unknown []string) {
	before := ' '
	for i, c := range text {
		if c == '@' && !wordly(before) {
			p, name := match(text[i+1:], people)
			switch {
			case p == nil && name != "" && !slices.Contains(unknown, name):
				unknown = append(unknown, name)
			case p != nil && !slices.Contains(who, *p):
				who = append(who, *p)
			}
		}
		before = c
	}
	return who, unknown
}

// match finds whose name a text begins with: the longest that is somebody's
// counts. Nil, with the name as it was written, when it is nobody's or several
// people's.
func match(text string, people []known) (*review.Holder, string) {
	var found []review.Holder
	longest := 0
	for _, p := range people {
		n := 0
		for _, name := range p.names() {
			if begins(text, name) {
				n = max(n, len(name))
			}
		}
		if n > longest {
			longest, found = n, nil
		}
		if n > 0 && n == longest {
			found = append(found, review.Holder{ID: p.ID, Name: p.Name})
		}
	}
	if len(found) == 1 {
		return &found[0], ""
	}
	end := strings.IndexFunc(text, func(c rune) bool { return !wordly(c) })
	if end < 0 {
		end = len(text)
	}
	name := strings.TrimRight(text[:end], ".-_")
	return nil, string([]rune(name)[:min(40, utf8.RuneCountInString(name))])
}

// names are those by which a person is called.
func (k known) names() []string {
	local, _, _ := strings.Cut(k.Email, "@")
	first, _, _ := strings.Cut(k.Name, " ")
	return []string{local, k.Name, strings.ReplaceAll(k.Name, " ", ""), first}
}

// begins reports whether a text begins with a name, in any case, that ends
// there. A Chinese name is followed by more without a gap.
func begins(text, name string) bool {
	if name == "" || len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
		return false
	}
	next, size := utf8.DecodeRuneInString(text[len(name):])
	last, _ := utf8.DecodeLastRuneInString(name)
	if size == 0 || unicode.Is(unicode.Han, last) {
		return true
	}
	if strings.ContainsRune(".-_", next) { // the end of a sentence is none of the name
		after, _ := utf8.DecodeRuneInString(text[len(name)+size:])
		return !unicode.IsLetter(after) && !unicode.IsDigit(after)
	}
	return !unicode.IsLetter(next) && !unicode.IsDigit(next)
}

// wordly reports whether c may stand in a name or an address.
func wordly(c rune) bool {
	return unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) || strings.ContainsRune(".-_", c)
}

// commentColumns are those of a stored Comment.
type commentColumns struct {
	ID        string `bun:"id"`
	CaseID    string `bun:"case_id"`
	CaseName  string `bun:"case_name"`
	UserID    string `bun:"user_id"`
	UserName  string `bun:"user_name"`
	Text      string `bun:"text"`
	CreatedAt int64  `bun:"created_at"`
	DeletedAt *int64 `bun:"deleted_at"`
	SeenAt    *int64 `bun:"seen_at"`
}

func (c commentColumns) comment() Comment {
	return Comment{ID: c.ID, CaseID: c.CaseID, Person: review.Holder{ID: c.UserID, Name: c.UserName}, Text: c.Text,
		CreatedAt: micros(c.CreatedAt), DeletedAt: optional(c.DeletedAt)}
}

// Comments lists what people said of a case, oldest first: the last 500.
func (r *Runner) Comments(ctx context.Context, caseID string) ([]Comment, error) {
	var rows []commentColumns
	err := r.DB.Read().NewRaw(`SELECT c.id, c.case_id, c.user_id, u.name AS user_name, c.text, c.created_at, c.deleted_at
		FROM comments c JOIN users u ON u.id = c.user_id WHERE c.case_id = ? ORDER BY c.id DESC LIMIT 500`, caseID).Scan(ctx, &rows)
	slices.Reverse(rows)
	all := make([]Comment, len(rows))
	for i, row := range rows {
		all[i] = row.comment()
	}
	return all, err
}

// DropComment takes a person's own comment back, and returns its case.
func (r *Runner) DropComment(ctx context.Context, by auth.User, id string) (caseID string, err error) {
	err = r.changeBy(ctx, by, func(ctx context.Context, tx bun.Tx, by auth.User) error {
		var c commentColumns
		err := tx.NewRaw(`SELECT case_id, user_id, deleted_at FROM comments WHERE id = ?`+r.DB.ForUpdate(), id).Scan(ctx, &c)
		switch caseID = c.CaseID; {
		case errors.Is(err, sql.ErrNoRows):
			return kit.Errorf(kit.NotFound, "take comment %s back: there is no such comment", id)
		case err != nil:
			return err
		case c.UserID != by.ID || by.Disabled:
			return kit.Errorf(kit.Forbidden, "take comment %s back: it is not yours", id)
		case c.DeletedAt != nil:
			return nil
		}
		if _, err := tx.NewRaw(`UPDATE comments SET text = '', deleted_at = ? WHERE id = ?`, r.Clock().UnixMicro(), id).Exec(ctx); err != nil {
			return err
		}
		return r.note(ctx, tx, by.ID, "comment.dropped", c.CaseID, map[string]string{"comment": id})
	})
	return caseID, err
}

// Mention is a comment that calls a person.
type Mention struct {
	Comment
	CaseName string     `json:"case_name"`
	SeenAt   *time.Time `json:"seen_at"` // nil: not yet
}

// Mentions lists the comments that call a person, newest first. after is the ID
// of the last one of the page before.
func (r *Runner) Mentions(ctx context.Context, by auth.User, after string, limit int) (Page[Mention], error) {
	limit = pageSize(limit)
	if err := checkCursor("list mentions", after); err != nil {
		return Page[Mention]{}, err
	}
	where, args := `m.user_id = ? AND c.deleted_at IS NULL`, []any{by.ID}
	if after != "" {
		where, args = where+` AND m.comment_id < ?`, append(args, after)
	}
	var rows []commentColumns
	err := r.DB.Read().NewRaw(`SELECT c.id, c.case_id, k.name AS case_name, c.user_id, u.name AS user_name, c.text, c.created_at, m.seen_at
		FROM mentions m JOIN comments c ON c.id = m.comment_id JOIN cases k ON k.id = c.case_id JOIN users u ON u.id = c.user_id
		WHERE `+where+` ORDER BY m.comment_id DESC LIMIT ?`, append(args, limit+1)...).Scan(ctx, &rows)
	if err != nil {
		return Page[Mention]{}, err
	}
	return page(rows, limit, commentColumns.mention, func(c commentColumns) string { return c.ID }), nil
}

func (c commentColumns) mention() Mention {
	return Mention{Comment: c.comment(), CaseName: c.CaseName, SeenAt: optional(c.SeenAt)}
}

// SeeMentions notes that a person saw the comments that call them: those of
// one case, or with an empty caseID all. It is no event of the trail: it says
// nothing of any case.
func (r *Runner) SeeMentions(ctx context.Context, by auth.User, caseID string) error {
	return r.DB.Write(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`UPDATE mentions SET seen_at = ? WHERE user_id = ? AND seen_at IS NULL
			AND (? = '' OR comment_id IN (SELECT id FROM comments WHERE case_id = ?))`, r.Clock().UnixMicro(), by.ID, caseID, caseID).Exec(ctx)
		return err
	})
}
