// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// emulated is an emulator with a client of its owner.
type emulated struct {
	*emulator.Server
	client *terrascale.Client
	clock  *clock
	token  secret.String
}

func newEmulated(t *testing.T) emulated {
	t.Helper()
	clock := newClock()
	server, err := emulator.New(emulator.Options{Clock: clock.Now, RateLimits: emulator.RateLimits{Enterprise: -1}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	require.NoError(t, server.Start())
	token, err := server.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID)
	require.NoError(t, err)
	client, err := terrascale.New(terrascale.Config{Endpoint: server.URL(), AccessToken: token, Clock: clock.Now})
	require.NoError(t, err)
	return emulated{server, client, clock, token}
}

// live lists the ids of the keys that work.
func (e emulated) live() []string {
	ids := []string{}
	for _, key := range e.APIKeys(emulator.DefaultOrganizationID) {
		if key.Status(e.clock.Now()) == emulator.KeyActive {
			ids = append(ids, key.ID)
		}
	}
	return ids
}

func (e emulated) creations() int {
	count := 0
	for _, request := range e.Requests() {
		if request.Operation == "createApiKey" {
			count++
		}
	}
	return count
}

var wantedKey = terrascale.NewAPIKey{Name: "prod-backend", Scopes: []string{"database:write", "database:read"}}

// someoneMakes makes a key of the same name and scopes behind the client's back.
func (e emulated) someoneMakes(t *testing.T, scopes ...string) (string, secret.String) {
	t.Helper()
	key, clear, err := e.CreateKey(emulator.DefaultOrganizationID, wantedKey.Name, scopes, nil)
	assert.NoError(t, err)
	return key.ID, clear
}

func TestKeyWhoseAnswerIsLostLeavesNoOther(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{
		"broken before":   {DropBefore: true},
		"broken after":    {DropAfter: true},
		"truncated":       {Truncate: true},
		"failing service": {Status: http.StatusInternalServerError},
		"bad gateway":     {Status: http.StatusBadGateway, Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEmulated(t)
			twin, _ := e.someoneMakes(t, "database:read", "database:write")
			other, _ := e.someoneMakes(t, "database:read")
			fault.Operation = "createApiKey"
			e.Inject(fault)
			created, err := e.client.CreateAPIKey(t.Context(), wantedKey)
			require.NoError(t, err)
			require.Equal(t, emulator.KeyActive, e.CheckAPIKey(created.Secret))
			require.ElementsMatch(t, []string{twin, other, created.ID}, e.live(), "one new key works, and those of before")
			require.Equal(t, 2, e.creations())
		})
	}
}

// A proxy that answers in the service's place does not say whether the service got the call.
func TestKeyWhoseAnswerIsNotTheServicesLeavesNoOther(t *testing.T) {
	for _, status := range []int{200, 203, 204, 302, 307, 400, 403, 404, 407, 418, 451, 502} {
		for _, carryOut := range []bool{false, true} {
			t.Run(fmt.Sprintf("HTTP %d, carried out: %t", status, carryOut), func(t *testing.T) {
				e := newEmulated(t)
				e.Inject(emulator.Fault{
					Operation: "createApiKey", Status: status, CarryOut: carryOut, Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}},
				})
				created, err := e.client.CreateAPIKey(t.Context(), wantedKey)
				require.NoError(t, err)
				require.Equal(t, []string{created.ID}, e.live())

				e.Inject(emulator.Fault{
					Operation: "createApiKey", Status: status, CarryOut: carryOut, Times: -1, Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}},
				})
				_, err = e.client.CreateAPIKey(t.Context(), wantedKey)
				require.ErrorIs(t, err, terrascale.ErrNothingLeft)
				require.Equal(t, []string{created.ID}, e.live())
			})
		}
	}
}

func TestKeyWhoseAnswersAreAllLostLeavesNone(t *testing.T) {
	e := newEmulated(t)
	twin, _ := e.someoneMakes(t, wantedKey.Scopes...)
	e.Inject(emulator.Fault{Operation: "createApiKey", DropAfter: true, Times: -1})
	_, err := e.client.CreateAPIKey(t.Context(), wantedKey)
	require.ErrorIs(t, err, terrascale.ErrNothingLeft)
	require.Equal(t, []string{twin}, e.live())
	require.Equal(t, 2, e.creations(), "the tries are bounded")
}

