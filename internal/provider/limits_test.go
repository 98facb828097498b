// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/reliability"
)

// limitsVariable divides the numbers, for a short look.
const limitsVariable = "TEST_LIMITS_DIVIDED_BY"

const limitsHCL = `
terraform {
  # A file on this machine is written whole after each of the thousands of changes. This backend writes every 20 seconds, as others do.
  backend "pg" {}
}
variable "count_of" { type = map(number) }
resource "terrascale_api_key" "this" {
  count  = var.count_of.keys
  name   = "limit-${count.index}"
  scopes = ["database:read"]
}
resource "terrascale_team_member" "this" {
  count = var.count_of.members
  email = "limit-${count.index}@example.com"
  role  = "readonly"
}
resource "terrascale_ip_allowlist_entry" "this" {
  count = var.count_of.entries
  cidr  = cidrsubnet("10.0.0.0/8", 16, count.index)
}
resource "terrascale_postgresql_readonly_role" "this" {
  count  = var.count_of.roles
  server = "main"
  name   = "limit_${count.index}"
  grants = { "limits.public" = {} }
}
resource "terrascale_adapter" "this" {
  count             = var.count_of.adapters
  config_file       = "${path.root}/config.terse"
  name              = "limit_${count.index}"
  connector         = "postgres"
  connection_string = "postgresql://reader:{{ env.PASSWORD }}@db.example.com:5432/app?sslmode=verify-full"
}
`

// Thousands of resources of all kinds are in one configuration: all are made, the plan after it is empty, and nothing is left after the destroy.
// What is asked of the servers grows no faster than the resources, and a plan asks for lists.
func TestLimitsOfOneConfiguration(t *testing.T) {
	if os.Getenv(faultsVariable) == "" {
		t.Skip("thousands of resources take minutes: 'make test-faults' makes them, and TestCountedRequestsOfManyResources some of each kind")
	}
	counts := map[string]int{"keys": 2000, "members": 500, "entries": 1000, "roles": 500, "adapters": 500}
	if text := os.Getenv(limitsVariable); text != "" {
		by, err := strconv.Atoi(text)
		require.NoError(t, err)
		for kind := range counts {
			counts[kind] /= by
		}
	}
	database := acctest.NewServer(t, "limits", devstack.PostgreSQLOptions{Settings: devstack.MeterSettings()})
	database.Exec("CREATE TABLE public.orders (id int)")
	e := acctest.NewEmulator(t)
	require.NoError(t, e.SetAllowlist(emulator.DefaultOrganizationID, true, runner))
	members := len(e.Members(emulator.DefaultOrganizationID))
	w := acctest.NewWorkspace(t, e.ProviderHCL(block(database.ServerHCL()))+limitsHCL)
	states := acctest.NewDatabase(t, "limits_states")
	w.Init("-backend-config=conn_str=" + states.AdminURL(states.Name))
	countOf := fmt.Sprintf(`-var=count_of={"keys": %d, "members": %d, "entries": %d, "roles": %d, "adapters": %d}`,
		counts["keys"], counts["members"], counts["entries"], counts["roles"], counts["adapters"])
	// asked is what a run asked of whom, by kind.
	run := func(command ...string) (seconds float64, asked map[string]int) {
		t.Helper()
		meter, err := database.NewMeter()
		require.NoError(t, err)
		e.ResetRequests()
		files, began := countFiles(t, w.Dir), time.Now()
		w.Must(quietly(append(command, countOf)...)...)
		seconds = time.Since(began).Seconds()
		activity, err := meter.Read()
		require.NoError(t, err)
		asked = map[string]int{"roles": activity.Statements, "adapters": files()}
		for _, request := range e.Requests() {
			switch {
			case strings.Contains(request.Path, "/apikeys"):
				asked["keys"]++
			case strings.Contains(request.Path, "/members"):
				asked["members"]++
			case strings.Contains(request.Path, "allowlist"):
				asked["entries"]++
			}
		}
		return seconds, asked
	}
	memory := w.WatchMemory()
	all := reliability.Limit{What: "all of these"}
	var report reliability.Limits
	var made, planned, ended map[string]int
	all.Apply, made = run("apply", "-auto-approve")
	require.Len(t, e.LiveKeys(time.Now()), counts["keys"])
	require.Len(t, e.Members(emulator.DefaultOrganizationID), members+counts["members"])
	require.Len(t, e.Networks(), 1+counts["entries"])
	roles := func() []string {
		return database.Texts("SELECT rolname::text FROM pg_roles WHERE rolname ~ '^limit_'")
	}
	require.Len(t, roles(), counts["roles"])
	adapters, err := os.ReadFile(filepath.Join(w.Dir, "config.terse"))
	require.NoError(t, err)
	require.Equal(t, counts["adapters"], strings.Count(string(adapters), "connection_string:"))
	all.Plan, planned = run("plan", "-detailed-exitcode")
	all.Destroy, ended = run("destroy", "-auto-approve")
	require.Empty(t, e.LiveKeys(time.Now()))
	require.Len(t, e.Members(emulator.DefaultOrganizationID), members)
	require.Equal(t, []string{runner}, e.Networks())
	require.Empty(t, roles())
	require.NoFileExists(t, filepath.Join(w.Dir, "config.terse"))
	all.MemoryMiB = memory()
	for _, kind := range []struct{ name, what string }{
		{"keys", "API keys"}, {"members", "members"}, {"entries", "IP allowlist entries"}, {"roles", "PostgreSQL roles"}, {"adapters", "adapters of one file"},
	} {
		limit := reliability.Limit{What: kind.what, Count: counts[kind.name]}
		switch kind.name {
		case "roles":
			limit.Statements, limit.PlanStatements = made["roles"], planned["roles"]
		case "adapters": // They ask nobody.
		default:
			limit.Requests, limit.PlanRequests = made[kind.name], planned[kind.name]
		}
		report.Kinds = append(report.Kinds, limit)
		all.Count += limit.Count
	}
	report.Kinds = append(report.Kinds, all)
	t.Logf("%+v; destroy: %v", report, ended)
	const inAPage = 20 // No page of a listing is smaller.
	for kind, listed := range map[string]int{"keys": counts["keys"], "members": counts["members"], "entries": 0} {
		require.LessOrEqual(t, made[kind], 2*counts[kind]+listed/inAPage+10, kind)
		require.LessOrEqual(t, planned[kind], listed/inAPage+5, kind)
		require.LessOrEqual(t, ended[kind], 2*counts[kind]+2*listed/inAPage+10, kind)
	}
	require.Less(t, made["entries"], counts["entries"], "changes of a list are gathered")
	require.LessOrEqual(t, planned["roles"], 30, "a plan reads a catalogue, not roles")
	require.Zero(t, planned["adapters"])
	require.LessOrEqual(t, made["adapters"], counts["adapters"])
	if os.Getenv(limitsVariable) == "" {
		require.NoError(t, reliability.Write(report))
	}
}
