// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// recorded makes the key that is wanted, whose secret the caller is to lose, and gives what was recorded before.
func (e emulated) recorded(t *testing.T) (terrascale.KeyAttempt, terrascale.CreatedAPIKey) {
	t.Helper()
	var attempts []terrascale.KeyAttempt
	made, err := e.client.CreateRecordedAPIKey(t.Context(), wantedKey, func(attempt terrascale.KeyAttempt) {
		attempts = append(attempts, attempt)
	})
	require.NoError(t, err)
	require.Len(t, attempts, 1)
	return attempts[0], made
}

// later is the same service after a time, with a client that has logged in anew.
func (e emulated) later(t *testing.T, d time.Duration) emulated {
	t.Helper()
	e.clock.Advance(d)
	token, err := e.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID)
	require.NoError(t, err)
	e.client, err = terrascale.New(terrascale.Config{Endpoint: e.URL(), AccessToken: token, Clock: e.clock.Now})
	require.NoError(t, err)
	return e
}

func TestEachAttemptIsRecordedBeforeItIsMade(t *testing.T) {
	e := newEmulated(t)
	twin, _ := e.someoneMakes(t, wantedKey.Scopes...)
	e.Inject(emulator.Fault{Operation: "createApiKey", DropAfter: true})
	var creations []int
	_, err := e.client.CreateRecordedAPIKey(t.Context(), wantedKey, func(attempt terrascale.KeyAttempt) {
		creations = append(creations, e.creations())
		require.Equal(t, wantedKey.Name, attempt.Name)
		require.Equal(t, wantedKey.Scopes, attempt.Scopes)
		require.Contains(t, attempt.Known, twin)
		require.Equal(t, e.clock.Now(), attempt.Began)
	})
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, creations)
}

func TestLeftoverOfAKilledRunIsRevoked(t *testing.T) {
	for name, withID := range map[string]bool{"known by its id": true, "known by its looks": false} {
		t.Run(name, func(t *testing.T) {
			e := newEmulated(t)
			before, _ := e.someoneMakes(t, wantedKey.Scopes...)
			attempt, made := e.recorded(t)
			e = e.later(t, 30*24*time.Hour)
			after, _ := e.someoneMakes(t, wantedKey.Scopes...)
			if withID {
				attempt.ID = made.ID
			}
			revoked, err := e.client.RevokeLeftover(t.Context(), attempt)
			require.NoError(t, err)
			require.Equal(t, made.ID, revoked.ID)
			require.ElementsMatch(t, []string{before, after}, e.live())

			revoked, err = e.client.RevokeLeftover(t.Context(), attempt)
			require.NoError(t, err)
			require.Nil(t, revoked, "nothing is left")
		})
	}
}

func TestWhatIsNotLeftOverStays(t *testing.T) {
	for name, test := range map[string]struct {
		// change makes another thing of the key; it gives the ids that are in use.
		change func(*testing.T, emulated, *terrascale.KeyAttempt, terrascale.CreatedAPIKey) (inUse []string)
		want   error
	}{
		"in the state": {func(_ *testing.T, _ emulated, a *terrascale.KeyAttempt, made terrascale.CreatedAPIKey) []string {
			a.ID = made.ID
			return []string{"key_9", made.ID}
		}, nil},
		"in the state, and known by its looks": {func(_ *testing.T, _ emulated, _ *terrascale.KeyAttempt, made terrascale.CreatedAPIKey) []string {
			return []string{made.ID}
		}, nil},
		"made long after": {func(_ *testing.T, _ emulated, a *terrascale.KeyAttempt, _ terrascale.CreatedAPIKey) []string {
			a.Began = a.Began.Add(-2 * time.Hour)
			return nil
		}, nil},
		"made before": {func(_ *testing.T, _ emulated, a *terrascale.KeyAttempt, _ terrascale.CreatedAPIKey) []string {
			a.Began = a.Began.Add(66 * time.Minute)
			return nil
		}, nil},
		"in use": {func(t *testing.T, e emulated, _ *terrascale.KeyAttempt, made terrascale.CreatedAPIKey) []string {
			require.NoError(t, e.use(made.Secret))
			return nil
		}, nil},
		"in use, and known by its id": {func(t *testing.T, e emulated, a *terrascale.KeyAttempt, made terrascale.CreatedAPIKey) []string {
			require.NoError(t, e.use(made.Secret))
			a.ID = made.ID
			return nil
		}, terrascale.ErrKeyInUse},
		"one of two": {func(t *testing.T, e emulated, _ *terrascale.KeyAttempt, _ terrascale.CreatedAPIKey) []string {
			e.someoneMakes(t, wantedKey.Scopes...)
			return nil
		}, terrascale.ErrRunKilled},
		"can't be listed": {func(_ *testing.T, e emulated, _ *terrascale.KeyAttempt, _ terrascale.CreatedAPIKey) []string {
			e.Inject(emulator.Fault{Operation: "listApiKeys", Status: http.StatusForbidden})
			return nil
		}, terrascale.ErrForbidden},
		"can't be revoked": {func(_ *testing.T, e emulated, _ *terrascale.KeyAttempt, _ terrascale.CreatedAPIKey) []string {
			e.Inject(emulator.Fault{Operation: "revokeApiKey", Status: http.StatusForbidden})
			return nil
		}, terrascale.ErrForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEmulated(t)
			attempt, made := e.recorded(t)
			inUse := test.change(t, e, &attempt, made)
			live := e.live()
			revoked, err := e.client.RevokeLeftover(t.Context(), attempt, inUse...)
			require.Nil(t, revoked)
			require.Equal(t, live, e.live())
			require.Contains(t, live, made.ID)
			if test.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, test.want)
			require.ErrorIs(t, err, terrascale.ErrRunKilled)
			_, isLost := errors.AsType[*terrascale.LostKeyError](err)
			require.True(t, isLost)
			require.NotContains(t, err.Error(), made.Secret.Reveal())
		})
	}
}

func TestLeftoverThatHasExpiredNeedsNothing(t *testing.T) {
	e := newEmulated(t)
	expiry := e.clock.Now().Add(time.Hour)
	var attempt terrascale.KeyAttempt
	made, err := e.client.CreateRecordedAPIKey(t.Context(), terrascale.NewAPIKey{
		Name: wantedKey.Name, Scopes: wantedKey.Scopes, ExpiresAt: &expiry,
	}, func(a terrascale.KeyAttempt) { attempt = a })
	require.NoError(t, err)
	attempt.ID = made.ID
	revoked, err := e.later(t, time.Hour).client.RevokeLeftover(t.Context(), attempt)
	require.NoError(t, err)
	require.Nil(t, revoked)
}
