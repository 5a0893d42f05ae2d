package console

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model"
)

func catalogue(t *testing.T, lang string) map[string]any {
	t.Helper()
	names, err := fs.Glob(files, "locales/*"+lang+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	for _, name := range names {
		body, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]any
		if err := yaml.Unmarshal(body, &words); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key, said := range words {
			if _, twice := all[key]; twice {
				t.Errorf("%s: %s is also in another file", name, key)
			}
			all[key] = said
		}
	}
	return all
}

func TestBothCataloguesSayTheSame(t *testing.T) {
	en, zh := catalogue(t, "en"), catalogue(t, "zh")
	slots := regexp.MustCompile(`\{\{\.\w+\}\}`)
	for key, words := range en {
		other, ok := zh[key]
		if !ok {
			t.Errorf("zh lacks %s", key)
			continue
		}
		one, two := slots.FindAllString(toText(words), -1), slots.FindAllString(toText(other), -1)
		slices.Sort(one)
		slices.Sort(two)
		if strings.Join(slices.Compact(one), "") != strings.Join(slices.Compact(two), "") {
			t.Errorf("%s: en has %v, zh has %v", key, one, two)
		}
	}
	for key := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("en lacks %s", key)
		}
	}
}

func toText(words any) string {
	body, _ := json.Marshal(words)
	return string(body)
}

// families are keys that templates put together from a value.
var families = map[string][]string{
	"state.%s": texts(kit.States), "verdict.%s": texts(kit.Verdicts), "conf.%s": {"high", "mid", "low"},
	"may.%s":  {"admin", "lead", "reviewer", "viewer"},
	"role.%s": {"admin", "lead", "reviewer", "viewer"}, "upload.%s": {"taken", "duplicate", "refused"},
	"act.%s":          {"reject", "return"},
	"mark.%s":         {"repaired", "retried", "not_found", "invalid", "missing", "by_hand", "hidden_text", "newer", "earlier", "changed", "cleared", "confirmed"},
	"reason.%s.title": {"reject", "return"},
	"did.%s":          {"changed", "cleared", "confirmed"},
	"cause.%s":        {"assigned", "decided", "disagreed", "held", "reviewed", "role", "seated", "submitted"},
	"board.%s":        boardNames, "board.%s_says": boardNames,
}

var boardNames = []string{"throughput", "ages", "minutes", "edits", "human", "agreement", "canaries"}

func texts[T ~string](list []T) (out []string) {
	for _, v := range list {
		out = append(out, string(v))
	}
	return out
}

func TestEveryWordOfAPageIsInTheCatalogue(t *testing.T) {
	en := catalogue(t, "en")
	used := regexp.MustCompile(`\bt "([^"]+)"`)
	built := regexp.MustCompile(`t \(printf "([^"]+)"`)
	said := 0
	names, _ := fs.Glob(files, "templates/*.html")
	for _, name := range names {
		body, _ := files.ReadFile(name)
		for _, m := range used.FindAllStringSubmatch(string(body), -1) {
			said++
			if en[m[1]] == nil {
				t.Errorf("%s: no words for %s", name, m[1])
			}
		}
		for _, m := range built.FindAllStringSubmatch(string(body), -1) {
			if families[m[1]] == nil && m[1] != "reason.%s.%s" {
				t.Errorf("%s: %s is no known family of words", name, m[1])
			}
		}
	}
	sources, _ := filepath.Glob("*.go")
	inGo := regexp.MustCompile(`(?:T\(|Key: |title", |, )"((?:signin|notice|flash|upload|reason|field|rule|history|help|inbox|cases|deliveries|problem|review|span|error|board)\.[a-z_.]+[a-z])"`)
	for _, name := range sources {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inGo.FindAllStringSubmatch(string(body), -1) {
			said++
			if en[m[1]] == nil && !strings.HasSuffix(name, "_test.go") {
				t.Errorf("%s: no words for %s", name, m[1])
			}
		}
	}
	for pattern, values := range families {
		for _, v := range values {
			if key := strings.Replace(pattern, "%s", v, 1); en[key] == nil {
				t.Errorf("no words for %s", key)
			}
		}
	}
	for verdict, codes := range reasons {
		for _, code := range codes {
			if en["reason."+verdict+"."+code] == nil {
				t.Errorf("no words for the reason %s of %s", code, verdict)
			}
		}
	}
	for _, v := range kit.Verdicts {
		if en["flash."+string(v)] == nil || en["history.decision.made."+string(v)] == nil {
			t.Errorf("no words after the verdict %s", v)
		}
	}
	if said < 100 {
		t.Errorf("only %d words were found in the templates", said)
	}
}

