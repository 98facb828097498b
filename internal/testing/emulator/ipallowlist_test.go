// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

const allowlistPath = orgPath + "/ip-allowlist"

type allowlist struct {
	Enabled bool
	Entries []struct {
		CIDR, Description string
		CreatedAt         time.Time
	}
	CallerIP string
}

func trustForwarded(o *emulator.Options) { o.TrustForwardedFor = true }

func list(enabled bool, networks ...string) object {
	entries := []object{}
	for _, network := range networks {
		entries = append(entries, object{"cidr": network, "description": "for " + network})
	}
	return object{"enabled": enabled, "entries": entries}
}

func TestAllowlistIsReplacedByETag(t *testing.T) {
	t.Parallel()
	server, clock := start(t, nil)
	owner := asOwner(t, server)
	var found allowlist
	etag := owner.call(http.MethodGet, allowlistPath, nil, http.StatusOK, &found).Get("ETag")
	require.Regexp(t, `^"[^"]+"$`, etag)
	require.False(t, found.Enabled)
	require.Equal(t, "127.0.0.1", found.CallerIP)

	var put allowlist
	next := owner.with("If-Match", etag).
		call(http.MethodPut, allowlistPath, list(true, "127.0.0.0/8", "2001:db8::/32"), http.StatusOK, &put).Get("ETag")
	require.NotEqual(t, etag, next)
	require.Equal(t, "for 127.0.0.0/8", put.Entries[0].Description)
	owner.with("If-Match", etag).problem(http.MethodPut, allowlistPath, list(false), http.StatusPreconditionFailed)
	owner.with("If-Match", "W/"+next).problem(http.MethodPut, allowlistPath, list(false), http.StatusPreconditionFailed)
	owner.with("If-Match", `"*"`).problem(http.MethodPut, allowlistPath, list(false), http.StatusPreconditionFailed)
	owner.with("If-Match", `""`).problem(http.MethodPut, allowlistPath, list(false), http.StatusPreconditionFailed)
	require.Contains(t, owner.problem(http.MethodPut, allowlistPath, list(false), http.StatusBadRequest), "If-Match")
	require.True(t, server.Allowlist(orgID).Enabled)

	clock.Advance(time.Minute)
	owner.with("If-Match", next).
		call(http.MethodPut, allowlistPath, list(true, "127.0.0.1/32", "2001:db8::/32"), http.StatusOK, &found)
	require.Equal(t, put.Entries[1].CreatedAt, found.Entries[1].CreatedAt, "a network that stays keeps its time")
	require.Equal(t, clock.Now(), found.Entries[0].CreatedAt)

	before := server.Allowlist(orgID).Revision
	require.NoError(t, server.SetAllowlist(orgID, false))
	require.NotEqual(t, before, server.Allowlist(orgID).Revision)
	owner.with("If-Match", "*").call(http.MethodPut, allowlistPath, list(false, "10.0.0.0/8"), http.StatusOK, nil)
}

func TestAllowlistBadInput(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	owner := asOwner(t, server).with("If-Match", "*")
	for network, want := range map[string]string{
		"10.0.0.1/24":        "write 10.0.0.0/24",
		"2001:DB8::/32":      "write 2001:db8::/32",
		"10.0.0.1":           "is not a network",
		"::ffff:10.0.0.0/99": "is not a network",
		"example.com":        "is not a network",
	} {
		require.Contains(t, owner.problem(http.MethodPut, allowlistPath, list(true, network), http.StatusBadRequest), want)
	}
	require.Contains(t, owner.problem(http.MethodPut, allowlistPath,
		list(true, "127.0.0.0/8", "127.0.0.0/8"), http.StatusBadRequest), "listed twice")
	owner.problem(http.MethodPut, allowlistPath, object{"enabled": true}, http.StatusBadRequest)
	require.Empty(t, server.Allowlist(orgID).Entries)
}

func TestAllowlistNeedsEnterpriseAndAdmin(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	require.NoError(t, server.AddMember(orgID, "worker@example.com", ""))
	as(t, server, "worker@example.com", orgID).with("If-Match", "*").
		problem(http.MethodPut, allowlistPath, list(false), http.StatusForbidden)
	as(t, server, "worker@example.com", orgID).call(http.MethodGet, allowlistPath, nil, http.StatusOK, nil)
	require.NoError(t, server.SetAllowlist(orgID, true, "203.0.113.0/24"))
	require.NoError(t, server.SetPlan(orgID, "pro"))
	owner := asOwner(t, server)
	require.Contains(t, owner.problem(http.MethodGet, allowlistPath, nil, http.StatusForbidden), "enterprise")
	owner.with("If-Match", "*").problem(http.MethodPut, allowlistPath, list(false), http.StatusForbidden)
	owner.call(http.MethodGet, orgPath, nil, http.StatusOK, nil) // off enterprise the list has no effect
}

func TestAllowlistNeverShutsItsCallerOut(t *testing.T) {
	t.Parallel()
	server, _ := start(t, trustForwarded)
	inside := asOwner(t, server).from("203.0.113.7").with("If-Match", "*")
	detail := inside.problem(http.MethodPut, allowlistPath, list(true, "198.51.100.0/24"), http.StatusConflict)
	require.Contains(t, detail, "203.0.113.7")
	inside.call(http.MethodPut, allowlistPath, list(true), http.StatusOK, nil)
	inside.call(http.MethodPut, allowlistPath, list(false, "198.51.100.0/24"), http.StatusOK, nil)
	inside.call(http.MethodPut, allowlistPath, list(true, "203.0.113.0/24"), http.StatusOK, nil)
}

func TestAllowlistIsEnforced(t *testing.T) {
	t.Parallel()
	server, _ := start(t, trustForwarded)
	owner := asOwner(t, server)
	caller, _ := keyed(t, server, "*")
	require.NoError(t, server.SetAllowlist(orgID, true, "203.0.113.0/24", "2001:db8::/32"))
	inside := []string{"203.0.113.7", "203.0.113.7, 10.0.0.1", "2001:db8::7", "::ffff:203.0.113.7"}
	for _, address := range inside {
		owner.from(address).call(http.MethodGet, orgPath, nil, http.StatusOK, nil)
		caller.from(address).call(http.MethodGet, items, nil, http.StatusOK, nil)
	}
	for _, address := range []string{"198.51.100.1", "2001:db9::1", "10.0.0.1, 203.0.113.7", "nonsense"} {
		outside := owner.from(address)
		for _, path := range []string{orgPath, membersPath, allowlistPath, keys, "/api/v1/management/databases"} {
			require.Contains(t, outside.problem(http.MethodGet, path, nil, http.StatusForbidden), "IP allowlist")
		}
		caller.from(address).problem(http.MethodGet, items, nil, http.StatusForbidden)
		outside.call(http.MethodGet, "/api/v1/organizations", nil, http.StatusOK, nil)
	}
	for _, open := range [][]string{nil, {"198.51.100.0/24"}} { // empty, then disabled
		require.NoError(t, server.SetAllowlist(orgID, open == nil, open...))
		owner.from("192.0.2.1").call(http.MethodGet, orgPath, nil, http.StatusOK, nil)
	}
}

func TestForwardedAddressesAreNotTrustedUnlessAsked(t *testing.T) {
	t.Parallel()
	server, _ := start(t, nil)
	require.NoError(t, server.SetAllowlist(orgID, true, "203.0.113.0/24"))
	asOwner(t, server).from("203.0.113.7").problem(http.MethodGet, orgPath, nil, http.StatusForbidden)
}
