package command

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
)

// mostRead is more, in bytes, than any reader takes: they say what is too much.
const mostRead = 64 << 20

// readInput reads a file, or standard input for -, and returns what errors call
// it.
func readInput(c *cli.Context, file string) (name string, raw []byte, err error) {
	in, name := c.App.Reader, "standard input"
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return file, nil, notRead(file, err)
		}
		defer f.Close()
		in, name = f, file
	}
	if raw, err = io.ReadAll(io.LimitReader(in, mostRead)); err != nil {
		return name, nil, notRead(name, err)
	}
	return name, raw, nil
}

func notRead(name string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err // the name is said already
	}
	return kit.Errorf(kit.Invalid, "read %s: %w", name, err)
}

// specFile reads a spec from a file, or from standard input.
func specFile(c *cli.Context, file string) (scaffold.Spec, error) {
	name, raw, err := readInput(c, file)
	if err != nil {
		return scaffold.Spec{}, err
	}
	return scaffold.ReadSpec(name, raw)
}

// printJSON prints v for scripts, with texts as they are.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
