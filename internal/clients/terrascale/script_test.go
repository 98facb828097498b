// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const (
	passwordText   = "correct horse battery"
	totpSecretText = "JBSWY3DPEHPK3PXP"
)

// record is one request that a script has served.
type record struct {
	Call, Authorization, Body string
	Header                    http.Header
}

// script is a server that answers "METHOD /escaped/path" with the handler of that name.
type script struct {
	URL string

	mu       sync.Mutex
	requests []record
	handlers map[string]http.HandlerFunc
}

func serve(t *testing.T, handlers map[string]http.HandlerFunc) *script {
	t.Helper()
	s := &script{handlers: handlers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	call := r.Method + " " + r.URL.EscapedPath()
	s.mu.Lock()
	s.requests = append(s.requests, record{call, r.Header.Get("Authorization"), string(body), r.Header})
	handler := s.handlers[call]
	s.mu.Unlock()
	if handler == nil {
		problem(http.StatusNotFound, "Not Found", "no such call: "+call)(w, r)
		return
	}
	handler(w, r)
}

// calls returns the requests to one call, or all when it is "".
func (s *script) calls(call string) []record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []record
	for _, r := range s.requests {
		if call == "" || r.Call == call {
			found = append(found, r)
		}
	}
	return found
}

func reply(status int, body any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { write(w, status, "application/json", body) }
}

func problem(status int, title, detail string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		write(w, status, "application/problem+json", map[string]any{
			"type": "https://example.com/problem", "title": title, "status": status, "detail": detail, "instance": r.URL.Path,
		})
	}
}

func write(w http.ResponseWriter, status int, contentType string, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body)
	}
}

// inTurn answers each request with the next handler, and the last one ever after.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		handler := handlers[0]
		if len(handlers) > 1 {
			handlers = handlers[1:]
		}
		mu.Unlock()
		handler(w, r)
	}
}

// hangUp breaks the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

type object = map[string]any

func tokens(access, refresh string) object {
	return object{
		"accessToken": access, "refreshToken": refresh, "expiresIn": 3600, "userId": "usr_1",
		"email": "ops@example.com", "name": "Ops", "avatarUrl": nil, "personalOrgId": "org_personal",
		"permissions": []string{}, "roles": []string{"owner"},
	}
}

func loggedIn(access, refresh string) http.HandlerFunc {
	return reply(http.StatusOK, object{"status": "Success", "authResponse": tokens(access, refresh)})
}

func keyJSON(id string) object {
	return object{
		"keyId": id, "keyPrefix": "ts_live_abc", "name": "ci-tests", "scopes": []string{"database:read"},
		"createdAt": "2026-01-15T10:00:00Z", "expiresAt": nil, "lastUsedAt": nil, "revoked": false,
	}
}

var noKeys = reply(http.StatusOK, object{"keys": []any{}, "nextCursor": nil})

const (
	listKeys  = "GET /api/v1/management/apikeys"
	createKey = "POST /api/v1/management/apikeys"
	login     = "POST /auth/password"
	refresh   = "POST /auth/refresh"
	switchOrg = "POST /auth/switch-organization"
	challenge = "POST /auth/mfa/challenge"
	verify    = "POST /auth/mfa/verify"
)

// clock is a time that moves when a test says so.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newClient returns a client that retries at once, with a bare token unless config has credentials.
func newClient(t *testing.T, s *script, config terrascale.Config) (*terrascale.Client, *[]time.Duration) {
	t.Helper()
	config.Endpoint = s.URL
	if config.AccessToken.IsEmpty() && config.Email == "" {
		config.AccessToken = secret.New("token-1")
	}
	client, err := terrascale.New(config)
	require.NoError(t, err)
	waits := &[]time.Duration{}
	var mu sync.Mutex
	client.RecordWaits(func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		*waits = append(*waits, d)
	})
	return client, waits
}

func withPassword() terrascale.Config {
	return terrascale.Config{Email: "ops@example.com", Password: secret.New(passwordText)}
}
