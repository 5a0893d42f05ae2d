package console

import "strings"

// drafter is a model's name for reading. Rules have no name of their own.
func (t *tongue) drafter(name string) string {
	if said, ours := t.has("model." + name); ours {
		return said
	}
	return visible(name)
}

// byRules reports whether a draft by this model was made by rules.
func byRules(model string) bool { return model == "rules" }

// target is where a delivery goes, for reading.
func (t *tongue) target(name string) string {
	if said, known := t.has("target." + name); known {
		return said
	}
	return visible(name)
}

// reason is a reason for reading: one that was chosen from the list is kept in
// the language of who chose it, and said in the reader's.
func (t *tongue) reason(text string) string {
	for _, other := range t.all {
		for verdict, codes := range reasons {
			for _, code := range codes {
				key := "reason." + verdict + "." + code
				own, listed := strings.CutPrefix(text, other.T(key))
				if listed && own == "" {
					return t.T(key)
				}
				if own, noted := strings.CutPrefix(own, other.T("reason.colon")); listed && noted {
					return t.T(key) + t.T("reason.colon") + own
				}
			}
		}
	}
	return text
}
