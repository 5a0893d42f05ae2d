package verify

import (
	"go/ast"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// checkTexts looks at every text of the file, put together as far as the source
// says.
func (l *look) checkTexts() {
	ast.PreorderStack(l.file, nil, func(n ast.Node, stack []ast.Node) bool {
		l.stack = stack
		e, ok := n.(ast.Expr)
		if !ok || l.info.Types[e].IsType() {
			return true
		}
		if _, ok := n.(*ast.Ident); ok {
			return true // looked at where it was set
		}
		text, whole, ok := l.fold.text(e)
		if !ok || text == gap {
			return true
		}
		l.checkPhrase(e, text)
		return !whole
	})
}

// decidePath is where people decide, in the console and the API.
var decidePath = regexp.MustCompile(`/(?:reviews?|lots)/[^\s"]*/?(?:decide|decisions?)\b|^/(?:decide|decision)$|/inbox/batch\b`)

// dataNames are the names by which an app's data is reached.
var dataNames = regexp.MustCompile(`(?:^|/)app\.db\b|^DATABASE_URL$|^APP_RECEIPT_KEY$|(?:^|/)receipt\.key$`)

func (l *look) checkPhrase(e ast.Expr, text string) {
	for _, hit := range statements(text) {
		if hit.mild {
			l.warn("raw-sql", l.at(l.fset, e.Pos()), "%s", hit.words)
			continue
		}
		l.say("raw-sql", e, "%s", hit.words)
	}
	if m := decidePath.FindString(text); m != "" && !l.inImport() {
		l.say("own-endpoint", e, "%s", strings.ReplaceAll(m, gap, "…"))
	}
	if m := dataNames.FindString(text); m != "" {
		l.say("reaches-data", e, "%s", strings.TrimPrefix(m, "/"))
	}
}

func (l *look) inImport() bool {
	return slices.ContainsFunc(l.stack, func(n ast.Node) bool { _, ok := n.(*ast.ImportSpec); return ok })
}

// opens are functions that open a database by an address, and by the number of
// the argument with it.
var opens = map[string]int{
	"database/sql.Open": 1, "github.com/jmoiron/sqlx.Open": 1, "github.com/jmoiron/sqlx.Connect": 1, "github.com/jmoiron/sqlx.ConnectContext": 2,
	"github.com/jackc/pgx/v5.Connect": 1, "github.com/jackc/pgx/v5.ParseConfig": 0, "github.com/jackc/pgx/v5/pgxpool.New": 1,
	"github.com/jackc/pgx/v5/pgxpool.ParseConfig": 0, "gorm.io/driver/sqlite.Open": 0, "gorm.io/driver/postgres.Open": 0,
	"github.com/glebarez/sqlite.Open": 0, "go.etcd.io/bbolt.Open": 0,
}

// runs are the methods that run a statement.
var runs = []string{"Exec", "ExecContext", "Query", "QueryContext", "QueryRow", "QueryRowContext", "Prepare", "PrepareContext", "NewRaw", "MustExec", "Queue"}

// checkDatabase looks at calls of databases: the app's own one opened beside
// the kit, a table of the kit named to a query builder, a statement that is put
// together.
func (l *look) checkDatabase(n *ast.CallExpr) {
	fn := callee(l.info, n)
	if fn == nil || fn.Pkg() == nil {
		return
	}
	if i, ok := opens[calleeName(l.info, n)]; ok && i < len(n.Args) && l.namesData(n.Args[i]) {
		l.say("opens-database", n, "%s of the app's own database", calleeName(l.info, n))
	}
	path := fn.Pkg().Path()
	if path == "github.com/uptrace/bun" && len(n.Args) > 0 {
		l.checkBuilder(n, fn)
	}
	if fn.Name() == "CopyFrom" && strings.HasPrefix(path, "github.com/jackc/pgx") {
		l.checkCopyFrom(n)
	}
	if isDatabase(path) && l.tabled && slices.Contains(runs, fn.Name()) {
		if arg := queryOf(l.info, n); arg != nil {
			if _, whole, ok := l.fold.text(arg); ok && !whole {
				l.say("dynamic-sql", n, "%s of a statement that the source does not say in full", fn.Name())
			}
		}
	}
}

// checkCopyFrom looks at a table that rows are copied into: its name is a slice
// of texts, the schema first.
func (l *look) checkCopyFrom(n *ast.CallExpr) {
	for _, a := range n.Args {
		ast.Inspect(a, func(e ast.Node) bool {
			x, ok := e.(ast.Expr)
			if !ok || !isText(l.info.TypeOf(x)) {
				return true
			}
			name, _, _ := l.fold.text(x)
			if mild, ok := tables()[strings.ToLower(name)]; ok && !mild {
				l.say("raw-sql", n, "CopyFrom into %s: a table of the kit", name)
				return false
			}
			return true
		})
	}
}

// isDatabase reports that a package runs statements.
func isDatabase(path string) bool {
	return path == "database/sql" || path == "github.com/uptrace/bun" || strings.HasPrefix(path, "github.com/jackc/pgx") ||
		strings.Contains(path, "sqlx") || strings.HasPrefix(path, "gorm.io/")
}

// queryOf is the first argument that is a text.
func queryOf(info *types.Info, n *ast.CallExpr) ast.Expr {
	for _, a := range n.Args {
		if isText(info.TypeOf(a)) {
			return a
		}
	}
	return nil
}

// checkBuilder looks at bun's builders of statements that change something.
func (l *look) checkBuilder(n *ast.CallExpr, fn *types.Func) {
	changing := slices.Contains([]string{"InsertQuery", "UpdateQuery", "DeleteQuery", "MergeQuery", "TruncateTableQuery", "DropTableQuery"}, receiver(fn))
	if !changing || !slices.Contains([]string{"Table", "TableExpr", "ModelTableExpr"}, fn.Name()) {
		return
	}
	for _, a := range n.Args {
		text, _, _ := l.fold.text(a)
		for _, word := range regexp.MustCompile(`\w+`).FindAllString(text, -1) {
			if mild, ok := tables()[strings.ToLower(word)]; ok && !mild {
				l.say("raw-sql", n, "%s.%s of %s: a table of the kit", receiver(fn), fn.Name(), word)
			}
		}
	}
}

// namesData reports that an address leads to the app's database: by a text in
// it, or by a variable that is set to one.
func (l *look) namesData(e ast.Expr) bool {
	if text, _, _ := l.fold.text(e); dataNames.MatchString(text) || strings.Contains(text, "app.db") {
		return true
	}
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok && !found {
			text, _, _ := l.fold.text(x)
			found = dataNames.MatchString(text)
		}
		if id, ok := n.(*ast.Ident); ok && !found && l.fold.deep < 20 {
			if set := l.fold.once[l.info.ObjectOf(id)]; set != nil && set != e {
				l.fold.deep++
				found = l.namesData(set)
				l.fold.deep--
			}
		}
		return !found
	})
	return found
}

