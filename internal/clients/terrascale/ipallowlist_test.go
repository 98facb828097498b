// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

const (
	getAllowlist = "GET /api/v1/organizations/org_1/ip-allowlist"
	putAllowlist = "PUT /api/v1/organizations/org_1/ip-allowlist"
)

func allowlist(etag string, entries ...object) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		reply(200, object{"enabled": true, "entries": append([]object{}, entries...), "callerIp": "203.0.113.7"})(w, r)
	}
}

var office = object{"cidr": "203.0.113.0/24", "description": "office", "createdAt": "2026-01-15T10:00:00Z"}

func officeList(etag string) terrascale.IPAllowlist {
	return terrascale.IPAllowlist{Enabled: true, ETag: etag, CallerIP: "203.0.113.7", Entries: []terrascale.IPAllowlistEntry{
		{CIDR: "203.0.113.0/24", Description: "office", CreatedAt: time.Date(2026, 1, 15, 10, 0, 0, 0, time.UTC)},
	}}
}

func TestReadAndWriteIPAllowlist(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{getAllowlist: allowlist(`"v1"`, office), putAllowlist: allowlist(`"v2"`, office)})
	client, _ := newClient(t, s, terrascale.Config{})
	list, err := client.GetIPAllowlist(t.Context(), "org_1")
	require.NoError(t, err)
	require.Equal(t, officeList(`"v1"`), list)

	written, err := client.PutIPAllowlist(t.Context(), "org_1", list)
	require.NoError(t, err)
	require.Equal(t, officeList(`"v2"`), written)
	require.Equal(t, `"v1"`, s.calls(putAllowlist)[0].Header.Get("If-Match"))
	require.JSONEq(t, `{"enabled":true,"entries":[{"cidr":"203.0.113.0/24","description":"office"}]}`, s.calls(putAllowlist)[0].Body)

	_, err = client.PutIPAllowlist(t.Context(), "org_1", terrascale.IPAllowlist{ETag: `"v2"`})
	require.NoError(t, err)
	require.JSONEq(t, `{"enabled":false,"entries":[]}`, s.calls(putAllowlist)[1].Body)
}

func TestIPAllowlistIsNeverWrittenWithoutETag(t *testing.T) {
	s := serve(t, nil)
	client, _ := newClient(t, s, terrascale.Config{})
	_, err := client.PutIPAllowlist(t.Context(), "org_1", terrascale.IPAllowlist{Enabled: true})
	require.ErrorIs(t, err, terrascale.ErrInvalidArgument)
	require.Empty(t, s.calls(""))
}

func TestIPAllowlistRefusals(t *testing.T) {
	for status, want := range map[int]error{
		403: terrascale.ErrForbidden, 409: terrascale.ErrConflict, 412: terrascale.ErrPreconditionFailed,
	} {
		s := serve(t, map[string]http.HandlerFunc{putAllowlist: problem(status, "No", "why"), getAllowlist: allowlist(`"v9"`, office)})
		client, _ := newClient(t, s, terrascale.Config{})
		_, err := client.PutIPAllowlist(t.Context(), "org_1", officeList(`"v1"`))
		require.ErrorIs(t, err, want)
		require.Empty(t, s.calls(getAllowlist), "a first refusal is final")
	}
}

func TestIPAllowlistWriteWhoseAnswerWasLost(t *testing.T) {
	changed := problem(412, "Precondition Failed", "changed")
	home := object{"cidr": "198.51.100.0/24", "createdAt": "2026-01-15T10:00:00Z"}
	for name, row := range map[string]struct {
		now  http.HandlerFunc
		want error
	}{
		"was written":           {allowlist(`"v2"`, office), nil},
		"somebody else's is on": {allowlist(`"v2"`, home), terrascale.ErrPreconditionFailed},
		"cannot be read":        {problem(403, "Forbidden", "shut out"), terrascale.ErrPreconditionFailed},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]http.HandlerFunc{putAllowlist: inTurn(hangUp, changed), getAllowlist: row.now})
			client, _ := newClient(t, s, terrascale.Config{MaxRetries: 1})
			written, err := client.PutIPAllowlist(t.Context(), "org_1", officeList(`"v1"`))
			if row.want != nil {
				require.ErrorIs(t, err, row.want)
				return
			}
			require.NoError(t, err)
			require.Equal(t, officeList(`"v2"`), written)
		})
	}
}
