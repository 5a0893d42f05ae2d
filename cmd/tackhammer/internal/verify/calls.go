package verify

import (
	"go/types"
	"slices"
	"strings"
)

// What an app may call of the kit's rooms. A room that is not named in here is
// free. A function or method that this does not allow belongs to the runner:
// new ones of the kit are forbidden until they are allowed.
var (
	// runnerReads are the methods of workflow.Runner that decide nothing.
	runnerReads = []string{"AddComment", "ArchivePoint", "Bars", "Board", "Budget", "Canary", "Case", "Cases", "CertifiedBars", "Checkpoint",
		"Choices", "Comments", "Compare", "Corrections", "Costs", "Counts", "Deciders", "Deliveries", "Delivery", "DropComment", "DropView",
		"Edits", "Facts", "Figures", "FirstSchema", "HasLots", "History", "Import", "Inbox", "Lot", "Lots", "Mentions", "Messages", "Original",
		"Page", "Pause", "Review", "SaveView", "Schema", "SeeMentions", "Start", "Status", "StepTitle", "Stop", "Submit", "TierTitle", "Views"}
	// runnerActs are those that a person does.
	runnerActs = []string{"AnswerBlind", "BatchReturn", "Claim", "ClaimOne", "ClaimSeat", "Decide", "DecideLot", "DropEdits", "Release", "Renew",
		"SaveEdits", "Undo"}
	// accountsReads tell of people, or take something from one.
	accountsReads = []string{"Authenticate", "ByEmail", "Disable", "EndSession", "EndSessions", "Get", "HasPassword", "List", "Peek", "Revoke",
		"RevokeService", "RevokeToken", "SessionsOf", "TokensOf"}
	// accountsMints are those that make a person or a way in, as far as an
	// interface could have them.
	accountsMints = []string{"Add", "Arrive", "Enable", "Invite", "Redeem", "Service", "SetPassword", "SetRole", "SignIn", "Turn"}
	// dbReads are the methods of store.DB that change nothing.
	dbReads = []string{"Close", "Engine", "FindCases", "ForUpdate", "Pending", "Ping", "Read", "SkipLocked", "Unguarded", "Version"}
	// signerReads are those of audit.Signer that sign nothing.
	signerReads = []string{"PublicKey", "Ready"}
)

// forbidden says which rule a mention of a function of the kit breaks, "" for
// none.
func forbidden(fn *types.Func) (rule, words string) {
	fn = fn.Origin()
	if fn.Pkg() == nil || !kitRoom(fn.Pkg().Path()) {
		return "", ""
	}
	room, recv := strings.TrimPrefix(strings.TrimPrefix(fn.Pkg().Path(), kitPath), "/"), receiver(fn)
	full := strings.Trim(room+"."+recv, ".") + "." + fn.Name()
	switch {
	case room == "kittest":
		return "acts-as-person", "kittest is for tests: it decides as a person"
	case room == "web" || room == "web/api" || room == "web/console":
		return "runner-only", full + " serves the console or the API: app.Main does, on the real service"
	case recv != "":
		return forbiddenMethod(room+"."+recv, fn.Name(), full)
	case full == "store.Open":
		return "opens-database", full + " opens a database of the kit"
	case full == "workflow.NewRunner":
		return "runner-only", full + " makes a second runner"
	case full == "auth.Sessions":
		return "mints-person", full + " reaches the sessions of people"
	case slices.Contains([]string{"audit.MakeSigner", "audit.ReadSigner", "audit.SeedSigner"}, full):
		return "runner-only", full + " takes the key that signs receipts"
	case writes(fn.Signature()):
		return "runner-only", full + " writes in a transaction of the kit"
	}
	return "", ""
}

func forbiddenMethod(of, name, full string) (rule, words string) {
	switch {
	case of == "workflow.Runner" && slices.Contains(runnerActs, name):
		return "acts-as-person", full + " is what a person does"
	case of == "workflow.Runner" && !slices.Contains(runnerReads, name):
		return "runner-only", full + " changes what is under review"
	case of == "auth.Accounts" && !slices.Contains(accountsReads, name):
		return "mints-person", full + " makes a person or a way in"
	case of == "store.DB" && !slices.Contains(dbReads, name):
		return "opens-database", full + " reaches past the runner"
	case of == "audit.Signer" && !slices.Contains(signerReads, name):
		return "runner-only", full + " signs what the runner did not"
	}
	return "", ""
}

// receiver is the name of the type that a method is of, "" for a function.
func receiver(fn *types.Func) string {
	if recv := fn.Signature().Recv(); recv != nil {
		if n := namedOf(recv.Type()); n != nil {
			return n.Obj().Name()
		}
	}
	return ""
}

// writes reports that a function is given a transaction.
func writes(sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if n := namedOf(v.Type()); n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "github.com/uptrace/bun" && n.Obj().Name() == "Tx" {
			return true
		}
	}
	return false
}

// takesOutgoing reports that a call with this signature sends a delivery: its
// last argument is one.
func takesOutgoing(sig *types.Signature) bool {
	n := sig.Params().Len()
	return n >= 2 && kitName(sig.Params().At(n-1).Type()) == "workflow.Outgoing" && sig.Results().Len() == 1
}
