// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/reliability"
)

const (
	// killsForVariable says how long applies are killed, such as 1h: 'make test-kills' does; killsRoundsVariable how often, as 'make test-faults'
	// does. killsSeedVariable repeats a run.
	killsForVariable, killsRoundsVariable, killsSeedVariable = "TEST_KILLS_FOR", "TEST_KILLS_ROUNDS", "TEST_KILLS_SEED"
	killsInPassing                                           = 20 * time.Second
	// noHang is more than any apply here takes.
	noHang = 3 * time.Minute
)

// killed is a workspace of all kinds of resources, and what they are on.
type killed struct {
	*acctest.Workspace
	service  *acctest.EmulatorProcess
	database *acctest.Database
	mariaDB  *acctest.MariaDB
	redis    *acctest.Redis
}

// mostOfEach is how many there are of each kind at most, and kindsOfKilled are the kinds; the runner's own entry comes with them.
const mostOfEach = 4

var kindsOfKilled = []string{"plain role", "role", "MySQL user", "Redis user", "key", "member", "entry", "adapter"}

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
		service: acctest.NewEmulatorProcess(t),
		// They are killed, too, and keep what they have said is done.
		database: acctest.NewServer(t, "kills", devstack.PostgreSQLOptions{Settings: map[string]string{"synchronous_commit": "on"}}),
		mariaDB: acctest.NewMariaDBServer(t, devstack.MariaDBOptions{Settings: map[string]string{"innodb-flush-log-at-trx-commit": "2"}},
			"CREATE DATABASE kills", "CREATE TABLE kills.orders (id INT)"),
		redis: acctest.NewRedis(t, devstack.RedisOptions{}),
	}
	k.database.Exec("CREATE TABLE public.users (id int)", "CREATE SCHEMA reporting", "CREATE TABLE reporting.monthly (id int)")
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

// victims are what is killed while the CLI runs.
func (k *killed) victims(t *testing.T) map[string]func(*acctest.Running) {
	t.Helper()
	crash := func(server func(context.Context) error) func(*acctest.Running) {
		return func(*acctest.Running) { require.NoError(t, server(t.Context())) }
	}
	return map[string]func(*acctest.Running){
		"provider":         (*acctest.Running).KillProvider,
		"CLI and provider": func(r *acctest.Running) { r.KillCLI(); r.KillProvider() },
		"PostgreSQL":       crash(k.database.Crash),
		"MariaDB":          crash(k.mariaDB.Crash),
		"Redis":            crash(k.redis.Crash),
		"the service":      func(*acctest.Running) { k.service.Crash() },
	}
}

// killRounds says for how long to go on, and with which seed.
func killRounds(t *testing.T) (goesOn func(rounds, cut int) bool, seed uint64) {
	t.Helper()
	number := func(variable string, otherwise uint64) uint64 {
		text := os.Getenv(variable)
		if text == "" {
			return otherwise
		}
		value, err := strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, variable)
		return value
	}
	lasting := killsInPassing
	if text := os.Getenv(killsForVariable); text != "" {
		var err error
		lasting, err = time.ParseDuration(text)
		require.NoError(t, err)
	}
	end := time.Now().Add(lasting)
	// A short while on a busy machine may hold one round, whose apply had ended before anything was killed: then it goes on.
	goesOn = func(rounds, cut int) bool { return time.Now().Before(end) || cut == 0 && rounds < 20 }
	if most := number(killsRoundsVariable, 0); most > 0 {
		goesOn = func(rounds, _ int) bool { return rounds < int(most) }
	}
	return goesOn, number(killsSeedVariable, rand.Uint64())
}

// Applies and destroys are cut off at random moments, by the end of any process that takes part. One later apply always reaches what is wanted: nothing
// is lost, nothing is left beside it, and nothing hangs. After half of them, that apply has nothing but the state, as on another machine: then it may
// stop at what exists already, and names the import, and a key may be left, which a plan names while it manages one of that name. It runs for a short while with the other tests, for an
// hour by 'make test-kills', and for 200 rounds by 'make test-faults'.
func TestAppliesKilledAtRandomMomentsConverge(t *testing.T) {
	goesOn, seed := killRounds(t)
	t.Logf("seed %d (%s)", seed, killsSeedVariable)
	random := rand.New(rand.NewPCG(seed, 0))
	k := newKilled(t)
	k.losesStates(t)
	victims := k.victims(t)
	names := slices.Sorted(maps.Keys(victims))
	want := wanted{count: 2, limit: 1}
	torn, began := 0, time.Now()
	report := reliability.Kills{Seed: seed, Killed: map[string]int{}, Resources: mostOfEach*len(kindsOfKilled) + 1}
	for ; goesOn(report.Rounds, report.Cut); report.Rounds++ {
		before := want
		want = wanted{count: random.IntN(mostOfEach + 1), trigger: random.IntN(3), limit: 1 + random.IntN(3)}
		delay, victim, isFresh := time.Duration(random.Int64N(int64(time.Second))), names[random.IntN(len(names))], random.IntN(2) == 0
		command := []string{"apply", "-auto-approve"}
		if random.IntN(5) == 0 {
			command, want = []string{"destroy", "-auto-approve"}, before
		}
		known, err := os.ReadFile(k.stateFile())
		if !os.IsNotExist(err) {
			require.NoError(t, err)
		}
		said := fmt.Sprintf("round %d: %s of %+v after %+v, %s killed after %s; elsewhere: %t", report.Rounds, command[0], want, before, victim, delay, isFresh)
		output, code := k.RunAndStrike(delay, noHang, victims[victim], want.arguments(command...)...)
		report.Killed[victim]++
		if code != 0 {
			report.Cut++
		}
		if written, err := os.ReadFile(k.stateFile()); err == nil && !json.Valid(written) {
			// The CLI writes the file in place, and was killed at it. Any other backend has what was there before.
			torn++
			require.NoError(t, os.WriteFile(k.stateFile(), known, 0o600))
		}
		if isFresh {
			report.Fresh++
			require.NoError(t, os.RemoveAll(filepath.Join(k.Dir, ".terraform")))
		}
		said += "\n\nthe killed run:\n" + output
		lasted, orphans := k.converges(t, want, isFresh, said)
		report.LongestSeconds, report.Orphans = max(report.LongestSeconds, lasted.Seconds()), report.Orphans+orphans
		k.requireExactly(t, want, said)
	}
	report.Minutes = time.Since(began).Minutes()
	t.Logf("%+v, %d of them while the CLI wrote the state", report, torn)
	require.Positive(t, report.Cut)
	k.Must(want.arguments("destroy", "-auto-approve")...)
	k.requireExactly(t, wanted{}, "destroyed")
	if os.Getenv(killsRoundsVariable) != "" {
		require.NoError(t, reliability.Write(report))
	}
}

