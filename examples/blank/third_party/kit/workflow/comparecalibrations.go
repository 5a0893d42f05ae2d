package workflow

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
	"github.com/tackhammer/tackhammer/kit/review"
)

// notedCalibration is what the trail says of a calibration.
type notedCalibration struct {
	made  review.Calibration
	by    string
	ended *time.Time // when another one took its place
}

// calibration takes in what an event says of a calibration.
func (l *lasting) calibration(e audit.Event) {
	n := notedCalibration{by: e.Actor}
	if e.Kind != "calibration.made" || json.Unmarshal(e.Data, &n.made) != nil {
		return
	}
	for id, old := range l.calibrations {
		if old.made.For == n.made.For && old.ended == nil {
			old.ended = &n.made.MadeAt
			l.calibrations[id] = old
		}
	}
	l.calibrations[n.made.ID] = n
}

// calibrations compares the calibrations, by which drafts are sure or not: who
// alters one lets other drafts pass a bar.
func (c *comparer) calibrations(ctx context.Context) error {
	rows, err := review.EveryCalibration(ctx, c.db)
	if err != nil {
		return err
	}
	found := map[string]bool{}
	for _, row := range rows {
		n, known := c.lasting.calibrations[row.ID]
		found[row.ID] = true
		switch {
		case !known:
			c.tellOf("calibration", row.ID, "nobody made it")
		case !n.is(row), n.by != row.MadeBy, kit.Hash([]byte(row.Body)) != n.made.Hash:
			c.tellOf("calibration", row.ID, "it is not as it was made")
		case (n.ended == nil) != (row.EndedAt == nil), n.ended != nil && !n.ended.Equal(*row.EndedAt):
			c.tellOf("calibration", row.ID, "whether it has ended is not as it was left")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.lasting.calibrations)) {
		if !found[id] {
			c.tellOf("calibration", id, "it is gone")
		}
	}
	return nil
}

// is compares all of a calibration but its body, which its hash stands for, and
// whether it has ended.
func (n notedCalibration) is(row review.Calibration) bool {
	made := n.made
	made.Body, made.EndedAt, row.Body, row.EndedAt = "", nil, "", nil
	same := made.MadeAt.Equal(row.MadeAt)
	made.MadeAt = row.MadeAt
	return same && made == row
}
