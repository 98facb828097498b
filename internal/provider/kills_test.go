// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

const (
	// killsForVariable says how long applies are killed, such as 1h: 'make test-kills' does. killsSeedVariable repeats a run.
	killsForVariable, killsSeedVariable = "TEST_KILLS_FOR", "TEST_KILLS_SEED"
	killsInPassing                      = 20 * time.Second
	// noHang is more than any apply here takes.
	noHang = 3 * time.Minute
)

// killed is a workspace of all kinds of resources, and what they are on.
type killed struct {
	*acctest.Workspace
	service  *acctest.Emulator
	database *acctest.Database
	mariaDB  *acctest.MariaDB
	redis    *acctest.Redis
}

// wanted is one configuration: how many there are of each kind, and what else the resources say.
type wanted struct{ count, trigger, limit int }

// block gives what is in a provider's block, for another one.
func block(provider string) string {
	body := strings.TrimSpace(provider)
	return strings.TrimSuffix(strings.TrimPrefix(body, `provider "terrascale" {`), "}")
}

func newKilled(t *testing.T) *killed {
	t.Helper()
	k := &killed{
		service:  acctest.NewEmulator(t),
		database: acctest.NewDatabase(t, "kills", "CREATE TABLE public.users (id int)", "CREATE SCHEMA reporting", "CREATE TABLE reporting.monthly (id int)"),
		mariaDB:  acctest.NewMariaDB(t, "CREATE DATABASE kills", "CREATE TABLE kills.orders (id INT)"),
		redis:    acctest.NewRedis(t, devstack.RedisOptions{}),
	}
	require.NoError(t, k.service.SetPlan(emulator.DefaultOrganizationID, "enterprise"))
	identity, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	k.Workspace = acctest.NewWorkspace(t, k.service.ProviderHCL(
		fmt.Sprintf("age_recipients = [%q]", identity.Recipient()), block(k.database.ServerHCL()), block(k.mariaDB.ServerHCL()), block(k.redis.ServerHCL()))+`
variable "wanted" {
  type = object({ count = number, trigger = string, limit = number })
}
locals {
  rotation = { every = "90d", overlap = "0s", trigger = var.wanted.trigger }
}
resource "terrascale_postgresql_readonly_role" "plain" {
  count            = var.wanted.count
  server           = "main"
  name             = "kills_plain_${count.index}"
  grants           = { "kills.public" = {} }
  connection_limit = var.wanted.limit
}
resource "terrascale_postgresql_readonly_role" "rotating" {
  count    = var.wanted.count
  server   = "main"
  name     = "kills_rotating_${count.index}"
  grants   = { "kills.reporting" = {} }
  rotation = local.rotation
}
resource "terrascale_mysql_readonly_user" "rotating" {
  count                = var.wanted.count
  server               = "main"
  name                 = "kills_${count.index}"
  grants               = { kills = {} }
  max_user_connections = var.wanted.limit
  rotation             = local.rotation
}
resource "terrascale_redis_readonly_user" "rotating" {
  count        = var.wanted.count
  server       = "main"
  name         = "kills_${count.index}"
  key_patterns = ["app${var.wanted.limit}:*"]
  rotation     = local.rotation
}
resource "terrascale_api_key" "rotating" {
  count      = var.wanted.count
  name       = "kills-${count.index}"
  scopes     = ["database:read"]
  expires_in = "100d"
  rotation   = local.rotation
}
resource "terrascale_team_member" "this" {
  count = var.wanted.count
  email = "kills-${count.index}@example.com"
  role  = var.wanted.limit % 2 == 0 ? "readonly" : "member"
}
resource "terrascale_ip_allowlist_entry" "runner" {
  cidr       = "127.0.0.0/8"
  allow_open = true
}
resource "terrascale_ip_allowlist_entry" "this" {
  count       = var.wanted.count
  cidr        = "10.0.${count.index}.0/24"
  description = "limit ${var.wanted.limit}"
  depends_on  = [terrascale_ip_allowlist_entry.runner]
}
resource "terrascale_adapter" "this" {
  count             = var.wanted.count
  config_file       = "${path.root}/config.terse"
  name              = "kills_${count.index}"
  connector         = "postgres"
  connection_string = "{{ env.KILLS_${count.index} }}"
  dotenv = {
    file     = "${path.root}/.env"
    variable = "KILLS_${count.index}"
    # No function of the provider: when it is killed while Terraform calls one in an apply, Terraform drops the resource from the state.
    value_wo         = "postgresql://${terrascale_postgresql_readonly_role.rotating[count.index].username}@localhost/kills"
    value_wo_version = terrascale_postgresql_readonly_role.rotating[count.index].password_version
  }
}
`)
	return k
}

