// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

const (
	movedPassword = "Passw0rd-of-the-moved-role"
	movedBlock    = `
moved {
  from = postgresql_role.test
  to   = terrascale_postgresql_readonly_role.test
}
`
)

// sourceHCL gives a postgresql_role as that provider's state has it, with more attributes.
func sourceHCL(more string) string {
	return `
resource "postgresql_role" "test" {
  id = "moved_reader"
  name = "moved_reader"
  encrypted_password = true
  inherit = true
  replication = false
  bypass_row_level_security = false
  superuser = false
  create_role = false
  skip_drop_role = false
  skip_reassign_owned = false
  search_path = []
  idle_in_transaction_session_timeout = 0
  assume_role = ""
` + more + `
}
`
}

// move is one move of a role between the two providers.
type move struct {
	source, target string
	// planned is checked before the apply that moves.
	planned []plancheck.PlanCheck
	state   []statecheck.StateCheck
	check   resource.TestCheckFunc
}

// run applies the source's state, moves it in place, and expects that nothing is left to do.
func (m move) run(t *testing.T, database *acctest.Database) {
	t.Helper()
	t.Setenv("TF_ACC_PROVIDER_NAMESPACE", sourceNamespace)
	updates := plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: withSource(0),
		CheckDestroy:             gone(database, "moved_reader"),
		Steps: []resource.TestStep{
			{Config: m.source},
			{
				Config:            database.ServerHCL() + movedBlock + m.target,
				ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: append(m.planned, updates), PostApplyPostRefresh: emptyPlan()},
				ConfigStateChecks: m.state, Check: m.check,
			},
			{RefreshState: true},
			{
				Config:           database.ServerHCL() + m.target, // Without the moved block, nothing changes any more.
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
			},
		},
	})
}

// takesAway expects that a plan shows privileges in excess_privileges, and none after the apply.
type takesAway []any

// CheckPlan reads the plan.
func (want takesAway) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	const attribute = "excess_privileges"
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != address {
			continue
		}
		before, _ := change.Change.Before.(map[string]any)
		after, _ := change.Change.After.(map[string]any)
		if !reflect.DeepEqual(before[attribute], []any(want)) || !reflect.DeepEqual(after[attribute], []any{}) {
			resp.Error = fmt.Errorf("the plan takes away %v, and leaves %v", before[attribute], after[attribute])
		}
		return
	}
	resp.Error = errors.New("the plan does not have the role")
}

// verifier gives what the server keeps of the moved role's password.
func verifier(t *testing.T, database *acctest.Database) (kept string) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), database.AdminURL(database.Name))
	require.NoError(t, err)
	defer func() { require.NoError(t, connection.Close(t.Context())) }()
	require.NoError(t, connection.QueryRow(t.Context(),
		"SELECT coalesce(rolpassword, '') FROM pg_authid WHERE rolname = 'moved_reader'").Scan(&kept))
	return kept
}

func TestAccRoleMovedKeepsItsPassword(t *testing.T) {
	database := newDatabase(t, "moved")
	database.Exec(
		"CREATE ROLE moved_reader LOGIN CREATEDB CONNECTION LIMIT 5 PASSWORD '"+movedPassword+
			"' IN ROLE pg_monitor VALID UNTIL '2040-01-01T00:00:00Z'",
		"ALTER ROLE moved_reader SET statement_timeout = 30000",
		"GRANT USAGE ON SCHEMA reporting TO moved_reader", "GRANT SELECT, INSERT ON reporting.monthly TO moved_reader",
	)
	before := verifier(t, database)
	require.NotEmpty(t, before)
	move{
		source: sourceHCL(`
  login             = true
  password          = "` + movedPassword + `"
  create_database   = true
  connection_limit  = 5
  statement_timeout = 30000
  valid_until       = "2040-01-01 00:00:00+00"
  roles             = ["pg_monitor"]
`), target: role(`
  name              = "moved_reader"
  grants            = { "moved.reporting" = {} }
  connection_limit  = 5
  statement_timeout = "30s"
  valid_until       = "2040-01-01T00:00:00Z"
`),
		planned: []plancheck.PlanCheck{
			takesAway{"CREATEDB", "membership in pg_monitor", "read-write transactions by default"},
			plancheck.ExpectKnownValue(address, tfjsonpath.New("password_version"), knownvalue.Int64Exact(1)),
			plancheck.ExpectKnownValue(address, tfjsonpath.New("password"), text(movedPassword)),
		},
		state: []statecheck.StateCheck{
			expect("password", text(movedPassword)), expect("username", text("moved_reader")), expect("server", text("main")),
		},
		check: func(*terraform.State) error {
			require.Equal(t, before, verifier(t, database), "nothing set the password anew")
			require.NoError(t, database.TryAs("moved_reader", secret.New(movedPassword), "SELECT * FROM reporting.latest"))
			require.Error(t, database.TryAs("moved_reader", secret.New(movedPassword),
				"SET default_transaction_read_only = off", "INSERT INTO reporting.monthly VALUES (1)"))
			require.Error(t, database.TryAs("moved_reader", secret.New(movedPassword), "CREATE DATABASE moved_too"))
			return nil
		},
	}.run(t, database)
}

