package review

import "slices"

// Touches reports whether the decision says of a field that it is not right as
// it was shown: the person changed or cleared it, or asked for it again.
func (d Decision) Touches(path string) bool {
	did := d.Fields[path]
	return did != "" && did != "confirmed" || slices.Contains(d.Changed, path) || slices.Contains(d.Redraft, path)
}
