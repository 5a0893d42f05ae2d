package nail

import (
	"slices"
	"strings"
	"unicode"
)

// Source is where the keys of a read file stand, for what only a later check
// can find, such as an expression about a field that is not drafted.
type Source struct {
	name   string
	file   string
	places map[string]place
	texts  map[string]string
}

// Fault is a mistake in a value of a nail.
type Fault struct {
	Path   string // of the key: "review.tiers[0].when"
	Offset int    // of the mistake from the value's start, in characters; 0 for the whole value
	Words  string // what is wrong, and the mend
}

// Refuse makes the kit.Invalid error of the faults, each with its line and
// column as those of Parse have. A key that the file leaves out is told at the
// group that would hold it. Without faults it is nil.
func (s Source) Refuse(faults ...Fault) error {
	r := &reading{name: s.name, places: s.places}
	for _, f := range faults {
		at, written := r.places[f.Path]
		switch {
		case !written:
			at = r.near(f.Path)
		case f.Offset > 0:
			at = s.within(at, f.Path, f.Offset)
		}
		r.add(at, f.Path, f.Path+": "+f.Words)
	}
	return r.err()
}

// within finds the place of a character of the text that stands at a place.
// YAML may fold, indent and quote a text, but it keeps the order of what is not
// blank: each character is looked for behind the one before.
func (s Source) within(from place, path string, offset int) place {
	file, at := s.letters(from), from
	for i, c := range []rune(s.texts[path]) {
		if unicode.IsSpace(c) {
			continue
		}
		n := slices.IndexFunc(file, func(p placed) bool { return p.letter == c })
		if n < 0 {
			return from
		}
		at, file = file[n].place, file[n+1:]
		if i >= offset {
			break
		}
	}
	return at
}

// placed is a letter of the file.
type placed struct {
	letter rune
	place
}

// letters lists those of the file from a place on, blanks left out, and the
// line that only says that a text of several lines follows.
func (s Source) letters(from place) []placed {
	var all []placed
	for n, line := range strings.Split(s.file, "\n") {
		for i, c := range []rune(line) {
			if at := (place{n + 1, i + 1}); !unicode.IsSpace(c) && !at.before(from) {
				all = append(all, placed{c, at})
			}
		}
		if n+1 == from.line && len(all) > 0 && strings.ContainsRune("|>", all[0].letter) {
			all = nil
		}
	}
	return all
}

// before reports whether p stands before q.
func (p place) before(q place) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}
