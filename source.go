// Package tackhammer carries the source of the kit, which the command writes
// into every app that it makes:
//
//	tackhammer new receipts-desk --template receipts
//
// The command stands in cmd/tackhammer, the library of a generated app in kit,
// what is written for a team to change in templates. Nothing in the kit may
// import this package: whatever embeds the kit changes with every file of it.
package tackhammer

import "embed"

// Kit holds the folder kit as it was when the command was built: the Go files,
// tests among them, with all that they embed.
//
//go:embed kit
var Kit embed.FS
