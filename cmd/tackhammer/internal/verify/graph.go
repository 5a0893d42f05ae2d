package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// Graph is the workflow of an app, as its command graph prints it.
type Graph struct {
	Workflow string   `json:"workflow"`
	Steps    []Step   `json:"steps"`
	Faults   []string `json:"faults"`
}

// Step is one step of a Graph.
type Step struct {
	Name  string  `json:"name"`
	Kind  string  `json:"kind"` // draft, code, review or deliver
	From  string  `json:"from"` // "" for the input
	Terms []Terms `json:"terms,omitempty"`
}

// Terms say who decides, in a tier or where none is met.
type Terms struct {
	Tier   string   `json:"tier,omitempty"`
	Quorum int      `json:"quorum"`
	Roles  []string `json:"roles"`
	Lot    int      `json:"lot"`
	Sample int      `json:"sample"`
}

// graphTime is the most that an app may take to print its graph.
const graphTime = 2 * time.Minute

// checkGraph builds the app, runs its graph command, and proves what it says.
func (s *session) checkGraph(ctx context.Context) error {
	if s.NoRun {
		s.left("the graph of the built program: --no-run leaves it out")
		return nil
	}
	if slices.ContainsFunc(s.rep.Findings, func(f Finding) bool { return f.Rule == "does-not-compile" && f.Severity == Error }) {
		s.left("the graph of the built program: it does not compile")
		return nil
	}
	dir, err := os.MkdirTemp("", "tackhammer-verify-")
	if err != nil {
		return kit.Errorf(kit.Internal, "verify %s: %w", s.Dir, err)
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "app")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", bin, ".")
	build.Dir, build.Env = s.root, goEnv()
	if out, err := build.CombinedOutput(); err != nil {
		s.tell("does-not-compile", place{}, "go build: %s", firstLine(string(out)))
		s.left("the graph of the built program: it does not compile")
		return nil
	}
	for _, nail := range []string{"", filepath.Join(s.root, "nail.yaml")} { // the built-in one, and the one in the folder
		if nail != "" && !isFile(nail) {
			continue
		}
		s.proveRun(ctx, dir, bin, nail)
	}
	return nil
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// proveRun runs the built program once and proves the graph that it prints.
func (s *session) proveRun(ctx context.Context, dir, bin, nail string) {
	g, err := s.run(ctx, dir, bin, nail)
	if err != nil {
		s.tell("graph", place{}, "%v", err)
		return
	}
	before := s.rep.Count(Error)
	s.prove(g)
	s.compareSteps(g)
	if s.rep.Graph = g; s.rep.Count(Error) == before && nail == "" {
		s.proof("the built program's path is %s: a person reviews between each draft and the delivery", g.path())
	}
}

// run runs `app graph --json` in an empty folder, with nothing of the user's
// environment and, where the system allows it, without a network.
func (s *session) run(ctx context.Context, dir, bin, nail string) (*Graph, error) {
	ctx, cancel := context.WithTimeout(ctx, graphTime)
	defer cancel()
	empty, err := os.MkdirTemp(dir, "data-")
	if err != nil {
		return nil, err
	}
	args, told := []string{"graph", "--json"}, "graph --json"
	if nail != "" {
		args, told = append(args, "--nail", nail), told+" --nail nail.yaml"
	}
	var out, errs bytes.Buffer
	start := func(cut bool) error {
		out.Reset()
		errs.Reset()
		cmd := exec.CommandContext(ctx, bin, args...)
		cmd.Dir, cmd.Env = empty, bareEnv(empty)
		cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &errs, 5*time.Second
		if cut {
			cutNetwork(cmd)
		}
		return cmd.Run()
	}
	network := s.word("no network")
	err = start(true)
	if _, ended := err.(*exec.ExitError); err != nil && !ended || !canCut {
		network, err = s.word("the network not cut off, for this system does not allow it"), start(false)
	}
	s.rep.Ran = append(s.rep.Ran, s.sentence("%s, built from the app, in an empty folder with an empty environment and %s", told, network))
	var g Graph
	if bad := json.Unmarshal(out.Bytes(), &g); bad != nil {
		return nil, kit.Errorf(kit.Invalid, "the built program's `%s` prints no graph (%v): %s", told, err, firstLine(errs.String()))
	}
	return &g, nil
}

// bareEnv is what a program needs of its environment to start at all.
func bareEnv(home string) []string {
	env := []string{"HOME=" + home, "TMPDIR=" + home, "TMP=" + home, "TEMP=" + home, "LANG=C.UTF-8"}
	for _, name := range []string{"SystemRoot", "windir"} { // Windows starts nothing without
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// path is the graph in one line.
func (g *Graph) path() string {
	var words []string
	for _, s := range g.Steps {
		words = append(words, s.Kind+" "+s.Name)
	}
	return strings.Join(words, " → ")
}

// prove walks from each delivery back to the input. The app's own check has
// done the same; this does not believe it.
func (s *session) prove(g *Graph) {
	for _, f := range g.Faults {
		s.tell("graph", place{}, "%s", f)
	}
	by, fed, deliveries := map[string]Step{}, map[string]int{}, 0
	for _, step := range g.Steps {
		if _, twice := by[step.Name]; twice || step.Name == "" {
			s.tell("graph", place{}, "two steps are called %q", step.Name)
		}
		by[step.Name] = step
		fed[step.From]++
	}
	for from, n := range fed {
		if n > 1 {
			s.tell("graph", place{}, "%q feeds %d steps; a stage feeds one", from, n)
		}
	}
	for _, step := range g.Steps {
		if step.Kind == "deliver" {
			deliveries++
			s.proveDelivery(step, by)
		}
		if step.Kind == "review" {
			s.proveTerms(step)
		}
	}
	if deliveries == 0 {
		s.tell("graph", place{}, "no step delivers")
	}
}

// proveDelivery wants a review behind the last draft before a delivery.
func (s *session) proveDelivery(step Step, by map[string]Step) {
	at := step
	for range len(by) + 1 {
		before, ok := by[at.From]
		switch {
		case !ok:
			s.tell("graph", place{}, "%s delivers what no person reviewed", step.Name)
			return
		case before.Kind == "draft":
			s.tell("graph", place{}, "%s delivers the draft %s, which no person reviewed", step.Name, before.Name)
			return
		case before.Kind == "review":
			if draft := by[before.From]; draft.Kind != "draft" {
				s.tell("graph", place{}, "%s reviews no draft", before.Name)
			}
			return
		}
		at = before
	}
	s.tell("graph", place{}, "the steps before %s go in a ring", step.Name)
}

// proveTerms wants a person in each tier, and a sample of each lot.
func (s *session) proveTerms(step Step) {
	if len(step.Terms) == 0 {
		s.tell("policy", place{}, "%s says nothing of who decides", step.Name)
	}
	for _, t := range step.Terms {
		where := step.Name
		if t.Tier != "" {
			where += ", tier " + t.Tier
		}
		switch {
		case t.Quorum < 1:
			s.tell("policy", place{}, "%s: a quorum of %d decides", where, t.Quorum)
		case len(t.Roles) == 0:
			s.tell("policy", place{}, "%s: nobody may decide", where)
		case t.Lot > 0 && (t.Sample < 1 || t.Sample > t.Lot):
			s.tell("policy", place{}, "%s: of a lot of %d cases people look at %d", where, t.Lot, t.Sample)
		}
	}
}

// compareSteps holds the graph that ran to the steps in the source: what is
// proven has to be what is written.
func (s *session) compareSteps(g *Graph) {
	found, sure := s.stepsInSource()
	for _, step := range g.Steps {
		if _, ok := found[step.Kind+" "+step.Name]; !ok && sure {
			s.tell("graph-differs", place{}, "the program has the step %s %s, and its source has none of that name", step.Kind, step.Name)
		}
		delete(found, step.Kind+" "+step.Name)
	}
	for name, at := range found {
		s.tell("unused-step", at, "%s", name)
	}
}

// stepsInSource finds the calls that add steps, and reports whether each says
// its name in the source.
func (s *session) stepsInSource() (found map[string]place, sure bool) {
	found, sure = map[string]place{}, true
	kinds := map[string]string{"Draft": "draft", "Review": "review", "Then": "code", "Deliver": "deliver"}
	for _, u := range s.units {
		fold := newFolding(u.info, u.files)
		for _, file := range u.files {
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) < 2 {
					return true
				}
				fn := callee(u.info, call)
				if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != kitPath+"/workflow" || kinds[fn.Name()] == "" || receiver(fn) != "" {
					return true
				}
				name, whole, _ := fold.text(call.Args[1])
				sure = sure && whole
				found[kinds[fn.Name()]+" "+name] = s.at(u.fset, call.Pos())
				return true
			})
		}
	}
	return found, sure
}
