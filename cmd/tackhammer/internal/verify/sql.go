package verify

import (
	"cmp"
	"regexp"
	"slices"
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

// A statement is recognised by its verb, the tables and what has to follow, so
// that a sentence such as "update cases as they come" is none. The shapes are
// those of a reading: names may carry a schema, or stand in quotes of a literal.
const (
	named = `(?:'?\w+\.)?'?(\w+)`
	lists = `((?:only )?(?:'?\w+\.)?'?\w+(?: \*)?(?: , (?:only )?(?:'?\w+\.)?'?\w+(?: \*)?)*)`
	ends  = `(?: \*)?(?: \w+)??(?:$| (?:;|\x00|`
)

var statementShapes = []*regexp.Regexp{
	regexp.MustCompile(`(?:^| )(insert (?:or \w+ )?into|replace into|merge into) (?:only )?` + named + ends + `\(|values\b|select\b|default\b|as\b|with\b|set\b|using\b|table\b|overriding\b))`),
	regexp.MustCompile(`(?:^| )(update) (?:or \w+ )?(?:only )?` + named + `(?: \*)?(?: (?:as )?\w+)??(?: indexed by \w+| not indexed)? set\b`),
	regexp.MustCompile(`(?:^| )(delete from) (?:only )?` + named + ends + `\)|where\b|using\b|returning\b|as\b|order\b|limit\b|indexed\b|not indexed\b))`),
	regexp.MustCompile(`(?:^| )(truncate table) ` + lists),
	regexp.MustCompile(`(?:^| )(truncate) ` + lists + `(?: ;| cascade\b| restrict\b| restart\b| continue\b|$)`),
	regexp.MustCompile(`(?:^| )((?:alter|drop) table) (?:if exists )?` + lists),
	regexp.MustCompile(`(?:^| )(copy) ` + named + ` (?:\([^)]*\) )?from\b`),
	regexp.MustCompile(`(?:^| )(create (?:or replace )?(?:temp |temporary |constraint )?trigger) [^;]*? on ` + named),
	regexp.MustCompile(`(?:^| )(drop trigger) [^;]*? on ` + named),
	regexp.MustCompile(`(?:^| )(create (?:or replace )?rule) [^;]*? to ` + named),
}

// guards are statements that take a guard of the whole database away.
var guards = regexp.MustCompile(`\bpragma (?:\w+\.)?(?:writable_schema|ignore_check_constraints|recursive_triggers)\b|\bsession_replication_role\b|\bdrop trigger (?:if exists )?(?:\w+\.)?(\w+)`)

// statement is one hit in a text.
type statement struct {
	at    int // of its verb, in bytes
	words string
	mild  bool // of a table that decides nothing
}

// statements finds what changes the kit's tables in a text, as either database
// reads it, in its literals too: a procedure stands in one.
func statements(text string) []statement { return statementsWithin(text, 3) }

// verbs stand in each text that is worth a reading.
var verbs = regexp.MustCompile(`(?i)\b(?:into|update|delete|truncate|table|copy|trigger|rule|pragma|session_replication_role)\b`)

func statementsWithin(text string, deep int) []statement {
	if deep == 0 || !verbs.MatchString(text) {
		return nil
	}
	var all []statement
	for _, as := range [][]lexeme{asSQLite, asPostgres} {
		r := readAs(text, as)
		all = append(all, r.statements()...)
		for _, l := range r.literals {
			for _, hit := range statementsWithin(l.text, deep-1) {
				hit.at += l.at
				all = append(all, hit)
			}
		}
	}
	slices.SortFunc(all, func(a, b statement) int { return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.words, b.words)) })
	return slices.Compact(all)
}

func (r *reading) statements() (all []statement) {
	for _, shape := range statementShapes {
		for _, m := range shape.FindAllStringSubmatchIndex(r.plain, -1) {
			verb := strings.ToUpper(r.plain[m[2]:m[3]])
			for _, table := range tableNames(r.plain[m[4]:m[5]]) {
				if mild, ok := tables()[table]; ok {
					all = append(all, statement{at: r.at(m[2]), words: verb + " " + table + ": a table of the kit", mild: mild})
				}
			}
		}
	}
	for _, m := range guards.FindAllStringSubmatchIndex(r.plain, -1) {
		if m[2] < 0 || triggers()[r.plain[m[2]:m[3]]] {
			all = append(all, statement{at: r.at(m[0]), words: strings.ToUpper(r.plain[m[0]:m[1]]) + " takes a guard of the database away"})
		}
	}
	return all
}

// tableNames are the tables of a list, without their schema.
func tableNames(list string) (names []string) {
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSuffix(strings.TrimSpace(name), " *")
		name = strings.TrimPrefix(name, "only ")
		names = append(names, strings.Trim(name[strings.LastIndexByte(name, '.')+1:], "' "))
	}
	return names
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
