package nail

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// mostDays bounds the days of a duration: a hundred years.
const mostDays = 36500

// ParseAge reads how old something is: a duration such as "90m" or "2160h",
// also in days of 24 hours, as "365d" or "2d12h".
func ParseAge(s string) (time.Duration, error) {
	age, err := parseDuration(s)
	if err == nil && age < 0 {
		err = fmt.Errorf("%s is below 0", s)
	}
	return age, err
}

// parseDuration reads a Go duration, before which days may stand.
func parseDuration(s string) (time.Duration, error) {
	days, rest, ok := strings.Cut(s, "d")
	if !ok {
		return time.ParseDuration(s)
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 0 || n > mostDays {
		return 0, fmt.Errorf("%q is no number of days", days)
	}
	var more time.Duration
	if rest != "" {
		if more, err = time.ParseDuration(rest); err != nil || more < 0 || more > mostDays*24*time.Hour {
			return 0, fmt.Errorf("%q is nothing that stands behind days", rest)
		}
	}
	return time.Duration(n)*24*time.Hour + more, nil
}

func isDuration(s string) bool {
	_, err := parseDuration(s)
	return err == nil
}

// decodeDuration reads a duration of the file, whose kind was checked before.
func decodeDuration(d *time.Duration, raw []byte) error {
	var s string
	err := yaml.Unmarshal(raw, &s)
	if err == nil {
		*d, err = parseDuration(s)
	}
	return err
}
