// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// shared is all that two teams have in common: a service, databases, and a folder with the files of two gateways.
type shared struct {
	service  *acctest.Emulator
	database *acctest.Database
	mariaDB  *acctest.MariaDB
	redis    *acctest.Redis
	folder   string
	members  int // who are there before anybody is invited
}

// runner is the allowlist's entry without which nobody could work.
const runner = "127.0.0.0/8"

func newShared(t *testing.T, name string) *shared {
	t.Helper()
	s := &shared{
		service: acctest.NewEmulator(t), database: acctest.NewDatabase(t, name, "CREATE TABLE orders (id int)"),
		mariaDB: acctest.NewMariaDB(t, "CREATE DATABASE "+name, "CREATE TABLE "+name+".orders (id INT)"),
		redis:   acctest.NewRedis(t, devstack.RedisOptions{}), folder: t.TempDir(),
	}
	s.members = len(s.service.Members(emulator.DefaultOrganizationID))
	require.NoError(t, s.service.SetAllowlist(emulator.DefaultOrganizationID, true, runner))
	require.NoError(t, os.WriteFile(filepath.Join(s.folder, ".hyperterse"), []byte("name: gateway\nversion: 1.0.0\n"), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(s.folder, "app", "adapters"), 0o700))
	return s
}

// workspace is a folder and a state of one's own. In the resources, NAME is the database's, and FOLDER the shared one.
func (s *shared) workspace(t *testing.T, resources string) *acctest.Workspace {
	t.Helper()
	return acctest.NewWorkspace(t, s.configuration(resources))
}

func (s *shared) configuration(resources string) string {
	return s.service.ProviderHCL(block(s.database.ServerHCL()), block(s.mariaDB.ServerHCL()), block(s.redis.ServerHCL())) +
		strings.NewReplacer("NAME", s.database.Name, "FOLDER", s.folder).Replace(resources)
}

// quietly are the arguments of a run that asks nothing.
func quietly(command ...string) []string { return append(command, "-input=false", "-no-color") }

// atOnce runs the CLI in all workspaces at the same time.
func atOnce(t *testing.T, workspaces []*acctest.Workspace, arguments ...string) []terraformcli.Result {
	t.Helper()
	results := make([]terraformcli.Result, len(workspaces))
	var all errgroup.Group
	for i, w := range workspaces {
		all.Go(func() (err error) {
			results[i], err = w.Run(t.Context(), quietly(arguments...)...)
			return err
		})
	}
	require.NoError(t, all.Wait())
	return results
}

// ofTeam are resources of one team: names that no other has, and one key whose name all use.
const ofTeam = `
resource "terrascale_api_key" "this" {
  count  = 5
  name   = "gateway-${count.index}"
  scopes = ["database:read"]
}
resource "terrascale_team_member" "this" {
  count = 5
  email = "TEAM-${count.index}@example.com"
  role  = "readonly"
}
resource "terrascale_ip_allowlist_entry" "this" {
  count = 5
  cidr  = "10.NUMBER.${count.index}.0/24"
}
resource "terrascale_postgresql_readonly_role" "this" {
  count    = 5
  server   = "main"
  name     = "NAME_TEAM_${count.index}"
  grants   = { "NAME.public" = {} }
  rotation = { every = "90d", overlap = "1h" }
}
resource "terrascale_mysql_readonly_user" "this" {
  count  = 5
  server = "main"
  name   = "NAME_TEAM_${count.index}"
  grants = { NAME = {} }
}
resource "terrascale_redis_readonly_user" "this" {
  count        = 5
  server       = "main"
  name         = "TEAM_${count.index}"
  key_patterns = ["app:*"]
}
resource "terrascale_adapter" "file" {
  count             = 5
  config_file       = "FOLDER/config.terse"
  name              = "TEAM_file_${count.index}"
  connector         = "postgres"
  connection_string = "{{ env.TEAM_FILE_${count.index} }}"
  dotenv = {
    file             = "FOLDER/.env"
    variable         = "TEAM_FILE_${count.index}"
    value_wo         = "postgresql://localhost/NAME"
    value_wo_version = 1
  }
}
resource "terrascale_adapter" "project" {
  count             = 5
  project           = "FOLDER"
  name              = "TEAM_project_${count.index}"
  connector         = "postgres"
  connection_string = "{{ env.TEAM_PROJECT_${count.index} }}"
  dotenv = {
    variable         = "TEAM_PROJECT_${count.index}"
    value_wo         = "postgresql://localhost/NAME"
    value_wo_version = 1
  }
}
`