func TestTypedValuesBecomeJSON(t *testing.T) {
	spec := func(k model.Kind, null bool) model.FieldSpec {
		return model.FieldSpec{Kind: k, Nullable: null, Enum: []string{"cash", "card"}}
	}
	for _, c := range []struct {
		spec          model.FieldSpec
		text          string
		json, problem string
	}{
		{spec(model.Number, false), " 9.00 ", "9.00", ""},
		{spec(model.Number, false), "１２．５０", "12.50", ""},
		{spec(model.Number, false), "1,234,567.8", "1234567.8", ""},
		{spec(model.Number, false), "−007.5", "-7.5", ""},
		{spec(model.Number, false), "1,23", "", "field.number"},
		{spec(model.Number, false), "1e9", "", "field.number"},
		{spec(model.Number, false), "", "", "field.required"},
		{spec(model.Number, true), "", "null", ""},
		{spec(model.Integer, false), "0", "0", ""},
		{spec(model.Integer, false), "1.5", "", "field.integer"},
		{spec(model.Date, false), "2018年2月3日", `"2018-02-03"`, ""},
		{spec(model.Date, false), "2018/12/25", `"2018-12-25"`, ""},
		{spec(model.Date, false), "25/12/2018", "", "field.date"},
		{spec(model.Date, false), "2018-02-30", "", "field.date"},
		{spec(model.Text, false), " <b>&\n", `"<b>&"`, ""},
		{spec(model.Text, false), "  ", `""`, ""},
		{spec(model.Text, true), "", "null", ""},
		{spec(model.Bool, false), "true", "true", ""},
		{spec(model.Bool, false), "maybe", "", "field.choice"},
		{spec(model.Enum, false), "card", `"card"`, ""},
		{spec(model.Enum, false), "barter", "", "field.choice"},
		{spec(model.JSON, false), `[ {"n": 1.0} ]`, `[{"n":1.0}]`, ""},
		{spec(model.JSON, false), `[`, "", "field.json"},
	} {
		raw, problem := typed(c.spec, c.text)
		if string(raw) != c.json || problem != c.problem {
			t.Errorf("%s %q: %s %s, want %s %s", c.spec.Kind, c.text, raw, problem, c.json, c.problem)
		}
		if problem == "" && !json.Valid(raw) {
			t.Errorf("%q: %s is no JSON", c.text, raw)
		}
	}
}

func TestWrittenValuesComeBackAsTheyWere(t *testing.T) {
	for raw, want := range map[string]string{`null`: "", ``: "", `"a\r\nb"`: "a\nb", `9.00`: "9.00", `true`: "true", `"null"`: "null",
		`[1,2]`: "[\n  1,\n  2\n]", ` {"a":1}`: "{\n  \"a\": 1\n}"} {
		if got := written(json.RawMessage(raw)); got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

func TestNumbersAreReadInGroups(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	en := tongues["en"]
	for in, want := range map[string]string{"1": "1", "999": "999", "1000": "1,000", "-1234567.5000": "-1,234,567.5000", "-100": "-100", "about 5000": "about 5000"} {
		if got := en.read(model.FieldSpec{Kind: model.Number}, in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := tongues["zh"].read(model.FieldSpec{Kind: model.Bool}, "false"); got != "否" {
		t.Errorf("false is %s", got)
	}
}

func TestOnlyAddressesOfTheConsoleAreFollowed(t *testing.T) {
	for in, want := range map[string]string{"/inbox?mine=1": "/inbox?mine=1", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/",
		"": "/", "/a\r\nSet-Cookie: x": "/", "/\t/evil.example": "/"} {
		if got := local(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzSegmentsKeepTheText(f *testing.F) {
	f.Add("TOTAL 9.00\n合计 9.00", 6, 10, 11, 17)
	f.Add("", 0, 0, 0, 0)
	f.Fuzz(func(t *testing.T, text string, a, b, c, d int) {
		text = strings.ToValidUTF8(text, "") // as it comes out of JSON
		fields := []kit.Field{{Path: "x", Evidence: []kit.Evidence{{Start: a, End: b}, {Start: c, End: d}}}, {Path: "y", Evidence: []kit.Evidence{{Start: a, End: d}}}}
		rows := []fieldView{{ID: "f0", Path: "x", Evidence: make([]evidenceView, 2)}, {ID: "f1", Path: "y", Evidence: make([]evidenceView, 1)}}
		var got strings.Builder
		anchors := map[string]bool{}
		for _, s := range segments(text, placesOf(text, fields, rows)) {
			got.WriteString(s.Text)
			for _, anchor := range s.Anchors {
				anchors[anchor] = true
			}
		}
		if got.String() != visible(text) {
			t.Errorf("%q became %q", text, got.String())
		}
		for _, row := range rows {
			for _, ev := range row.Evidence {
				if ev.Anchor != "" && !anchors[ev.Anchor] {
					t.Errorf("no mark for %s", ev.Anchor)
				}
			}
		}
	})
}

// ruled has each rule that a schema may have of a value.
type ruled struct {
	Name  string      `json:"name" jsonschema:"minLength=1,maxLength=3"`
	Code  string      `json:"code" jsonschema:"minLength=2"`
	Total json.Number `json:"total" jsonschema:"minimum=0,maximum=9"`
	Kind  string      `json:"kind" jsonschema:"enum=cash,enum=card"`
}

func TestASchemasWordsAreSaidInBothLanguages(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	s, err := model.SchemaOf[ruled]()
	if err != nil {
		t.Fatal(err)
	}
	for edit, want := range map[string]string{`name ""`: "此项必填。", `name "long"`: "最多 3 个字。", `code "x"`: "至少 2 个字。",
		`total -1`: "不能小于 0。", `total 10`: "不能大于 9。", `kind "barter"`: "请从列表中选择。"} {
		path, raw, _ := strings.Cut(edit, " ")
		_, bad := s.Apply([]byte(`{"name":"a","code":"xy","total":1,"kind":"cash"}`), map[string]json.RawMessage{path: json.RawMessage(raw)})
		if len(bad) != 1 || tongues["zh"].rule(bad[0].Message) != want {
			t.Errorf("%s: %v, want %s", edit, bad, want)
		}
	}
	if got := tongues["zh"].rule("must not be a Sunday"); got != "must not be a Sunday" {
		t.Errorf("an app's own rule became %q", got)
	}
}
