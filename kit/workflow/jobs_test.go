package workflow

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// The job queue says of a failed job what the log leaves out.
func TestAFailedJobIsInTheLogAndTheLastTryIsAnError(t *testing.T) {
	var log bytes.Buffer
	r := &Runner{Config: Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}}
	var fails error
	w := work(r, func(context.Context, escalateArgs) error { return fails })
	job := &river.Job[escalateArgs]{JobRow: &rivertype.JobRow{Kind: escalateArgs{}.Kind(), MaxAttempts: 25, EncodedArgs: []byte(`{"review":"r1"}`)}}
	for _, try := range []struct {
		attempt int
		fails   error
		want    []string
	}{
		{1, nil, nil},
		{24, errors.New("odd"), []string{"level=WARN", "tackhammer_escalate", "r1", "error=odd", "try=24"}},
		{25, errors.New("odd"), []string{"level=ERROR", "tackhammer_escalate", "r1", "error=odd"}},
	} {
		log.Reset()
		job.Attempt, fails = try.attempt, try.fails
		if err := w.Work(t.Context(), job); !errors.Is(err, try.fails) {
			t.Errorf("try %d ends with %v", try.attempt, err)
		}
		said := log.String()
		if len(try.want) == 0 && said != "" {
			t.Errorf("of a job that went well it says %s", said)
		}
		for _, part := range try.want {
			if !strings.Contains(said, part) {
				t.Errorf("try %d: no %q in %s", try.attempt, part, said)
			}
		}
	}
	log.Reset()
	ending, end := context.WithCancel(t.Context())
	end()
	var snooze *river.JobSnoozeError
	if err := w.Work(ending, job); !errors.As(err, &snooze) || log.Len() > 0 {
		t.Errorf("while the process ends it ends with %v and says %s", err, log.String())
	}
}
