// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

const seedText = `
users:
  - {id: usr_a, email: a@example.com, name: Ann, password: first}
  - {email: b@example.com, password: second, email_factor: true, totp_secret: KRSXE4TBKNRWC3DFKRCVEUSB}
  - {email: c@example.com, password: third, verified: false}
organizations:
  - id: org_a
    name: Team A
    plan: enterprise
    environment: test
    require_mfa: true
    billing_email: pay@example.com
    limits: {databases: 1, api_keys: 2, members: 3}
    members:
      - {email: a@example.com, role: owner}
      - {email: b@example.com}
      - {email: invited@example.com, role: admin}
    api_keys:
      - {name: known, scopes: ["database:read"], secret: ts_test_known}
      - {name: old, scopes: ["*"], expires_at: 2020-01-01T00:00:00Z, secret: ts_test_old}
      - {name: gone, scopes: ["*"], revoked: true}
    databases: [{id: db_a, name: users}]
    ip_allowlist: [127.0.0.0/8]
`

func TestSeedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "seed.yaml")
	require.NoError(t, os.WriteFile(path, []byte(seedText), 0o600))
	seed, err := emulator.ReadSeedFile(path)
	require.NoError(t, err)
	server, clock := start(t, func(o *emulator.Options) { o.Seed = &seed })
	ann := as(t, server, "a@example.com", "org_a")
	var found organization
	ann.call(http.MethodGet, organizations+"/org_a", nil, http.StatusOK, &found)
	require.Equal(t, "team-a", found.Slug)
	require.Equal(t, 2, found.Settings.MaxAPIKeys)
	require.True(t, found.Settings.RequireMFA)
	require.True(t, strings.HasPrefix(createKey(ann, oneKey).APIKey, "ts_test_"))
	require.Equal(t, emulator.KeyActive, server.CheckAPIKey(secret.New("ts_test_known")))
	require.Equal(t, emulator.KeyExpired, server.CheckAPIKey(secret.New("ts_test_old")))
	require.Equal(t, emulator.KeyRevoked, server.APIKeys("org_a")[2].Status(clock.Now()))
	members := server.Members("org_a")
	require.Equal(t, "pending", members[2].Status)
	require.Equal(t, "active", members[1].Status)
	require.True(t, members[1].MFAEnabled)
	require.True(t, server.Allowlist("org_a").Enabled)
	require.Len(t, login(t, server, "b@example.com", "second").PendingInfo.AvailableFactors, 2)
	require.Equal(t, "EmailVerificationRequired", login(t, server, "c@example.com", "third").Status)
	client{t: t, server: server, bearer: secret.New("ts_test_known")}.
		call(http.MethodGet, "/api/v1/databases/db_a/items", nil, http.StatusOK, nil)
}

func TestSeedsThatAreWrong(t *testing.T) {
	t.Parallel()
	const user = "users: [{email: a@example.com}]\n"
	const members = "members: [{email: a@example.com, role: owner}]"
	for text, want := range map[string]string{
		"users: {":            "not a seed",
		"userz: []":           "field userz not found",
		"users: [{email: x}]": "not an e-mail address",
		"users: [{email: a@example.com}, {email: A@example.com}]":                                                   "twice",
		"users: [{email: a@example.com, totp_secret: '1'}]":                                                         "TOTP",
		user + "organizations: [{name: Team, environment: prod, " + members + "}]":                                  "environment must be",
		user + "organizations: [{name: Team}]":                                                                      "first member must be an owner",
		user + "organizations: [{name: Team, members: [{email: b@example.com, role: owner}]}]":                      "first member must be an owner",
		user + "organizations: [{name: Team, plan: gold, " + members + "}]":                                         "plan \"gold\"",
		user + "organizations: [{name: Team, api_keys: [{name: a, scopes: [x]}], " + members + "}]":                 "Unknown scope",
		user + "organizations: [{name: Team, databases: [{name: X}], " + members + "}]":                             "database \"X\"",
		user + "organizations: [{name: Team, ip_allowlist: [10.0.0.1/8], " + members + "}]":                         "write 10.0.0.0/8",
		user + "organizations: [{name: Team, " + members + "}, {name: team, " + members + "}]":                      "twice",
		user + "organizations: [{name: Team, members: [{email: a@example.com, role: owner}, {email: b, role: x}]}]": "member \"b\"",
	} {
		seed, err := emulator.ReadSeed(strings.NewReader(text))
		if err == nil {
			_, err = emulator.New(emulator.Options{Seed: &seed})
		}
		require.ErrorContains(t, err, want, text)
	}
}

func TestAnEmptySeedIsAnEmptyEmulator(t *testing.T) {
	t.Parallel()
	seed, err := emulator.ReadSeed(strings.NewReader(""))
	require.NoError(t, err)
	server, _ := start(t, func(o *emulator.Options) { o.Seed = &seed })
	_, found := server.Organization(orgID)
	require.False(t, found)
	_, err = server.IssueToken(emulator.DefaultOwnerEmail, "")
	require.ErrorContains(t, err, "no user")
}
