// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// holdAnswers puts a proxy before the service. While it is armed with a channel, it closes that once the service has carried out a call of a
// method for a key, and holds the answer back for good.
func (c *crash) holdAnswers(method string) (armed *atomic.Pointer[chan struct{}]) {
	c.t.Helper()
	target, err := url.Parse(c.service.URL())
	require.NoError(c.t, err)
	armed = &atomic.Pointer[chan struct{}]{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(response *http.Response) error {
		if response.Request.Method != method || !strings.HasPrefix(response.Request.URL.Path, "/api/v1/management/apikeys") {
			return nil
		}
		if reached := armed.Swap(nil); reached != nil {
			close(*reached)
			<-response.Request.Context().Done()
			return response.Request.Context().Err()
		}
		return nil
	}
	server := httptest.NewServer(proxy)
	c.t.Cleanup(server.Close)
	c.endpoint = server.URL
	return armed
}

// killUnanswered applies, and kills the provider when the service has carried out the call, and the answer is still to come.
func (c *crash) killUnanswered(armed *atomic.Pointer[chan struct{}]) {
	c.t.Helper()
	reached := make(chan struct{})
	armed.Store(&reached)
	require.True(c.t, c.workspace.ApplyAndKill(reached))
}

func TestKeyWhoseAnswerAKilledProviderNeverGot(t *testing.T) {
	for name, test := range map[string]struct {
		rotation bool
		overlap  string
		want     int
	}{
		"create":     {false, "7d", 1},
		"rotation":   {true, "7d", 2},
		"no overlap": {true, "0s", 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCrash(t)
			armed := c.holdAnswers(http.MethodPost)
			c.configure("a", test.overlap)
			if test.rotation {
				require.Zero(t, c.apply(t.Context()).ExitCode)
				c.configure("b", test.overlap)
			}
			before := len(c.service.LiveKeys(time.Now()))
			c.killUnanswered(armed)
			c.killUnanswered(armed) // The run that cleans up may be killed, too.
			require.Len(t, c.service.LiveKeys(time.Now()), before+1)

			result := c.apply(t.Context())
			require.Zero(t, result.ExitCode, result.Output)
			require.Contains(t, result.Output, "The API key of an unfinished run was revoked")
			secret, known := c.known()
			require.Len(t, known, test.want)
			require.ElementsMatch(t, known, c.service.LiveKeys(time.Now()))
			require.NoError(t, c.service.CheckKey(secretOf(secret), http.StatusOK, http.StatusForbidden))
			c.requireNoRecords()
			require.NotContains(t, c.workspace.Must("plan", "-detailed-exitcode", "-input=false", "-no-color"), "left over")
		})
	}
}

// TestLeftoverThatCannotBeToldStopsOneApply has somebody else make a key of the same name and scopes after the kill. The apply
// that meets both touches neither. Whichever of them is revoked, the other one is somebody's: it is not revoked later.
func TestLeftoverThatCannotBeToldStopsOneApply(t *testing.T) {
	c := newCrash(t)
	armed := c.holdAnswers(http.MethodPost)
	c.configure("a", "7d")
	c.killUnanswered(armed)
	theirs, _, err := c.service.CreateKey(emulator.DefaultOrganizationID, "prod-backend", []string{"database:read"}, nil)
	require.NoError(t, err)

	result := c.apply(t.Context())
	require.Equal(t, 1, result.ExitCode, result.Output)
	words := acctest.Plain(result.Output)
	require.Contains(t, words, "it can't be told which of these keys came of it")
	live := c.service.LiveKeys(time.Now())
	require.Len(t, live, 2)
	for _, id := range live {
		require.Contains(t, words, id+" (created")
		if id != theirs.ID {
			require.NoError(t, c.service.RevokeKey(id))
		}
	}

	result = c.apply(t.Context())
	require.Zero(t, result.ExitCode, result.Output)
	_, known := c.known()
	require.ElementsMatch(t, append(known, theirs.ID), c.service.LiveKeys(time.Now()))
}

// TestKeyThatWasSavedBeforeTheKillStays kills the provider while it makes the second of two keys of one name: the first is in
// the state by then.
func TestKeyThatWasSavedBeforeTheKillStays(t *testing.T) {
	c := newCrash(t)
	body := "name = \"prod-backend\"\nscopes = [\"database:read\"]\n"
	c.workspace.Configure(c.provider() + key(body) +
		strings.Replace(key(body+"depends_on = ["+address+"]"), `"test"`, `"second"`, 1))
	c.killDuring(emulator.Fault{Operation: "createApiKey", Skip: 1, DropBefore: true})
	first := c.service.LiveKeys(time.Now())
	require.Len(t, first, 1)
	require.NotEmpty(t, c.records())

	result := c.apply(t.Context())
	require.Zero(t, result.ExitCode, result.Output)
	require.NotContains(t, result.Output, "killed run")
	require.Len(t, c.service.LiveKeys(time.Now()), 2)
	require.Contains(t, c.service.LiveKeys(time.Now()), first[0])
	c.requireNoRecords()
}

// TestDestroyEndsWhatAKilledRotationLeft shows that nothing is left of a name that is given up.
func TestDestroyEndsWhatAKilledRotationLeft(t *testing.T) {
	c := newCrash(t)
	armed := c.holdAnswers(http.MethodPost)
	c.configure("a", "7d")
	require.Zero(t, c.apply(t.Context()).ExitCode)
	c.configure("b", "7d")
	c.killUnanswered(armed)
	require.Len(t, c.service.LiveKeys(time.Now()), 2)
	c.workspace.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	require.Empty(t, c.service.LiveKeys(time.Now()))
}

// TestApplyWhoseJournalCannotBeKept has a file where the journals' folder would be.
func TestApplyWhoseJournalCannotBeKept(t *testing.T) {
	c := newCrash(t)
	c.configure("a", "7d")
	data := filepath.Join(c.workspace.Dir, ".terraform")
	require.NoError(t, os.Mkdir(data, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(data, "terrascale"), nil, 0o600))
	c.killDuring(emulator.Fault{Operation: "listApiKeys", Skip: 1})
	result := c.apply(t.Context())
	require.Zero(t, result.ExitCode, result.Output)
	require.Len(t, c.service.LiveKeys(time.Now()), 2)
	require.Contains(t, c.workspace.Must("plan", "-input=false", "-no-color"), "Other API keys have the name of this one")
}
