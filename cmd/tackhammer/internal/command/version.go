package command

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/say"
	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
	"github.com/tackhammer/tackhammer/kit/line"
)

// version is what a release was built as, without v, by
//
//	go build -ldflags "-X github.com/tackhammer/tackhammer/cmd/tackhammer/internal/command.version=1.2.3"
//
// Elsewhere it is empty.
var version string

// build is what a program was built from.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"` // "" where it is not known, as is Time
	Modified bool   `json:"modified"`
	Time     string `json:"time"` // of the commit, RFC 3339
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Kit      string `json:"kit"` // hash of the kit that it writes, as in an app's lock.json
}

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:        "version",
		Usage:       "print the version, and what it was built from",
		Description: "The kit's hash is that of third_party/kit in an app that this program makes.",
		Flags:       []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print a JSON object for scripts"}},
		Action:      runVersion,
	}
}

func runVersion(c *cli.Context) error {
	if err := line.WantArgs(c, 0, 0); err != nil {
		return err
	}
	b, err := builtFrom()
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(c.App.Writer, b)
	}
	commit := b.Commit
	if commit == "" {
		commit = say.Text("not known")
	}
	if b.Modified {
		commit += say.Text(", edited since")
	}
	fmt.Fprintf(c.App.Writer, "tackhammer %s %s %s/%s\n", b.Version, b.Go, b.OS, b.Arch)
	fmt.Fprintf(c.App.Writer, say.Text("commit  %s\n"), commit)
	if b.Time != "" {
		fmt.Fprintf(c.App.Writer, say.Text("of      %s\n"), b.Time)
	}
	fmt.Fprintf(c.App.Writer, say.Text("kit     %s\n"), b.Kit)
	return nil
}

// builtFrom reads what the Go command and the linker left in the program.
func builtFrom() (build, error) {
	b := build{Version: cmp.Or(source().Version, release()), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	var err error
	if b.Kit, err = source().KitHash(); err != nil {
		return b, err
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b, nil
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		case "vcs.time":
			b.Time = s.Value
		}
	}
	return b, nil
}

// release is the version that apps are marked with: what the linker was told,
// the tag that `go install …@v1.2.3` fetched, or what the source says.
func release() string {
	if version != "" {
		return strings.TrimPrefix(version, "v")
	}
	if info, ok := debug.ReadBuildInfo(); ok && tagged(info.Main.Version) {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return scaffold.Version
}

// tagged reports whether v is a version that somebody gave, and not one that
// the Go command made up for a commit or a folder.
func tagged(v string) bool {
	return semver.IsValid(v) && !module.IsPseudoVersion(v) && semver.Build(v) == ""
}
