package workflow

import (
	"bytes"
	"database/sql/driver"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestAnOutageIsSaidOnceAndItsEndOnce(t *testing.T) {
	var log bytes.Buffer
	var o outage
	l := slog.New(slog.NewTextHandler(&log, nil))
	queue := o.quiet(l).With("queue", "default")
	queue.Info("chatter")
	for range 5 {
		queue.Error("could not fetch")
		o.tell(l, driver.ErrBadConn)
		queue.Error("could not lead")
	}
	for range 2 {
		o.tell(l, nil)
	}
	o.tell(l, errors.New("odd"))
	queue.Error("could not lead")
	o.tell(l, driver.ErrBadConn)
	o.tell(l, errors.New("odd")) // it answers, though not well
	o.tell(l, nil)
	var said []string
	for _, line := range strings.Split(strings.TrimSpace(log.String()), "\n") {
		_, words, _ := strings.Cut(line, "msg=")
		said = append(said, words)
	}
	want := []string{`"could not fetch" queue=default`, `"the database does not answer; work goes on when it does" error="driver: bad connection"`,
		`"the database answers again"`, `heartbeat error=odd`, `"could not lead" queue=default`,
		`"the database does not answer; work goes on when it does" error="driver: bad connection"`,
		`"the database answers again"`, `heartbeat error=odd`}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log says\n%s", strings.Join(said, "\n"))
	}
}
