package command

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/tryout"
	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/line"
)

func templateCommand() *cli.Command {
	return &cli.Command{
		Name:  "template",
		Usage: "make templates of your own",
		Description: "A template is a folder with a manifest, template.yaml, and the files of an app. It is data: nothing of it runs while " +
			"an app is made. `tackhammer new` takes it by its folder, or by a commit of a git repository.",
		Subcommands: []*cli.Command{
			{
				Name: "new", Usage: "write a template to begin from, which works as it is", ArgsUsage: "NAME DIR",
				Description: "DIR is made, or is an empty folder. The files are those of the template that --from names, with two questions more.",
				Flags:       []cli.Flag{&cli.StringFlag{Name: "from", Usage: "begin with the files of `NAME`, one of tackhammer templates", Value: "blank", DefaultText: "blank"}},
				Action:      runTemplateNew,
			},
			{
				Name: "check", Usage: "read a template, and try few apps in which every two options stand together", ArgsUsage: "DIR",
				Description: "It renders each app, reads its nail.yaml, and vets and tests it with no network: the template's own tests run. " +
					"At the end stands the template's digest, which pins it.",
				Flags: []cli.Flag{
					&cli.BoolFlag{Name: "no-build", Usage: "render alone, and run nothing of the template"},
					&cli.BoolFlag{Name: "json", Usage: "print a JSON object for scripts"},
				},
				Action: runTemplateCheck,
			},
			{
				Name: "test", Usage: "make one app of a template, and vet and test it with no network", ArgsUsage: "DIR",
				Flags: append(slices.DeleteFunc(specFlags(), func(f cli.Flag) bool { return f.Names()[0] == "template" }),
					&cli.StringFlag{Name: "keep", Usage: "leave the app in the folder `APP`, which must not be there"}),
				Action: runTemplateTest,
			},
		},
	}
}

// templateRef is how Source.Use knows a folder from a name.
func templateRef(dir string) string {
	if strings.HasPrefix(dir, "git+") || strings.HasPrefix(dir, "dir:") || filepath.IsAbs(dir) {
		return dir
	}
	return "./" + filepath.ToSlash(filepath.Clean(dir))
}

// ownTemplate opens the template that the command's one argument names.
func ownTemplate(c *cli.Context) (src scaffold.Source, m scaffold.Manifest, err error) {
	if err := line.WantArgs(c, 1, 1); err != nil {
		return src, m, err
	}
	src, name, err := source().Use(c.Context, templateRef(c.Args().First()))
	if err != nil {
		return src, m, err
	}
	m, err = src.Manifest(name)
	return src, m, err
}

func runTemplateTest(c *cli.Context) error {
	src, m, err := ownTemplate(c)
	if err != nil {
		return err
	}
	r := &request{dir: "app", src: src, typed: map[string]string{}}
	if file := c.String("spec"); file != "" {
		if r.spec, err = specFile(c, file); err != nil {
			return err
		}
	}
	r.spec.Template, r.spec.From = m.Name, ""
	if err := r.take(c); err != nil {
		return err
	}
	if err := r.answer(m); err != nil {
		return err
	}
	plan, err := tryout.Render(src, r.spec)
	if err != nil {
		return err
	}
	return proveAt(c, plan)
}

// proveAt tests an app in a folder that is gone afterwards, or in the one that
// --keep names.
func proveAt(c *cli.Context, plan *scaffold.Plan) error {
	dir, err := os.MkdirTemp("", "tackhammer-try-")
	if err != nil {
		return kit.Errorf(kit.Internal, "make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	if keep := c.String("keep"); keep != "" {
		if err := plan.Apply(c.Context, keep); err != nil {
			return err
		}
		fmt.Fprintf(c.App.Writer, say.Text("the app is in %s\n"), folder(keep))
	}
	if err := tryout.Prove(c.Context, plan, dir); err != nil {
		return err
	}
	fmt.Fprintln(c.App.Writer, say.Text("the app builds, and vet and its tests pass"))
	return nil
}
