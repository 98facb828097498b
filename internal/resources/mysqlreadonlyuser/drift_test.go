// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// grantsOf gives what the server says of a user, without its password.
func grantsOf(m *acctest.MariaDB, account string) []string {
	lines := m.Texts("SHOW GRANTS FOR " + account)
	for i, line := range lines {
		lines[i] = regexp.MustCompile(` IDENTIFIED BY PASSWORD '\*[0-9A-F]+'`).ReplaceAllString(line, "")
	}
	return lines
}

func TestAccUserDriftIsShownAndMended(t *testing.T) {
	m := newDatabase(t, "drift")
	m.Exec("CREATE DATABASE drift_two", "CREATE TABLE drift_two.t (id INT)", "CREATE FUNCTION drift.f() RETURNS INT RETURN 1",
		"CREATE ROLE drift_role", "GRANT INSERT ON drift.* TO drift_role")
	config := m.ServerHCL() + user(`
  name                 = "drifter"
  grants               = { drift = { tables = ["users"] }, drift_two = {} }
  max_user_connections = 5
  password_wo          = "one"
  password_wo_version  = 1`)
	steps := []resource.TestStep{{Config: config}}
	var want []string
	for _, change := range []string{
		"REVOKE SELECT ON drift.users FROM drifter",
		"GRANT SHOW VIEW ON drift.users TO drifter",
		"REVOKE SELECT ON `drift\\_two`.* FROM drifter",
		"GRANT SELECT ON drift.* TO drifter",
		"GRANT SELECT ON drift.orders TO drifter",
		"GRANT SELECT ON drift_two.t TO drifter",
		"GRANT SELECT ON `drift_two`.* TO drifter",
		"GRANT INSERT ON drift.users TO drifter",
		"GRANT UPDATE (name), SELECT (id) ON drift.users TO drifter",
		"GRANT ALL ON drift.* TO drifter WITH GRANT OPTION",
		"GRANT ALL ON *.* TO drifter WITH GRANT OPTION",
		"GRANT PROCESS, FILE ON *.* TO drifter",
		"GRANT USAGE ON drift.* TO drifter WITH GRANT OPTION",
		"GRANT EXECUTE ON FUNCTION drift.f TO drifter WITH GRANT OPTION",
		"GRANT PROXY ON root@localhost TO drifter",
		"GRANT drift_role TO drifter WITH ADMIN OPTION",
		"ALTER USER drifter REQUIRE NONE",
		"ALTER USER drifter REQUIRE X509",
		"ALTER USER drifter WITH MAX_USER_CONNECTIONS 0",
		"ALTER USER drifter ACCOUNT LOCK",
		"ALTER USER drifter IDENTIFIED BY 'another'",
		"ALTER USER drifter PASSWORD EXPIRE",
		"ALTER USER drifter IDENTIFIED VIA unix_socket",
		"ALTER USER drifter IDENTIFIED VIA mysql_native_password USING PASSWORD('one') OR unix_socket",
	} {
		steps = append(steps, resource.TestStep{
			PreConfig: func() {
				if want == nil {
					want = grantsOf(m, "drifter")
				}
				m.Exec(change)
			},
			Config: config, ConfigPlanChecks: updates(),
			Check: func(state *terraform.State) error {
				if got := grantsOf(m, "drifter"); strings.Join(got, "\n") != strings.Join(want, "\n") {
					return fmt.Errorf("after %s: %q", change, got)
				}
				return logins(m, "drift", map[string]string{"drifter": "one"}, map[string]string{"drifter": "another"})(state)
			},
		})
	}
	steps = append(steps, resource.TestStep{
		PreConfig: func() { m.Exec("DROP USER drifter") }, Config: config,
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)},
			PostApplyPostRefresh: emptyPlan(),
		},
		Check: logins(m, "drift", map[string]string{"drifter": "one"}, nil),
	})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(), CheckDestroy: gone(m, "drifter"), Steps: steps,
	})
	require.Len(t, want, 3)
}

