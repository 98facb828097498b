// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

// Server is an emulator. It serves as an http.Handler, or on its own after Start. Its methods may be called at
// the same time.
type Server struct {
	options Options
	store   *store.Store
	mux     *http.ServeMux
	limiter limiter
	faults  faults
	log     requestLog

	mutex    sync.Mutex
	codes    map[string]secret.String // the last e-mailed code, by address
	http     *http.Server
	listener net.Listener
	served   chan struct{} // closed when the listener's loop has ended

	connections atomic.Int64
}

// New makes an emulator from its data file or its seed. A data file that is broken, or in use by another emulator,
// is an error and stays untouched.
func New(options Options) (*Server, error) {
	options = options.withDefaults()
	state, empty, err := store.Open(store.Options{Clock: options.Clock, DataFile: options.DataFile})
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	if empty {
		if err := state.Seed(*options.Seed); err != nil {
			return nil, fmt.Errorf("emulator: %w", errors.Join(err, state.Abandon()))
		}
	}
	s := &Server{options: options, store: state, mux: http.NewServeMux(), codes: map[string]secret.String{}}
	s.limiter.limits = options.RateLimits
	for _, route := range routes() {
		s.mux.Handle(route.method+" "+route.path, s.handle(route))
	}
	return s, nil
}

// Start listens on Options.Address and serves until Close or Shutdown.
func (s *Server) Start() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.http != nil {
		return errors.New("emulator: it has been started already")
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", s.options.Address)
	if err != nil {
		return fmt.Errorf("emulator: %w", err)
	}
	s.listener, s.served = listener, make(chan struct{})
	s.http = &http.Server{Handler: s, TLSConfig: s.options.TLS, ReadHeaderTimeout: 10 * time.Second}
	s.http.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	go func() {
		defer close(s.served)
		var err error
		if s.options.TLS != nil {
			err = s.http.ServeTLS(listener, "", "")
		} else {
			err = s.http.Serve(listener)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			s.options.Logger.Error("the emulator stopped serving", "error", err)
		}
	}()
	return nil
}

// URL is the base URL of a started emulator, without a slash at its end; "" before Start.
func (s *Server) URL() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.listener == nil {
		return ""
	}
	scheme := "http"
	if s.options.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String()
}

// Close breaks open connections, writes the data file and lets it go. What the emulator knows can still be read
// afterwards, and no longer be changed. A second Close does nothing.
func (s *Server) Close() error {
	return s.stop(func(server *http.Server) error { return server.Close() })
}

// Shutdown is Close that lets running requests end first, as long as ctx allows.
func (s *Server) Shutdown(ctx context.Context) error {
	return s.stop(func(server *http.Server) error {
		if err := server.Shutdown(ctx); err != nil {
			return errors.Join(err, server.Close())
		}
		return nil
	})
}

func (s *Server) stop(end func(*http.Server) error) error {
	s.mutex.Lock()
	server, served := s.http, s.served
	s.mutex.Unlock()
	var err error
	if server != nil { // ending an ended one does nothing
		err = end(server)
		<-served
	}
	if err := errors.Join(err, s.store.Close()); err != nil {
		return fmt.Errorf("emulator: %w", err)
	}
	return nil
}
