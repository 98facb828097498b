// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// writerFile, when it is set, makes the test program a writer that is there to be killed; see TestMain.
const writerFile = "EMULATOR_TEST_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerFile); path != "" {
		fmt.Fprintln(os.Stderr, writeForever(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForever creates keys, and prints the id of each that was created, until it is killed or fails.
func writeForever(path string) error {
	server, err := emulator.New(emulator.Options{DataFile: path})
	if err != nil {
		return err
	}
	for {
		created, _, err := server.CreateKey(orgID, strings.Repeat("long name ", 1000), []string{"*"}, nil)
		if err != nil {
			return err
		}
		fmt.Println(created.ID)
	}
}

func TestStateOutlivesTheEmulator(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	useFile := func(o *emulator.Options) { o.DataFile = path }
	first, _ := start(t, useFile)
	owner := asOwner(t, first)
	created := createKey(owner, oneKey)
	owner.call(http.MethodPost, membersPath, object{"email": "new@example.com"}, http.StatusCreated, nil)
	client{t: t, server: first, bearer: secret.New(created.APIKey)}.
		call(http.MethodPut, items, object{"pk": "a", "data": object{"b": 1}}, http.StatusOK, nil)
	tokens := login(t, first, emulator.DefaultOwnerEmail, emulator.DefaultPassword).AuthResponse
	require.NoError(t, first.SetAllowlist(orgID, true, "127.0.0.0/8"))
	before := first.Allowlist(orgID)
	require.NoError(t, first.Close())

	content, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, hidden := range []string{created.APIKey, emulator.DefaultPassword, tokens.RefreshToken, owner.bearer.Reveal()} {
		require.NotContains(t, string(content), hidden)
	}
	if runtime.GOOS != "windows" {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}

	second, _ := start(t, func(o *emulator.Options) {
		o.DataFile = path
		o.Seed = &emulator.Seed{Users: []emulator.SeedUser{{Email: "not used"}}}
	})
	owner.server = second // the same token
	owner.call(http.MethodGet, orgPath, nil, http.StatusOK, nil)
	require.Equal(t, emulator.KeyActive, second.CheckAPIKey(secret.New(created.APIKey)))
	require.Len(t, second.Members(orgID), 3)
	require.Equal(t, before, second.Allowlist(orgID))
	require.NotNil(t, second.APIKeys(orgID)[0].LastUsedAt)
	client{t: t, server: second, bearer: secret.New(created.APIKey)}.call(http.MethodGet, items+"/a", nil, http.StatusOK, nil)
	client{t: t, server: second}.call(http.MethodPost, "/auth/refresh", object{"refreshToken": tokens.RefreshToken}, http.StatusOK, nil)
}

func TestABrokenDataFileIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ content, want string }{
		"empty":         {"", "not the JSON document"},
		"cut":           {`{"version": 1, "organ`, "not the JSON document"},
		"another one":   {`{"hello": "world"}`, "version 0"},
		"newer":         {`{"version": 2}`, "version 2"},
		"no key":        {`{"version": 1}`, "no signing key"},
		"null record":   {`{"version": 1, "signingKey": "YQ==", "users": {"u": null}}`, `user "u" is damaged`},
		"dangling key":  {`{"version": 1, "signingKey": "YQ==", "keys": {"k": {"id": "k", "organizationId": "x"}}}`, `API key "k" is damaged`},
		"dangling user": {`{"version": 1, "signingKey": "YQ==", "refreshes": {"d": {"userId": "x"}}}`, "refresh token is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "state.json")
			require.NoError(t, os.WriteFile(path, []byte(test.content), 0o600))
			for range 2 { // the lock of the first try does not stay
				_, err := emulator.New(emulator.Options{DataFile: path})
				require.ErrorContains(t, err, test.want)
				require.ErrorContains(t, err, path)
			}
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, test.content, string(content))
		})
	}
}

func TestOneDataFileServesOneEmulator(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	server, err := emulator.New(emulator.Options{DataFile: path})
	require.NoError(t, err)
	_, err = emulator.New(emulator.Options{DataFile: path})
	require.ErrorContains(t, err, "in use by another emulator")
	require.NoError(t, server.Close())
	next, err := emulator.New(emulator.Options{DataFile: path})
	require.NoError(t, err)
	_, _, err = next.CreateKey(orgID, "of the next one", []string{"*"}, nil)
	require.NoError(t, err)
	require.NoError(t, server.Close(), "a second Close writes nothing over the next one's file")
	_, _, err = server.CreateKey(orgID, "too late", []string{"*"}, nil)
	require.ErrorContains(t, err, "closed")
	require.NoError(t, next.Close())
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(content), "of the next one")
}

func TestAChangeThatCannotBeSavedIsTakenBack(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.Mkdir(folder, 0o700))
	server, err := emulator.New(emulator.Options{DataFile: filepath.Join(folder, "state.json")})
	require.NoError(t, err)
	kept, _, err := server.CreateKey(orgID, "kept", []string{"*"}, nil)
	require.NoError(t, err)
	require.NoError(t, os.Rename(folder, folder+".gone"))
	_, _, err = server.CreateKey(orgID, "lost", []string{"*"}, nil)
	require.ErrorContains(t, err, "writing the data file")
	require.Len(t, server.APIKeys(orgID), 1)
	require.Equal(t, kept.ID, server.APIKeys(orgID)[0].ID)
	require.NoError(t, os.Rename(folder+".gone", folder))
	require.NoError(t, server.Close())
}

func TestTheDataFileIsWholeAfterAKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	known := 0
	for round := range 5 {
		writer := exec.CommandContext(t.Context(), os.Args[0])
		writer.Env = append(os.Environ(), writerFile+"="+path)
		output, err := writer.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, writer.Start())
		lines := bufio.NewScanner(output)
		var last string
		for range 10 + 3*round {
			require.True(t, lines.Scan(), "the writer ended by itself")
			last = lines.Text()
		}
		require.NoError(t, writer.Process.Kill())
		for lines.Scan() {
			last = lines.Text()
		}
		require.Error(t, writer.Wait())

		server, err := emulator.New(emulator.Options{DataFile: path})
		require.NoError(t, err)
		ids := map[string]bool{}
		for _, key := range server.APIKeys(orgID) {
			ids[key.ID] = true
		}
		require.True(t, ids[last], "what was answered is kept")
		require.Greater(t, len(ids), known)
		known = len(ids)
		require.NoError(t, server.Close())
	}
}
