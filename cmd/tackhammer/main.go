// Command tackhammer scaffolds a reviewed service for one job of one kind of
// customer, and shows it running.
package main

import (
	"os"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/command"
)

//go:generate go run ./internal/generate modules
//go:generate go run ./internal/generate examples

func main() {
	os.Exit(command.Main(os.Args, os.Stdout, os.Stderr))
}
