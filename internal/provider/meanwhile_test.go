// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

const disturbedOfEach = 2

// disturbed are resources that others change. NAME is the database's.
const disturbed = `
variable "turn" { type = number }
locals {
  rotation = { every = "90d", overlap = "0s", trigger = var.turn }
}
resource "terrascale_api_key" "this" {
  count      = 2
  name       = "NAME-${count.index}"
  scopes     = ["database:read"]
  expires_in = "100d"
  rotation   = local.rotation
}
resource "terrascale_team_member" "this" {
  count = 2
  email = "NAME-${count.index}@example.com"
  role  = var.turn % 2 == 0 ? "readonly" : "member"
}
resource "terrascale_ip_allowlist_entry" "this" {
  count       = 2
  cidr        = "10.7.${count.index}.0/24"
  description = "turn ${var.turn}"
}
resource "terrascale_postgresql_readonly_role" "this" {
  count            = 2
  server           = "main"
  name             = "NAME_${count.index}"
  grants           = { "NAME.public" = { tables = ["orders"] } }
  connection_limit = var.turn
  rotation         = local.rotation
}
resource "terrascale_mysql_readonly_user" "this" {
  count                = 2
  server               = "main"
  name                 = "NAME_${count.index}"
  grants               = { NAME = {} }
  max_user_connections = var.turn
  rotation             = local.rotation
}
resource "terrascale_redis_readonly_user" "this" {
  count        = 2
  server       = "main"
  name         = "NAME_${count.index}"
  key_patterns = ["app${var.turn}:*"]
  rotation     = local.rotation
}
`

// disturbance is what a DBA, or who uses the console, does. The function that it gives undoes what would keep the next apply from its end.
type disturbance struct {
	name string
	act  func(t *testing.T, s *shared) (undo func())
}

// disturbances are what others do. What is named may not be there at that moment.
func disturbances() []disturbance {
	logins := func(s *shared) []string {
		return s.database.Texts("SELECT rolname::text FROM pg_roles WHERE rolname ~ ('^' || $1 || '_') AND rolcanlogin", s.database.Name)
	}
	users := func(s *shared) []string {
		return s.mariaDB.Texts("SELECT CONCAT('\\'', User, '\\'@\\'', Host, '\\'') FROM mysql.global_priv WHERE User LIKE '" + s.database.Name + "\\_%'")
	}
	try := func(s *shared, statements ...string) { // It may be gone between the look and the statement.
		_ = s.database.TryAs(s.database.Admin, s.database.AdminPassword, statements...)
	}
	tryMariaDB := func(s *shared, statements ...string) {
		_ = s.mariaDB.TryAs(s.mariaDB.Admin, s.mariaDB.AdminPassword, statements...)
	}
	redisUsers := func(s *shared, rule ...any) {
		for i := range disturbedOfEach {
			command := append([]any{"ACL", "SETUSER", fmt.Sprintf("%s_%d", s.database.Name, i)}, rule...)
			if len(rule) == 0 {
				command[1] = "DELUSER"
			}
			_ = s.redis.TryAs(s.redis.Admin, s.redis.AdminPassword, command...)
		}
	}
	return []disturbance{
		{"roles and users are dropped", func(_ *testing.T, s *shared) func() {
			for i, login := range logins(s) {
				try(s, "DROP OWNED BY "+login, "DROP ROLE "+login)
				if group := s.database.Name + "_0"; i == 0 {
					try(s, "DROP OWNED BY "+group, "DROP ROLE "+group)
				}
			}
			for _, user := range users(s) {
				tryMariaDB(s, "DROP USER "+user)
			}
			redisUsers(s)
			return nil
		}},
		{"grants are revoked", func(_ *testing.T, s *shared) func() {
			for i := range disturbedOfEach {
				try(s, fmt.Sprintf("REVOKE ALL ON orders FROM %s_%d", s.database.Name, i))
			}
			for _, user := range users(s) {
				tryMariaDB(s, "REVOKE ALL PRIVILEGES, GRANT OPTION FROM "+user)
			}
			redisUsers(s, "resetkeys")
			return nil
		}},
		{"passwords are changed", func(_ *testing.T, s *shared) func() {
			for _, login := range logins(s) {
				try(s, "ALTER ROLE "+login+" PASSWORD 'other'")
			}
			for _, user := range users(s) {
				tryMariaDB(s, "ALTER USER "+user+" IDENTIFIED BY 'other'")
			}
			redisUsers(s, "resetpass", ">other")
			return nil
		}},
		{"a table is renamed", func(_ *testing.T, s *shared) func() {
			s.database.Exec("ALTER TABLE orders RENAME TO orders_of_before")
			return func() { s.database.Exec("ALTER TABLE orders_of_before RENAME TO orders") }
		}},
		{"tables are locked for a while", func(_ *testing.T, s *shared) func() {
			released := make(chan struct{}, 2)
			go func() {
				try(s, "BEGIN", "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE", "SELECT pg_sleep(3)", "COMMIT")
				released <- struct{}{}
			}()
			go func() {
				tryMariaDB(s, "FLUSH TABLES WITH READ LOCK", "SELECT SLEEP(3)", "UNLOCK TABLES")
				released <- struct{}{}
			}()
			return func() { <-released; <-released }
		}},
		{"keys are revoked", func(t *testing.T, s *shared) func() {
			for _, key := range s.service.LiveKeys(time.Now()) {
				require.NoError(t, s.service.RevokeKey(key))
			}
			return nil
		}},
		{"members are removed", func(_ *testing.T, s *shared) func() {
			for i := range disturbedOfEach {
				_ = s.service.RemoveMember(emulator.DefaultOrganizationID, fmt.Sprintf("%s-%d@example.com", s.database.Name, i))
			}
			return nil
		}},
		{"the allowlist is replaced", func(t *testing.T, s *shared) func() {
			require.NoError(t, s.service.SetAllowlist(emulator.DefaultOrganizationID, true, runner, "10.7.1.0/24", "192.0.2.0/24"))
			return func() {
				networks := slices.DeleteFunc(s.service.Networks(), func(network string) bool { return network == "192.0.2.0/24" })
				require.NoError(t, s.service.SetAllowlist(emulator.DefaultOrganizationID, true, networks...))
			}
		}},
	}
}

