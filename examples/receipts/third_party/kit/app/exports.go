package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/whole"
)

func (c Config) exportCommand() *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "write out what people decided",
		Subcommands: []*cli.Command{{
			Name: "deliveries", Usage: "write every delivery, newest first", Action: c.with(finds, 0, 0, c.exportDeliveries),
			Flags: shared(
				&cli.StringFlag{Name: "format", Value: "jsonl", Usage: "jsonl or csv"},
				outFlag("`FILE` to write; standard output otherwise")),
		}, c.exportCorrectionsCommand()},
	}
}

func (c Config) exportDeliveries(ctx context.Context, cc *cli.Context, s *Service) error {
	format, err := export.ParseFormat(cc.String("format"))
	if err != nil {
		return err
	}
	n := 0
	write := func(w io.Writer) (err error) {
		n, err = export.Deliveries(ctx, s.Runner, w, format)
		return err
	}
	return c.writeOut(cc, write, func() string { return deliveries(n) })
}

// writeOut writes to the standard output, or to the file of --out, and then
// says beside it what was written.
func (c Config) writeOut(cc *cli.Context, write func(io.Writer) error, what func() string) error {
	path := cc.String("out")
	if path == "" {
		return write(c.Out)
	}
	err := writeFile(path, write)
	if err == nil {
		fmt.Fprintf(c.Err, "wrote %s to %s\n", what(), path)
	}
	return err
}

// writeFile writes a file whole or not at all. A link is followed; a pipe or a
// device is written into: a rename would put a file in its place.
func writeFile(path string, write func(io.Writer) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return kit.Errorf(kit.Invalid, "write %s: it is a folder", path).WithHint("name a file in it")
	}
	if err == nil && !info.Mode().IsRegular() {
		return writeInto(path, write)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return kit.Errorf(kit.Invalid, "write %s: %w", path, err).WithHint("does its folder exist, and may you write there?")
	}
	return whole.Replace(path, 0o600, write)
}

// writeInto writes to what is no regular file.
func writeInto(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return kit.Errorf(kit.Invalid, "write %s: %w", path, err)
	}
	b := bufio.NewWriter(f)
	return errors.Join(write(b), b.Flush(), f.Close())
}