// counts says how much there is of what teams make, beside what was there before them.
func (s *shared) counts(t *testing.T) map[string]int {
	t.Helper()
	users, err := s.redis.Texts("ACL", "USERS")
	require.NoError(t, err)
	file, err := os.ReadFile(filepath.Join(s.folder, "config.terse"))
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	variables, err := os.ReadFile(filepath.Join(s.folder, ".env"))
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	project, err := filepath.Glob(filepath.Join(s.folder, "app", "adapters", "*.terse"))
	require.NoError(t, err)
	return map[string]int{
		"keys":     len(s.service.LiveKeys(time.Now())),
		"members":  len(s.service.Members(emulator.DefaultOrganizationID)) - s.members,
		"entries":  len(s.service.Networks()) - 1,
		"roles":    len(s.database.Texts("SELECT rolname::text FROM pg_roles WHERE rolname ~ ('^' || $1 || '_.*[0-9]$')", s.database.Name)),
		"logins":   len(s.database.Texts("SELECT rolname::text FROM pg_roles WHERE rolname ~ ('^' || $1 || '_') AND rolcanlogin", s.database.Name)),
		"users":    len(s.mariaDB.Texts("SELECT User FROM mysql.global_priv WHERE User LIKE '" + s.database.Name + "\\_%' AND JSON_VALUE(Priv, '$.account_locked') IS NOT TRUE")),
		"Redis":    len(users) - 2, // The administrator and the default user.
		"adapters": strings.Count(string(file), "connection_string:"), "files": len(project), "variables": strings.Count(string(variables), "postgresql://localhost/"),
	}
}

// Two teams with a state each work on one organization, one list, one database of each kind and the same files at the same time: each gets
// what it wants, and nothing of the other's is lost.
func TestTwoTeamsAtOnceLoseNothingOfEachOthers(t *testing.T) {
	s := newShared(t, "together")
	nothing := s.counts(t)
	for kind, number := range nothing {
		require.Zero(t, number, kind)
	}
	var teams []*acctest.Workspace
	for number, team := range []string{"blue", "green"} {
		teams = append(teams, s.workspace(t, strings.NewReplacer("TEAM_FILE", strings.ToUpper(team)+"_FILE", "TEAM_PROJECT", strings.ToUpper(team)+"_PROJECT",
			"TEAM", team, "NUMBER", fmt.Sprint(number)).Replace(ofTeam)))
	}
	all := func(arguments ...string) {
		t.Helper()
		for _, result := range atOnce(t, teams, arguments...) {
			require.Zero(t, result.ExitCode, result.Output)
		}
	}
	for range 2 {
		all("apply", "-auto-approve")
		require.Equal(t, map[string]int{
			"keys": 10, "members": 10, "entries": 10, "roles": 10, "logins": 10, "users": 10, "Redis": 10, "adapters": 10, "files": 10, "variables": 20,
		}, s.counts(t))
		all("plan", "-detailed-exitcode")
		all("destroy", "-auto-approve")
		require.Equal(t, nothing, s.counts(t))
	}
}

// contested are resources that only one state can have. LIMIT tells the teams' wishes apart.
const contested = `
resource "terrascale_team_member" "this" {
  count = 3
  email = "wanted-${count.index}@example.com"
  role  = LIMIT == 1 ? "readonly" : "member"
}
resource "terrascale_ip_allowlist_entry" "this" {
  count       = 3
  cidr        = "10.9.${count.index}.0/24"
  description = "LIMIT"
}
resource "terrascale_postgresql_readonly_role" "this" {
  count            = 3
  server           = "main"
  name             = "NAME_wanted_${count.index}"
  grants           = { "NAME.public" = {} }
  connection_limit = LIMIT
}
resource "terrascale_mysql_readonly_user" "this" {
  count                = 3
  server               = "main"
  name                 = "NAME_wanted_${count.index}"
  grants               = { NAME = {} }
  max_user_connections = LIMIT
}
resource "terrascale_redis_readonly_user" "this" {
  count        = 3
  server       = "main"
  name         = "wanted_${count.index}"
  key_patterns = ["appLIMIT:*"]
}
resource "terrascale_adapter" "file" {
  count             = 3
  config_file       = "FOLDER/config.terse"
  name              = "wanted_${count.index}"
  connector         = "postgres"
  connection_string = "{{ env.FILE_LIMIT }}"
}
resource "terrascale_adapter" "project" {
  count             = 3
  project           = "FOLDER"
  name              = "wanted_${count.index}"
  connector         = "postgres"
  connection_string = "{{ env.PROJECT_LIMIT }}"
}
`

