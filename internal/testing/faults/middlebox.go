// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package faults

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// Lie is what a box answers in the service's name. The zero Lie hands everything on.
type Lie struct {
	Name string
	// carriesOut is set where the request reaches the service all the same.
	carriesOut bool
	// fromCache is set where reads get what was read before.
	fromCache bool
	tell      func(w http.ResponseWriter, actual *httptest.ResponseRecorder)
}

// mostHonest is how many requests of a run a box may hand on before it lies.
const mostHonest = 5

const signIn = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to use the network.</body></html>"

func html(status int) func(http.ResponseWriter, *httptest.ResponseRecorder) {
	return func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(signIn))
	}
}

// replaced gives another body, with a length that fits it.
func replaced(change func(body []byte) []byte) func(http.ResponseWriter, *httptest.ResponseRecorder) {
	return func(w http.ResponseWriter, actual *httptest.ResponseRecorder) {
		maps.Copy(w.Header(), actual.Header())
		body := change(actual.Body.Bytes())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(actual.Code)
		_, _ = w.Write(body)
	}
}

func lies() []Lie {
	const instead, after = " instead of the answer", " after the request was carried out"
	var all []Lie
	for _, page := range []struct {
		name   string
		status int
	}{{"HTML 200", 200}, {"HTML 403", 403}, {"HTML 404", 404}, {"HTML 502", 502}} {
		all = append(all, Lie{Name: page.name + instead, tell: html(page.status)}, Lie{Name: page.name + after, carriesOut: true, tell: html(page.status)})
	}
	half := func(body []byte) []byte { return body[:len(body)/2] }
	other := func(text string) func([]byte) []byte { return func([]byte) []byte { return []byte(text) } }
	return append(all,
		Lie{Name: "JSON cut in half", carriesOut: true, tell: replaced(half)},
		Lie{Name: "JSON of something else", carriesOut: true, tell: replaced(other(`{"status":"ok"}`))},
		Lie{Name: "old answers from a cache", carriesOut: true, fromCache: true},
		Lie{Name: "a redirect to another host"},
	)
}

const redirectLie = "a redirect to another host"

// Middlebox stands before the service, with a certificate that the provider trusts: as a corporate proxy does.
type Middlebox struct {
	server, elsewhere *httptest.Server
	forward           *httputil.ReverseProxy

	mu     sync.Mutex
	lie    Lie
	honest int
	cache  map[string]*httptest.ResponseRecorder
	// leaked is set when credentials came to the host that a redirect names.
	leaked bool
}

// NewMiddlebox starts one before a service, until it is closed.
func NewMiddlebox(service string, authority Authority) (*Middlebox, error) {
	target, err := url.Parse(service)
	if err != nil {
		return nil, fmt.Errorf("read the service's address: %w", err)
	}
	certificate, err := authority.ServerCertificate(time.Now().Add(time.Hour), loopback)
	if err != nil {
		return nil, fmt.Errorf("make the box's certificate: %w", err)
	}
	b := &Middlebox{
		forward: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }},
		cache:   map[string]*httptest.ResponseRecorder{},
	}
	b.server = httptest.NewUnstartedServer(b)
	b.server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}
	b.server.EnableHTTP2 = true
	b.server.Config.ErrorLog = log.New(io.Discard, "", 0) // Connections that are cut are what it is for.
	b.server.StartTLS()
	b.elsewhere = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.leaked = true
		}
		html(http.StatusOK)(w, nil)
	}))
	b.elsewhere.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}
	b.elsewhere.StartTLS()
	return b, nil
}

// Address is where it listens.
func (b *Middlebox) Address() string { return b.server.Listener.Addr().String() }

// Close ends it.
func (b *Middlebox) Close() {
	b.server.CloseClientConnections()
	b.server.Close()
	b.elsewhere.CloseClientConnections()
	b.elsewhere.Close()
}

// Leaked tells whether credentials went to another host.
func (b *Middlebox) Leaked() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.leaked
}

// tell has it lie from some request on.
func (b *Middlebox) tell(lie Lie, random *rand.Rand) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lie, b.honest = lie, 0
	if lie.Name != "" && !lie.fromCache {
		b.honest = 1 + random.IntN(mostHonest) // Nothing else of a run is as well tried as its first request.
	}
}

// next gives what to say to the next request.
func (b *Middlebox) next(r *http.Request) (lie Lie, cached *httptest.ResponseRecorder) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.honest > 0 {
		b.honest--
		return Lie{}, nil
	}
	if b.lie.fromCache && r.Method == http.MethodGet {
		cached = b.cache[r.URL.String()]
	}
	return b.lie, cached
}

// ServeHTTP implements http.Handler.
func (b *Middlebox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	lie, cached := b.next(r)
	if cached != nil {
		replaced(func(body []byte) []byte { return body })(w, cached)
		return
	}
	if lie.Name == redirectLie {
		http.Redirect(w, r, "https://"+net.JoinHostPort("localhost", b.elsewherePort())+r.URL.Path, http.StatusTemporaryRedirect) //nolint:gosec // The host is the test's own.
		return
	}
	actual := httptest.NewRecorder()
	if lie.Name == "" || lie.carriesOut {
		b.forward.ServeHTTP(actual, r)
	}
	if r.Method == http.MethodGet && lie.tell == nil {
		b.mu.Lock()
		b.cache[r.URL.String()] = actual
		b.mu.Unlock()
	}
	if lie.tell == nil {
		lie.tell = replaced(func(body []byte) []byte { return body })
	}
	lie.tell(w, actual)
}

func (b *Middlebox) elsewherePort() string {
	_, port, _ := net.SplitHostPort(b.elsewhere.Listener.Addr().String())
	return port
}
