// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/postgresqlreadonlyrole"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const address = postgresqlreadonlyrole.TypeName + ".test"

// newDatabase makes a database with an owner of its own and a few tables.
func newDatabase(t *testing.T, name string) *acctest.Database {
	t.Helper()
	return acctest.NewDatabase(t, name,
		"CREATE ROLE "+name+"_owner",
		"CREATE TABLE public.users (id int)", "CREATE TABLE public.orders (id int)", "CREATE TABLE public.payments (id int)",
		"CREATE SCHEMA reporting AUTHORIZATION "+name+"_owner",
		"SET ROLE "+name+"_owner; CREATE TABLE reporting.monthly (id int); CREATE VIEW reporting.latest AS SELECT 1 AS one; RESET ROLE",
	)
}

// role gives a resource block.
func role(body string) string {
	return fmt.Sprintf("resource %q \"test\" {\n  server = \"main\"\n%s\n}\n", postgresqlreadonlyrole.TypeName, body)
}

func emptyPlan() []plancheck.PlanCheck { return []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()} }

func updates() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
		PostApplyPostRefresh: emptyPlan(),
	}
}

// gone checks that a role has left the server.
func gone(database *acctest.Database, name string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if database.RoleExists(name) {
			return fmt.Errorf("role %s is still there", name)
		}
		return nil
	}
}

func TestAccRoleLifecycle(t *testing.T) {
	database := newDatabase(t, "lifecycle")
	full := role(`
  name = "lifecycle_reader"
  grants = {
    "lifecycle.public" = { tables = ["users", "orders"] }
    "lifecycle.reporting" = {}
  }
  future_tables_owned_by              = ["lifecycle_owner"]
  connection_limit                    = 20
  statement_timeout                   = "30s"
  idle_in_transaction_session_timeout = "2m"
  valid_until                         = "2040-01-01T00:00:00Z"
  terminate_sessions                  = false
`)
	respelled := role(`
  name = "lifecycle_reader"
  grants = {
    "lifecycle.reporting" = {}
    "lifecycle.public" = { tables = ["orders", "users"] }
  }
  future_tables_owned_by              = ["lifecycle_owner"]
  connection_limit                    = 20
  statement_timeout                   = "0.5m"
  idle_in_transaction_session_timeout = "120s"
  valid_until                         = "2040-01-01T01:00:00+01:00"
  terminate_sessions                  = false
`)
	minimal := role(`
  name   = "lifecycle_renamed"
  grants = { "lifecycle.public" = { tables = ["payments"] } }
`)
	samePassword := statecheck.CompareValue(compare.ValuesSame())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(database, "lifecycle_renamed"),
		Steps: []resource.TestStep{
			{
				Config: database.ServerHCL() + full,
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
						plancheck.ExpectKnownValue(address, tfjsonpath.New("username"), knownvalue.StringExact("lifecycle_reader")),
						plancheck.ExpectUnknownValue(address, tfjsonpath.New("password")),
						plancheck.ExpectSensitiveValue(address, tfjsonpath.New("password")),
					},
					PostApplyPostRefresh: emptyPlan(),
				},
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("password"), knownvalue.StringRegexp(regexp.MustCompile("^[A-Za-z0-9]{40}$"))),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("password_version"), knownvalue.Int64Exact(1)),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("excess_privileges"), knownvalue.ListSizeExact(0)),
					samePassword.AddStateValue(address, tfjsonpath.New("password")),
				},
			},
			{
				Config:           database.ServerHCL() + respelled,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
			},
			{
				ResourceName: address, ImportState: true, ImportStateId: "main/lifecycle_reader", ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "name",
				// The password can't be read from the server, and whether sessions are ended is a choice, not a fact.
				ImportStateVerifyIgnore: []string{"password", "terminate_sessions", "password_set_at", "password_fingerprint"},
			},
			{
				Config:           database.ServerHCL() + minimal,
				ConfigPlanChecks: updates(),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("username"), knownvalue.StringExact("lifecycle_renamed")),
					samePassword.AddStateValue(address, tfjsonpath.New("password")),
				},
				Check: gone(database, "lifecycle_reader"),
			},
		},
	})
}

