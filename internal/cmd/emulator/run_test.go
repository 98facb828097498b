// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// buffer may be written and read at the same time.
type buffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (b *buffer) Write(part []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.Write(part)
}

func (b *buffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.String()
}

var exported = regexp.MustCompile(`export (\w+)=(\S+)`)

// serve runs the command until the test ends it, and returns what it says to export.
func serve(t *testing.T, arguments ...string) (exports map[string]string, stop func() error, logs *buffer) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, logs := &buffer{}, &buffer{}
	done := make(chan error, 1)
	go func() { done <- run(ctx, append([]string{"--listen", "127.0.0.1:0"}, arguments...), out, logs) }()
	require.Eventually(t, func() bool { return strings.HasSuffix(out.String(), "\n\n") || len(done) > 0 }, 30*time.Second, time.Millisecond)
	require.Contains(t, out.String(), "It is not the service")
	exports = map[string]string{}
	for _, match := range exported.FindAllStringSubmatch(out.String(), -1) {
		exports[match[1]] = match[2]
	}
	return exports, func() error { cancel(); return <-done }, logs
}

func get(t *testing.T, exports map[string]string, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, exports["TERRASCALE_ENDPOINT"]+path, nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+exports["TERRASCALE_ACCESS_TOKEN"])
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode, string(content)
}

func TestThePrintedExportsWork(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "state.json")
	exports, stop, logs := serve(t, "--print-token", "--data", data)
	path := "/api/v1/organizations/" + exports["TERRASCALE_ORGANIZATION_ID"]
	status, content := get(t, exports, path)
	require.Equal(t, http.StatusOK, status, content)
	require.NoError(t, stop())
	require.Contains(t, logs.String(), path)
	require.NotContains(t, logs.String(), exports["TERRASCALE_ACCESS_TOKEN"])

	again, stop, _ := serve(t, "--data", data, "--quiet")
	require.NotContains(t, again, "TERRASCALE_ACCESS_TOKEN")
	again["TERRASCALE_ACCESS_TOKEN"] = exports["TERRASCALE_ACCESS_TOKEN"] // still good
	status, content = get(t, again, path)
	require.Equal(t, http.StatusOK, status, content)
	require.NoError(t, stop())
}

func TestSeedFileOfTheCommand(t *testing.T) {
	t.Parallel()
	seed := filepath.Join(t.TempDir(), "seed.yaml")
	require.NoError(t, os.WriteFile(seed, []byte(
		"users: [{email: a@example.com}]\norganizations: [{name: My Team, members: [{email: a@example.com, role: owner}]}]\n"), 0o600))
	exports, stop, _ := serve(t, "--print-token", "--seed", seed)
	status, content := get(t, exports, "/api/v1/organizations/"+exports["TERRASCALE_ORGANIZATION_ID"])
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, content, "my-team")
	require.NoError(t, stop())
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(broken, []byte("{"), 0o600))
	for want, arguments := range map[string][]string{
		"is not a loopback address":          {"--listen", "0.0.0.0:8787"},
		"--listen :8787 is not":              {"--listen", ":8787"},
		"--listen 192.0.2.1:1 is not":        {"--listen", "192.0.2.1:1"},
		"unexpected argument \"extra\"":      {"extra"},
		"not defined: -nonsense":             {"--nonsense"},
		"reading the seed":                   {"--seed", filepath.Join(t.TempDir(), "none")},
		"can't be used and was left as it i": {"--data", broken},
	} {
		require.ErrorContains(t, run(t.Context(), arguments, io.Discard, io.Discard), want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, run(ctx, []string{"--listen", "0.0.0.0:0", "--allow-remote"}, io.Discard, io.Discard))
}
