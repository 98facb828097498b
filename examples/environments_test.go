// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// client works in an organization of the emulator; "" is the token's own.
func client(t *testing.T, organizationID string) *terrascale.Client {
	t.Helper()
	c, err := terrascale.New(terrascale.Config{
		Endpoint: playground.Environment["TERRASCALE_ENDPOINT"], OrganizationID: organizationID,
		AccessToken: secret.New(playground.Environment["TERRASCALE_ACCESS_TOKEN"]),
	})
	require.NoError(t, err)
	return c
}

func TestOneConfigurationForThreeEnvironments(t *testing.T) {
	expected := map[string]struct {
		keys map[string][]string
		team map[string]string
		// lifetime is how long a key works, and rotation and overlap what its configuration says.
		lifetime time.Duration
	}{
		"dev": {map[string][]string{"dev-local": {"database:*"}}, map[string]string{}, 200 * 24 * time.Hour},
		"staging": {
			map[string][]string{"staging-backend": {"database:read", "database:write"}, "ci-tests": {"database:read"}},
			map[string]string{"ada@example.com": "member"}, 100 * 24 * time.Hour,
		},
		"prod": {
			map[string][]string{"prod-backend": {"database:read", "database:write"}},
			map[string]string{"ada@example.com": "readonly", "grace@example.com": "admin"}, 100 * 24 * time.Hour,
		},
	}
	organizations := map[string]string{}
	for name := range expected {
		made, err := client(t, "").CreateOrganization(t.Context(), terrascale.NewOrganization{Name: "Example " + name})
		require.NoError(t, err)
		organizations[name] = made.ID
	}
	reader, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	ids, err := json.Marshal(organizations)
	require.NoError(t, err)
	w := workspace(t, "environments")
	w.Environment = append(w.Environment, "TF_VAR_organizations="+string(ids), "TF_VAR_age_recipient="+reader.Recipient().String())

	result, err := w.Run(t.Context(), "plan", "-input=false", "-no-color")
	require.NoError(t, err)
	require.Equal(t, 1, result.ExitCode, "the default workspace is no environment")
	require.Contains(t, result.Output, "terraform.workspace")

	for name, want := range expected {
		mustRun(t, &w, 0, "workspace", "new", "-no-color", name)
		mustRun(t, &w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
		mustRun(t, &w, 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")

		keys, err := client(t, organizations[name]).ListAPIKeys(t.Context())
		require.NoError(t, err)
		found := map[string][]string{}
		for _, key := range keys {
			found[key.Name] = key.Scopes
			require.WithinDuration(t, key.CreatedAt.Add(want.lifetime), *key.ExpiresAt, time.Hour, key.Name)
		}
		require.Len(t, found, len(want.keys))
		for key, scopes := range want.keys {
			require.ElementsMatch(t, scopes, found[key], key)
		}
		members, err := client(t, organizations[name]).ListMembers(t.Context(), organizations[name])
		require.NoError(t, err)
		team := map[string]string{}
		for _, member := range members {
			if member.Status == terrascale.MemberPending {
				team[member.Email] = member.Role
			}
		}
		require.Equal(t, want.team, team)

		var encrypted map[string]string
		require.NoError(t, json.Unmarshal([]byte(mustRun(t, &w, 0, "output", "-json", "keys")), &encrypted))
		for key, text := range encrypted {
			plain, err := age.Decrypt(armor.NewReader(strings.NewReader(text)), reader)
			require.NoError(t, err)
			content, err := io.ReadAll(plain)
			require.NoError(t, err)
			require.True(t, bytes.HasPrefix(content, []byte("ts_")), key)
		}
	}
	// Each environment goes by itself.
	mustRun(t, &w, 0, "workspace", "select", "-no-color", "dev")
	mustRun(t, &w, 0, "destroy", "-input=false", "-auto-approve", "-no-color")
	for name := range expected {
		keys, err := client(t, organizations[name]).ListAPIKeys(t.Context())
		require.NoError(t, err)
		for _, key := range keys {
			require.Equal(t, name == "dev", key.Revoked, key.Name)
		}
	}
}