func TestKeyThatIsRefusedIsNotLookedFor(t *testing.T) {
	e := newEmulated(t)
	e.Inject(emulator.Fault{Operation: "createApiKey", Status: http.StatusForbidden})
	_, err := e.client.CreateAPIKey(t.Context(), wantedKey)
	require.ErrorIs(t, err, terrascale.ErrForbidden)
	require.Len(t, e.Requests(), 2, "one list and one creation")

	// A listing of a moment ago is good enough; an older one is not.
	e.clock.Advance(time.Minute)
	e.Inject(emulator.Fault{Operation: "listApiKeys", Status: http.StatusServiceUnavailable})
	_, err = e.client.CreateAPIKey(t.Context(), wantedKey)
	require.Error(t, err)
	require.Equal(t, 1, e.creations(), "nothing is made before it is known what is there")
}

// meanwhile has somebody else make a key while a creation is under way, whose answer is lost. The returned function gives
// the id of their key.
func (e emulated) meanwhile(t *testing.T, act func() string) (theirs func() string) {
	t.Helper()
	e.Inject(emulator.Fault{Operation: "createApiKey", Delay: 300 * time.Millisecond, DropAfter: true})
	made := make(chan string, 1)
	go func() {
		defer close(made)
		if assert.Eventually(t, func() bool { return e.creations() == 1 }, 10*time.Second, time.Millisecond) {
			made <- act()
		}
	}()
	return func() string { return <-made }
}

func TestLostKeyThatCannotBeToldStopsEverything(t *testing.T) {
	e := newEmulated(t)
	twin := e.meanwhile(t, func() string {
		id, _ := e.someoneMakes(t, wantedKey.Scopes...)
		return id
	})
	_, err := e.client.CreateAPIKey(t.Context(), wantedKey)
	require.ErrorIs(t, err, terrascale.ErrAnswerLost)
	lost, ok := errors.AsType[*terrascale.LostKeyError](err)
	require.True(t, ok)
	require.Len(t, lost.Candidates, 2)
	require.ErrorContains(t, err, twin()+" (created 2026-11-22T12:00:00Z)")
	require.Len(t, e.live(), 2, "nothing was touched")
	require.Equal(t, 1, e.creations())
}

// A process lists once, however long it runs. What others make meanwhile is told apart by the service's clock, wherever that stands.
func TestKeyThatWasMadeWhileARunWentOnIsNotTakenForALostOne(t *testing.T) {
	for name, difference := range map[string]time.Duration{"same clock": 0, "behind": -2 * time.Minute, "ahead": 2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			e := newEmulated(t)
			client, err := terrascale.New(terrascale.Config{
				Endpoint: e.URL(), AccessToken: e.token, Clock: func() time.Time { return e.clock.Now().Add(-difference) },
			})
			require.NoError(t, err)
			_, err = client.CreateAPIKey(t.Context(), terrascale.NewAPIKey{Name: "another", Scopes: []string{"database:read"}})
			require.NoError(t, err)
			e.clock.Advance(time.Minute)
			theirs, _ := e.someoneMakes(t, wantedKey.Scopes...)
			e.clock.Advance(time.Minute)
			e.Inject(emulator.Fault{Operation: "createApiKey", DropBefore: true})
			created, err := client.CreateAPIKey(t.Context(), wantedKey)
			require.NoError(t, err)
			require.Contains(t, e.live(), theirs)
			require.Contains(t, e.live(), created.ID)

			// One that did come of the call is found by the same clock.
			e.clock.Advance(time.Minute)
			before := e.live()
			e.Inject(emulator.Fault{Operation: "createApiKey", DropAfter: true})
			created, err = client.CreateAPIKey(t.Context(), wantedKey)
			require.NoError(t, err)
			require.ElementsMatch(t, append(before, created.ID), e.live())
		})
	}
}

