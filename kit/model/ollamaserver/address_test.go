package ollamaserver_test

import (
	"testing"

	"github.com/tackhammer/tackhammer/kit"
	"github.com/tackhammer/tackhammer/kit/model/ollamaserver"
)

func TestAnAddressIsReadAsOllamaDoes(t *testing.T) {
	for in, want := range map[string]string{
		"":                          ollamaserver.DefaultURL,
		"0.0.0.0":                   "http://127.0.0.1:11434",
		"0.0.0.0:9000":              "http://127.0.0.1:9000",
		":9000":                     "http://127.0.0.1:9000",
		"gpu-box":                   "http://gpu-box:11434",
		`"gpu-box:9"`:               "http://gpu-box:9",
		"http://gpu-box":            "http://gpu-box:80",
		"https://gpu.example/path/": "https://gpu.example:443/path",
		"[::1]":                     "http://[::1]:11434",
		"[::]:5":                    "http://127.0.0.1:5",
	} {
		if got, err := ollamaserver.Address(in); err != nil || got.String() != want {
			t.Errorf("Address(%q) = %v, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"ftp://gpu-box", "gpu box", "gpu-box:port"} {
		if got, err := ollamaserver.Address(in); kit.CodeOf(err) != kit.Invalid {
			t.Errorf("Address(%q) = %v, %v", in, got, err)
		}
	}
}
