// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

const (
	orgID   = emulator.DefaultOrganizationID
	orgPath = "/api/v1/organizations/" + orgID
	keys    = "/api/v1/management/apikeys"
	items   = "/api/v1/databases/" + emulator.DefaultDatabaseID + "/items"
)

// fakeClock stands still until it is told to move.
type fakeClock struct {
	mutex sync.Mutex
	now   time.Time
}

func newClock() *fakeClock { return &fakeClock{now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)} }

func (c *fakeClock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *fakeClock) Advance(by time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(by)
}

// start starts an emulator on a fake clock; adjust may be nil.
func start(t *testing.T, adjust func(*emulator.Options)) (*emulator.Server, *fakeClock) {
	t.Helper()
	clock := newClock()
	options := emulator.Options{Clock: clock.Now}
	if adjust != nil {
		adjust(&options)
	}
	server, err := emulator.New(options)
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server, clock
}

// client calls an emulator, and holds every request and answer against openapi.yaml.
type client struct {
	t      *testing.T
	server *emulator.Server
	bearer secret.String
	header http.Header
}

// as is a client of a user, acting on an organization.
func as(t *testing.T, server *emulator.Server, email, organizationID string) client {
	t.Helper()
	token, err := server.IssueToken(email, organizationID)
	require.NoError(t, err)
	return client{t: t, server: server, bearer: token}
}

func asOwner(t *testing.T, server *emulator.Server) client {
	t.Helper()
	return as(t, server, emulator.DefaultOwnerEmail, orgID)
}

// with is the client with one more header.
func (c client) with(name, value string) client {
	c.header = c.header.Clone()
	if c.header == nil {
		c.header = http.Header{}
	}
	c.header.Set(name, value)
	return c
}

// from is the client at another address.
func (c client) from(address string) client { return c.with("X-Forwarded-For", address) }

func (c client) withBearer(bearer secret.String) client {
	c.bearer = bearer
	return c
}

func (c client) request(method, path string, body any) *http.Request {
	c.t.Helper()
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	default:
		encoded, err := json.Marshal(body)
		require.NoError(c.t, err)
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.server.URL()+path, content)
	require.NoError(c.t, err)
	for name, values := range c.header {
		request.Header[name] = values
	}
	if content != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if !c.bearer.IsEmpty() {
		request.Header.Set("Authorization", "Bearer "+c.bearer.Reveal())
	}
	return request
}

// call makes a request, requires a status, and decodes the answer into what is not nil.
func (c client) call(method, path string, body any, status int, into any) http.Header {
	c.t.Helper()
	request := c.request(method, path, body)
	response, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	content, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	require.NoError(c.t, response.Body.Close())
	require.Equal(c.t, status, response.StatusCode, "%s %s: %s", method, path, content)
	validate(c.t, c.request(method, path, body), response, content)
	if into != nil {
		require.NoError(c.t, json.Unmarshal(content, into))
	}
	return response.Header
}

// problem makes a request that must end in a problem, and returns its detail.
func (c client) problem(method, path string, body any, status int) string {
	c.t.Helper()
	var answer struct {
		Type, Title, Detail, Instance string
		Status                        int
	}
	header := c.call(method, path, body, status, &answer)
	require.Equal(c.t, "application/problem+json", header.Get("Content-Type"))
	require.Equal(c.t, status, answer.Status)
	require.Equal(c.t, http.StatusText(status), answer.Title)
	require.NotEmpty(c.t, answer.Type)
	require.NotEmpty(c.t, answer.Detail)
	parsed, err := url.Parse(path)
	require.NoError(c.t, err)
	require.Equal(c.t, parsed.EscapedPath(), answer.Instance)
	return answer.Detail
}

type object = map[string]any

var contract = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("../../clients/terrascale/openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	no := false
	for _, schema := range doc.Components.Schemas { // so that a field of the emulator that nobody wrote down fails
		if len(schema.Value.Properties) > 0 {
			schema.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		}
	}
	return doc, nil
})

var router = sync.OnceValues(func() (routers.Router, error) {
	doc, err := contract()
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

// validate holds one exchange against openapi.yaml. What was refused unread or as malformed is held by its answer only.
func validate(t *testing.T, request *http.Request, response *http.Response, content []byte) {
	t.Helper()
	finder, err := router()
	require.NoError(t, err)
	route, parameters, err := finder.FindRoute(request)
	if response.StatusCode == http.StatusNotFound && err != nil || response.StatusCode == http.StatusMethodNotAllowed {
		return
	}
	require.NoError(t, err, request.URL.Path)
	input := &openapi3filter.RequestValidationInput{
		Request: request, PathParams: parameters, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	switch response.StatusCode {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusRequestEntityTooLarge:
	default:
		require.NoError(t, openapi3filter.ValidateRequest(t.Context(), input), request.URL.Path)
	}
	if response.StatusCode == http.StatusRequestEntityTooLarge {
		return
	}
	output := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: response.StatusCode, Header: response.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	output.SetBodyBytes(content)
	require.NoError(t, openapi3filter.ValidateResponse(t.Context(), output), "%s %s", request.Method, request.URL.Path)
}