// What comes through others can't be taken from the user: it is said, with a warning, or an error where the rules are enforced.
func TestAccUserExcessThroughOthersIsSaid(t *testing.T) {
	m := newDatabase(t, "excess")
	body := user("name = \"excess\"\ngrants = { excess = {} }\npassword_wo = \"one\"\npassword_wo_version = 1")
	through := []knownvalue.Check{
		text("INSERT on excess.orders via PUBLIC"), text("UPDATE on excess.* via ''@'%'"),
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: m.ServerHCL() + body},
			{
				PreConfig: func() {
					m.Exec("GRANT INSERT ON excess.orders TO PUBLIC", "CREATE USER ''@'%'", "GRANT UPDATE ON excess.* TO ''@'%'", "GRANT DELETE ON excess.users TO excess")
				},
				Config: m.ServerHCL(`least_privilege = "enforce"`) + body, PlanOnly: true,
				ExpectError: regexp.MustCompile(`(?s)Least\s+privilege:\s+excess-privilege.*INSERT\s+on\s+excess.orders\s+via\s+PUBLIC;\s+UPDATE\s+on\s+excess`),
			},
			{
				Config: m.ServerHCL() + body, ConfigPlanChecks: updates(),
				ConfigStateChecks: []statecheck.StateCheck{expect("excess_privileges", knownvalue.ListExact(through))},
			},
			{
				PreConfig: func() { m.Exec("REVOKE INSERT ON excess.orders FROM PUBLIC", "DROP USER ''@'%'") },
				Config:    m.ServerHCL(`least_privilege = "enforce"`) + body, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
			},
			{RefreshState: true},
			{
				Config: m.ServerHCL() + body, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
				ConfigStateChecks: []statecheck.StateCheck{expect("excess_privileges", knownvalue.ListSizeExact(0))},
			},
		},
	})
}

// A user that was made otherwise is brought to what is configured.
func TestAccUserImportedIsBroughtToTheConfiguration(t *testing.T) {
	m := newDatabase(t, "taken")
	m.Exec("CREATE USER takeover@'127.0.0.0/255.0.0.0' IDENTIFIED BY 'old'", "GRANT SELECT, INSERT ON taken.* TO takeover@'127.0.0.0/255.0.0.0'")
	config := m.ServerHCL() + user("name = \"takeover\"\nhost = \"127.0.0.0/8\"\ngrants = { taken = {} }\npassword_wo = \"one\"\npassword_wo_version = 1")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(m, "takeover"),
		Steps: []resource.TestStep{
			{
				Config: config, ResourceName: address, ImportState: true, ImportStateId: "main/takeover@127.0.0.0/8", ImportStatePersist: true,
				ImportStateCheck: func([]*terraform.InstanceState) error { return nil },
			},
			{Config: config, ConfigPlanChecks: updates(), Check: logins(m, "taken", map[string]string{"takeover": "one"}, map[string]string{"takeover": "old"})},
		},
	})
}

// A user that is the definer of objects is not dropped.
func TestAccUserThatIsADefinerIsKept(t *testing.T) {
	m := newDatabase(t, "definer")
	config := m.ServerHCL() + user("name = \"definer\"\ngrants = { definer = {} }\npassword_wo = \"one\"\npassword_wo_version = 1")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(m, "definer"),
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() { m.Exec("CREATE DEFINER = definer VIEW definer.w AS SELECT 1 AS one") }, Config: config, Destroy: true,
				ExpectError: regexp.MustCompile(`(?s)definer\s+of\s+objects:\s+view\s+definer\.w.*another\s+DEFINER\s+first`),
			},
			{PreConfig: func() { m.Exec("DROP VIEW definer.w") }, Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()}},
		},
	})
}

func TestAccUserPlanNamesTheGrantThatChanges(t *testing.T) {
	m := newDatabase(t, "named")
	m.Exec("CREATE DATABASE named_two", "CREATE TABLE named_two.t (id INT)")
	config := func(grants string) string {
		return m.ServerHCL() + user("name = \"named\"\ngrants = { "+grants+" }\npassword_wo = \"one\"\npassword_wo_version = 1")
	}
	changes := func(paths ...string) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{
			PreApply:             []plancheck.PlanCheck{acctest.ExpectChangesOnly(address, paths...)},
			PostApplyPostRefresh: emptyPlan(),
		}
	}
	two := `named = { tables = ["users", "orders"] }, named_two = {}`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: config(`named = { tables = ["users"] }, named_two = {}`)},
			{Config: config(two), ConfigPlanChecks: changes("grants/named/tables")},
			{PreConfig: func() { m.Exec("GRANT SELECT ON named.* TO named") }, Config: config(two), ConfigPlanChecks: changes("grants/named/tables")},
			// What the grant of the whole database covers already is told beside it, and goes.
			{
				PreConfig: func() { m.Exec("GRANT SELECT ON named_two.t TO named") },
				Config:    config(`named = {}, named_two = {}`), ConfigPlanChecks: changes("excess_privileges", "grants/named/tables"),
			},
			{Config: config(`named = {}`), ConfigPlanChecks: changes("grants/named_two")},
		},
	})
}