func TestAccRoleEachAttributeUpdatesInPlace(t *testing.T) {
	database := newDatabase(t, "each")
	const grants = `grants = { "each.reporting" = {} }`
	steps := []resource.TestStep{{Config: database.ServerHCL() + role(`name = "each_reader"`+"\n"+grants)}}
	for _, attribute := range []string{
		`connection_limit = 3`, `connection_limit = 4`, `statement_timeout = "5s"`, `statement_timeout = "1d"`,
		`idle_in_transaction_session_timeout = "1.5s"`, `valid_until = "2041-01-01T00:00:00Z"`,
		`future_tables_owned_by = ["each_owner"]`, `terminate_sessions = false`,
	} {
		steps = append(steps, resource.TestStep{
			Config:           database.ServerHCL() + role(`name = "each_reader"`+"\n"+grants+"\n"+attribute),
			ConfigPlanChecks: updates(),
		})
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

func TestAccRoleOwnPasswordIsNowhere(t *testing.T) {
	database := newDatabase(t, "own")
	const first, second = "first-Passw0rd-of-own", "second-Passw0rd-of-own"
	config := func(password string, version int) string {
		return database.ServerHCL() + role(fmt.Sprintf(`
  name                = "own_reader"
  grants              = { "own.reporting" = {} }
  password_wo         = %q
  password_wo_version = %d
`, password, version))
	}
	logsIn := func(password string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			return database.TryAs("own_reader", secret.New(password), "SELECT * FROM reporting.monthly")
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{
				Config: config(first, 1), Check: logsIn(first),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("password"), knownvalue.Null()),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("password_wo"), knownvalue.Null()),
				},
			},
			// Without another version nothing is seen, and nothing is set.
			{Config: config(second, 1), Check: logsIn(first), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()}},
			{
				Config: config(second, 2), Check: logsIn(second), ConfigPlanChecks: updates(),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("password_version"), knownvalue.Int64Exact(2)),
				},
			},
			{
				Config: database.ServerHCL() + role(`
  name   = "own_reader"
  grants = { "own.reporting" = {} }`),
				ConfigPlanChecks: updates(),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("password"), knownvalue.StringRegexp(regexp.MustCompile("^.{40}$"))),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("password_version"), knownvalue.Int64Exact(3)),
				},
			},
		},
	})
	require.False(t, database.LogContains(first), "the password is in the server's log")
	require.False(t, database.LogContains(second), "the password is in the server's log")
	require.True(t, database.LogContains("own_reader"), "the log was looked at")
}

// logsIn checks that the state holds a login that works.
func logsIn(database *acctest.Database) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		attributes := state.RootModule().Resources[address].Primary.Attributes
		return database.TryAs(attributes["username"], secret.New(attributes["password"]), "SELECT 1")
	}
}