// importAdvice is an error that names the import of what is there already.
var importAdvice = regexp.MustCompile(`with (terrascale_\w+\.\w+\[\d+\]),.*?terraform import terrascale_\w+\.<name> '?([^' ]+)'?`)

// converges applies once more, and plans. Elsewhere, it does what the errors and warnings tell a person to do, and says how often.
func (k *killed) converges(t *testing.T, want wanted, isElsewhere bool, said string) (lasted time.Duration, orphans int) {
	t.Helper()
	begin := time.Now()
	output, code := k.RunWithin(noHang, want.arguments("apply", "-auto-approve")...)
	lasted = time.Since(begin)
	for tries := 0; isElsewhere && code != 0 && tries < 3; tries++ {
		said += "\n\nan apply elsewhere:\n" + output
		for _, problem := range strings.Split(output, "Error: ")[1:] {
			advice := importAdvice.FindStringSubmatch(acctest.Plain(problem))
			require.NotNil(t, advice, "%s\n\nthe later apply:\n%s", said, output)
			said += "\n\nimport:\n" + k.Must(append(want.arguments("import"), advice[1], advice[2])...)
			orphans++
		}
		output, code = k.RunWithin(noHang, want.arguments("apply", "-auto-approve")...)
	}
	require.Zero(t, code, "%s\n\nthe later apply:\n%s", said, output)
	planned, code := k.RunWithin(noHang, want.arguments("plan", "-detailed-exitcode")...)
	require.Zero(t, code, "%s\n\nthe later apply:\n%s\n\nthe plan after it:\n%s", said, output, planned)
	if isElsewhere {
		orphans += k.revokeNamed(t, planned, want)
	}
	return lasted, orphans
}

// leftKey is how a plan's warning names a key that may be left over.
var leftKey = regexp.MustCompile(`(key_\w+) \(created `)

// revokeNamed revokes the keys that a plan says nobody may know, and those of a name that is not managed any more, of which no plan says anything.
func (k *killed) revokeNamed(t *testing.T, planned string, want wanted) (revoked int) {
	t.Helper()
	named := map[string]bool{}
	for _, found := range leftKey.FindAllStringSubmatch(acctest.Plain(planned), -1) {
		named[found[1]] = true
	}
	k.service.Look(func(service *emulator.Server) {
		for _, key := range service.APIKeys(emulator.DefaultOrganizationID) {
			index, err := strconv.Atoi(strings.TrimPrefix(key.Name, "kills-"))
			require.NoError(t, err)
			if key.Status(time.Now()) == emulator.KeyActive && (named[key.ID] || index >= want.count) {
				require.NoError(t, service.RevokeKey(key.ID))
				revoked++
			}
		}
	})
	return revoked
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
	k.service.Look(func(service *emulator.Server) { requireService(t, service, want, said) })
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
	left, err := filepath.Glob(filepath.Join(k.Dir, ".terraform", "terrascale", "*", "*.jsonl"))
	require.NoError(t, err)
	// The next run reads and removes them: also of a run that was done, and that the CLI did not wait for. A run on a busy machine may not
	// get to it, and what was begun and never made stays until something of its name is made.
	require.LessOrEqual(t, len(left), 5, "notes of dead runs do not pile up: %s", said)
}

// requireService looks at what the service has.
func requireService(t *testing.T, service *emulator.Server, want wanted, said string) {
	t.Helper()
	keys, members := 0, 0
	for _, key := range service.APIKeys(emulator.DefaultOrganizationID) {
		if key.Status(time.Now()) == emulator.KeyActive {
			keys++
		}
	}
	require.Equal(t, want.count, keys, said)
	for _, member := range service.Members(emulator.DefaultOrganizationID) {
		if strings.HasPrefix(member.Email, "kills-") {
			members++
		}
	}
	require.Equal(t, want.count, members, said)
	entries := len(service.Allowlist(emulator.DefaultOrganizationID).Entries)
	if entries > 0 {
		entries-- // The runner's own.
	}
	require.Equal(t, want.count, entries, said)
}
