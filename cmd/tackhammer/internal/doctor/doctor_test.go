package doctor_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/doctor"
)

// bench is a machine whose programs and settings a test lays out.
type bench struct {
	programs map[string]string // by name: the body of a shell script
	env      map[string]string
	files    map[string]string // below the root: proc and sys
	config   doctor.Config
}

// goAs is a go command of a version, with further settings in JSON.
func goAs(version string, more ...string) string {
	return `echo '{"GOVERSION":"` + version + `","GOPROXY":"http://127.0.0.1:9","GOMODCACHE":"/none"` + strings.Join(append([]string{""}, more...), ",") + `}'`
}

// examine runs all checks, and returns what each found by its name.
func (b bench) examine(t *testing.T) map[string]doctor.Finding {
	t.Helper()
	path, root := t.TempDir(), t.TempDir()
	for name, body := range b.programs {
		if err := os.WriteFile(filepath.Join(path, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, body := range b.files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", path)
	c := b.config
	c.Getenv = func(name string) string { return b.env[name] }
	if c.Root == "" {
		c.Root = root
	}
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.Limit == 0 {
		c.Limit = time.Minute
	}
	if c.System == "" {
		c.System = "linux"
	}
	found := map[string]doctor.Finding{}
	for _, f := range doctor.Examine(context.Background(), c) {
		found[f.Name] = f
	}
	return found
}

// dead is an address at which nothing answers.
const dead = "127.0.0.1:9"

func TestEachCheckTellsWhatIsThereAndWhatMendsIt(t *testing.T) {
	apt := map[string]string{"apt-get": "exit 1"}
	with := func(more map[string]string) map[string]string {
		all := map[string]string{"apt-get": "exit 1"}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	for name, c := range map[string]struct {
		bench
		check string
		want  doctor.Finding // Says: a part of it
	}{
		"no go":         {bench{}, "go", doctor.Finding{Level: doctor.Wrong, Says: "not on the PATH", Mend: "open https://go.dev/dl"}},
		"no go, brew":   {bench{programs: map[string]string{"brew": ""}, config: doctor.Config{System: "darwin"}}, "go", doctor.Finding{Level: doctor.Wrong, Says: "not on the PATH", Mend: "brew install go"}},
		"no go, winget": {bench{programs: map[string]string{"winget": ""}, config: doctor.Config{System: "windows"}}, "go", doctor.Finding{Level: doctor.Wrong, Mend: "winget install GoLang.Go"}},
		"go": {bench{programs: map[string]string{"go": goAs("go1.26.3")}, config: doctor.Config{Needs: doctor.Needs{Go: "1.26.0"}}},
			"go", doctor.Finding{Level: doctor.OK, Says: "go1.26.3"}},
		"old go": {bench{programs: map[string]string{"go": goAs("go1.21.0", `"GOTOOLCHAIN":"local"`)}, config: doctor.Config{Needs: doctor.Needs{Go: "1.26.0"}}},
			"go", doctor.Finding{Level: doctor.Wrong, Says: "go1.21.0 is older than go1.26.0", Mend: "open https://go.dev/dl"}},
		"old go that fetches": {bench{programs: map[string]string{"go": goAs("go1.21.0", `"GOTOOLCHAIN":"auto"`)}, config: doctor.Config{Needs: doctor.Needs{Go: "1.26.0"}}},
			"go", doctor.Finding{Level: doctor.Warn, Says: "which it fetches", Mend: "go install golang.org/dl/go1.26.0@latest"}},
		"go of vendored modules": {bench{programs: map[string]string{"go": goAs("go1.26.3", `"GOFLAGS":"-trimpath -mod=vendor"`)}},
			"go", doctor.Finding{Level: doctor.Wrong, Says: "-mod=vendor", Mend: "go env -w GOFLAGS=-mod=readonly"}},
		"broken go": {bench{programs: map[string]string{"go": "echo no GOROOT >&2; exit 2"}}, "go", doctor.Finding{Level: doctor.Warn, Says: "fails: no GOROOT", Mend: "go version"}},

		"no git":           {bench{programs: apt}, "git", doctor.Finding{Level: doctor.Warn, Says: "not on the PATH", Mend: "apt-get install -y git"}},
		"git":              {bench{programs: map[string]string{"git": `[ "$1" = config ] && echo x || echo git version 2.50.1`}}, "git", doctor.Finding{Level: doctor.OK, Says: "2.50.1"}},
		"git of nobody":    {bench{programs: map[string]string{"git": `[ "$1" = config ] && exit 1; echo git version 2.50.1`}}, "git", doctor.Finding{Level: doctor.Warn, Says: "user.name is not set", Mend: `git config --global user.name "Your Name"`}},
		"git, no address":  {bench{programs: map[string]string{"git": `[ "$2" = user.email ] && exit 1; echo git version 2.50.1`}}, "git", doctor.Finding{Level: doctor.Warn, Says: "user.email is not set", Mend: `git config --global user.email "you@example.com"`}},
		"no module mirror": {bench{programs: map[string]string{"go": goAs("go1.26.3")}, config: doctor.Config{Needs: doctor.Needs{Sum: []byte("example.com/a v1.0.0 h1:x\n")}}}, "modules", doctor.Finding{Level: doctor.Wrong, Says: "http://127.0.0.1:9 does not answer, and the cache has 0 of 1 modules", Mend: "go env -w GOPROXY=https://goproxy.cn,direct"}},
		"mirror off":       {bench{programs: map[string]string{"go": goAs("go1.26.3", `"GOPROXY":"off"`)}, config: doctor.Config{Needs: doctor.Needs{Sum: []byte("example.com/a v1.0.0 h1:x\n")}}}, "modules", doctor.Finding{Level: doctor.Wrong, Says: "GOPROXY is off"}},
		"mirror direct":    {bench{programs: map[string]string{"go": goAs("go1.26.3", `"GOPROXY":"direct"`)}}, "modules", doctor.Finding{Level: doctor.Warn, Says: "GOPROXY names no mirror"}},
		"no secret told":   {bench{programs: map[string]string{"go": goAs("go1.26.3", `"GOPROXY":"http://me:secret@127.0.0.1:9"`)}, config: doctor.Config{Needs: doctor.Needs{Sum: []byte("example.com/a v1.0.0 h1:x\n")}}}, "modules", doctor.Finding{Level: doctor.Wrong, Says: "http://me:xxxxx@127.0.0.1:9 does not answer"}},

		"no tesseract":        {bench{programs: apt}, "tesseract", doctor.Finding{Level: doctor.Warn, Says: "pictures and scans are not read", Mend: "apt-get install -y tesseract-ocr tesseract-ocr-chi-sim"}},
		"tesseract wanted":    {bench{programs: map[string]string{"apk": ""}, config: doctor.Config{Needs: doctor.Needs{Programs: []string{"tesseract"}}}}, "tesseract", doctor.Finding{Level: doctor.Wrong, Mend: "apk add tesseract-ocr tesseract-ocr-data-eng tesseract-ocr-data-chi_sim"}},
		"tesseract":           {bench{programs: map[string]string{"tesseract": "echo 'List of available languages (2):'; echo eng; echo osd"}}, "tesseract", doctor.Finding{Level: doctor.OK, Says: "reads eng; pictures in Chinese would want chi_sim"}},
		"tesseract, no zh":    {bench{programs: with(map[string]string{"tesseract": "echo eng"}), config: doctor.Config{Needs: doctor.Needs{Lang: "zh"}}}, "tesseract", doctor.Finding{Level: doctor.Warn, Says: "lacks the language chi_sim", Mend: "apt-get install -y tesseract-ocr tesseract-ocr-chi-sim"}},
		"ffmpeg":              {bench{}, "ffmpeg", doctor.Finding{Level: doctor.OK, Says: "not needed"}},
		"ffmpeg wanted":       {bench{programs: map[string]string{"pacman": ""}, config: doctor.Config{Needs: doctor.Needs{Programs: []string{"ffmpeg"}}}}, "ffmpeg", doctor.Finding{Level: doctor.Wrong, Mend: "pacman -S --noconfirm ffmpeg"}},
		"ffmpeg there":        {bench{programs: map[string]string{"ffmpeg": "echo ffmpeg version 7.1"}, config: doctor.Config{Needs: doctor.Needs{Programs: []string{"ffmpeg"}}}}, "ffmpeg", doctor.Finding{Level: doctor.OK, Says: "ffmpeg version 7.1"}},
		"no display":          {bench{}, "browser", doctor.Finding{Level: doctor.OK, Says: "no display here"}},
		"display, no browser": {bench{programs: map[string]string{"dnf": ""}, env: map[string]string{"DISPLAY": ":0"}}, "browser", doctor.Finding{Level: doctor.Warn, Mend: "dnf install -y xdg-utils"}},
		"browser":             {bench{programs: map[string]string{"chromium": ""}, env: map[string]string{"WAYLAND_DISPLAY": "w"}}, "browser", doctor.Finding{Level: doctor.OK, Says: "chromium opens pages"}},
		"no docker":           {bench{}, "docker", doctor.Finding{Level: doctor.OK, Says: "not there"}},
		"docker asleep":       {bench{programs: map[string]string{"docker": "echo Cannot connect >&2; exit 1"}}, "docker", doctor.Finding{Level: doctor.Warn, Mend: "systemctl start docker"}},
		"docker":              {bench{programs: map[string]string{"docker": "echo 28.0.1"}}, "docker", doctor.Finding{Level: doctor.OK, Says: "28.0.1"}},

		"no gpu":            {bench{}, "gpu", doctor.Finding{Level: doctor.OK, Says: "none is seen"}},
		"nvidia":            {bench{programs: map[string]string{"nvidia-smi": "echo 'NVIDIA L4, 23034'; echo 'NVIDIA L4, 23034'"}}, "gpu", doctor.Finding{Level: doctor.OK, Says: "NVIDIA L4, 22.5 GiB; NVIDIA L4, 22.5 GiB"}},
		"nvidia broken":     {bench{programs: map[string]string{"nvidia-smi": "echo 'NVIDIA-SMI has failed'; exit 9"}}, "gpu", doctor.Finding{Level: doctor.Warn, Says: "nvidia-smi fails", Mend: "modprobe nvidia"}},
		"nvidia by halves":  {bench{files: map[string]string{"proc/driver/nvidia/version": "x"}}, "gpu", doctor.Finding{Level: doctor.Warn, Says: "nvidia-smi is not on the PATH"}},
		"amd by rocm":       {bench{programs: map[string]string{"rocm-smi": `printf 'device,VRAM Total Memory (B),VRAM Total Used Memory (B)\ncard0,17163091968,1\n'`}}, "gpu", doctor.Finding{Level: doctor.OK, Says: "AMD card0, 16.0 GiB"}},
		"amd by the kernel": {bench{files: map[string]string{"sys/class/drm/card0/device/mem_info_vram_total": "17163091968\n"}}, "gpu", doctor.Finding{Level: doctor.OK, Says: "AMD, 16.0 GiB"}},
		"apple":             {bench{programs: map[string]string{"sysctl": "echo 17179869184", "uname": "echo arm64"}, config: doctor.Config{System: "darwin"}}, "gpu", doctor.Finding{Level: doctor.OK, Says: "12.0 GiB"}},

		"ollama not needed": {bench{env: map[string]string{"OLLAMA_HOST": dead}}, "ollama", doctor.Finding{Level: doctor.OK, Says: "none answers at http://127.0.0.1:9; not needed: baseline drafts"}},
		"ollama asleep": {bench{programs: map[string]string{"ollama": ""}, env: map[string]string{"OLLAMA_HOST": dead}, config: doctor.Config{Needs: doctor.Needs{Model: "ollama:qwen3:4b"}}},
			"ollama", doctor.Finding{Level: doctor.Wrong, Says: "no server answers", Mend: "ollama serve"}},
		"no ollama": {bench{env: map[string]string{"OLLAMA_HOST": dead}, config: doctor.Config{Needs: doctor.Needs{Model: "ollama:qwen3:4b"}}},
			"ollama", doctor.Finding{Level: doctor.Wrong, Mend: "curl -fsSL https://ollama.com/install.sh | sh"}},
		"no model without a server": {bench{env: map[string]string{"OLLAMA_HOST": dead}, config: doctor.Config{Needs: doctor.Needs{Model: "ollama:qwen3:4b"}}},
			"model", doctor.Finding{Level: doctor.Wrong, Mend: "ollama pull qwen3:4b"}},
		"a bad OLLAMA_HOST": {bench{env: map[string]string{"OLLAMA_HOST": "ftp://x"}, config: doctor.Config{Needs: doctor.Needs{Model: "ollama:a"}}},
			"ollama", doctor.Finding{Level: doctor.Wrong, Says: "no address of a server", Mend: "unset OLLAMA_HOST"}},
		"a server elsewhere": {bench{env: map[string]string{"OLLAMA_HOST": "gpu.invalid"}, config: doctor.Config{Needs: doctor.Needs{Model: "ollama:a"}}},
			"ollama", doctor.Finding{Level: doctor.Wrong, Mend: "ssh gpu.invalid ollama serve"}},

		"sqlite":        {bench{}, "postgresql", doctor.Finding{Level: doctor.OK, Says: "not needed"}},
		"no database":   {bench{config: doctor.Config{Needs: doctor.Needs{DB: "postgres"}}}, "postgresql", doctor.Finding{Level: doctor.Wrong, Says: "DATABASE_URL is not set", Mend: "export DATABASE_URL=postgres://USER:PASSWORD@HOST/DATABASE"}},
		"dead database": {bench{env: map[string]string{"DATABASE_URL": "postgres://me:secret@127.0.0.1:9/desk"}, config: doctor.Config{Needs: doctor.Needs{DB: "postgres"}}}, "postgresql", doctor.Finding{Level: doctor.Wrong, Says: "127.0.0.1/desk does not take us: nothing answers there", Mend: "pg_isready -h 127.0.0.1"}},
		"bad database":  {bench{env: map[string]string{"DATABASE_URL": "postgres://me:secret@127.0.0.1:x/desk"}, config: doctor.Config{Needs: doctor.Needs{DB: "postgres"}}}, "postgresql", doctor.Finding{Level: doctor.Wrong, Says: "no address of a database"}},

		"a folder to be made": {bench{config: doctor.Config{Dir: filepath.Join(t.TempDir(), "a", "b")}}, "folder", doctor.Finding{Level: doctor.OK, Says: "can be made"}},
		"a full disk is none": {bench{}, "disk", doctor.Finding{Says: "free for the app"}},
		"clock":               {bench{}, "clock", doctor.Finding{Level: doctor.OK, Says: time.Now().Format("2006-01-")}},
		"no such zone":        {bench{env: map[string]string{"TZ": "Mars/Olympus"}}, "clock", doctor.Finding{Level: doctor.Warn, Says: "TZ=Mars/Olympus is no time zone", Mend: "unset TZ"}},
		"long paths":          {bench{programs: map[string]string{"reg": "echo '    LongPathsEnabled    REG_DWORD    0x1'", "git": "echo true"}, config: doctor.Config{System: "windows"}}, "paths", doctor.Finding{Level: doctor.OK, Says: "long ones are allowed"}},
		"short paths":         {bench{programs: map[string]string{"reg": "exit 1"}, config: doctor.Config{System: "windows"}}, "paths", doctor.Finding{Level: doctor.Warn, Mend: `reg add HKLM\SYSTEM\CurrentControlSet\Control\FileSystem /v LongPathsEnabled /t REG_DWORD /d 1 /f`}},
	} {
		t.Run(name, func(t *testing.T) {
			found := c.examine(t)
			got := found[c.check]
			level := c.want.Level == "" || got.Level == c.want.Level
			mend := strings.TrimPrefix(got.Mend, "sudo ") // of who is no administrator
			if !level || !strings.Contains(got.Says, c.want.Says) || c.want.Mend != "" && mend != c.want.Mend || got.Level == doctor.OK && got.Mend != "" {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
			if all := fmt.Sprint(found); strings.Contains(all, "secret") {
				t.Errorf("a password is told: %s", all)
			}
		})
	}
}

func TestAModuleThatIsInTheCacheNeedsNoMirror(t *testing.T) {
	cache := t.TempDir()
	zip := filepath.Join(cache, "cache", "download", "example.com", "!a", "@v", "v1.0.0.zip")
	if err := os.MkdirAll(filepath.Dir(zip), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(zip, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	b := bench{programs: map[string]string{"go": goAs("go1.26.3", `"GOMODCACHE":"`+cache+`"`)},
		config: doctor.Config{Needs: doctor.Needs{Sum: []byte("example.com/A v1.0.0 h1:x\nexample.com/A v1.0.0/go.mod h1:y\nexample.com/b v2.0.0/go.mod h1:z\n")}}}
	if got := b.examine(t)["modules"]; got.Level != doctor.OK || got.Says != "all 1 are in the cache: an app builds with no network" {
		t.Errorf("%+v", got)
	}
	mirror := httptest.NewServer(http.NotFoundHandler())
	defer mirror.Close()
	b.programs["go"] = goAs("go1.26.3", `"GOPROXY":"`+mirror.URL+`,direct"`)
	if got := b.examine(t)["modules"]; got.Level != doctor.OK || !strings.Contains(got.Says, mirror.URL+" answers; the cache has 0 of 1") {
		t.Errorf("%+v", got)
	}
}

func TestAWorkspaceThatLeavesTheAppOut(t *testing.T) {
	dir := t.TempDir()
	app := filepath.Join(dir, "desk")
	write(t, filepath.Join(app, ".tackhammer", "spec.yaml"), "")
	write(t, filepath.Join(dir, "go.work"), "go 1.26.0\n\nuse ./other\n")
	b := bench{programs: map[string]string{"go": goAs("go1.26.3")}, config: doctor.Config{Dir: app}}
	if got := b.examine(t)["go"]; got.Level != doctor.Wrong || got.Mend != "go work use "+app {
		t.Errorf("%+v", got)
	}
	write(t, filepath.Join(dir, "go.work"), "go 1.26.0\n\nuse ./desk\n")
	if got := b.examine(t)["go"]; got.Level != doctor.OK {
		t.Errorf("%+v", got)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatTakesNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // whom no permission stops: but nobody writes here
		dir = "/proc"
	}
	got := bench{config: doctor.Config{Dir: dir}}.examine(t)["folder"]
	if got.Level != doctor.Wrong || got.Mend != "chmod u+rwx '"+dir+"'" {
		t.Errorf("%+v", got)
	}
}

func TestABusyPortIsToldWithItsProgram(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	addr := l.Addr().String()
	b := bench{config: doctor.Config{Addr: addr, Limit: 5 * time.Second}, env: map[string]string{"OLLAMA_HOST": "http://gpu.invalid"}}
	if got := b.examine(t)["ports"]; got.Level != doctor.Warn || !strings.HasPrefix(got.Says, addr+" is taken") || !strings.HasPrefix(got.Mend, "go run . serve --addr 127.0.0.1:") {
		t.Errorf("%+v", got)
	}
	if runtime.GOOS == "linux" {
		b.config.Root = "/"
		if got := b.examine(t)["ports"]; !strings.HasSuffix(got.Says, fmt.Sprintf(" by doctor.test (process %d)", os.Getpid())) {
			t.Errorf("%+v", got)
		}
	}
	b.env["OLLAMA_HOST"], b.config.Addr = addr, ""
	if got := b.examine(t)["ports"]; got.Level != doctor.Warn || !strings.Contains(got.Says, "where Ollama would listen, is taken") {
		t.Errorf("%+v", got)
	}
}

func TestAnAppThatServesAlreadyIsNoTrouble(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"status":"ok"}`) }))
	defer s.Close()
	addr := strings.TrimPrefix(s.URL, "http://")
	if got := (bench{config: doctor.Config{Addr: addr}, env: map[string]string{"OLLAMA_HOST": dead}}).examine(t)["ports"]; got.Level != doctor.OK || !strings.Contains(got.Says, "served by an app already") {
		t.Errorf("%+v", got)
	}
}

// What hangs is told within the limit of one check, and is not called wrong.
func TestNothingHangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes calls, and answers none
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	hang := "exec /bin/sleep 300"
	b := bench{
		programs: map[string]string{"go": hang, "git": hang, "tesseract": hang, "docker": hang, "nvidia-smi": hang},
		env:      map[string]string{"OLLAMA_HOST": l.Addr().String(), "DATABASE_URL": "postgres://" + l.Addr().String() + "/x?sslmode=disable"},
		config:   doctor.Config{Limit: 300 * time.Millisecond},
	}
	began := time.Now()
	found := b.examine(t)
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	for _, name := range []string{"go", "git", "tesseract", "docker"} {
		if f := found[name]; f.Level != doctor.Warn || !strings.Contains(f.Says, "no answer within 300ms") || f.Mend != "tackhammer doctor --limit 3s" {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// Example asks for what an app with the rules needs, in a folder that is none.
func Example() {
	found := doctor.Examine(context.Background(), doctor.Config{Dir: "/", Needs: doctor.Needs{Go: "1.26.0"}})
	for _, f := range found[:3] {
		fmt.Println(f.Name)
	}
	// Output:
	// go
	// git
	// modules
}
