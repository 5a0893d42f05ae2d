package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pkg/browser"
	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
)

// demoTemplate is what the demo shows, and demoEmail who reviews in it.
const (
	demoTemplate = "receipts"
	demoEmail    = "reviewer@demo.example"
)

func demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "make the receipts app, load its samples and open its console",
		Description: "A second demo picks up where the first one ended. Ctrl-C stops it.\n" +
			"Only Go is needed: the rules that come with the app draft, unless --model names another model.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "dir", Usage: "put the app into `DIR` (default: a folder in the user's cache)"},
			&cli.StringFlag{Name: "addr", Usage: "serve at `HOST:PORT`; port 0 takes a free one", Value: "127.0.0.1:8080"},
			&cli.StringFlag{Name: "model", Usage: "who drafts: baseline or ollama:`NAME`; otherwise the one of the app's nail.yaml, where learned and openai:NAME may stand, too"},
			&cli.BoolFlag{Name: "no-open", Usage: "do not open a browser"},
		},
		Action: runDemo,
	}
}

func runDemo(c *cli.Context) error {
	if err := line.WantArgs(c, 0, 0); err != nil {
		return err
	}
	d := demo{
		Source: source(),
		Dir:    c.String("dir"),
		Addr:   c.String("addr"),
		Model:  c.String("model"),
		Out:    c.App.Writer,
		Err:    c.App.ErrWriter,

		dirGiven: c.String("dir") != "",
	}
	if !c.Bool("no-open") && hasDisplay() {
		d.Open = openBrowser
	}
	return d.Run(c.Context)
}

// demo shows the app of demoTemplate running.
type demo struct {
	Source scaffold.Source
	Dir    string             // the app's folder. Defaults to one in the user's cache
	Addr   string             // where to serve, HOST:PORT
	Model  string             // baseline or ollama:NAME. Defaults to what the app's nail.yaml says
	Open   func(string) error // shows a page to the user. Defaults to not doing so
	Out    io.Writer
	Err    io.Writer

	dirGiven bool // the user named Dir, and has to again
}

// Run shows the app until ctx ends, which is no failure.
func (d demo) Run(ctx context.Context) error {
	err := d.run(ctx)
	if interrupted(ctx) {
		fmt.Fprintln(d.Out, say.Text("\nstopped"))
		return nil
	}
	return err
}

func (d demo) run(ctx context.Context) error {
	if d.Model != "" {
		if err := scaffold.CheckModel(d.Model); err != nil {
			return err
		}
	}
	addr, err := freeAddr(d.Addr)
	if err != nil {
		return err
	}
	if d.Dir, err = demoDir(d.Dir); err != nil {
		return err
	}
	if err := d.sayModel(ctx); err != nil {
		return err
	}
	if err := d.prepare(ctx); err != nil {
		return err
	}
	app, err := d.build(ctx)
	if err != nil {
		return err
	}
	if err := app.load(ctx); err != nil {
		return err
	}
	d.offerOllama(ctx)
	return d.serve(ctx, app, addr)
}

func demoDir(given string) (string, error) {
	if given != "" {
		dir, err := filepath.Abs(given)
		if err != nil {
			return "", kit.Errorf(kit.Internal, "find the folder %s: %w", given, err)
		}
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", kit.Errorf(kit.Invalid, "find a folder for the demo: %w", err).WithHint("name one with --dir DIR")
	}
	return filepath.Join(cache, "tackhammer", "demo", demoTemplate), nil
}

// prepare puts a fresh app into d.Dir, or picks up the one of an earlier demo:
// brought up to date when nobody has edited it, as it stands otherwise.
func (d demo) prepare(ctx context.Context) error {
	plan, err := d.Source.Plan(scaffold.Spec{Template: demoTemplate, Name: demoTemplate + "-demo"})
	if err != nil {
		return err
	}
	said := say.Text("picked up")
	lock, err := scaffold.ReadLock(d.Dir)
	switch {
	case kit.CodeOf(err) == kit.NotFound:
		said = say.Text("made")
		err = plan.Apply(ctx, d.Dir)
		if kit.CodeOf(err) == kit.Conflict {
			return kit.Errorf(kit.Conflict, "make the demo: %w; nothing was changed", err).WithHint("name another folder with --dir DIR")
		}
	case err == nil && !lock.Same(plan.Lock()):
		said, err = d.renew(ctx, plan, lock)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Out, say.Text("app      %s (%s)\n"), d.Dir, said)
	return nil
}

// renew replaces the app of another version of this program, unless it was
// edited, and keeps its data either way.
func (d demo) renew(ctx context.Context, plan *scaffold.Plan, lock scaffold.Lock) (string, error) {
	edited, err := lock.Edited(d.Dir, "data", "bin")
	if err != nil {
		return "", err
	}
	if len(edited) > 0 {
		what := fmt.Sprintf(say.Text("%s was edited"), edited[0])
		if len(edited) > 1 {
			what = fmt.Sprintf(say.Text("%s and %d more were edited"), edited[0], len(edited)-1)
		}
		return fmt.Sprintf(say.Text("picked up as it is: it comes from another version, and %s"), what), nil
	}
	return say.Text("picked up and brought up to this version"), plan.Replace(ctx, d.Dir, "data")
}

// serve runs the app until ctx ends and tells the user where to look.
func (d demo) serve(ctx context.Context, app app, addr string) error {
	args := []string{"serve", "--addr", addr}
	if d.Model != "" {
		args = append(args, "--model", d.Model)
	}
	server, err := app.start(ctx, args...)
	if err != nil {
		return err
	}
	if err := server.healthy(ctx, baseURL(addr), time.Minute); err != nil {
		return server.stop(err)
	}
	link, err := app.output(ctx, "user", "link", demoEmail, "--url", baseURL(addr))
	if err != nil {
		return server.stop(err)
	}
	link = strings.TrimSpace(link)
	fmt.Fprintf(d.Out, say.Text("address  %s\nsign in  %s\n\nCtrl-C stops it.\n"), baseURL(addr), link)
	if d.Open != nil {
		if err := d.Open(link); err != nil {
			fmt.Fprintf(d.Err, say.Text("no browser opened (%v): follow the sign-in link\n"), err)
		}
	}
	return server.wait()
}

// hasDisplay guesses whether a browser could show a window.
func hasDisplay() bool {
	if runtime.GOOS != "linux" {
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

func openBrowser(url string) error {
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	return browser.OpenURL(url)
}
