package doctor

import (
	"context"
	"fmt"
	"go/version"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

var goPackages = packages{"brew": "go", "dnf": "golang", "pacman": "go", "apk": "go", "winget": "GoLang.Go"}

// golang looks for the go command, its version, and settings that would make it
// build something else.
func golang(_ context.Context, m *machine) Finding {
	const get = "open https://go.dev/dl"
	if !m.has("go") {
		return wrong(m.install(goPackages, get), "Go is not on the PATH")
	}
	env, err := m.goEnv()
	if err != nil {
		return notSaid("go", m, err)
	}
	has, least := env["GOVERSION"], "go"+m.Needs.Go
	if m.Needs.Go != "" && version.Compare(has, least) < 0 {
		if t := env["GOTOOLCHAIN"]; strings.HasPrefix(t, "auto") {
			return warn("go install golang.org/dl/"+least+"@latest", "%s is older than %s, which it fetches at the first build", has, least)
		}
		return wrong(m.install(goPackages, get), "%s is older than %s", has, least)
	}
	if mod := modFlag(env["GOFLAGS"]); mod == "vendor" {
		return wrong("go env -w GOFLAGS=-mod=readonly", "%s, but GOFLAGS says -mod=vendor and an app has no vendor folder", has)
	}
	if work := m.workspace(env); work != "" {
		return unless(m.isApp(), "go work use "+m.abs, "%s, but the workspace %s leaves this folder out", has, work)
	}
	return good("%s", has)
}

// modFlag is the value of -mod among flags, the last one counts.
func modFlag(flags string) (mod string) {
	for f := range strings.FieldsSeq(flags) {
		if v, ok := strings.CutPrefix(strings.TrimLeft(f, "-"), "mod="); ok {
			mod = v
		}
	}
	return mod
}

func (m *machine) isApp() bool {
	_, err := os.Stat(filepath.Join(m.abs, ".tackhammer", "spec.yaml"))
	return err == nil
}

// workspace is the go.work that the go command would take in the app's folder
// and that does not list it; "" where there is none.
func (m *machine) workspace(env map[string]string) string {
	file := env["GOWORK"] // set by hand, as asked where none stands above
	if file == "off" {
		return ""
	}
	if file == "" {
		dir := above(m.abs, func(dir string) bool {
			_, err := os.Stat(filepath.Join(dir, "go.work"))
			return err == nil
		})
		if dir == "" {
			return ""
		}
		file = filepath.Join(dir, "go.work")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	work, err := modfile.ParseWork(file, raw, nil)
	uses := err == nil && slices.ContainsFunc(work.Use, func(u *modfile.Use) bool {
		return filepath.Join(filepath.Dir(file), u.Path) == m.abs || u.Path == m.abs
	})
	if uses {
		return ""
	}
	return file
}

// git looks for git and for the name under which it commits.
func git(ctx context.Context, m *machine) Finding {
	if !m.has("git") {
		return warn(m.install(packages{"brew": "git", "apt-get": "git", "dnf": "git", "pacman": "git", "apk": "git", "winget": "Git.Git"},
			"open https://git-scm.com/downloads"), "git is not on the PATH: an update cannot tell whether your work is committed")
	}
	says, err := m.run(ctx, m.standing(), "git", "--version")
	if err != nil {
		return notSaid("git", m, err)
	}
	says = strings.TrimPrefix(firstLine(says), "git version ")
	for _, key := range []string{"user.name", "user.email"} {
		value, err := m.run(ctx, m.standing(), "git", "config", key)
		if err == errSlow {
			return slow(m.Limit)
		}
		if value == "" {
			return warn(`git config --global `+key+` "`+map[string]string{"user.name": "Your Name", "user.email": "you@example.com"}[key]+`"`,
				"%s, but %s is not set: it commits nothing", says, key)
		}
	}
	return good("%s", says)
}

// notSaid is for a program that does not tell its version.
func notSaid(program string, m *machine, err error) Finding {
	if err == errSlow {
		return slow(m.Limit)
	}
	return warn(program+" version", "%s is there but fails: %s", program, plain(err.Error()))
}

// tesseract looks for the reader of pictures and its languages.
func tesseract(ctx context.Context, m *machine) Finding {
	needed := slices.Contains(m.Needs.Programs, "tesseract")
	if !m.has("tesseract") {
		return unless(needed, m.install(tesseractPackages, "open https://tesseract-ocr.github.io/tessdoc/Installation.html"),
			"not there: pictures and scans are not read; texts and PDF files with text are")
	}
	out, err := m.run(ctx, "", "tesseract", "--list-langs")
	if err != nil {
		return notSaid("tesseract", m, err)
	}
	have := strings.Fields(out)
	want := []string{"eng"}
	if m.Needs.Lang == "zh" {
		want = append(want, "chi_sim")
	}
	var lacks []string
	for _, l := range want {
		if !slices.Contains(have, l) {
			lacks = append(lacks, l)
		}
	}
	if len(lacks) > 0 {
		return unless(needed, m.install(tesseractPackages, "open https://github.com/tesseract-ocr/tessdata_fast"),
			"it lacks the language %s: pictures in it are not read", strings.Join(lacks, ", "))
	}
	says := fmt.Sprintf(m.Say("reads %s"), strings.Join(want, ", "))
	if !slices.Contains(have, "chi_sim") {
		says += m.Say("; pictures in Chinese would want chi_sim")
	}
	return good("%s", says)
}

var tesseractPackages = packages{
	"brew": "tesseract tesseract-lang", "apt-get": "tesseract-ocr tesseract-ocr-chi-sim",
	"dnf": "tesseract tesseract-langpack-chi_sim", "pacman": "tesseract tesseract-data-eng tesseract-data-chi_sim",
	"apk": "tesseract-ocr tesseract-ocr-data-eng tesseract-ocr-data-chi_sim", "winget": "UB-Mannheim.TesseractOCR",
}

// ffmpeg is looked for where an app cuts films.
func ffmpeg(ctx context.Context, m *machine) Finding {
	if !slices.Contains(m.Needs.Programs, "ffmpeg") {
		return good("not needed")
	}
	if !m.has("ffmpeg") {
		return wrong(m.install(packages{"brew": "ffmpeg", "apt-get": "ffmpeg", "dnf": "ffmpeg-free", "pacman": "ffmpeg", "apk": "ffmpeg", "winget": "Gyan.FFmpeg"},
			"open https://ffmpeg.org/download.html"), "ffmpeg is not on the PATH")
	}
	out, err := m.run(ctx, "", "ffmpeg", "-version")
	if err != nil {
		return notSaid("ffmpeg", m, err)
	}
	return good("%s", firstLine(out))
}

// browser looks for what opens the console.
func browser(_ context.Context, m *machine) Finding {
	if m.System != "linux" {
		return good("the system opens pages")
	}
	opener := ""
	for _, p := range []string{"xdg-open", "firefox", "chromium", "chromium-browser", "google-chrome", "microsoft-edge"} {
		if m.has(p) {
			opener = p
			break
		}
	}
	display := first(m.Getenv("DISPLAY"), m.Getenv("WAYLAND_DISPLAY")) != ""
	switch {
	case !display:
		return good("no display here: open the console from another machine, or through ssh -L")
	case opener == "":
		return warn(m.install(packages{"apt-get": "xdg-utils", "dnf": "xdg-utils", "pacman": "xdg-utils", "apk": "xdg-utils"}, "open https://www.mozilla.org/firefox"),
			"no browser is on the PATH: follow the link by hand")
	}
	return good("%s opens pages", opener)
}

// docker is for those who build an image.
func docker(ctx context.Context, m *machine) Finding {
	if !m.has("docker") {
		return good("not there: only an image of the app would want it")
	}
	out, err := m.run(ctx, "", "docker", "version", "--format", "{{.Server.Version}}")
	if err == errSlow {
		return slow(m.Limit)
	}
	if err != nil || out == "" {
		start := "open -a Docker"
		if m.System == "linux" {
			start = m.asRoot("systemctl start docker", "")
		}
		return warn(start, "the program is there, its server does not answer: no image can be built")
	}
	return good("%s", firstLine(out))
}
