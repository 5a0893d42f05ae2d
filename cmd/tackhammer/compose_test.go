package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/tackhammer/tackhammer/cmd/tackhammer/internal/scaffold"
)

// composeFile is as much of the Compose specification as an app's file uses, in
// the forms it uses; any other key is refused.
type composeFile struct {
	Name     string                    `yaml:"name"`
	Ollama   composeService            `yaml:"x-ollama"`
	Services map[string]composeService `yaml:"services"`
	Volumes  map[string]struct{}       `yaml:"volumes"`
}

type composeService struct {
	Image string `yaml:"image"`
	Build struct {
		Context string            `yaml:"context"`
		Args    map[string]string `yaml:"args"`
	} `yaml:"build"`
	Init        bool     `yaml:"init"`
	ReadOnly    bool     `yaml:"read_only"`
	Tmpfs       []string `yaml:"tmpfs"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
	Ports       []string `yaml:"ports"`
	Volumes     []string `yaml:"volumes"`
	EnvFile     []struct {
		Path     string `yaml:"path"`
		Required bool   `yaml:"required"`
	} `yaml:"env_file"`
	Environment map[string]string `yaml:"environment"`
	ExtraHosts  []string          `yaml:"extra_hosts"`
	DependsOn   map[string]struct {
		Condition string `yaml:"condition"`
		Required  *bool  `yaml:"required"`
	} `yaml:"depends_on"`
	Restart     string   `yaml:"restart"`
	Profiles    []string `yaml:"profiles"`
	Entrypoint  []string `yaml:"entrypoint"`
	Healthcheck *struct {
		Test     []string      `yaml:"test"`
		Interval time.Duration `yaml:"interval"`
		Timeout  time.Duration `yaml:"timeout"`
		Retries  int           `yaml:"retries"`
	} `yaml:"healthcheck"`
	Networks map[string]struct {
		Aliases []string `yaml:"aliases"`
	} `yaml:"networks"`
	Deploy struct {
		Resources struct {
			Reservations struct {
				Devices []struct {
					Driver       string   `yaml:"driver"`
					Count        string   `yaml:"count"`
					Capabilities []string `yaml:"capabilities"`
				} `yaml:"devices"`
			} `yaml:"reservations"`
		} `yaml:"resources"`
	} `yaml:"deploy"`
}

func readCompose(t *testing.T, files scaffold.Tree) (c composeFile) {
	t.Helper()
	dec := yaml.NewDecoder(bytes.NewReader(files["compose.yaml"].Data), yaml.Strict())
	if err := dec.Decode(&c); err != nil {
		t.Fatalf("compose.yaml: %v", err)
	}
	return c
}

// Only this machine reaches what is published; what a service stands on is
// there; each has its health, or comes to an end.
func TestComposeStandsTogether(t *testing.T) {
	everyApp(t, func(t *testing.T, spec scaffold.Spec, files scaffold.Tree) {
		c := readCompose(t, files)
		for name, s := range c.Services {
			for _, port := range s.Ports {
				if !strings.HasPrefix(port, "127.0.0.1:") {
					t.Errorf("%s is open to all at %s", name, port)
				}
			}
			for _, v := range s.Volumes {
				volume, _, _ := strings.Cut(v, ":")
				if _, ok := c.Volumes[volume]; !ok {
					t.Errorf("%s has the volume %s, which is not declared", name, volume)
				}
			}
			for on, how := range s.DependsOn {
				other, ok := c.Services[on]
				if !ok || how.Condition != "service_healthy" || other.Healthcheck == nil {
					t.Errorf("%s waits for %s, of which nobody knows whether it is well", name, on)
				}
				if optional := how.Required != nil && !*how.Required; optional != (len(other.Profiles) > 0) {
					t.Errorf("%s wants %s, which the profiles %q leave out", name, on, other.Profiles)
				}
			}
			if s.Healthcheck == nil && s.Build.Context == "" && s.Restart != "no" {
				t.Errorf("nobody knows whether %s is well", name)
			}
		}
		app := c.Services["app"]
		if !app.ReadOnly || !slices.Equal(app.CapDrop, []string{"ALL"}) || !slices.Contains(app.Tmpfs, "/tmp") || c.Name != spec.Slug() {
			t.Errorf("the app may do more than it needs: %+v", app)
		}
		for arg := range app.Build.Args {
			if !strings.Contains(string(files["Dockerfile"].Data), "ARG "+arg+"=") {
				t.Errorf("the Dockerfile takes no %s", arg)
			}
		}
		if postgres := len(c.Services["db"].Profiles) == 0; postgres != (spec.DB == "postgres") {
			t.Errorf("the database is always there: %v", postgres)
		}
	})
}

// A model's server is had on the CPU or on a GPU, by the same name, and the
// models that the nail names are fetched into it.
func TestComposeBringsAModel(t *testing.T) {
	ladder := document(t, "kit/app/ladder.yaml")
	everyApp(t, func(t *testing.T, spec scaffold.Spec, files scaffold.Tree) {
		c := readCompose(t, files)
		gpu := c.Services["ollama-gpu"]
		devices := gpu.Deploy.Resources.Reservations.Devices
		if len(devices) != 1 || devices[0].Driver != "nvidia" || !slices.Equal(devices[0].Capabilities, []string{"gpu"}) ||
			!slices.Equal(gpu.Profiles, []string{"gpu"}) || !slices.Equal(gpu.Networks["default"].Aliases, []string{"ollama"}) {
			t.Errorf("no GPU is reserved: %+v", gpu)
		}
		if cpu := c.Services["ollama"]; cpu.Image != gpu.Image || len(cpu.Deploy.Resources.Reservations.Devices) > 0 || !slices.Equal(cpu.Profiles, []string{"ollama"}) {
			t.Errorf("on the CPU: %+v", cpu)
		}
		names := captures(regexp.MustCompile(`^\$\{PULL_MODELS:-(.+)\}$`), c.Services["models"].Environment["MODELS"])
		if len(names) != 1 {
			t.Fatalf("no models are fetched: %+v", c.Services["models"])
		}
		if name, ok := strings.CutPrefix(spec.Model, "ollama:"); ok && names[0] != name {
			t.Errorf("fetched are %s, the nail names %s", names[0], name)
		}
		for _, name := range strings.Fields(names[0]) {
			if !strings.Contains(ladder, `"`+name+`"`) {
				t.Errorf("%s is no model of the ladder", name)
			}
		}
	})
}

// .env.example names each variable that compose.yaml reads, and no secret.
func TestTheEnvironmentIsTold(t *testing.T) {
	everyApp(t, func(t *testing.T, spec scaffold.Spec, files scaffold.Tree) {
		env := string(files[".env.example"].Data)
		for _, name := range captures(regexp.MustCompile(`[^$]\$\{([A-Z_]+)[:}]`), string(files["compose.yaml"].Data)) {
			if name != "VERSION" && name != "OLLAMA_VERSION" && !regexp.MustCompile(`(?m)^#?`+name+`=`).MatchString(env) {
				t.Errorf(".env.example does not name %s", name)
			}
		}
		for _, m := range regexp.MustCompile(`(?m)^([A-Z_]+)=(.+)$`).FindAllStringSubmatch(env, -1) {
			if m[1] != "COMPOSE_PROFILES" {
				t.Errorf(".env.example gives %s a value", m[1])
			}
		}
		if !slices.Contains(strings.Split(string(files[".gitignore"].Data), "\n"), ".env") {
			t.Error("git would take .env")
		}
	})
}
