package main

import (
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// No command tells anybody anything: of those that ask for no server none opens
// a connection, neither by a proxy nor to the servers whose addresses it knows.
func TestNothingIsToldToAnybody(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int32
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			_ = c.Close()
		}
	}()
	defer l.Close()
	at := "http://" + l.Addr().String()
	bin, dir := build(t), t.TempDir()
	run := func(args ...string) {
		cmd := exec.Command(bin, args...)
		cmd.Dir = dir
		cmd.Env = append(cmd.Environ(), "HTTP_PROXY="+at, "HTTPS_PROXY="+at, "ALL_PROXY="+at, "http_proxy="+at, "https_proxy="+at,
			"NO_PROXY=", "no_proxy=", "OLLAMA_HOST="+at, "GOPROXY="+at, "DATABASE_URL=postgres://"+l.Addr().String()+"/x")
		before := calls.Load()
		_ = cmd.Run() // what it says is tested elsewhere
		if calls.Load() != before {
			t.Errorf("tackhammer %s opened a connection", strings.Join(args, " "))
		}
	}
	for _, args := range [][]string{
		{}, {"--help"}, {"version"}, {"version", "--json"}, {"templates"}, {"templates", "--json"}, {"new", "--help"},
		{"new", "desk", "--template", "receipts"}, {"new", "other", "--template", "nothing"}, {"nwe"},
		{"nail", "check", filepath.Join("desk", "nail.yaml")}, {"nail", "--no-input"}, {"completion", "bash"},
		{"new", "--template", "", "--generate-bash-completion"},
	} {
		run(args...)
	}
	// The listener hears what does ask: doctor.
	before := calls.Load()
	cmd := exec.Command(bin, "doctor", "desk")
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "OLLAMA_HOST="+at)
	_ = cmd.Run() // whatever this machine lacks
	if calls.Load() == before {
		t.Error("doctor asked nobody: the test hears nothing")
	}
}
