package nail

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// editFlow changes a key of a group in braces.
func (t *lines) editFlow(group entry, name string, value any) {
	text := t.text(group)
	start, end := valueSpan(text, group.value)
	parts := members(text[start+1 : end-1])
	i := slices.IndexFunc(parts, func(p string) bool { return memberKey(p) == name })
	switch {
	case i >= 0 && value == nil:
		parts = slices.Delete(parts, i, i+1)
	case i >= 0:
		parts[i] = setMember(parts[i], flow(value))
	case value == nil:
		return
	case len(parts) == 0:
		parts = []string{keyText(name) + ": " + flow(value)}
	default:
		parts = append(parts, " "+keyText(name)+": "+flow(value))
		if last := parts[len(parts)-2]; strings.TrimRight(last, " ") != last && !strings.Contains(last, "#") {
			parts[len(parts)-2] = strings.TrimRight(last, " ")
		}
	}
	if len(parts) == 0 {
		t.cut(group)
		return
	}
	if i == 0 && value == nil {
		parts[0] = strings.TrimLeft(parts[0], " ")
	}
	inner := strings.Join(parts, ",")
	grown := len([]rune(inner)) - len([]rune(text[start+1:end-1]))
	t.replace(group, text[:start+1]+inner+"}"+shift(text[end:], grown))
}

// members are the parts of a group in braces, between its commas.
func members(inner string) []string {
	var parts []string
	from, depth := 0, 0
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case c == '"' || c == '\'':
			i += quotedLength(inner[i:]) - 1
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == '#' && i > 0 && strings.ContainsRune(" \t\n", rune(inner[i-1])):
			if n := strings.IndexByte(inner[i:], '\n'); n > 0 {
				i += n
			}
		case c == ',' && depth == 0:
			parts, from = append(parts, inner[from:i]), i+1
		}
	}
	if strings.TrimSpace(inner[from:]) != "" {
		parts = append(parts, inner[from:])
	}
	return parts
}

// memberShape matches what stands before a member's value: blanks, comments,
// the key and its colon.
var memberShape = regexp.MustCompile(`^(?:\s+|#[^\n]*\n)*("[^"\\]*"|'[^']*'|[^\s#:"'{}\[\],]+)\s*:`)

func memberKey(part string) string {
	m := memberShape.FindStringSubmatch(part)
	if m == nil {
		return ""
	}
	return strings.Trim(m[1], `"'`)
}

// setMember gives a member another value.
func setMember(part, value string) string {
	head := memberShape.FindString(part)
	old := strings.TrimLeft(part[len(head):], " \t\n")
	length := bareLength(old)
	if old != "" && strings.ContainsRune(`{["'`, rune(old[0])) {
		length = closes(old)
	}
	return head + " " + value + old[length:]
}

// plainText matches texts that need no quotes wherever they stand.
var plainText = regexp.MustCompile(`^[\pL][\pL\pN _./()%，。；、-]*[\pL\pN)。%]$`)

// flow is a value as it may stand anywhere.
func flow(value any) string {
	switch v := value.(type) {
	case nil:
		return "left out"
	case string:
		return textValue(v)
	case []string:
		var words []string
		for _, w := range v {
			words = append(words, textValue(w))
		}
		return "[" + strings.Join(words, ", ") + "]"
	case Goal:
		return v.flow()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// block is a value as it may stand behind a key of the file: there a text may
// hold commas without quotes.
func block(value any) string {
	s, isText := value.(string)
	if bare := strings.ReplaceAll(s, ",", ""); isText && plainText.MatchString(bare) && textValue(bare) == bare {
		return s
	}
	return flow(value)
}

// textValue is a text, in quotes where it would be read as something else.
func textValue(s string) string {
	var read any
	if plainText.MatchString(s) && yaml.Unmarshal([]byte(s), &read) == nil && read == any(s) && !slices.Contains(odd, strings.ToLower(s)) {
		return s
	}
	var b strings.Builder
	enc := json.NewEncoder(&b) // JSON's texts are YAML's
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text always can
	return strings.TrimSpace(b.String())
}

// odd are words that some readers take for true and false.
var odd = []string{"yes", "no", "on", "off", "y", "n"}

// keyText is a name as it stands before a colon.
func keyText(name string) string {
	if regexp.MustCompile(`^[\pL_][\pL\pN_.-]*$`).MatchString(name) && textValue(name+"x") == name+"x" {
		return name
	}
	return strconv.Quote(name)
}

// flow is the goal as one would write it: its threshold, or its keys where they
// are not the usual.
func (g Goal) flow() string {
	g = g.fill()
	share := flow(g.Threshold)
	if g == (Goal{Threshold: g.Threshold}).fill() {
		return share
	}
	var parts []string
	if g.Measure != "normalised" {
		parts = append(parts, "measure: "+g.Measure)
	}
	parts = append(parts, "threshold: "+share)
	if g.Confidence != 0.95 {
		parts = append(parts, "confidence: "+flow(g.Confidence))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
