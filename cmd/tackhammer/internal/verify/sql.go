package verify

import (
	"regexp"
	"strings"
	"sync"

	"github.com/tackhammer/tackhammer"
)

// gap stands in a folded text for what is not known before the program runs.
const gap = "\x00"

// mildTables are tables of the kit with names that any other database may have,
// and that decide over no delivery.
var mildTables = []string{"views", "comments", "mentions", "messages", "message_rounds", "notices", "notices_now", "workers", "tallies", "models",
	"model_switches", "edits", "skips", "search_cases"}

// tables are the kit's tables, by name, true for the mild ones: those that its
// migrations make, and those of the libraries that keep its jobs and versions.
var tables = sync.OnceValue(kitTables)

func kitTables() map[string]bool {
	all := map[string]bool{"river_job": false, "river_queue": false, "river_leader": false, "goose_db_version": false}
	made := regexp.MustCompile(`(?i)CREATE (?:VIRTUAL )?TABLE (?:IF NOT EXISTS )?([a-z_]+)`)
	eachMigration(func(text string) {
		for _, m := range made.FindAllStringSubmatch(text, -1) {
			all[strings.ToLower(m[1])] = false
		}
	})
	for _, name := range mildTables {
		all[name] = true
	}
	return all
}

// eachMigration reads the migrations that this program was built with.
func eachMigration(do func(text string)) {
	const top = "kit/store/migrations"
	dirs, _ := tackhammer.Kit.ReadDir(top)
	for _, dir := range dirs {
		files, _ := tackhammer.Kit.ReadDir(top + "/" + dir.Name())
		for _, f := range files {
			if raw, err := tackhammer.Kit.ReadFile(top + "/" + dir.Name() + "/" + f.Name()); err == nil {
				do(string(raw))
			}
		}
	}
}

// A statement is recognised by its verb, the table and what has to follow, so
// that a sentence such as "update cases as they come" is none. Names may be
// quoted, and carry a schema.
const (
	named = "(?:[\"`\\[]?\\w+[\"`\\]]?\\s*\\.\\s*)?[\"`\\[]?(\\w+)[\"`\\]]?"
	ends  = `\s*(?:;|$|\x00`
)

var statementShapes = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(insert\s+(?:or\s+\w+\s+)?into|replace\s+into|merge\s+into)\s+` + named + ends + `|\(|values\b|select\b|default\b|as\b|with\b|set\b|using\b)`),
	regexp.MustCompile(`(?i)\b(update)\s+(?:or\s+\w+\s+)?(?:only\s+)?` + named + `(?:\s+(?:as\s+)?\w+)??\s+set\b`),
	regexp.MustCompile(`(?i)\b(delete\s+from)\s+(?:only\s+)?` + named + ends + `|where\b|using\b|returning\b|as\b|order\b|limit\b)`),
	regexp.MustCompile(`(?i)\b(truncate\s+table)\s+(?:only\s+)?` + named),
	regexp.MustCompile(`(?i)\b(truncate)\s+` + named + `\s*(?:;|$|,|cascade\b|restart\b)`),
	regexp.MustCompile(`(?i)\b((?:alter|drop)\s+table)\s+(?:if\s+exists\s+)?(?:only\s+)?` + named),
	regexp.MustCompile(`(?i)\b(copy)\s+` + named + `\s*(?:\([^)]*\)\s*)?from\b`),
	regexp.MustCompile(`(?i)\b(create\s+(?:or\s+replace\s+)?(?:temp\s+|temporary\s+|constraint\s+)?trigger)\s[^;]*?\son\s+` + named),
	regexp.MustCompile(`(?i)\b(drop\s+trigger)\s[^;]*?\son\s+` + named),
}

// guards are statements that take a guard of the whole database away.
var guards = regexp.MustCompile(`(?i)\bpragma\s+(?:\w+\.)?(?:writable_schema|ignore_check_constraints|recursive_triggers)\b|\bsession_replication_role\b|\bdrop\s+trigger\s+(?:if\s+exists\s+)?["` + "`" + `\[]?(\w+)`)

// statement is one hit in a text.
type statement struct {
	at    int // of its verb, in bytes
	words string
	mild  bool // of a table that decides nothing
}

// statements finds what changes the kit's tables in a text.
func statements(text string) (all []statement) {
	if len(text) < len("drop table ") {
		return nil
	}
	plain := blankComments(text)
	for _, shape := range statementShapes {
		for _, m := range shape.FindAllStringSubmatchIndex(plain, -1) {
			table := strings.ToLower(plain[m[4]:m[5]])
			if mild, ok := tables()[table]; ok {
				verb := strings.ToUpper(strings.Join(strings.Fields(plain[m[2]:m[3]]), " "))
				all = append(all, statement{at: m[2], words: verb + " " + table + ": a table of the kit", mild: mild})
			}
		}
	}
	for _, m := range guards.FindAllStringSubmatchIndex(plain, -1) {
		if m[2] < 0 || triggers()[strings.ToLower(plain[m[2]:m[3]])] {
			all = append(all, statement{at: m[0], words: strings.ToUpper(strings.Join(strings.Fields(plain[m[0]:m[1]]), " ")) + " takes a guard of the database away"})
		}
	}
	return all
}

// triggers are the kit's, by name.
var triggers = sync.OnceValue(kitTriggers)

func kitTriggers() map[string]bool {
	all, made := map[string]bool{}, regexp.MustCompile(`(?i)CREATE (?:CONSTRAINT )?TRIGGER (?:IF NOT EXISTS )?(\w+)`)
	eachMigration(func(text string) {
		for _, m := range made.FindAllStringSubmatch(text, -1) {
			all[strings.ToLower(m[1])] = true
		}
	})
	return all
}

var comments = regexp.MustCompile(`(?s)/\*.*?\*/|--[^\n]*`)

// blankComments puts spaces for comments, so that offsets stay.
func blankComments(text string) string {
	if !strings.Contains(text, "--") && !strings.Contains(text, "/*") {
		return text
	}
	return comments.ReplaceAllStringFunc(text, func(c string) string { return strings.Repeat(" ", len(c)) })
}
