// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// TestManyStatesAtOnce has eight teams apply at the same time, each from a folder of its own, with a state of its own in one PostgreSQL
// database, on one server, one organization, and one IP allowlist. Nothing of anybody's fails, or is lost.
func TestManyStatesAtOnce(t *testing.T) {
	const teams, roles, keys, entries = 8, 25, 10, 10
	database := acctest.NewDatabase(t, "teams", "CREATE ROLE teams_owner", "CREATE SCHEMA app AUTHORIZATION teams_owner",
		"CREATE TABLE app.orders (id int)", "CREATE TABLE app.users (id int)")
	states := acctest.NewDatabase(t, "states")
	e := acctest.NewEmulator(t)
	const runner = "127.0.0.1/32"
	require.NoError(t, e.SetAllowlist(emulator.DefaultOrganizationID, true, runner))

	workspaces := make([]*acctest.Workspace, teams)
	for team := range workspaces {
		w := acctest.NewWorkspace(t, e.ProviderHCL(block(database.ServerHCL()))+fmt.Sprintf(`
terraform {
  backend "pg" {}
}
variable "count_of" {
  type    = map(number)
  default = { roles = %[2]d, keys = %[3]d, entries = %[4]d }
}
resource "terrascale_postgresql_readonly_role" "this" {
  count                  = var.count_of.roles
  server                 = "main"
  name                   = "team_%[1]d_${count.index}"
  grants                 = { "teams.app" = {} }
  future_tables_owned_by = ["teams_owner"]
}
resource "terrascale_api_key" "this" {
  count  = var.count_of.keys
  name   = "team-%[1]d-${count.index}"
  scopes = ["database:read"]
}
resource "terrascale_ip_allowlist_entry" "this" {
  count = var.count_of.entries
  cidr  = "10.%[1]d.${count.index}.0/24"
}
`, team, roles, keys, entries))
		address, err := url.Parse(states.AdminURL("states"))
		require.NoError(t, err)
		w.Init("-backend-config=conn_str="+address.String(), fmt.Sprintf("-backend-config=schema_name=team_%d", team))
		// The backend makes one state of a database at a time: that is not what is tried here.
		w.Must("apply", "-auto-approve", "-input=false", "-no-color", `-var=count_of={"roles": 0, "keys": 0, "entries": 0}`)
		workspaces[team] = w
	}
	// all runs the CLI in all workspaces, so many at a time.
	all := func(atATime int, arguments ...string) {
		t.Helper()
		began := time.Now()
		var group errgroup.Group
		group.SetLimit(atATime)
		outputs := make([]string, teams)
		for team, w := range workspaces {
			group.Go(func() error {
				// Each lock of the backend holds that of the database for a moment, and who meets it fails at once otherwise.
				result, err := w.Run(t.Context(), append(arguments, "-input=false", "-no-color", "-lock-timeout=2m")...)
				if err != nil || result.ExitCode != 0 {
					outputs[team] = fmt.Sprintf("%v: exit code %d\n%s", err, result.ExitCode, result.Output)
				}
				return nil
			})
		}
		require.NoError(t, group.Wait())
		require.Equal(t, make([]string, teams), outputs)
		t.Logf("%s of %d states, %d at a time: %.1f s", arguments[0], teams, atATime, time.Since(began).Seconds())
	}
	names := func() []string { return database.Texts("SELECT rolname FROM pg_roles WHERE rolname ~ '^team_[0-9]+_'") }

	all(teams, "apply", "-auto-approve")
	require.Len(t, names(), teams*roles)
	require.Len(t, e.LiveKeys(time.Now()), teams*keys)
	want := []string{runner}
	for team := range teams {
		for i := range entries {
			want = append(want, fmt.Sprintf("10.%d.%d.0/24", team, i))
		}
	}
	have := e.Networks()
	slices.Sort(have)
	slices.Sort(want)
	require.Equal(t, want, have)
	all(teams, "plan", "-detailed-exitcode")
	all(teams, "destroy", "-auto-approve")
	require.Empty(t, names())
	require.Empty(t, e.LiveKeys(time.Now()))
	require.Equal(t, []string{runner}, e.Networks())
	if os.Getenv("TEST_MANY") != "" { // For the figures of the guide.
		all(1, "apply", "-auto-approve")
		all(1, "plan", "-detailed-exitcode")
		all(1, "destroy", "-auto-approve")
	}
}
