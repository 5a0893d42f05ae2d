package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/export"
	"github.com/tackhammer/tackhammer/kit/internal/need"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// run runs one command of the desk and returns its exit code and all it said.
func run(args ...string) (int, string) {
	var out bytes.Buffer
	c := desk()
	c.Out, c.Err = &out, &out
	return c.Run(context.Background(), append([]string{"test-desk"}, args...)), out.String()
}

// TestARealServerTakesWhatWasTrained goes the way from decisions to a model
// with a real server: the weights are of random numbers, the rest is as it is.
func TestARealServerTakesWhatWasTrained(t *testing.T) {
	server, tiny := need.Env(t, "OLLAMA_HOST", "the tests of a real server need one"), need.Env(t, "OLLAMA_TINY_MODEL", "the tests of a real server need it")
	dir := t.TempDir()
	data, tune, weights := filepath.Join(dir, "data"), filepath.Join(dir, "tune"), filepath.Join(dir, "tiny.gguf")
	corrected(t, data, map[string]string{"FIRST NOTE": "First note", "SECOND NOTE": "Second note"})
	command(t, "train", "--data", data, "--recipe", "trl", "--out", tune, "--split", "100/0/0")
	cmd := exec.Command("go", "run", ".", weights)
	cmd.Dir, cmd.Env = filepath.Join(need.Shared(t), "tools", "tinymodel"), append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	name := "desk-" + kit.NewID()[24:]
	t.Cleanup(func() { removeModel(t, server, name) })
	register := []string{"model", "register", weights, "--data", data, "--name", name, "--base", tiny, "--manifest", filepath.Join(tune, "data"), "--recipe", "trl"}
	if got := command(t, register...); !strings.Contains(got, "made ollama:"+name) || !strings.Contains(got, "pick --try ollama:"+name) {
		t.Errorf("registered: %s", got)
	}
	if got := command(t, register...); !strings.Contains(got, "is made of this file already") {
		t.Errorf("a second time: %s", got)
	}
	var all []struct {
		Name, Digest, Base, Recipe string
		SHA256                     string `json:"file_sha256"`
		Manifest                   string `json:"manifest_sha256"`
		Size                       int64
	}
	if err := json.Unmarshal([]byte(command(t, "model", "list", "--data", data, "--json")), &all); err != nil || len(all) != 1 {
		t.Fatalf("%v: %+v", err, all)
	}
	manifest, _ := os.ReadFile(filepath.Join(tune, "data", "manifest.json"))
	file, _ := os.ReadFile(weights)
	digest, same, err := ollamaserver.Holds(t.Context(), server, name, kit.Hash(file))
	if m := all[0]; err != nil || !same || m.Digest != digest || m.SHA256 != kit.Hash(file) || m.Manifest != kit.Hash(manifest) || m.Base != tiny || m.Recipe != "trl" {
		t.Errorf("%+v, the server has %s, %v, %v", m, digest, same, err)
	}
	if trail := command(t, "trail", "export", "--data", data); !strings.Contains(trail, "model.registered") || !strings.Contains(trail, digest) {
		t.Errorf("the trail does not tell: %.400s", trail)
	}
	other := append(bytes.Clone(file), make([]byte, 32)...)
	if err := os.WriteFile(weights, other, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said := run(register...); code != 3 || !strings.Contains(said, "the server has another of this name") {
		t.Errorf("another file under the name: %d %s", code, said)
	}
	kept, _ := filepath.Glob(filepath.Join(data, "models", "*.json"))
	if len(kept) != 1 {
		t.Fatalf("what it learned from is kept in %v", kept)
	}
	if raw, _ := os.ReadFile(kept[0]); !bytes.Contains(raw, []byte(export.TextHash("FIRST NOTE"))) {
		t.Errorf("it does not know what it learned from: %s", raw)
	}
}

// removeModel takes a model that a test made off its server.
func removeModel(t *testing.T, server, name string) {
	u, err := ollamaserver.Address(server)
	if err != nil {
		t.Fatal(err)
	}
	if err := api.NewClient(u, http.DefaultClient).Delete(context.Background(), &api.DeleteRequest{Model: name}); err != nil {
		t.Errorf("remove %s: %v", name, err)
	}
}
