// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

var oneKey = object{"name": "a", "scopes": []string{"*"}}

// send makes a request on a connection of its own, so that net/http repeats nothing.
func (c client) send(method, path string, body any) (status int, content []byte, header http.Header, err error) {
	c.t.Helper()
	request := c.request(method, path, body)
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	content, err = io.ReadAll(response.Body)
	require.NoError(c.t, response.Body.Close())
	return response.StatusCode, content, response.Header, err
}

func TestForcedStatus(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	server.Inject(emulator.Fault{
		Operation: "createApiKey", Times: 2, Status: http.StatusServiceUnavailable,
		Header: http.Header{"retry-after": {"3"}},
	})
	for range 2 {
		status, content, header, err := owner.send(http.MethodPost, keys, oneKey)
		require.NoError(t, err)
		require.Equal(t, http.StatusServiceUnavailable, status)
		require.Equal(t, "3", header.Get("Retry-After"))
		require.Contains(t, string(content), `"status":503`)
	}
	require.Empty(t, server.APIKeys(orgID), "a forced status carries nothing out")
	owner.call(http.MethodPost, keys, oneKey, http.StatusCreated, nil)
	require.Equal(t, http.StatusServiceUnavailable, server.Requests()[1].Status)
	require.Len(t, server.Requests(), 3)

	server.Inject(emulator.Fault{
		Status: http.StatusOK, Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}},
	})
	_, content, header, err := owner.send(http.MethodGet, keys, nil)
	require.NoError(t, err)
	require.Equal(t, "<html>", string(content))
	require.Equal(t, "text/html", header.Get("Content-Type"))
}

func TestDroppedAndTruncatedAnswers(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	for name, test := range map[string]struct {
		fault emulator.Fault
		made  bool
	}{
		"before":    {emulator.Fault{DropBefore: true}, false},
		"after":     {emulator.Fault{DropAfter: true}, true},
		"truncated": {emulator.Fault{Truncate: true}, true},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(server.APIKeys(orgID))
			test.fault.Method, test.fault.Path = http.MethodPost, keys
			server.Inject(test.fault)
			_, _, _, err := owner.send(http.MethodPost, keys, oneKey)
			require.ErrorIs(t, err, map[bool]error{true: io.ErrUnexpectedEOF, false: io.EOF}[test.fault.Truncate])
			require.Equal(t, test.made, len(server.APIKeys(orgID)) > before)
		})
	}
}

func TestWhichRequestsAFaultHits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault emulator.Fault
		path  string
		hit   bool
	}{
		{emulator.Fault{}, orgPath, true},
		{emulator.Fault{Method: http.MethodPost}, orgPath, false},
		{emulator.Fault{Operation: "getOrganization"}, orgPath, true},
		{emulator.Fault{Operation: "listMembers"}, orgPath, false},
		{emulator.Fault{Path: "/api/v1/organizations/*"}, orgPath, true},
		{emulator.Fault{Path: "/api/v1/organizations/*"}, membersPath, false},
		{emulator.Fault{Path: "/api/v1/organizations/*/members"}, membersPath, true},
		{emulator.Fault{Path: "/api/v1/organizations/**"}, membersPath, true},
		{emulator.Fault{Path: "/api/v1/organizations/*/members/*"}, membersPath, false},
		{emulator.Fault{Path: "/api/v1"}, orgPath, false},
	} {
		server, _ := start(t, nil)
		test.fault.Status = http.StatusTeapot
		server.Inject(test.fault)
		status, _, _, err := asOwner(t, server).send(http.MethodGet, test.path, nil)
		require.NoError(t, err)
		require.Equal(t, test.hit, status == http.StatusTeapot, "%+v on %s", test.fault, test.path)
	}
}

func TestFaultsAreCountedSkippedAndRemoved(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	get := func() int {
		t.Helper()
		status, _, _, err := owner.send(http.MethodGet, orgPath, nil)
		require.NoError(t, err)
		return status
	}
	server.Inject(emulator.Fault{Skip: 1, Times: 2, Status: 500})
	require.Equal(t, []int{200, 500, 500, 200}, []int{get(), get(), get(), get()})
	remove := server.Inject(emulator.Fault{Times: -1, Status: 502})
	require.Equal(t, []int{502, 502, 502}, []int{get(), get(), get()})
	remove()
	remove()
	require.Equal(t, 200, get())
	server.Inject(emulator.Fault{Status: 500})
	server.Inject(emulator.Fault{Status: 502})
	require.Equal(t, 500, get())
	server.ClearFaults()
	require.Equal(t, 200, get())
}

func TestADelayEndsWithTheClient(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	server.Inject(emulator.Fault{Delay: time.Hour})
	request := owner.request(http.MethodPost, keys, oneKey)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		response, err := http.DefaultClient.Do(request.WithContext(ctx))
		if err == nil {
			err = response.Body.Close()
		}
		done <- err
	}()
	require.Eventually(t, func() bool { return len(server.Requests()) == 1 }, 10*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.NoError(t, server.Close()) // waits for nobody
	require.Empty(t, server.APIKeys(orgID))
}

func TestADelayedRequestIsCarriedOut(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	server.Inject(emulator.Fault{Delay: time.Millisecond})
	asOwner(t, server).call(http.MethodPost, keys, oneKey, http.StatusCreated, nil)
}
