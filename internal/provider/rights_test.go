// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// A plan of what the service keeps works as a member with the role readonly: docs/guides/ci.md says so.
func TestAccPlanOfTheServiceNeedsToRead(t *testing.T) {
	e := acctest.NewEmulator(t)
	require.NoError(t, e.SetPlan(emulator.DefaultOrganizationID, "enterprise"))
	require.NoError(t, e.AddMember(emulator.DefaultOrganizationID, "planner@example.com", "readonly"))
	token, err := e.IssueToken("planner@example.com", emulator.DefaultOrganizationID)
	require.NoError(t, err)
	planner := strings.Replace(e.ProviderHCL(), e.Token.Reveal(), token.Reveal(), 1)
	require.Contains(t, planner, token.Reveal())
	configuration := func(scopes string) string {
		return `
resource "terrascale_api_key" "backend" {
  name       = "prod-backend"
  scopes     = [` + scopes + `]
  expires_in = "100d"
  rotation   = { every = "90d", overlap = "7d" }
}
resource "terrascale_team_member" "grace" {
  email = "grace@example.com"
  role  = "readonly"
}
resource "terrascale_ip_allowlist" "this" {
  entries = { "127.0.0.1/32" = { description = "CI runner" } }
}
resource "terrascale_database" "app" {
  name                = "app"
  region              = "eu-west-1"
  deletion_protection = false
}
`
	}
	w := acctest.NewWorkspace(t, planner+configuration(`"database:read"`))
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "4 to add")
	w.Configure(e.ProviderHCL() + configuration(`"database:read"`))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Configure(planner + configuration(`"database:read"`))
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	w.Configure(planner + configuration(`"database:read", "database:write"`))
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "1 to change")
	result, err := w.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.Equal(t, 1, result.ExitCode, "an apply needs more")
}