// What a DBA, or who uses the console, changes while an apply runs, or between a plan and its apply, ends in success or in an error that says so.
// One more apply reaches what is wanted.
func TestOthersChangeThingsMeanwhile(t *testing.T) {
	s := newShared(t, "meanwhile")
	w := s.workspace(t, disturbed)
	turn := 1
	onNext := func(command ...string) []string {
		return quietly(append(command, fmt.Sprintf("-var=turn=%d", turn))...)
	}
	w.Must(onNext("apply", "-auto-approve")...)
	want := s.counts(t)
	all := disturbances()
	if os.Getenv(faultsVariable) == "" {
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:3]
	}
	for _, one := range all {
		for _, isDuring := range []bool{false, true} {
			turn++
			name := fmt.Sprintf("%s, during the apply: %t", one.name, isDuring)
			var undo func()
			var said string
			var code int
			if isDuring {
				delay := time.Duration(rand.Int64N(int64(2 * time.Second)))
				name += fmt.Sprintf(", after %s", delay)
				said, code = w.RunAndStrike(delay, noHang, func(*acctest.Running) { undo = one.act(t, s) }, onNext("apply", "-auto-approve")...)
			} else {
				w.Must(onNext("plan", "-out=saved")...)
				undo = one.act(t, s)
				said, code = w.RunWithin(noHang, append(quietly("apply"), "saved")...)
			}
			t.Logf("%s: exit code %d %s", name, code, firstError(said))
			requireClear(t, code, name+"\n"+said)
			if undo != nil {
				undo()
			}
			output, code := w.RunWithin(noHang, onNext("apply", "-auto-approve")...)
			require.Zero(t, code, "%s\n%s\n\nthe next apply:\n%s", name, said, output)
			planned, code := w.RunWithin(noHang, onNext("plan", "-detailed-exitcode")...)
			require.Zero(t, code, "%s\n%s\n\nthe next apply:\n%s\n\nthe plan:\n%s", name, said, output, planned)
			require.Equal(t, want, s.counts(t), "%s\n%s\n\nthe next apply:\n%s", name, said, output)
		}
	}
	w.Must(onNext("destroy", "-auto-approve")...)
	for kind, number := range s.counts(t) {
		require.Zero(t, number, kind)
	}
}

// requireClear holds an apply to have ended by itself, with an error of the provider's where it failed.
func requireClear(t *testing.T, code int, said string) {
	t.Helper()
	if code == 0 {
		return
	}
	require.Contains(t, said, "Error: ", said)
	for _, fault := range []string{"panic", "inconsistent", "bug in the provider", "Plugin did not respond", "crash"} {
		require.NotContains(t, said, fault, said)
	}
}

// firstError is the summary of the first error that a run printed, if any.
func firstError(said string) string {
	_, after, isThere := strings.Cut(said, "Error: ")
	if !isThere {
		return ""
	}
	line, _, _ := strings.Cut(after, "\n")
	return line
}
