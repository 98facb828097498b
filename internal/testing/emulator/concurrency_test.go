// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestConcurrentRequestsKeepTheRules(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	require.NoError(t, server.SetLimits(orgID, emulator.Limits{APIKeys: 10, Members: 10, Databases: 10}))
	owner := asOwner(t, server)
	etag := owner.call(http.MethodGet, allowlistPath, nil, http.StatusOK, nil).Get("ETag")
	refresh := login(t, server, emulator.DefaultOwnerEmail, emulator.DefaultPassword).AuthResponse.RefreshToken

	var keysMade, listsPut, refreshed atomic.Int32
	count := func(counter *atomic.Int32, status int, body any, c client, method, path string) {
		got, _, _, err := c.send(method, path, body)
		if err == nil && got == status {
			counter.Add(1)
		}
	}
	var group sync.WaitGroup
	for index := range 25 {
		group.Go(func() { count(&keysMade, http.StatusCreated, oneKey, owner, http.MethodPost, keys) })
		group.Go(func() {
			count(&listsPut, http.StatusOK, list(false, fmt.Sprintf("10.0.%d.0/24", index)), owner.with("If-Match", etag), http.MethodPut, allowlistPath)
		})
		group.Go(func() {
			count(&refreshed, http.StatusOK, object{"refreshToken": refresh}, client{t: t, server: server}, http.MethodPost, "/auth/refresh")
		})
		group.Go(func() {
			_, _, _, _ = owner.send(http.MethodGet, keys, nil)
			server.CheckAPIKey(secret.New("ts_live_none"))
			server.Members(orgID)
			server.Requests()
		})
	}
	group.Wait()
	require.EqualValues(t, 10, keysMade.Load(), "the limit holds")
	require.Len(t, server.APIKeys(orgID), 10)
	require.EqualValues(t, 1, listsPut.Load(), "one ETag is good for one write")
	require.Len(t, server.Allowlist(orgID).Entries, 1)
	require.EqualValues(t, 1, refreshed.Load(), "a refresh token is good for one use")
}