// checkTags looks at the models of query builders that stand for a table of the
// kit.
func (l *look) checkTags(n *ast.StructType) {
	for _, f := range n.Fields.List {
		if f.Tag == nil {
			continue
		}
		tag, _ := strconv.Unquote(f.Tag.Value)
		for _, part := range strings.Split(reflect.StructTag(tag).Get("bun"), ",") {
			if name, ok := strings.CutPrefix(part, "table:"); ok {
				l.checkModel(f, name)
			}
		}
	}
}

// checkTableName looks at the method by which other libraries learn a table.
func (l *look) checkTableName(n *ast.FuncDecl) {
	if n.Name.Name != "TableName" || n.Recv == nil || n.Body == nil || len(n.Body.List) != 1 {
		return
	}
	if r, ok := n.Body.List[0].(*ast.ReturnStmt); ok && len(r.Results) == 1 {
		if name, whole, _ := l.fold.text(r.Results[0]); whole {
			l.checkModel(n, name)
		}
	}
}

func (l *look) checkModel(n ast.Node, table string) {
	table, _, _ = strings.Cut(strings.ToLower(strings.Trim(table, `"`)), " ")
	if mild, ok := tables()[table]; ok && !mild {
		l.say("raw-sql", n, "a model of %s: a table of the kit", table)
	}
}

// namesTable reports that a text of the package is the name of a table of the
// kit, alone.
func (u *unit) namesTable() bool {
	for e, tv := range u.info.Types {
		if lit, ok := e.(*ast.BasicLit); ok && tv.Value != nil {
			word, err := strconv.Unquote(lit.Value)
			if mild, ok := tables()[word]; err == nil && ok && !mild {
				return true
			}
		}
	}
	return false
}