func TestAccRoleDriftIsShownAndMended(t *testing.T) {
	database := newDatabase(t, "drift")
	config := database.ServerHCL() + role(`
  name                   = "drift_reader"
  grants                 = { "drift.public" = { tables = ["users"] }, "drift.reporting" = {} }
  future_tables_owned_by = ["drift_owner"]
  connection_limit       = 5
`)
	steps := []resource.TestStep{{Config: config}}
	// From version 16 on, only a superuser may revoke a membership that a superuser gave.
	membership := "GRANT drift_owner TO drift_reader"
	if acctest.IsManagedAdmin() {
		membership += " GRANTED BY managed_admin"
	}
	for _, change := range []string{
		"GRANT INSERT ON public.orders TO drift_reader",
		"GRANT SELECT ON public.payments TO drift_reader",
		"REVOKE SELECT ON public.users FROM drift_reader",
		"REVOKE USAGE ON SCHEMA reporting FROM drift_reader",
		// Where everybody may connect and the admin has no say, the role needs no grant of its own.
		"REVOKE CONNECT ON DATABASE drift FROM drift_reader, PUBLIC",
		"CREATE TABLE reporting.of_somebody_else (id int)",
		"ALTER DEFAULT PRIVILEGES FOR ROLE drift_owner IN SCHEMA reporting REVOKE SELECT ON TABLES FROM drift_reader",
		"ALTER ROLE drift_reader CONNECTION LIMIT -1",
		"ALTER ROLE drift_reader CREATEDB",
		"ALTER ROLE drift_reader NOLOGIN",
		// What a drop that is killed leaves.
		"ALTER ROLE drift_reader NOLOGIN PASSWORD NULL",
		"ALTER ROLE drift_reader SET statement_timeout = '1h'",
		"ALTER ROLE drift_reader RESET default_transaction_read_only",
		"ALTER ROLE drift_reader VALID UNTIL '2001-01-01'",
		"ALTER ROLE drift_reader IN DATABASE drift SET default_transaction_read_only TO off",
		"ALTER ROLE drift_reader IN DATABASE postgres SET default_transaction_read_only TO off",
		"ALTER ROLE drift_reader IN DATABASE drift SET statement_timeout TO 0",
		"ALTER ROLE drift_reader SET search_path TO reporting",
		"SELECT lo_create(4711); ALTER LARGE OBJECT 4711 OWNER TO drift_owner; GRANT UPDATE ON LARGE OBJECT 4711 TO drift_reader",
		"CREATE FUNCTION public.drift() RETURNS void LANGUAGE sql SECURITY DEFINER AS ''; ALTER FUNCTION public.drift OWNER TO drift_owner; REVOKE EXECUTE ON FUNCTION public.drift FROM PUBLIC; GRANT EXECUTE ON FUNCTION public.drift TO drift_reader",
		membership,
	} {
		steps = append(steps, resource.TestStep{
			PreConfig: func() { database.Exec(change) }, Config: config, ConfigPlanChecks: updates(), Check: logsIn(database),
		})
	}
	steps = append(steps,
		// A table made later by the owner is covered already.
		resource.TestStep{
			PreConfig:        func() { database.Exec("SET ROLE drift_owner; CREATE TABLE reporting.later (id int); RESET ROLE") },
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		resource.TestStep{
			PreConfig: func() { database.Exec("DROP OWNED BY drift_reader", "DROP ROLE drift_reader") },
			Config:    config,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)},
				PostApplyPostRefresh: emptyPlan(),
			},
		},
	)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

func TestAccRolePrivilegeViaPublicIsReported(t *testing.T) {
	database := newDatabase(t, "viapublic")
	database.Exec("GRANT INSERT ON public.orders TO PUBLIC")
	body := role(`
  name   = "viapublic_reader"
  grants = { "viapublic.reporting" = {} }`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{
				Config: database.ServerHCL() + body,
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("excess_privileges"),
					knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("INSERT on public.orders via PUBLIC")}))},
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
			},
			{
				Config:      database.ServerHCL(`least_privilege = "enforce"`) + body,
				ExpectError: regexp.MustCompile(`(?s)excess-privilege.*INSERT\s+on\s+public\.orders\s+via\s+PUBLIC`),
			},
			{Config: database.ServerHCL() + body},
		},
	})
}

// The ways around: a function with its owner's rights, a sequence, a trigger, a large object. They are told, and fail no plan that was empty.
func TestAccRoleWaysAroundReadingAreReported(t *testing.T) {
	database := newDatabase(t, "around")
	database.Exec("CREATE SEQUENCE public.sq")
	body := role(`
  name   = "around_reader"
  grants = { "around.public" = {} }`)
	w := acctest.NewWorkspace(t, database.ServerHCL(`least_privilege = "enforce"`)+body)
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	database.Exec(
		"CREATE FUNCTION public.bump() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO public.users VALUES (1)'",
		"ALTER FUNCTION public.bump() OWNER TO "+database.Admin,
		"GRANT USAGE ON SEQUENCE public.sq TO PUBLIC", "GRANT TRIGGER ON public.orders TO PUBLIC",
		"SELECT lo_create(4712)", "GRANT UPDATE ON LARGE OBJECT 4712 TO PUBLIC")
	said := w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	for _, way := range []string{
		"EXECUTE on public.bump(), SECURITY DEFINER of " + database.Admin + ", via PUBLIC", "USAGE on sequence public.sq via PUBLIC",
		"TRIGGER on public.orders via PUBLIC", "UPDATE on large object 4712 via PUBLIC",
	} {
		require.Contains(t, strings.Join(strings.Fields(said), " "), way)
	}
	require.Contains(t, said, "Warning: Least privilege: excess-privilege")
}

