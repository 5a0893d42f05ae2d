package app

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
)

// verifyFiles checks the receipts of delivered files, and of exports of many
// deliveries.
func (c Config) verifyFiles(cc *cli.Context) error {
	key, err := givenPublicKey(cc)
	if err != nil {
		return err
	}
	v := verified{Keys: map[string]int{}, Wrong: []string{}, Unread: []string{}}
	for _, path := range cc.Args().Slice() {
		raw, err := os.ReadFile(path)
		if err != nil {
			v.Unread = append(v.Unread, fmt.Sprintf("%s: %s", path, cause(err)))
			continue
		}
		v.file(path, raw, key)
	}
	if !cc.Bool("json") && len(key) == 0 && v.Receipts > 0 {
		defer fmt.Fprintln(c.Out, "checked with the key in the receipt itself; give --key to know whose it is")
	}
	return c.printVerified(cc, v)
}

// cause is why a file could not be read, without its path.
func cause(err error) error {
	var bad *fs.PathError
	if errors.As(err, &bad) {
		return bad.Err
	}
	return err
}

// delivered is a delivery as a file holds it.
type delivered struct {
	Output  json.RawMessage `json:"output"`
	Receipt audit.Receipt   `json:"receipt"`
}

// file checks the receipts in what a file holds: a delivery, or an export of
// several, one a line.
func (v *verified) file(path string, raw []byte, keys []ed25519.PublicKey) {
	var good []delivered
	wrong := func(format string, args ...any) {
		v.Wrong = append(v.Wrong, path+": "+fmt.Sprintf(format, args...))
	}
	dec, n := json.NewDecoder(bytes.NewReader(raw)), 0
	for ; ; n++ {
		var d delivered
		err := dec.Decode(&d)
		if errors.Is(err, io.EOF) && n > 0 {
			break
		}
		if err != nil {
			wrong("it is no delivery: %v%s", err, otherFormat(path))
			return
		}
		if err := v.receipt(d.Receipt, d.Output, keys); err != nil {
			wrong("%s%v", d.which(dec.More() || n > 0), err)
			continue
		}
		good = append(good, d)
	}
	switch {
	case n == 1 && len(good) == 1:
		v.delivered = append(v.delivered, path+": "+good[0].words())
	case len(good) > 0:
		v.delivered = append(v.delivered, fmt.Sprintf("%s: %s, %s", path, deliveries(len(good)), byWhom(good)))
	}
}

// otherFormat names the format that has receipts, where a table was given.
func otherFormat(path string) string {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return "; a table has no receipts: `export deliveries` writes them without --format csv"
	}
	return ""
}

// which names one delivery of several.
func (d delivered) which(several bool) string {
	if !several {
		return ""
	}
	return fmt.Sprintf("delivery %s: ", d.Receipt.Delivery)
}

// done is a decision that let something out, as people say it.
var done = map[kit.Verdict]string{kit.Approve: "approved", kit.Edit: "changed and approved"}

// words say what was delivered, who let it out and when: of that alone which
// the receipt signs.
func (d delivered) words() string {
	r := d.Receipt
	who := append([]string{r.Decision.Person.Name}, names(r.Others)...)
	said := fmt.Sprintf("case %s, %s by %s on %s", r.Case, done[r.Decision.Verdict], list(who), minute(r.Decision.At))
	if r.Lot != nil {
		said += fmt.Sprintf(", in a lot of %d", r.Lot.Size)
	}
	for _, s := range r.Earlier {
		if len(s.Decisions) == 0 {
			continue // a file of a stranger's may hold that
		}
		last := s.Decisions[len(s.Decisions)-1]
		said += fmt.Sprintf("\n%s before it, %s by %s on %s", s.Step, done[last.Verdict], list(names(s.Decisions)), minute(last.At))
	}
	for _, f := range r.Fields {
		said += "\n" + f.Path + ": " + bare(f.Final)
		if !bytes.Equal(f.Draft, f.Final) {
			said += " (drafted: " + bare(f.Draft) + ")"
		}
	}
	return said
}

// names are those of who decided.
func names(all []audit.ReceiptDecision) (who []string) {
	for _, d := range all {
		who = append(who, d.Person.Name)
	}
	return who
}

// bare is a value as people write it, without the quotes of JSON.
func bare(raw json.RawMessage) string {
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil {
		return string(raw)
	}
	if text == nil || *text == "" {
		return "empty"
	}
	return strings.Join(strings.FieldsFunc(*text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

func deliveries(n int) string {
	if n == 1 {
		return "1 delivery"
	}
	return fmt.Sprintf("%d deliveries", n)
}

// byWhom counts deliveries by what was decided and by whom.
func byWhom(all []delivered) string {
	n := map[string]int{}
	for _, d := range all {
		n[done[d.Receipt.Decision.Verdict]+" by "+d.Receipt.Decision.Person.Name]++
	}
	var words []string
	for _, who := range slices.Sorted(maps.Keys(n)) {
		words = append(words, fmt.Sprintf("%d %s", n[who], who))
	}
	return list(words)
}
