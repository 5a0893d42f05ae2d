// Package quiet keeps the terminal from being asked for its background while the
// program starts. The library of the forms does so, for all commands: it is the
// round trip to a terminal far away, and five seconds where nothing answers.
//
// Importing it is enough. It imports the standard library alone, and so it is
// initialised before whatever needs golang.org/x/sys, that library among them:
// of the packages that are ready, Go takes the first by its path. Who runs after
// that library calls Restore.
//
//	func init() { quiet.Restore() }
package quiet

import "os"

// variable tells programs what the terminal can do; dumb is one that nobody asks.
const variable = "TERM"

var term, told = os.LookupEnv(variable)

func init() { set("dumb", true) }

// Restore gives the terminal its name back.
func Restore() { set(term, told) }

// set fails for no name and value that are here.
func set(value string, told bool) {
	if !told {
		_ = os.Unsetenv(variable)
		return
	}
	_ = os.Setenv(variable, value)
}
