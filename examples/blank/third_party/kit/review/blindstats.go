package review

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"
)

// BlindRound is a draft that people filled in before they saw it, with what
// each of them filled in and decided in the end.
type BlindRound struct {
	Round  string // sorts by the time of its opening
	CaseID string
	Step   string
	Draft  json.RawMessage
	People []BlindPerson // in the order in which they filled it in
}

// BlindPerson is one of them.
type BlindPerson struct {
	UserID string
	Answer json.RawMessage // before the draft was shown
	Final  json.RawMessage // as decided after it; nil when the decision released nothing
}

// blindQuery reads the answers of rounds in which nobody is to look any more:
// of others nothing is told.
const blindQuery = `SELECT r.round, r.case_id, r.step, d.value AS draft, b.user_id, b.value AS answer,
	COALESCE((SELECT x.value FROM decisions x JOIN reviews s ON s.id = x.review_id WHERE s.round = r.round AND s.blind
		AND x.user_id = b.user_id AND x.releases AND x.undone_at IS NULL), '') AS final
	FROM blind_answers b JOIN reviews r ON r.id = b.review_id JOIN drafts d ON d.id = r.draft_id
	WHERE r.round IN (SELECT DISTINCT f.round FROM reviews f JOIN blind_answers a ON a.review_id = f.id
		WHERE (? = '' OR f.round < ?) AND NOT EXISTS (SELECT 1 FROM reviews o WHERE o.round = f.round AND o.state = 'open')
		ORDER BY f.round DESC LIMIT ?)
	ORDER BY r.round DESC, b.created_at, b.user_id`

// BlindAnswers lists up to limit rounds that were filled in blind and are
// decided, the newest first, those before a given one; "" begins at the newest.
func BlindAnswers(ctx context.Context, db bun.IDB, before string, limit int) ([]BlindRound, error) {
	var rows []struct {
		Round  string `bun:"round"`
		CaseID string `bun:"case_id"`
		Step   string `bun:"step"`
		Draft  string `bun:"draft"`
		UserID string `bun:"user_id"`
		Answer string `bun:"answer"`
		Final  string `bun:"final"`
	}
	if err := db.NewRaw(blindQuery, before, before, limit).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var all []BlindRound
	for _, r := range rows {
		if n := len(all); n == 0 || all[n-1].Round != r.Round {
			all = append(all, BlindRound{Round: r.Round, CaseID: r.CaseID, Step: r.Step, Draft: json.RawMessage(r.Draft)})
		}
		p := BlindPerson{UserID: r.UserID, Answer: json.RawMessage(r.Answer)}
		if r.Final != "" {
			p.Final = json.RawMessage(r.Final)
		}
		last := &all[len(all)-1]
		last.People = append(last.People, p)
	}
	return all, nil
}
