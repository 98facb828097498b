// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// failovers is how often a server, or what is before it, goes away in the middle of an apply.
func failovers() int {
	if os.Getenv(faultsVariable) != "" {
		return 20
	}
	return 3
}

const failedOverRoles = 8

// failingOver is a configuration of roles whose server, and whose number and rotation, are variables.
func failingOver(database *acctest.Database) string {
	return fmt.Sprintf(`
variable "port" { type = number }
variable "turn" { type = number }
provider "terrascale" {
  postgresql = {
    main = {
      host            = %q
      port            = var.port
      username        = %q
      password        = %q
      sslrootcert     = %q
      connect_timeout = "5s"
    }
  }
}
resource "terrascale_postgresql_readonly_role" "this" {
  count            = %d
  server           = "main"
  name             = "failover_${count.index}"
  grants           = { %q = {} }
  connection_limit = var.turn
  rotation         = { every = "90d", overlap = "0s", trigger = var.turn }
}
`, database.Host, database.Admin, database.AdminPassword.Reveal(), database.Authority.CAFile, failedOverRoles, database.Name+".public")
}

func onTurn(port, turn int, command ...string) []string {
	return quietly(append(command, fmt.Sprintf("-var=port=%d", port), fmt.Sprintf("-var=turn=%d", turn))...)
}

// requireLogins holds each role to have one login, with the limit of the turn.
func requireLogins(t *testing.T, database *acctest.Database, turn int, said string) {
	t.Helper()
	const logins = "SELECT rolname::text FROM pg_roles WHERE rolname ~ '^failover_[0-9]+_[ab]$' AND rolcanlogin"
	require.Len(t, database.Texts(logins), failedOverRoles, said)
	require.Len(t, database.Texts(logins+" AND rolconnlimit = $1", turn), failedOverRoles, said)
}

// The primary dies while an apply uses it, and its standby is promoted. What the standby had not heard of yet is missing there: one apply on it
// reaches what is wanted all the same. The old primary comes back and takes no changes: that is said.
func TestAStandbyIsPromotedDuringAnApply(t *testing.T) {
	primary := acctest.NewServer(t, "failover", devstack.PostgreSQLOptions{})
	primary.Exec("CREATE TABLE public.orders (id int)")
	standby := primary.NewStandby()
	w := acctest.NewWorkspace(t, failingOver(primary))
	w.Must(onTurn(primary.Port, 1, "apply", "-auto-approve")...)
	require.Eventually(t, func() bool { return standby.RoleExists("failover_0_a") }, time.Minute, 50*time.Millisecond)
	// A plan on the standby reads, and an apply there is told.
	w.Must(onTurn(standby.Port, 1, "plan", "-detailed-exitcode")...)
	output, code := w.RunWithin(noHang, onTurn(standby.Port, 2, "apply", "-auto-approve")...)
	require.Equal(t, 1, code)
	require.Contains(t, output, "PostgreSQL server takes no changes")

	said, _ := w.RunAndStrike(time.Duration(rand.Int64N(int64(700*time.Millisecond))), noHang, func(*acctest.Running) {
		require.NoError(t, primary.BecomeStandby(t.Context()))
		require.NoError(t, standby.Promote(t.Context()))
	}, onTurn(primary.Port, 2, "apply", "-auto-approve")...)
	output, code = w.RunWithin(noHang, onTurn(primary.Port, 3, "apply", "-auto-approve")...)
	require.Equal(t, 1, code, output)
	require.Contains(t, output, "PostgreSQL server takes no changes")
	w.Must(onTurn(standby.Port, 2, "apply", "-auto-approve")...)
	w.Must(onTurn(standby.Port, 2, "plan", "-detailed-exitcode")...)
	requireLogins(t, standby, 2, said)
	w.Must(onTurn(standby.Port, 2, "destroy", "-auto-approve")...)
	require.Empty(t, standby.Texts("SELECT rolname::text FROM pg_roles WHERE rolname ~ '^failover_'"))
}

// A pooler is killed and starts again in the middle of an apply: it succeeds or says why not, and one more apply reaches what is wanted.
func TestAPoolerIsRestartedDuringAnApply(t *testing.T) {
	database := acctest.NewDatabase(t, "pooled", "CREATE TABLE public.orders (id int)")
	pooler := database.NewPgBouncer()
	w := acctest.NewWorkspace(t, failingOver(database))
	w.Must(onTurn(pooler.Port, 1, "apply", "-auto-approve")...)
	failed := 0
	for round := range failovers() {
		turn := 2 + round
		delay := time.Duration(rand.Int64N(int64(time.Second)))
		said, code := w.RunAndStrike(delay, noHang, func(*acctest.Running) {
			require.NoError(t, pooler.Crash(t.Context()))
		}, onTurn(pooler.Port, turn, "apply", "-auto-approve")...)
		said = fmt.Sprintf("killed after %s:\n%s", delay, said)
		if code != 0 {
			failed++
			require.Contains(t, said, "Error: ")
			require.NotContains(t, said, "panic", said)
		}
		output, code := w.RunWithin(noHang, onTurn(pooler.Port, turn, "apply", "-auto-approve")...)
		require.Zero(t, code, "%s\n\nthen:\n%s", said, output)
		w.Must(onTurn(pooler.Port, turn, "plan", "-detailed-exitcode")...)
		requireLogins(t, database, turn, said)
	}
	t.Logf("%d of %d applies failed", failed, failovers())
	w.Must(onTurn(pooler.Port, 1, "destroy", "-auto-approve")...)
	require.Empty(t, database.Texts("SELECT rolname::text FROM pg_roles WHERE rolname ~ '^failover_'"))
}