// What both want to make, one of them makes. The other is told what is there already, and has nothing of it in its state.
func TestTwoTeamsThatWantTheSameAreToldOfIt(t *testing.T) {
	s := newShared(t, "contested")
	nothing := s.counts(t)
	var teams []*acctest.Workspace
	for _, limit := range []string{"1", "2"} {
		teams = append(teams, s.workspace(t, strings.ReplaceAll(contested, "LIMIT", limit)))
	}
	for range contests() {
		results := atOnce(t, teams, "apply", "-auto-approve")
		said := results[0].Output + "\n\n\n" + results[1].Output
		var had [2][]string
		for i, w := range teams {
			had[i] = strings.Fields(w.Must("state", "list"))
			for _, problem := range strings.Split(results[i].Output, "Error: ")[1:] {
				require.Regexp(t, `already|exists|by somebody else|another`, acctest.Plain(problem), said)
			}
		}
		both := slices.Concat(had[0], had[1])
		slices.Sort(both)
		require.Equal(t, slices.Compact(slices.Clone(both)), both, "in both states:\n%s", said)
		require.Len(t, both, 7*3, said)
		for i, w := range teams {
			for _, address := range had[i] {
				// What one has, it has as it wants it: the other did not change it.
				planned := w.Must(quietly("plan", "-target="+address)...)
				require.Contains(t, planned, "No changes", "%s\n%s\n\n%s", address, planned, said)
			}
			// A refresh would plan what it does not have, which is an error.
			w.Must(quietly("destroy", "-auto-approve", "-refresh=false")...)
		}
		require.Equal(t, nothing, s.counts(t), said)
	}
}

// contests is how often two teams want the same: often, for who asks for the whole.
func contests() int {
	if os.Getenv(faultsVariable) != "" {
		return 10
	}
	return 1
}

// A team has the whole allowlist in its state, and another an entry of it: at the same time, nobody overwrites what the other wrote unseen.
func TestAListAndAnEntryOfItAtOnce(t *testing.T) {
	s := newShared(t, "listed")
	const listed, entry = "203.0.113.0/24", "198.51.100.0/24"
	whole := s.workspace(t, fmt.Sprintf(`
resource "terrascale_ip_allowlist" "this" {
  entries = { %q = {}, %q = {} }
}`, runner, listed))
	part := s.workspace(t, fmt.Sprintf(`
resource "terrascale_ip_allowlist_entry" "this" {
  cidr = %q
}`, entry))
	for range 3 * contests() {
		results := atOnce(t, []*acctest.Workspace{whole, part}, "apply", "-auto-approve")
		said := results[0].Output + "\n\n\n" + results[1].Output
		for i, network := range []string{listed, entry} {
			if results[i].ExitCode == 0 {
				// The list has it, or the list's plan came later, and said that it goes.
				isThere := slices.Contains(s.service.Networks(), network)
				require.True(t, isThere || i == 1 && strings.Contains(results[0].Output, network), said)
			} else {
				require.Regexp(t, `changed by somebody else|Somebody else changed it at the same time|in the list already`, acctest.Plain(results[i].Output))
			}
		}
		part.Must(quietly("destroy", "-auto-approve")...)
		whole.Must(quietly("apply", "-auto-approve")...)
		require.Equal(t, []string{runner, listed}, s.service.Networks(), said)
		whole.Must(quietly("plan", "-detailed-exitcode")...)
		require.NoError(t, s.service.SetAllowlist(emulator.DefaultOrganizationID, true, runner))
		whole.Must("state", "rm", "terrascale_ip_allowlist.this")
	}
}

// A list that is made where there is one replaces what the plan has named, and nothing that was added since.
func TestANewListReplacesNothingThatItsPlanDidNotName(t *testing.T) {
	w := newWorld(t, "unnamed")
	const own, named, added = "203.0.113.0/24", "192.0.2.0/24", "198.51.100.0/24"
	const typeName = "terrascale_ip_allowlist"
	require.NoError(t, w.service.SetAllowlist(emulator.DefaultOrganizationID, true, runner, named))
	config := protocol.Value(w.Type(typeName), object{"entries": object{runner: object{}, own: object{}}})
	plan := w.Plan(t, w.None(typeName), config)
	require.Contains(t, strings.Join(plan.Warnings, ""), named)
	require.NoError(t, w.service.SetAllowlist(emulator.DefaultOrganizationID, true, runner, named, added))
	_, errors := w.Apply(t, w.None(typeName), plan, config)
	require.Len(t, errors, 1)
	require.Contains(t, errors[0], "changed by somebody else: added "+added)
	require.Equal(t, []string{runner, named, added}, w.service.Networks())

	w.Reconfigure(t)
	plan = w.Plan(t, w.None(typeName), config)
	require.Contains(t, strings.Join(plan.Warnings, ""), added)
	_, errors = w.Apply(t, w.None(typeName), plan, config)
	require.Empty(t, errors)
	require.Equal(t, []string{runner, own}, w.service.Networks())
}