func TestAccRoleMovedWithAWriteOnlyPassword(t *testing.T) {
	database := newDatabase(t, "movedwo")
	database.Exec("CREATE ROLE moved_reader LOGIN PASSWORD '" + movedPassword + "'")
	before := verifier(t, database)
	move{
		source: sourceHCL(`
  login               = true
  password_wo         = "` + movedPassword + `"
  password_wo_version = "7"
`), target: role(`
  name                = "moved_reader"
  grants              = { "movedwo.reporting" = {} }
  password_wo         = "another-Passw0rd"
  password_wo_version = 7
`),
		state: []statecheck.StateCheck{expect("password", knownvalue.Null()), expect("password_version", knownvalue.Int64Exact(1))},
		check: func(*terraform.State) error {
			require.Equal(t, before, verifier(t, database), "the version is the same, so that nothing sets the password")
			return nil
		},
	}.run(t, database)
}

func TestAccRoleMovedIntoRotation(t *testing.T) {
	database := newDatabase(t, "movedrotated")
	database.Exec("CREATE ROLE moved_reader LOGIN CREATEDB PASSWORD '" + movedPassword + "'")
	move{
		source: sourceHCL(`
  login           = true
  password        = "` + movedPassword + `"
  create_database = true
`), target: role(`
  name     = "moved_reader"
  grants   = { "movedrotated.reporting" = {} }
  rotation = { every = "90d", overlap = "7d" }
`),
		planned: []plancheck.PlanCheck{takesAway{"CREATEDB", "read-write transactions by default"}},
		state: []statecheck.StateCheck{
			expect("username", text("moved_reader_a")), expect("password_version", knownvalue.Int64Exact(2)),
			expect("password", knownvalue.StringRegexp(regexp.MustCompile("^[A-Za-z0-9]{40}$"))),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("previous").AtMapKey("username"), text("moved_reader")),
		},
		check: func(*terraform.State) error {
			// The login in use until now stays valid through the overlap, and is a reader's from now on.
			require.NoError(t, database.TryAs("moved_reader", secret.New(movedPassword), "SELECT * FROM reporting.monthly"))
			require.ErrorContains(t, database.TryAs("moved_reader", secret.New(movedPassword), "CREATE DATABASE moved_too"),
				"read-only transaction")
			require.ErrorContains(t, database.TryAs("moved_reader", secret.New(movedPassword),
				"SET default_transaction_read_only = off", "CREATE DATABASE moved_too"), "permission denied")
			return nil
		},
	}.run(t, database)
}

// Where that provider could only read what the server keeps of the password, the state does not take it for the password.
func TestAccRoleMovedWhosePasswordNobodyKnows(t *testing.T) {
	database := newDatabase(t, "movedverifier")
	database.Exec("CREATE ROLE moved_reader LOGIN PASSWORD '" + movedPassword + "'")
	before := verifier(t, database)
	move{
		source: sourceHCL(`
  login    = true
  password = "` + before + `"
`), target: role(`
  name   = "moved_reader"
  grants = { "movedverifier.reporting" = {} }
`),
		state: []statecheck.StateCheck{expect("password", knownvalue.Null())},
		check: func(*terraform.State) error {
			require.Equal(t, before, verifier(t, database))
			return nil
		},
	}.run(t, database)
}

func TestAccRoleMoveMistakes(t *testing.T) {
	database := newDatabase(t, "movemistakes")
	t.Setenv("TF_ACC_PROVIDER_NAMESPACE", sourceNamespace)
	target := database.ServerHCL() + role(`
  name   = "moved_reader"
  grants = { "movemistakes.reporting" = {} }
`)
	source := sourceHCL(`password = "` + movedPassword + `"`)
	for name, test := range map[string]struct {
		factories acctest.Factories
		steps     []resource.TestStep
	}{
		"a version that is not known": {withSource(1), []resource.TestStep{
			{Config: source},
			{Config: movedBlock + target, ExpectError: regexp.MustCompile(`schema\s+version\s+1,\s+and\s+the\s+provider\s+knows\s+version\s+0`)},
			{Config: source},
		}},
		"another type": {withSource(0), []resource.TestStep{
			{Config: `resource "terraform_data" "test" {}`},
			{
				Config:      strings.ReplaceAll(movedBlock, "postgresql_role.test\n  to", "terraform_data.test\n  to") + target,
				ExpectError: regexp.MustCompile(`(?i)unable\s+to\s+move`),
			},
			{Config: `resource "terraform_data" "test" {}`},
		}},
		"gone on the server": {withSource(0), []resource.TestStep{
			{Config: source},
			{Config: movedBlock + target, ExpectError: regexp.MustCompile(`role\s+does\s+not\s+exist`)},
			// Nothing tells where a role is that was moved and never applied.
			{Config: database.ServerHCL(), ExpectError: regexp.MustCompile(`no\s+apply\s+has\s+said\s+yet\s+which\s+server`)},
			{PreConfig: func() { database.Exec("CREATE ROLE moved_reader") }, Config: target},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: test.factories, Steps: test.steps})
		})
	}
	require.False(t, database.RoleExists("moved_reader"))
}
