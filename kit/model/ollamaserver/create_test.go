package ollamaserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ollama/ollama/api"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/internal/need"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

// tinyFile writes the weights of a model of random numbers.
func tinyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tiny.gguf")
	cmd := exec.Command("go", "run", ".", path)
	cmd.Dir = filepath.Join(need.Shared(t), "tools", "tinymodel")
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// adapterFile writes a LoRA of rank 1 for tiny, which changes nothing: its
// second half is zero. The layout is GGUF 3's.
func adapterFile(t *testing.T) string {
	t.Helper()
	const width = 64
	var b []byte
	text := func(s string) { b = append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...) }
	u32 := func(v uint32) { b = binary.LittleEndian.AppendUint32(b, v) }
	u64 := func(v uint64) { b = binary.LittleEndian.AppendUint64(b, v) }
	b = append(b, "GGUF"...)
	u32(3)
	u64(2)
	u64(4)
	for _, pair := range [][2]string{{"general.type", "adapter"}, {"general.architecture", "llama"}, {"adapter.type", "lora"}} {
		text(pair[0])
		u32(8)
		text(pair[1])
	}
	text("adapter.lora.alpha")
	u32(6)
	u32(math.Float32bits(1))
	for i, half := range []string{"a", "b"} {
		text("blk.0.attn_q.weight.lora_" + half)
		u32(2)
		u64([]uint64{width, 1}[i])
		u64([]uint64{1, width}[i])
		u32(0) // F32
		u64(uint64(i * width * 4))
	}
	b = append(b, make([]byte, (32-len(b)%32)%32)...)
	for range width {
		u32(math.Float32bits(0.5))
	}
	b = append(b, make([]byte, width*4)...)
	path := filepath.Join(t.TempDir(), "adapter.gguf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func sum(t *testing.T, path string) ollamaserver.Weights {
	t.Helper()
	w, err := ollamaserver.Sum(filepath.Base(path), path)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// remove takes a model that a test made off its server.
func remove(t *testing.T, server, name string) {
	t.Cleanup(func() {
		u, _ := ollamaserver.Address(server)
		if err := api.NewClient(u, http.DefaultClient).Delete(context.Background(), &api.DeleteRequest{Model: name}); err != nil {
			t.Errorf("remove %s: %v", name, err)
		}
	})
}

func TestRealServerTakesAModelAndAnAdapter(t *testing.T) {
	server, base := need.Env(t, "OLLAMA_HOST", "the tests of a real server need one"), need.Env(t, "OLLAMA_TINY_MODEL", "the tests of a real server need it")
	weights := sum(t, tinyFile(t))
	name := "taken-" + kit.NewID()[24:]
	var sent, whole int64
	var said []string
	info, err := ollamaserver.Create(t.Context(), server, ollamaserver.NewModel{Name: name, Files: []ollamaserver.Weights{weights}, Base: base,
		Sent: func(done, total int64) { sent, whole = done, total }, Said: func(s string) { said = append(said, s) }})
	if err != nil {
		t.Fatal(err)
	}
	remove(t, server, name)
	if info.Digest == "" || sent != whole || whole != weights.Size || said[len(said)-1] != "success" {
		t.Errorf("%+v, %d of %d, %q", info, sent, whole, said)
	}
	if digest, same, err := ollamaserver.Holds(t.Context(), server, name, weights.SHA256); err != nil || !same || digest != info.Digest {
		t.Errorf("it holds %s, %v, %v", digest, same, err)
	}
	if _, same, err := ollamaserver.Holds(t.Context(), server, name, strings.Repeat("0", 64)); err != nil || same {
		t.Errorf("it holds another file: %v, %v", same, err)
	}
	if digest, _, err := ollamaserver.Holds(t.Context(), server, "nobody-"+name, weights.SHA256); err != nil || digest != "" {
		t.Errorf("it holds what nobody made: %s, %v", digest, err)
	}
	file := adapterFile(t)
	if g, err := ollamaserver.ReadGGUF(file); err != nil || !g.Adapter || g.Architecture != "llama" {
		t.Errorf("%+v, %v", g, err)
	}
	tuned, err := ollamaserver.Create(t.Context(), server, ollamaserver.NewModel{Name: name + "-tuned", Adapter: []ollamaserver.Weights{sum(t, file)}, Base: name})
	if err != nil {
		t.Fatal(err)
	}
	remove(t, server, name+"-tuned")
	if tuned.Digest == info.Digest {
		t.Error("the adapter makes no other model")
	}
	if n := generated(t, server, name+"-tuned"); n == 0 {
		t.Error("the adapter's model makes no tokens")
	}
	_, err = ollamaserver.Create(t.Context(), server, ollamaserver.NewModel{Name: name + "-none", Adapter: []ollamaserver.Weights{sum(t, file)}, Base: "nobody-" + name})
	if kit.CodeOf(err) != kit.NotFound {
		t.Errorf("on a base that is not there: %v", err)
	}
}

// generated is how many tokens a model answers with.
func generated(t *testing.T, server, name string) (n int) {
	t.Helper()
	u, _ := ollamaserver.Address(server)
	err := api.NewClient(u, http.DefaultClient).Generate(t.Context(), &api.GenerateRequest{Model: name, Prompt: "abc", Options: map[string]any{"num_predict": 8, "num_ctx": 256}},
		func(r api.GenerateResponse) error { n += r.EvalCount; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReadGGUFRefuses(t *testing.T) {
	whole, err := os.ReadFile(adapterFile(t))
	if err != nil {
		t.Fatal(err)
	}
	huge := bytes.Clone(whole)
	binary.LittleEndian.PutUint64(huge[16:], 1<<60)
	other := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(other[4:], 99)
	for name, body := range map[string][]byte{"empty": nil, "text": []byte("FROM ./model.gguf, which is a Modelfile"), "torn data": whole[:len(whole)-1],
		"torn head": whole[:60], "huge": huge, "another version": other} {
		path := filepath.Join(t.TempDir(), "file.gguf")
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ollamaserver.ReadGGUF(path); kit.CodeOf(err) != kit.Invalid || kit.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ollamaserver.ReadGGUF(t.TempDir()); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("a folder: %v", err)
	}
	if _, err := ollamaserver.ReadGGUF("/no/such.gguf"); kit.CodeOf(err) != kit.Invalid {
		t.Errorf("no file: %v", err)
	}
}

// TestCreateTellsWhatFailed tries servers that fail half-way.
func TestCreateTellsWhatFailed(t *testing.T) {
	file := sum(t, adapterFile(t))
	for name, c := range map[string]struct {
		blob, create http.HandlerFunc
		want         kit.Code
		words        string
	}{
		"the connection is cut while sending": {cut, nil, kit.Unavailable, "make the model x"},
		"a 500 without a body":                {status(500, ""), nil, kit.Unavailable, "500"},
		"the disk is full":                    {status(500, `{"error":"write /blobs/sha256-1: no space left on device"}`), nil, kit.Unavailable, "disk is full"},
		"the file changed":                    {status(400, `{"error":"digest mismatch"}`), nil, kit.Conflict, "changed while it was sent"},
		"the stream is cut":                   {status(201, ""), said(`{"status":"parsing GGUF"}` + "\n"), kit.Unavailable, "broke off"},
		"the server cannot use it":            {status(201, ""), said(`{"error":"unsupported architecture"}` + "\n"), kit.Invalid, "unsupported architecture"},
		"create answers 500":                  {status(201, ""), status(500, ""), kit.Unavailable, "500"},
		"create refuses":                      {status(201, ""), status(400, `{"error":"invalid model name"}`), kit.Invalid, "invalid model name"},
		"it is not listed":                    {status(201, ""), said(`{"status":"success"}` + "\n"), kit.Internal, "does not list it"},
	} {
		mux := http.NewServeMux()
		mux.HandleFunc("HEAD /api/blobs/{digest}", status(404, ""))
		mux.HandleFunc("POST /api/blobs/{digest}", c.blob)
		mux.HandleFunc("GET /api/tags", said(`{"models":[{"name":"other:latest","digest":"1"}]}`))
		if c.create != nil {
			mux.HandleFunc("POST /api/create", c.create)
		}
		server := httptest.NewServer(mux)
		_, err := ollamaserver.Create(t.Context(), server.URL, ollamaserver.NewModel{Name: "x", Files: []ollamaserver.Weights{file}})
		if kit.CodeOf(err) != c.want || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %s %v", name, kit.CodeOf(err), err)
		}
		server.Close()
	}
}

func TestCreateSendsWhatIsMissing(t *testing.T) {
	file, sent := sum(t, adapterFile(t)), 0
	mux := http.NewServeMux()
	mux.HandleFunc("HEAD /api/blobs/{digest}", status(200, ""))
	mux.HandleFunc("POST /api/blobs/{digest}", func(http.ResponseWriter, *http.Request) { sent++ })
	mux.HandleFunc("POST /api/create", said(`{"status":"success"}`+"\n"))
	mux.HandleFunc("GET /api/tags", said(`{"models":[{"name":"x:latest","digest":"1"}]}`))
	server := httptest.NewServer(mux)
	defer server.Close()
	info, err := ollamaserver.Create(t.Context(), server.URL, ollamaserver.NewModel{Name: "X", Files: []ollamaserver.Weights{file}})
	if err != nil || sent != 0 || info.Digest != "1" {
		t.Errorf("%v: %d files were sent again, %+v", err, sent, info)
	}
}

// cut reads a little and closes the connection.
func cut(w http.ResponseWriter, r *http.Request) {
	_, _ = io.CopyN(io.Discard, r.Body, 10)
	c, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		c.Close()
	}
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

func said(body string) http.HandlerFunc { return status(200, body) }
