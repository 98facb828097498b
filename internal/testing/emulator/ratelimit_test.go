// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	server, clock := start(t, func(o *emulator.Options) { o.RateLimits = emulator.RateLimits{Enterprise: 3, Anonymous: 2} })
	owner := asOwner(t, server)
	for left := 2; left >= 0; left-- {
		header := owner.call(http.MethodGet, orgPath, nil, http.StatusOK, nil)
		require.Equal(t, "3", header.Get("X-RateLimit-Limit"))
		require.Equal(t, strconv.Itoa(left), header.Get("X-RateLimit-Remaining"))
		require.Equal(t, strconv.FormatInt(clock.Now().Unix()+1, 10), header.Get("X-RateLimit-Reset"))
	}
	var body struct {
		Status     int
		RetryAfter int
	}
	header := owner.call(http.MethodPost, keys, oneKey, http.StatusTooManyRequests, &body)
	require.Equal(t, "1", header.Get("Retry-After"))
	require.Equal(t, "0", header.Get("X-RateLimit-Remaining"))
	require.Equal(t, 1, body.RetryAfter)
	require.Empty(t, server.APIKeys(orgID))

	caller, _ := keyed(t, server, "*") // the keys of an organization count with its users
	caller.call(http.MethodGet, items, nil, http.StatusTooManyRequests, nil)
	personal := as(t, server, emulator.DefaultOwnerEmail, "") // another organization has a rate of its own
	require.Equal(t, "100", personal.call(http.MethodGet, keys, nil, http.StatusOK, nil).Get("X-RateLimit-Limit"))

	anyone := client{t: t, server: server}
	anyone.call(http.MethodGet, keys, nil, http.StatusUnauthorized, nil)
	anyone.call(http.MethodGet, "/health", nil, http.StatusOK, nil)
	anyone.call(http.MethodGet, keys, nil, http.StatusTooManyRequests, nil)

	clock.Advance(time.Second)
	owner.call(http.MethodPost, keys, oneKey, http.StatusCreated, nil)
}

func TestRateLimitsByPlanAndWithout(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server)
	for plan, limit := range map[string]string{"free": "100", "pro": "1000", "enterprise": "10000"} {
		require.NoError(t, server.SetPlan(orgID, plan))
		require.Equal(t, limit, owner.call(http.MethodGet, orgPath, nil, http.StatusOK, nil).Get("X-RateLimit-Limit"))
	}
	unlimited, _ := start(t, func(o *emulator.Options) { o.RateLimits.Enterprise = -1 })
	owner = asOwner(t, unlimited)
	header := owner.call(http.MethodGet, orgPath, nil, http.StatusOK, nil)
	require.Equal(t, strconv.Itoa(1<<31-1), header.Get("X-RateLimit-Limit"))
}