func TestAccRoleMistakesAreNamed(t *testing.T) {
	database := newDatabase(t, "mistakes")
	database.Exec("CREATE ROLE mistakes_taken")
	valid := `grants = { "mistakes.reporting" = {} }`
	for name, step := range map[string]struct{ config, want string }{
		"long name":     {role(`name = "x23456789_123456789_123456789_123456789_123456789_123456789_1234"` + "\n" + valid), `has 64\s+bytes`},
		"reserved name": {role(`name = "pg_reader"` + "\n" + valid), `starts with "pg_"`},
		"public":        {role(`name = "public"` + "\n" + valid), `has a meaning of its own`},
		"no name":       {role(`name = ""` + "\n" + valid), `The name is empty`},
		"no grants":     {role(`name = "a"` + "\n" + `grants = {}`), `(?s)grants.*at least 1`},
		"no tables":     {role(`name = "a"` + "\n" + `grants = { "mistakes.public" = { tables = [] } }`), `(?s)tables.*at least 1`},
		"schema twice":  {role(`name = "a"` + "\n" + `grants = { "m.s" = {}, "\"m\".s" = { tables = ["t"] } }`), `(?s)Schema granted twice.*both\s+name\s+schema\s+"s"\s+of\s+database\s+"m"`},
		"no schema":     {role(`name = "a"` + "\n" + `grants = { m = {} }`), `(?s)"m"\s+is\s+not\s+database\.schema:\s+write\s+for\s+example\s+"app\.public".*"\\"my\.db\\"\.public"`},
		"a dot":         {role(`name = "a"` + "\n" + `grants = { "my.db.public" = {} }`), `(?s)"my\.db\.public"\s+is\s+not\s+database\.schema`},
		"empty schema":  {role(`name = "a"` + "\n" + `grants = { "m." = {} }`), `(?s)The\s+schema\s+in\s+"m\.":\s+The\s+name\s+is\s+empty`},
		"null grant":    {role(`name = "a"` + "\n" + `grants = { "m.s" = null }`), `Grant is null`},
		"useless owner": {role(`name = "a"` + "\n" + `grants = { "m.s" = { tables = ["t"] } }` + "\n" + `future_tables_owned_by = ["o"]`), `No grant covers future tables`},
		"bad duration":  {role(`name = "a"` + "\n" + valid + "\n" + `statement_timeout = "30"`), `"30" is not a duration`},
		"zero timeout":  {role(`name = "a"` + "\n" + valid + "\n" + `statement_timeout = "0s"`), `too short`},
		"bad time":      {role(`name = "a"` + "\n" + valid + "\n" + `valid_until = "tomorrow"`), `not an RFC 3339 time`},
		"no version":    {role(`name = "a"` + "\n" + valid + "\n" + `password_wo = "x"`), `password_wo_version`},
		"unknown server": {
			fmt.Sprintf("resource %q \"test\" {\n server = \"other\"\n name = \"a\"\n %s\n}", postgresqlreadonlyrole.TypeName, valid),
			`no\s+server\s+"other"\s+\(configured\s+are:\s+main\)`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{{
					Config: database.ServerHCL() + step.config, PlanOnly: true, ExpectError: regexp.MustCompile(step.want),
				}},
			})
		})
	}
	for name, step := range map[string]struct{ config, want string }{
		"missing table":  {role(`name = "mistakes_a"` + "\n" + `grants = { "mistakes.public" = { tables = ["users", "nope"] } }`), `table\s+public\.nope in database mistakes`},
		"missing schema": {role(`name = "mistakes_a"` + "\n" + `grants = { "mistakes.nope" = {} }`), `schema\s+nope in database mistakes`},
		"taken":          {role(`name = "mistakes_taken"` + "\n" + valid), `terraform\s+import\s+terrascale_postgresql_readonly_role\.<name>\s+'main/mistakes_taken'`},
	} {
		t.Run(name, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				CheckDestroy:             gone(database, "mistakes_a"),
				Steps:                    []resource.TestStep{{Config: database.ServerHCL() + step.config, ExpectError: regexp.MustCompile(step.want)}},
			})
		})
	}
	require.True(t, database.RoleExists("mistakes_taken"), "a role that the provider did not make is left alone")
}

