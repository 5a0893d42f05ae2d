package ollamaserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/internal/need"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

func TestModelsAreListedSmallestFirst(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"models":[{"name":"large:8b","size":5000,"digest":"c"},
			{"name":"small:1b","size":900,"digest":"a","details":{"parameter_size":"1B","quantization_level":"Q4_K_M"}},
			{"name":"cloud:120b","size":300,"digest":"r","remote_host":"https://ollama.com"},
			{"name":"evil\u001b[2J:1b","size":1,"digest":"x"},{"name":"../../etc/passwd","size":1,"digest":"y"}]}`)
	}))
	defer s.Close()
	all, err := ollamaserver.List(t.Context(), s.URL)
	if err != nil || len(all) != 3 || all[0].Remote == "" || all[2].Name != "large:8b" ||
		all[1] != (ollamaserver.Installed{Name: "small:1b", Digest: "a", Size: 900, Parameters: "1B", Quantization: "Q4_K_M"}) {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestNamesOfModels(t *testing.T) {
	for _, good := range []string{"qwen3:4b", "llama3.2", "tiny:latest", "hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M", "localhost:5000/me/x:1"} {
		if !ollamaserver.ValidName(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"", "a b", "-rf", "a\nb", "a:b:c", "../x", "a/../b", "/etc/passwd", "a\x1b[2J", "a'; DROP TABLE x", "${HOME}", "模型", strings.Repeat("a", 300), "a#b", "a/"} {
		if ollamaserver.ValidName(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestShowTellsLicenceFileAndFigures(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req struct{ Model string }
		_ = json.NewDecoder(r.Body).Decode(&req)
		if req.Model != "small:1b" {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error":"model not found"}`)
			return
		}
		fmt.Fprint(w, `{"license":"Apache License\nVersion 2.0","modelfile":"# FROM small\n\nFROM /models/blobs/sha256-ab\nTEMPLATE x","capabilities":["completion","vision"],
			"model_info":{"general.architecture":"qwen3","qwen3.context_length":40960,"qwen3.block_count":28,"qwen3.attention.head_count":16,
			"qwen3.attention.head_count_kv":[8,4],"qwen3.attention.key_length":128}}`)
	}))
	defer s.Close()
	d, err := ollamaserver.Show(t.Context(), s.URL, "small:1b")
	if err != nil || d.Context != 40960 || d.File != "/models/blobs/sha256-ab" || fmt.Sprint(d.Capabilities) != "[completion vision]" || ollamaserver.LicenceOf(d.Licence).Name != "Apache-2.0" {
		t.Errorf("%+v, %v", d, err)
	}
	// 2 (keys, values) * 2 bytes * 28 layers * 8 heads * 128 * 4096 tokens * 4 slots
	want := int64(1<<30) + 2*2*28*8*128*4096*4 + 512<<20
	if got := d.Estimate(ollamaserver.Installed{Size: 1 << 30}, 4096, 4); got.Bytes != want || !got.Rough || got.String() != "about 3.2 GiB" {
		t.Errorf("%+v (%s), want %d", got, got, want)
	}
	if _, err := ollamaserver.Show(t.Context(), s.URL, "other:1b"); kit.CodeOf(err) != kit.NotFound {
		t.Errorf("%v", err)
	}
	s.Close()
	if _, err := ollamaserver.Show(t.Context(), s.URL, "small:1b"); kit.CodeOf(err) != kit.Unavailable || kit.HintOf(err) == "" {
		t.Errorf("%v", err)
	}
}

func TestPullIsDoneOnlyWhenTheServerSaysSo(t *testing.T) {
	chunks := []string{`{"status":"pulling manifest"}`, `{"status":"pulling ab12","digest":"sha256:ab12","total":100,"completed":40}`, `{"status":"success"}`}
	many := 3
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, c := range chunks[:many] {
			fmt.Fprintln(w, c)
		}
	}))
	defer s.Close()
	var heard []ollamaserver.Pulling
	hear := func(p ollamaserver.Pulling) { heard = append(heard, p) }
	if err := ollamaserver.Pull(t.Context(), s.URL, "small:1b", hear); err != nil || len(heard) != 3 || heard[1].Done != 40 || heard[1].Total != 100 {
		t.Errorf("%+v, %v", heard, err)
	}
	many = 2
	if err := ollamaserver.Pull(t.Context(), s.URL, "small:1b", hear); kit.CodeOf(err) != kit.Unavailable {
		t.Errorf("broken off: %v", err)
	}
	chunks[1] = `{"error":"pull model manifest: file does not exist"}`
	if err := ollamaserver.Pull(t.Context(), s.URL, "small:1b", hear); kit.CodeOf(err) != kit.Unavailable || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("no such model: %v", err)
	}
	if err := ollamaserver.Pull(t.Context(), s.URL, "small 1b", hear); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("no name: %v", err)
	}
}

func TestLocalServer(t *testing.T) {
	for address, local := range map[string]bool{"": true, "127.0.0.1:11434": true, "0.0.0.0": true, "localhost": true, "[::1]:1": true, "http://10.0.0.7:11434": false, "gpu.example.com": false, "ftp://x": false} {
		if ollamaserver.LocalServer(address) != local {
			t.Errorf("%q: local is %v", address, !local)
		}
	}
}

// The weights of the real server's model are read where it keeps them, and the
// two ways of estimating are of one order.
func TestRealServerTellsWhatAModelNeeds(t *testing.T) {
	address, name := need.Env(t, "OLLAMA_HOST", "a real Ollama server"), need.Env(t, "OLLAMA_TINY_MODEL", "a small model of that server")
	if v, err := ollamaserver.Version(t.Context(), address); err != nil || v == "" {
		t.Errorf("its version is %q, %v", v, err)
	}
	all, err := ollamaserver.List(t.Context(), address)
	if err != nil || len(all) == 0 || all[0].Size <= 0 {
		t.Fatalf("%+v, %v", all, err)
	}
	d, err := ollamaserver.Show(t.Context(), address, name)
	if err != nil || d.Context == 0 || len(d.Capabilities) == 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	rough := d.Estimate(all[0], 2048, 4)
	exact, err := ollamaserver.EstimateFile(d.File, 2048, 4)
	if err != nil {
		need.Skip(t, "the weights of the server's model are not readable here: %v", err)
	}
	t.Logf("by the file %s, by what the server tells %s", exact, rough)
	if exact.Rough || !rough.Rough || exact.Bytes < 512<<20 || exact.Bytes > 3<<30 || rough.Bytes < 512<<20 || rough.Bytes > 3<<30 {
		t.Errorf("by the file %+v, by what the server tells %+v", exact, rough)
	}
}

func TestBrokenWeightsAreRefused(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"none": "", "text": "Not a model at all.", "head": "GGUF", "lies": "GGUF\x03\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x7f",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ollamaserver.EstimateFile(path, 2048, 4); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := ollamaserver.EstimateFile(filepath.Join(dir, "absent"), 2048, 4); kit.CodeOf(err) != kit.NotFound {
		t.Errorf("%v", err)
	}
}
