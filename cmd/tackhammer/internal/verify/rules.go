package verify

import "slices"

// Rule is one way round the person that is looked for.
type Rule struct {
	ID       string
	Severity Severity // unless the finding's own words make it a warning
	Short    string   // what is looked for
	Mend     string
}

// Rules lists every rule, in order of their ids.
func Rules() []Rule { return slices.Clone(rules) }

const leaveToKit = "leave it to the kit: a case goes through the workflow's review, and the runner does the rest"

var rules = []Rule{
	{"acts-as-person", Error, "code that claims or decides in place of a person",
		"people decide in the console or by the API, signed in as themselves; take the call out of the program (tests may make it through kittest)"},
	{"altered", Error, "a delivery, decision or receipt that is changed after the review", "shape what leaves in the function given to workflow.Deliver"},
	{"assembly", Error, "machine code that can write where the types forbid it", "take the file out, or move it into a module of its own that does not import the kit"},
	{"build-flags", Warning, "a build that may compile other source than was verified", "build without the flag, or verify what it builds, too"},
	{"cgo", Error, "C code that can write where the types forbid it", "take it out, or run it as a program of its own"},
	{"conjured", Error, "an Approved or Stage by reflection, decoding or an interface", leaveToKit},
	{"does-not-compile", Error, "source that cannot be analysed", "make `go build ./...` pass; a proof is of what compiles"},
	{"dynamic-sql", Warning, "a statement put together at run time beside the name of a table of the kit", "write the statement as one constant"},
	{"graph", Error, "a workflow in which a delivery does not follow a review", "put a workflow.Review between each draft and the delivery"},
	{"graph-differs", Error, "a program whose workflow is not the one in its source", "give app.Config the workflow that the source builds, with constant names"},
	{"kit-copy", Error, "a second copy of the kit", "remove it: the app's kit is third_party/kit alone"},
	{"kit-edited", Warning, "a kit that is not the released one", "run `tackhammer update`, or bring the files back from .tackhammer/base.zip"},
	{"kit-replaced", Error, "a kit from elsewhere than third_party/kit", "write `replace github.com/tackhammer/tackhammer/kit => ./third_party/kit` into go.mod, and nothing else for that module"},
	{"kit-version", Error, "a kit that this program cannot compare with its release", "verify with the version that made the app"},
	{"linkname", Error, "a link to a function that the kit does not export", "call what is exported"},
	{"lock", Error, "a lock that does not match what it locks", "bring .tackhammer back from version control, then `tackhammer update`"},
	{"made-by-hand", Error, "a stage, approval, delivery, decision or receipt made by hand", leaveToKit},
	{"mints-person", Error, "code that makes a person, or a way to sign in as one", "add people by the app's `user add`, an invitation or single sign-on"},
	{"not-read", Warning, "a file that was not looked into", "make it smaller, or keep it out of the app"},
	{"opens-database", Error, "the app's database, opened beside the kit", "read by the API, `export`, or the runner's own methods; keep other data in a database of its own"},
	{"other-program", Error, "a program that does not run on the kit", "call app.Main in the main function of the app's folder"},
	{"own-endpoint", Warning, "the address at which people decide, in the app's own code", "a program must not post to it; people decide in the console"},
	{"plugin", Error, "code that is loaded while the program runs", "compile it in"},
	{"policy", Error, "terms by which nobody looks", "say in nail.yaml or the step's review.Policy who decides, and how many"},
	{"raw-sql", Error, "a statement that changes a table of the kit", "change cases through the workflow; give tables of your own names of their own"},
	{"reaches-data", Warning, "the name of the app's database, key or their variables, in its own code", "leave them to the kit; open another database for your own data"},
	{"reads-arguments", Warning, "a program that chooses by its arguments before the kit reads them", "let app.Main read the command line, so that all commands run one workflow"},
	{"replaced", Warning, "a module that the kit runs on, replaced", "use the released one; what stands in for it was not looked at"},
	{"runner-only", Error, "a call that only the kit's runner may make", leaveToKit},
	{"sends", Error, "a delivery that is sent beside the runner", "add a target in nail.yaml or app.Config, and let the runner send"},
	{"unsafe", Error, "a pointer past the types", "do without unsafe: it can fill an Approved that nobody decided on"},
	{"unused-step", Warning, "a step in the source that the program's path does not have", "remove it, or build it into the workflow of app.Config"},
	{"vendored", Error, "a vendor folder with another kit", "remove the folder vendor, or run `go mod vendor` again"},
	{"workspace", Error, "a workspace that puts another kit in place", "take the kit out of go.work; the app brings its own"},
}

// ruleOf finds a rule; one that is missing is a defect here.
func ruleOf(id string) Rule {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		panic("verify: no rule " + id)
	}
	return rules[i]
}
