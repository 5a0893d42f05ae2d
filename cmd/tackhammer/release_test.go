package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// info is what a file in an archive says of itself.
type info struct {
	Owner, Group, MTime string
	Mode                int
}

// releases is .goreleaser.yaml as far as this program relies on it.
type releases struct {
	Version     int
	ProjectName string `yaml:"project_name"`
	Before      struct{ Hooks []string }
	Builds      []struct {
		ID, Main, Binary                  string
		Env, Flags, Ldflags, Goos, Goarch []string
		ModTimestamp                      string `yaml:"mod_timestamp"`
	}
	Archives []struct {
		ID              string
		NameTemplate    string `yaml:"name_template"`
		Formats         []string
		FormatOverrides []struct {
			Goos    string
			Formats []string
		} `yaml:"format_overrides"`
		BuildsInfo info `yaml:"builds_info"`
		Files      []struct {
			Src  string
			Info info
		}
	}
	Checksum struct {
		NameTemplate string `yaml:"name_template"`
		Algorithm    string
	}
	Snapshot struct {
		VersionTemplate string `yaml:"version_template"`
	}
	Changelog struct{ Disable bool }
	Release   struct{ Draft bool }
}

func readReleases(t *testing.T) releases {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var r releases
	if err := yaml.UnmarshalWithOptions(raw, &r, yaml.Strict()); err != nil {
		t.Fatal(yaml.FormatError(err, false, true))
	}
	return r
}

// The same commit is to give the same bytes on any machine.
func TestReleasesAreBuiltReproducibly(t *testing.T) {
	r := readReleases(t)
	if r.Version != 2 || len(r.Builds) != 1 {
		t.Fatalf("version %d, %d builds", r.Version, len(r.Builds))
	}
	b := r.Builds[0]
	for what, ok := range map[string]bool{
		"cgo is off":          slices.Contains(b.Env, "CGO_ENABLED=0"),
		"no settings count":   slices.Contains(b.Env, "GOFLAGS=-mod=readonly"),
		"paths are cut off":   slices.Contains(b.Flags, "-trimpath"),
		"times of the commit": b.ModTimestamp == "{{ .CommitTimestamp }}",
		"each system":         slices.Equal(b.Goos, []string{"linux", "darwin", "windows"}) && slices.Equal(b.Goarch, []string{"amd64", "arm64"}),
		"checksums":           r.Checksum.Algorithm == "sha256" && r.Checksum.NameTemplate != "",
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	for _, a := range r.Archives {
		if a.BuildsInfo.MTime != "{{ .CommitDate }}" {
			t.Errorf("the program in an archive has the time %q", a.BuildsInfo.MTime)
		}
		for _, f := range a.Files {
			if f.Info.MTime != "{{ .CommitDate }}" || f.Info.Mode != 0o644 || f.Info.Owner != "root" {
				t.Errorf("%s in an archive: %+v", f.Src, f.Info)
			}
		}
	}
}

func TestReleasesHoldWhatIsThere(t *testing.T) {
	r := readReleases(t)
	var packed []string
	for _, f := range r.Archives[0].Files {
		packed = append(packed, f.Src)
		if _, err := os.Stat(filepath.Join("..", "..", f.Src)); err != nil && f.Src != "completions/*" {
			t.Errorf("%v", err)
		}
	}
	if !slices.Contains(packed, "LICENSE") || !slices.Contains(packed, "completions/*") {
		t.Errorf("packed is %q", packed)
	}
	hooks := strings.Join(r.Before.Hooks, "\n")
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if !strings.Contains(hooks, "completion "+shell+" > completions/") {
			t.Errorf("no completions for %s in\n%s", shell, hooks)
		}
	}
}

// What -X names has to be a variable, or the linker says nothing and the
// release has no version.
func TestTheVersionOfAReleaseHasAPlace(t *testing.T) {
	const module = "github.com/tackhammer/tackhammer/cmd/tackhammer/"
	flags := strings.Join(readReleases(t).Builds[0].Ldflags, " ")
	_, target, ok := strings.Cut(flags, "-X "+module)
	target, value, _ := strings.Cut(target, "=")
	dot := strings.LastIndex(target, ".")
	if !ok || value != "{{ .Version }}" || dot < 0 {
		t.Fatalf("the flags are %q", flags)
	}
	file := filepath.Join(filepath.FromSlash(target[:dot]), target[dot+1:]+".go")
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range parsed.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, s := range g.Specs {
				if v := s.(*ast.ValueSpec); v.Names[0].Name == target[dot+1:] && len(v.Values) == 0 {
					return
				}
			}
		}
	}
	t.Errorf("%s has no variable %s without a value", file, target[dot+1:])
}
