package verify

import (
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/tackhammer/tackhammer/kit"
)

func needGo() error {
	if _, err := exec.LookPath("go"); err != nil {
		return kit.Errorf(kit.Unavailable, "verify the app: %w", err).WithHint("install Go from https://go.dev/dl and put it on the PATH")
	}
	return nil
}

// goSettings decide what a go command builds. Whatever the user has set is left
// out: the proof is of the app as it stands, without network.
var goSettings = []string{"GOFLAGS", "GOWORK", "GOPROXY", "GOTOOLCHAIN", "GOENV", "GOPACKAGESDRIVER", "GOEXPERIMENT"}

// goEnv is the environment of the go command.
func goEnv() []string {
	env := slices.DeleteFunc(os.Environ(), func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return slices.Contains(goSettings, name)
	})
	flags := "-mod=readonly"
	for _, f := range strings.Fields(os.Getenv("GOFLAGS")) {
		if f == "-trimpath" || strings.HasPrefix(f, "-buildvcs") { // neither chooses the source
			flags += " " + f
		}
	}
	return append(env, "GOFLAGS="+flags, "GOWORK=off", "GOPROXY=off", "GOTOOLCHAIN=local", "GOPACKAGESDRIVER=off")
}