// use reads with a key.
func (e emulated) use(key secret.String) error {
	request, err := http.NewRequest(http.MethodGet, e.URL()+"/api/v1/databases/"+emulator.DefaultDatabaseID+"/items", nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+key.Reveal())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func TestKeysThatOthersMakeMeanwhileAreLeftAlone(t *testing.T) {
	for name, act := range map[string]func(*testing.T, emulated) string{
		"other scopes": func(t *testing.T, e emulated) string {
			id, _ := e.someoneMakes(t, "database:read")
			return id
		},
		"in use": func(t *testing.T, e emulated) string {
			id, clear := e.someoneMakes(t, wantedKey.Scopes...)
			assert.NoError(t, e.use(clear))
			return id
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEmulated(t)
			theirs := e.meanwhile(t, func() string { return act(t, e) })
			created, err := e.client.CreateAPIKey(t.Context(), wantedKey)
			require.NoError(t, err)
			require.ElementsMatch(t, []string{theirs(), created.ID}, e.live())
		})
	}
}

func TestLostKeyThatCannotBeListedOrRevokedIsNamed(t *testing.T) {
	t.Run("list", func(t *testing.T) {
		e := newEmulated(t)
		e.Inject(emulator.Fault{Operation: "createApiKey", DropAfter: true})
		e.Inject(emulator.Fault{Operation: "listApiKeys", Skip: 1, Status: http.StatusServiceUnavailable})
		_, err := e.client.CreateAPIKey(t.Context(), wantedKey)
		require.ErrorIs(t, err, terrascale.ErrAnswerLost)
		require.ErrorContains(t, err, "the keys can't be listed to find what came of it")
		require.ErrorContains(t, err, "HTTP 503")
		require.Equal(t, 1, e.creations())
	})
	t.Run("revoke", func(t *testing.T) {
		e := newEmulated(t)
		e.Inject(emulator.Fault{Operation: "createApiKey", DropAfter: true})
		e.Inject(emulator.Fault{Operation: "revokeApiKey", Status: http.StatusForbidden})
		_, err := e.client.CreateAPIKey(t.Context(), wantedKey)
		require.ErrorIs(t, err, terrascale.ErrAnswerLost)
		require.ErrorIs(t, err, terrascale.ErrForbidden)
		require.ErrorContains(t, err, e.live()[0]+" (created 2026-11-22T12:00:00Z) came of it and can't be revoked")
		require.Equal(t, 1, e.creations())
	})
}

func TestCancelledCreationLeavesNoKey(t *testing.T) {
	e := newEmulated(t)
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, nil)
	made := false
	s.handlers = map[string]http.HandlerFunc{
		listKeys: func(w http.ResponseWriter, r *http.Request) {
			if !made {
				noKeys(w, r)
				return
			}
			key := keyJSON("key_9")
			key["name"], key["scopes"], key["createdAt"] = wantedKey.Name, wantedKey.Scopes, e.clock.Now()
			reply(http.StatusOK, object{"keys": []object{key}})(w, r)
		},
		createKey: func(_ http.ResponseWriter, r *http.Request) {
			made = true
			cancel()
			<-r.Context().Done()
		},
		"DELETE /api/v1/management/apikeys/key_9": reply(http.StatusNoContent, nil),
	}
	client, _ := newClient(t, s, terrascale.Config{Clock: e.clock.Now})
	_, err := client.CreateAPIKey(ctx, wantedKey)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, terrascale.ErrNothingLeft)
	require.Len(t, s.calls("DELETE /api/v1/management/apikeys/key_9"), 1)
	require.Len(t, s.calls(createKey), 1)
}

func TestKeysOfOneNameAreMadeInTurn(t *testing.T) {
	e := newEmulated(t)
	// Each first answer is lost: were they made at the same time, one would take the other's key for its own.
	e.Inject(emulator.Fault{Operation: "createApiKey", Delay: 50 * time.Millisecond, DropAfter: true, Times: 2})
	var group sync.WaitGroup
	var mutex sync.Mutex
	created := []string{}
	for range 4 {
		group.Go(func() {
			key, err := e.client.CreateAPIKey(t.Context(), wantedKey)
			mutex.Lock()
			defer mutex.Unlock()
			if err == nil {
				created = append(created, key.ID)
			}
		})
	}
	group.Wait()
	require.GreaterOrEqual(t, len(created), 3)
	require.ElementsMatch(t, created, e.live())
}
