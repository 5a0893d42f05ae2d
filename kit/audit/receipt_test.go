package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/audit"
)

const output = `{"company":"A & B <Söhne>","total":"12.50","seller":{"city":"柏林"}}`

func receipt() audit.Receipt {
	return audit.Receipt{
		Delivery: "dl1", Case: "c1", Workflow: "receipts", Step: "export",
		Decision: audit.ReceiptDecision{ID: "de1", Verdict: kit.Edit, Person: audit.ReceiptPerson{ID: "u1", Name: "梅 Lin"},
			At: noon.UTC().Truncate(time.Microsecond), Reason: "100 % \"sure\" <ok>", Subject: "5b"},
		Fields: []audit.ReceiptField{
			{Path: "total", Draft: json.RawMessage(`1.10`), Final: json.RawMessage(`"12.50"`)},
			{Path: "seller.city", Draft: json.RawMessage(`null`), Final: json.RawMessage(`"柏林"`)},
		},
		Model: kit.ModelInfo{Name: "rules", Digest: "d1"}, PromptHash: "p", InputHash: "i", OutputHash: kit.Hash([]byte(output)),
		Chain: audit.Head{Seq: 7, Hash: "h7"}, At: noon.UTC().Truncate(time.Microsecond),
	}
}

func newSigner(t *testing.T) *audit.Signer {
	t.Helper()
	s, err := audit.MakeSigner(filepath.Join(t.TempDir(), "keys", "receipts.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func signed(t *testing.T, s *audit.Signer) audit.Receipt {
	t.Helper()
	r, err := s.Sign(receipt())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReceiptHoldsAfterATrip(t *testing.T) {
	s := newSigner(t)
	r := signed(t, s)
	compact, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, compact, "", "    "); err != nil {
		t.Fatal(err)
	}
	for _, text := range [][]byte{compact, indented.Bytes(), reordered(t, compact)} {
		var back audit.Receipt
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		for _, key := range []ed25519.PublicKey{s.PublicKey(), nil} {
			if err := audit.CheckReceipt(back, []byte(output), key); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// reordered writes the same JSON with its keys in another order.
func reordered(t *testing.T, text []byte) []byte {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(members)
	if err != nil || bytes.Equal(out, text) {
		t.Fatalf("not reordered: %v", err)
	}
	return out
}

// Whichever single value in a receipt changes, the check finds it.
func TestEveryTamperedFieldIsFound(t *testing.T) {
	s := newSigner(t)
	good := signed(t, s)
	text, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	changed := 0
	visit(doc, "", func(path string, set func(any), old any) {
		set(altered(path, old))
		defer set(old)
		tampered, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var r audit.Receipt
		if err := json.Unmarshal(tampered, &r); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if reflect.DeepEqual(r, good) {
			t.Fatalf("%s was not changed", path)
		}
		changed++
		for _, key := range []ed25519.PublicKey{s.PublicKey(), nil} {
			if err := audit.CheckReceipt(r, []byte(output), key); kit.CodeOf(err) != kit.Invalid {
				t.Errorf("a changed %s was not found: %v", path, err)
			}
		}
	})
	if changed < 26 {
		t.Errorf("only %d values were changed", changed)
	}
}

// visit calls f for every value below v that is no object or list.
func visit(v any, path string, f func(path string, set func(any), old any)) {
	each := func(name string, child any, set func(any)) {
		switch child.(type) {
		case map[string]any, []any:
			visit(child, path+"/"+name, f)
		default:
			f(path+"/"+name, set, child)
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			each(name, child, func(x any) { v[name] = x })
		}
	case []any:
		for i, child := range v {
			each("item", child, func(x any) { v[i] = x })
		}
	}
}

// altered gives another value of the same type.
func altered(path string, old any) any {
	text, isText := old.(string)
	switch {
	case !isText:
		return 42
	case strings.HasSuffix(path, "/at"):
		return strings.Replace(text, "2026", "2025", 1)
	case strings.HasSuffix(path, "/public_key"):
		return base64.StdEncoding.EncodeToString(make([]byte, ed25519.PublicKeySize))
	case strings.HasSuffix(path, "/signature"):
		return "AAAA" + strings.TrimLeft(text[4:], "A")
	}
	return text + "x"
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	s, other := newSigner(t), newSigner(t)
	good := signed(t, s)
	cases := []struct {
		name   string
		spoil  func(r *audit.Receipt)
		output string
		key    ed25519.PublicKey
		want   []string
	}{
		{"output", nil, strings.Replace(output, "12.50", "99.50", 1), s.PublicKey(), []string{"output is not the one", "differ in total"}},
		{"output respaced", nil, output + " ", nil, []string{"output is not the one"}},
		{"field", func(r *audit.Receipt) { r.Fields[1].Final = json.RawMessage(`"Bonn"`) }, output, nil, []string{"changed after", "differ in seller.city"}},
		{"verdict", func(r *audit.Receipt) { r.Decision.Verdict = kit.Approve }, output, nil, []string{"changed after"}},
		{"one field less", func(r *audit.Receipt) { r.Fields = r.Fields[:1] }, output, nil, []string{"changed after"}},
		{"wrong key", nil, output, other.PublicKey(), []string{"another key"}},
		{"no key", func(r *audit.Receipt) { r.PublicKey = "" }, output, nil, []string{"public key"}},
		{"no signature", func(r *audit.Receipt) { r.Signature = "" }, output, nil, []string{"no Ed25519 signature"}},
		{"not JSON", func(r *audit.Receipt) { r.Fields[0].Draft = json.RawMessage("{") }, output, nil, []string{"not JSON"}},
		{"a name with %d", func(r *audit.Receipt) { r.Delivery = "%d" }, output, nil, []string{"delivery %d:"}},
	}
	for _, c := range cases {
		r := good
		r.Fields = append([]audit.ReceiptField(nil), good.Fields...)
		if c.spoil != nil {
			c.spoil(&r)
		}
		err := audit.CheckReceipt(r, []byte(c.output), c.key)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want %q", c.name, err, want)
			}
		}
	}
}

// Whoever signs a forged receipt anew passes the weak check alone.
func TestAForgersKeyPassesOnlyWithoutTheServicesKey(t *testing.T) {
	s, forger := newSigner(t), newSigner(t)
	forged, err := forger.Sign(receipt())
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.CheckReceipt(forged, []byte(output), nil); err != nil {
		t.Errorf("without a key: %v", err)
	}
	if err := audit.CheckReceipt(forged, []byte(output), s.PublicKey()); err == nil {
		t.Error("a forger's receipt passed for the service's")
	}
}

func TestSignRefusesWhatIsNoJSON(t *testing.T) {
	r := receipt()
	r.Fields[0].Final = json.RawMessage("nope")
	if _, err := newSigner(t).Sign(r); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("sign: %v", err)
	}
}

func TestMakeSignerMakesOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "receipts.pem")
	keys := make([]string, 16)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			s, err := audit.MakeSigner(path)
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = string(s.PublicKey())
		})
	}
	wg.Wait()
	for _, key := range keys {
		if key != keys[0] || key == "" {
			t.Fatal("not all were given the same key")
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v; want mode 0600", info, err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("left beside the key: %v", files)
	}
}

func TestMakeSignerRefuses(t *testing.T) {
	dir := t.TempDir()
	// A key of another kind, P-256, in the right wrapping.
	const ec = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n"
	for name, text := range map[string]string{"empty": "", "text": "secret", "other": ec,
		"cut": "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := audit.MakeSigner(path); kit.CodeOf(err) != kit.Invalid || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	open := filepath.Join(dir, "open.pem")
	if _, err := audit.MakeSigner(open); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.MakeSigner(open); kit.CodeOf(err) != kit.Invalid || !strings.Contains(kit.HintOf(err), "chmod 600") {
		t.Errorf("a key that others may read: %v", err)
	}
	if _, err := audit.MakeSigner(filepath.Join(dir, "empty", "k.pem")); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("a file for a folder: %v", err)
	}
}
