package kit_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const module = "github.com/tackhammer/tackhammer"

// room is a package's place in the house: it may import rooms of the floors
// below, and of its own floor those of uses alone.
type room struct {
	floor int
	uses  []string
}

// attic is the floor of what is built upon the kit and may not be built into it.
const attic = 6

// rooms is the plan of the house. A package that is not here does not belong
// to it.
var rooms = map[string]room{
	"kit":               {floor: 0},
	"kit/nail":          {floor: 0, uses: []string{"kit"}},
	"kit/line":          {floor: 0, uses: []string{"kit"}},
	"kit/whole":         {floor: 0, uses: []string{"kit"}},
	"kit/internal/need": {floor: 0},

	"kit/eval":               {floor: 1},
	"kit/intake":             {floor: 1},
	"kit/golden":             {floor: 1, uses: []string{"kit/eval", "kit/intake"}},
	"kit/notify":             {floor: 1},
	"kit/store":              {floor: 1},
	"kit/model":              {floor: 1},
	"kit/model/ollama":       {floor: 1, uses: []string{"kit/model", "kit/model/ollamaserver"}},
	"kit/model/ollamaserver": {floor: 1},
	"kit/model/openai":       {floor: 1, uses: []string{"kit/model"}},
	"kit/model/baseline":     {floor: 1, uses: []string{"kit/model"}},
	"kit/model/learned":      {floor: 1, uses: []string{"kit/model"}},

	"kit/audit":           {floor: 2},
	"kit/auth":            {floor: 2, uses: []string{"kit/audit"}},
	"kit/store/storetest": {floor: 2},
	"kit/model/modeltest": {floor: 2},

	"kit/review":   {floor: 3},
	"kit/workflow": {floor: 3, uses: []string{"kit/review"}},

	"kit/export":      {floor: 4},
	"kit/web/problem": {floor: 4},
	"kit/web/api":     {floor: 4, uses: []string{"kit/web/problem"}},
	"kit/web/console": {floor: 4, uses: []string{"kit/web/problem"}},
	"kit/web":         {floor: 4, uses: []string{"kit/web/problem", "kit/web/api", "kit/web/console"}},

	"kit/app":     {floor: 5},
	"kit/kittest": {floor: 5, uses: []string{"kit/app"}},

	".":                                {floor: attic}, // embeds the kit
	"templates":                        {floor: attic},
	"cmd/tackhammer/internal/merge":    {floor: attic},
	"cmd/tackhammer/internal/doctor":   {floor: attic},
	"cmd/tackhammer/internal/say":      {floor: attic},
	"cmd/tackhammer/internal/quiet":    {floor: attic},
	"cmd/tackhammer/internal/pairs":    {floor: attic},
	"cmd/tackhammer/internal/tryout":   {floor: attic, uses: []string{"cmd/tackhammer/internal/pairs", "cmd/tackhammer/internal/scaffold"}},
	"cmd/tackhammer/internal/scaffold": {floor: attic, uses: []string{"cmd/tackhammer/internal/merge"}},
	"cmd/tackhammer/internal/command":  {floor: attic, uses: []string{".", "templates", "cmd/tackhammer/internal/doctor", "cmd/tackhammer/internal/quiet", "cmd/tackhammer/internal/say", "cmd/tackhammer/internal/scaffold", "cmd/tackhammer/internal/tryout", "cmd/tackhammer/internal/verify"}},
	"cmd/tackhammer/internal/verify":   {floor: attic, uses: []string{".", "cmd/tackhammer/internal/scaffold"}},
	"cmd/tackhammer/internal/generate": {floor: attic, uses: []string{".", "templates", "cmd/tackhammer/internal/scaffold"}},
	"cmd/tackhammer":                   {floor: attic, uses: []string{"cmd/tackhammer/internal/command"}},
}

// adapters bring a server or a set of rules to the one interface of their
// parent, and know nothing else of the house but its ground floor and what
// manages the server of their name.
var adapters = []string{"kit/model/ollama", "kit/model/openai", "kit/model/baseline", "kit/model/learned"}

func TestEachRoomStandsOnTheFloorsBelow(t *testing.T) {
	house := imports(t)
	for name, used := range house {
		r, ok := rooms[name]
		if !ok {
			t.Errorf("%s is in no room of the plan", name)
			continue
		}
		for _, u := range used {
			if below := rooms[u]; below.floor >= r.floor && !slices.Contains(r.uses, u) {
				t.Errorf("%s (floor %d) imports %s (floor %d)", name, r.floor, u, below.floor)
			}
		}
	}
}

func TestThePlanIsOfTheHouseThatStands(t *testing.T) {
	house := imports(t)
	for name, r := range rooms {
		if _, ok := house[name]; !ok {
			t.Errorf("the plan has a room %s, the house has none", name)
		}
		for _, u := range r.uses {
			if rooms[u].floor != r.floor {
				t.Errorf("%s lists %s, which is not of its floor", name, u)
			}
			if !slices.Contains(house[name], u) {
				t.Errorf("the plan lets %s import %s, which it does not", name, u)
			}
		}
	}
}

func TestAdaptersKnowTheirParentAlone(t *testing.T) {
	house := imports(t)
	for _, a := range adapters {
		if len(house[a]) == 0 {
			t.Errorf("%s imports nothing, not even its parent", a)
		}
		for _, u := range house[a] {
			if u != path.Dir(a) && u != a+"server" && rooms[u].floor > 0 {
				t.Errorf("the adapter %s imports %s", a, u)
			}
		}
	}
}

func TestTemplatesAndTheKitsSourceImportNothing(t *testing.T) {
	house := imports(t)
	for _, name := range []string{".", "templates"} {
		if len(house[name]) > 0 {
			t.Errorf("%s imports %v", name, house[name])
		}
	}
}

// imports lists, for each package of the module, the packages of the module
// that it imports outside of its tests.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports, Dir: ".."}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	house := map[string][]string{}
	for _, p := range loaded {
		var used []string
		for _, q := range p.Imports {
			if name, ok := local(q.PkgPath); ok {
				used = append(used, name)
			}
		}
		name, _ := local(p.PkgPath)
		slices.Sort(used)
		house[name] = used
	}
	if len(house["kit/workflow"]) < 5 {
		t.Fatalf("kit/workflow seems to import %v: the graph was not read", house["kit/workflow"])
	}
	return house
}

// local is a package's path in the module, "." for the root.
func local(pkg string) (string, bool) {
	if pkg == module {
		return ".", true
	}
	return strings.CutPrefix(pkg, module+"/")
}