// arguments of an apply or a plan of what is wanted.
func (w wanted) arguments(command ...string) []string {
	return append(command, "-input=false", "-no-color",
		fmt.Sprintf(`-var=wanted={"count": %d, "trigger": "%d", "limit": %d}`, w.count, w.trigger, w.limit))
}

// Applies and destroys are killed at random moments. One later apply always reaches what is wanted: nothing is lost, nothing is left beside it,
// and nothing hangs. It runs for a short while with the other tests, and for an hour by 'make test-kills'.
func TestAppliesKilledAtRandomMomentsConverge(t *testing.T) {
	lasting, seed := killsInPassing, rand.Uint64()
	var err error
	if text := os.Getenv(killsForVariable); text != "" {
		lasting, err = time.ParseDuration(text)
		require.NoError(t, err)
	}
	if text := os.Getenv(killsSeedVariable); text != "" {
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("seed %d (%s)", seed, killsSeedVariable)
	random := rand.New(rand.NewPCG(seed, 0))
	k := newKilled(t)
	k.losesStates(t)
	want := wanted{count: 2, limit: 1}
	rounds, cut, torn := 0, 0, 0
	for end := time.Now().Add(lasting); time.Now().Before(end); rounds++ {
		before := want
		want = wanted{count: random.IntN(5), trigger: random.IntN(3), limit: 1 + random.IntN(3)}
		delay, alsoCLI := time.Duration(random.Int64N(int64(time.Second))), random.IntN(3) == 0
		command := []string{"apply", "-auto-approve"}
		if random.IntN(5) == 0 {
			command, want = []string{"destroy", "-auto-approve"}, before
		}
		known, err := os.ReadFile(k.stateFile())
		if !os.IsNotExist(err) {
			require.NoError(t, err)
		}
		said := fmt.Sprintf("round %d: %s of %+v after %+v, killed after %s, the CLI too: %t", rounds, command[0], want, before, delay, alsoCLI)
		output, code := k.RunAndKillAfter(delay, alsoCLI, noHang, want.arguments(command...)...)
		if code != 0 {
			cut++
		}
		if written, err := os.ReadFile(k.stateFile()); err == nil && !json.Valid(written) {
			// The CLI writes the file in place, and was killed at it. Any other backend has what was there before.
			torn++
			require.NoError(t, os.WriteFile(k.stateFile(), known, 0o600))
		}
		again, code := k.RunAndKillAfter(noHang, false, noHang, want.arguments("apply", "-auto-approve")...)
		require.Zero(t, code, "%s\n\nthe killed run:\n%s\n\nthe later apply:\n%s", said, output, again)
		planned, code := k.RunAndKillAfter(noHang, false, noHang, want.arguments("plan", "-detailed-exitcode")...)
		require.Zero(t, code, "%s\n\nthe killed run:\n%s\n\nthe later apply:\n%s\n\nthe plan after it:\n%s", said, output, again, planned)
		k.requireExactly(t, want, said+"\n\nthe killed run:\n"+output+"\n\nthe later apply:\n"+again)
	}
	t.Logf("%d rounds in %s, %d cut off in the middle, %d of them while the CLI wrote the state", rounds, lasting, cut, torn)
	require.Positive(t, cut)
	k.Must(want.arguments("destroy", "-auto-approve")...)
	k.requireExactly(t, wanted{}, "destroyed")
}

// losesStates has the provider end by itself, and the CLI killed before it has written the state: one later apply makes that good, too.
func (k *killed) losesStates(t *testing.T) {
	t.Helper()
	for _, step := range []wanted{{count: 1, trigger: 1, limit: 2}, {count: 2, trigger: 2, limit: 3}} {
		known, err := os.ReadFile(k.stateFile())
		if !os.IsNotExist(err) {
			require.NoError(t, err)
		}
		k.Must(step.arguments("apply", "-auto-approve")...)
		if known == nil {
			require.NoError(t, os.Remove(k.stateFile()))
		} else {
			require.NoError(t, os.WriteFile(k.stateFile(), known, 0o600))
		}
		k.Must(step.arguments("apply", "-auto-approve")...)
		k.Must(step.arguments("plan", "-detailed-exitcode")...)
		k.requireExactly(t, step, "after the state was lost")
		left, err := filepath.Glob(filepath.Join(k.Dir, ".terraform", "terrascale", "*", "*.jsonl"))
		require.NoError(t, err)
		require.Empty(t, left, "what is in the state is remembered nowhere else")
	}
	k.Must(wanted{}.arguments("destroy", "-auto-approve")...)
}

func (k *killed) stateFile() string { return filepath.Join(k.Dir, "terraform.tfstate") }

// requireExactly looks from outside: what is wanted is there, and nothing beside it.
func (k *killed) requireExactly(t *testing.T, want wanted, said string) {
	t.Helper()
	require.Len(t, k.database.Texts("SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'kills\\_plain%'"), want.count, said)
	require.Len(t, k.database.Texts("SELECT rolname::text FROM pg_roles WHERE rolname ~ '^kills_rotating_[0-9]+$'"), want.count, said)
	require.Len(t, k.database.Texts("SELECT rolname::text FROM pg_roles WHERE rolname ~ '^kills_rotating_[0-9]+_[ab]$' AND rolcanlogin"), want.count, said)
	require.Len(t, k.mariaDB.Texts("SELECT User FROM mysql.global_priv WHERE User LIKE 'kills\\_%' AND JSON_VALUE(Priv, '$.account_locked') IS NOT TRUE"), want.count, said)
	users, err := k.redis.Texts("ACL", "USERS")
	require.NoError(t, err)
	require.Equal(t, want.count, strings.Count(strings.Join(users, " "), "kills_"), said)
	require.Len(t, k.service.LiveKeys(time.Now()), want.count, said)
	members := 0
	for _, member := range k.service.Members(emulator.DefaultOrganizationID) {
		if strings.HasPrefix(member.Email, "kills-") {
			members++
		}
	}
	require.Equal(t, want.count, members, said)
	adapters, err := os.ReadFile(filepath.Join(k.Dir, "config.terse"))
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	require.Equal(t, want.count, strings.Count(string(adapters), "{{ env.KILLS_"), said)
	variables, err := os.ReadFile(filepath.Join(k.Dir, ".env"))
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	require.Equal(t, want.count, strings.Count(string(variables), "KILLS_"), said)
	networks := k.service.Networks()
	isThere := 0
	if len(networks) > 0 {
		isThere = 1
	}
	require.Len(t, networks, want.count+isThere, said)
	left, err := filepath.Glob(filepath.Join(k.Dir, ".terraform", "terrascale", "*", "*.jsonl"))
	require.NoError(t, err)
	// The next run reads and removes them: also of a run that was done, and that the CLI did not wait for. A run on a busy machine may not
	// get to it, and what was begun and never made stays until something of its name is made.
	require.LessOrEqual(t, len(left), 5, "notes of dead runs do not pile up: %s", said)
}
