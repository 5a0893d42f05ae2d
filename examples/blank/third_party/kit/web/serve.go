package web

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/tackhammer/tackhammer/kit"
)

// limits of the connection itself. A slow sender cannot hold it for ever.
const (
	headTimeout = 10 * time.Second
	bodyTimeout = 2 * time.Minute
	idleTimeout = 2 * time.Minute
	maxHead     = 64 << 10
)

// Serve listens on address, HOST:PORT, and serves until ctx ends; port 0 takes
// a free one. listening, when it is not nil, is called once with the address as
// it came to be. When ctx ends, requests under way get the config's Grace, and
// Serve returns nil. It fails with kit.Conflict when the address is taken, and
// kit.Invalid when it is none of this machine's.
func (s *Server) Serve(ctx context.Context, address string, listening func(address string)) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return listenError(address, err)
	}
	if listening != nil {
		listening(listener.Addr().String())
	}
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: headTimeout, ReadTimeout: bodyTimeout, WriteTimeout: bodyTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHead,
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return kit.Errorf(kit.Internal, "serve on %s: %w", address, err)
	case <-ctx.Done():
	}
	return s.stop(context.WithoutCancel(ctx), server)
}

// stop lets requests under way finish, then cuts what is left.
func (s *Server) stop(ctx context.Context, server *http.Server) error {
	ctx, cancel := context.WithTimeout(ctx, s.Grace)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.Logger.Warn("requests were cut off: they took longer than the grace", "grace", s.Grace)
		err = server.Close()
	}
	if err != nil {
		return kit.Errorf(kit.Internal, "stop the server: %w", err)
	}
	return nil
}

// listenError says why an address cannot be had, and what to do.
func listenError(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return kit.Errorf(kit.Conflict, "listen on %s: another program listens there", address).
			WithHint("stop it, or choose another with --addr; --addr 127.0.0.1:0 takes a free port")
	case errors.Is(err, fs.ErrPermission):
		return kit.Errorf(kit.Forbidden, "listen on %s: this user may not", address).
			WithHint("choose a port from 1024 up with --addr")
	}
	return kit.Errorf(kit.Invalid, "listen on %s: %w", address, err).
		WithHint("--addr takes HOST:PORT of this machine, such as 127.0.0.1:8080")
}
