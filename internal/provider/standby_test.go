// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// A plan that would change something on a standby says that it can't; reading from one works, and a destroy is planned.
func TestAccStandbyIsToldWhilePlanning(t *testing.T) {
	database := acctest.NewServer(t, "standby", devstack.PostgreSQLOptions{})
	database.Exec("CREATE TABLE public.users (id int)")
	configuration := func(more string) string {
		return database.ServerHCL() + `
resource "terrascale_postgresql_readonly_role" "test" {
  server = "main"
  name   = "standby_reader"
  grants = { "standby.public" = {} }
` + more + "\n}\n"
	}
	w := acctest.NewWorkspace(t, configuration(""))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, database.BecomeStandby(t.Context()))
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")

	fails := func(configuration string) {
		t.Helper()
		w.Configure(configuration)
		result, err := w.Run(t.Context(), "plan", "-input=false", "-no-color")
		require.NoError(t, err)
		require.Equal(t, 1, result.ExitCode, result.Output)
		require.Contains(t, result.Output, "PostgreSQL server takes no changes")
		require.Contains(t, result.Output, "Name the primary")
	}
	fails(configuration("  connection_limit = 3"))
	fails(configuration("") + `
resource "terrascale_postgresql_readonly_role" "new" {
  server = "main"
  name   = "standby_new"
  grants = { "standby.public" = {} }
}
`)
	w.Configure(configuration(""))
	require.Contains(t, w.Must("plan", "-destroy", "-input=false", "-no-color"), "the apply will fail")
}