func TestAccRoleThatOwnsObjectsIsKept(t *testing.T) {
	database := newDatabase(t, "owns")
	config := database.ServerHCL() + role(`
  name   = "owns_reader"
  grants = { "owns.reporting" = {} }`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					database.Exec("CREATE TABLE public.kept (id int)", "ALTER TABLE public.kept OWNER TO owns_reader")
				},
				Config: config, Destroy: true,
				ExpectError: regexp.MustCompile(`(?s)owns\s+objects.*table\s+public\.kept\s+in\s+database\s+owns`),
			},
			{PreConfig: func() { database.Exec("ALTER TABLE public.kept OWNER TO owns_owner") }, Config: config},
		},
	})
	require.False(t, database.RoleExists("owns_reader"))
	database.Exec("SELECT * FROM public.kept")
}

func TestAccRoleOnAServerThatIsNotKnownYet(t *testing.T) {
	database := newDatabase(t, "unknown")
	config := fmt.Sprintf(`
resource "terraform_data" "server" {
  input = { host = %q, port = %d, password = %q }
}
provider "terrascale" {
  postgresql = {
    main = {
      host        = terraform_data.server.output.host
      port        = terraform_data.server.output.port
      password    = terraform_data.server.output.password
      username    = %q
      sslrootcert = %q
    }
  }
}
`, database.Host, database.Port, database.AdminPassword.Reveal(), database.Admin, database.Authority.CAFile) + role(`
  name   = "unknown_reader"
  grants = { "unknown.reporting" = {} }`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(database, "unknown_reader"),
		Steps: []resource.TestStep{{
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		}},
	})
}

func TestAccRoleThatExpiresStillDrops(t *testing.T) {
	database := newDatabase(t, "expires")
	past := time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(database, "expires_reader"),
		Steps: []resource.TestStep{{Config: database.ServerHCL() + role(fmt.Sprintf(`
  name        = "expires_reader"
  grants      = { "expires.reporting" = {} }
  valid_until = %q`, past))}},
	})
}

// What is set for the database reaches the provider's sessions, and changes nothing.
func TestAccRoleOnAServerWithSettingsOfItsOwn(t *testing.T) {
	database := newDatabase(t, "odd")
	for _, setting := range []string{
		"datestyle = 'German'", "timezone = 'Asia/Kathmandu'", "search_path = reporting", "standard_conforming_strings = off",
		"default_transaction_isolation = 'serializable'", "intervalstyle = 'sql_standard'",
	} {
		database.Exec("ALTER DATABASE odd SET " + setting)
	}
	config := func(until string) string {
		return database.ServerHCL() + role(`
  name              = "odd_reader"
  grants            = { "odd.public" = { tables = ["users"] }, "odd.reporting" = {} }
  statement_timeout = "90s"
  valid_until       = "`+until+`"
`)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(database, "odd_reader"),
		Steps: []resource.TestStep{
			{Config: config("2040-03-04T05:06:07Z"), ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()}},
			{Config: config("2041-12-11T10:09:08Z"), ConfigPlanChecks: updates()},
		},
	})
}
