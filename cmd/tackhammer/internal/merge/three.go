package merge

import (
	"bytes"
	"slices"
	"strings"
)

// span is a run of lines, from at up to end, which is not in it.
type span struct{ at, end int }

// side says whose change a region holds.
type side int

const (
	both        side = iota // different ones: a conflict
	oursAlone               // taken, for it stands in ours
	theirsAlone             // taken
)

// region is a place where the versions differ.
type region struct {
	of                 side
	base, ours, theirs span
}

// merger holds the lines of the three versions and the places where they
// differ, in order.
type merger struct {
	base, ours, theirs []string
	names              Names
	regions            []region
}

// compare lays the two lists of changes of the base side by side. Changes that
// overlap or touch are one region; the same change on both sides is none,
// since ours has it already.
func (m *merger) compare(toOurs, toTheirs []hunk) {
	for len(toOurs) > 0 || len(toTheirs) > 0 {
		switch {
		case len(toTheirs) == 0 || len(toOurs) > 0 && toOurs[0].old.end < toTheirs[0].old.at:
			h := toOurs[0]
			m.add(region{of: oursAlone, base: h.old, ours: h.new, theirs: moved(h.old, shift(toTheirs, m.base, m.theirs))})
			toOurs = toOurs[1:]
		case len(toOurs) == 0 || toTheirs[0].old.end < toOurs[0].old.at:
			h := toTheirs[0]
			m.add(region{of: theirsAlone, base: h.old, ours: moved(h.old, shift(toOurs, m.base, m.ours)), theirs: h.new})
			toTheirs = toTheirs[1:]
		default:
			o, t := toOurs[0], toTheirs[0]
			if !m.same(o, t) {
				m.add(clash(o, t))
			}
			if o.old.end >= t.old.end {
				toTheirs = toTheirs[1:]
			}
			if t.old.end >= o.old.end {
				toOurs = toOurs[1:]
			}
		}
	}
}

// shift is how far the lines before the next change lie from those of the base.
func shift(next []hunk, base, version []string) int {
	if len(next) == 0 {
		return len(version) - len(base)
	}
	return next[0].new.at - next[0].old.at
}

func moved(s span, by int) span { return span{s.at + by, s.end + by} }

func (m *merger) same(o, t hunk) bool {
	return o.old == t.old && slices.Equal(m.ours[o.new.at:o.new.end], m.theirs[t.new.at:t.new.end])
}

// clash is the region of two changes that touch: all that either covers.
func clash(o, t hunk) region {
	all := span{min(o.old.at, t.old.at), max(o.old.end, t.old.end)}
	stretch := func(h hunk) span {
		return span{h.new.at - (h.old.at - all.at), h.new.end + (all.end - h.old.end)}
	}
	return region{of: both, base: all, ours: stretch(o), theirs: stretch(t)}
}

// add appends a region, or makes the last one longer where they touch.
func (m *merger) add(r region) {
	if len(m.regions) > 0 {
		last := &m.regions[len(m.regions)-1]
		if r.ours.at <= last.ours.end || r.theirs.at <= last.theirs.end {
			if r.of != last.of {
				last.of = both
			}
			last.base.end, last.ours.end, last.theirs.end = r.base.end, r.ours.end, r.theirs.end
			return
		}
	}
	m.regions = append(m.regions, r)
}

// write is the merged text and the number of conflicts in it.
func (m *merger) write() ([]byte, int) {
	out := bytes.NewBuffer([]byte{}) // an empty text is not none
	next, conflicts := 0, 0          // the line of ours that comes next
	for _, r := range m.regions {
		if r.of == oursAlone {
			continue // it stands in ours, which is copied
		}
		copyLines(out, m.ours[next:r.ours.at])
		next = r.ours.end
		if r.of == theirsAlone {
			copyLines(out, m.theirs[r.theirs.at:r.theirs.end])
			continue
		}
		conflicts++
		m.writeConflict(out, r)
	}
	copyLines(out, m.ours[next:])
	return out.Bytes(), conflicts
}

func (m *merger) writeConflict(out *bytes.Buffer, r region) {
	end := m.markEnd(r)
	mark := func(c, name string) {
		out.WriteString(strings.Repeat(c, markSize))
		if name != "" {
			out.WriteString(" " + name)
		}
		out.WriteString(end)
	}
	mark("<", m.names.Ours)
	wholeLines(out, m.ours[r.ours.at:r.ours.end], end)
	mark("|", m.names.Base)
	wholeLines(out, m.base[r.base.at:r.base.end], end)
	mark("=", "")
	wholeLines(out, m.theirs[r.theirs.at:r.theirs.end], end)
	mark(">", m.names.Theirs)
}

// markSize is how many characters a mark has.
const markSize = 7

// markEnd is the line end of the marks of a conflict: CRLF where the base's
// first line has it, unless the line before the conflict says otherwise in ours
// or theirs.
func (m *merger) markEnd(r region) string {
	if lineEnd(m.base, 0) != crlf ||
		lineEnd(m.ours, max(r.ours.at-1, 0)) == lf || lineEnd(m.theirs, max(r.theirs.at-1, 0)) == lf {
		return "\n"
	}
	return "\r\n"
}

// lineEnd is how line i ends, or the one before it where it has no end; 0 where
// there is none.
func lineEnd(lines []string, i int) int {
	if i < len(lines) && !strings.HasSuffix(lines[i], "\n") {
		i--
	}
	switch {
	case i < 0 || i >= len(lines):
		return 0
	case strings.HasSuffix(lines[i], "\r\n"):
		return crlf
	}
	return lf
}

func copyLines(out *bytes.Buffer, lines []string) {
	for _, l := range lines {
		out.WriteString(l)
	}
}

// wholeLines copies lines and ends the last one if it has no end, so that a
// mark can follow.
func wholeLines(out *bytes.Buffer, lines []string, end string) {
	copyLines(out, lines)
	if n := len(lines); n > 0 && !strings.HasSuffix(lines[n-1], "\n") {
		out.WriteString(end)
	}
}
