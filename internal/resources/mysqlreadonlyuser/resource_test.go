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
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/mysqlreadonlyuser"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const address = mysqlreadonlyuser.TypeName + ".test"

func user(body string) string {
	return fmt.Sprintf("resource %q \"test\" {\n  server = \"main\"\n%s\n}\n", mysqlreadonlyuser.TypeName, body)
}

// newDatabase makes a database with two tables of one row.
func newDatabase(t *testing.T, name string) *acctest.MariaDB {
	t.Helper()
	return acctest.NewMariaDB(t, "CREATE DATABASE "+name, "CREATE TABLE "+name+".users (id INT, name TEXT)", "INSERT INTO "+name+".users VALUES (1, 'a')",
		"CREATE TABLE "+name+".orders (id INT)")
}

// notKnownToTheServer gives what an import can't bring back: the password and its age, and a fingerprint with the same salt.
func notKnownToTheServer(more ...string) []string {
	return append(more, "password_set_at", "password_fingerprint")
}

func emptyPlan() []plancheck.PlanCheck { return []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()} }

func updates(more ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             append(more, plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)),
		PostApplyPostRefresh: emptyPlan(),
	}
}

func expect(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
}

func text(want string) knownvalue.Check { return knownvalue.StringExact(want) }

// logins checks from outside who can log in and read the users of a database, and who can't log in.
func logins(m *acctest.MariaDB, database string, works, refused map[string]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		for username, password := range works {
			if err := m.TryAs(username, secret.New(password), "SELECT * FROM "+database+".users"); err != nil {
				return fmt.Errorf("%s should work: %w", username, err)
			}
		}
		for username, password := range refused {
			if m.TryAs(username, secret.New(password)) == nil {
				return fmt.Errorf("%s should be refused", username)
			}
		}
		return nil
	}
}

// gone checks that nothing is left of all users whose names begin with a prefix.
func gone(m *acctest.MariaDB, prefix string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if left := m.Traces(prefix); len(left) > 0 {
			return fmt.Errorf("left: %v", left)
		}
		return nil
	}
}

func TestAccUserLifecycle(t *testing.T) {
	m := newDatabase(t, "cycle")
	m.Exec("CREATE DATABASE cycle_two", "CREATE TABLE cycle_two.t (id INT)")
	config := func(password string, version int, body string) string {
		return m.ServerHCL() + user(fmt.Sprintf("password_wo = %q\npassword_wo_version = %d\n%s", password, version, body))
	}
	const grants = `grants = { cycle = {}, cycle_two = { tables = ["t"] } }`
	const all = `
  name                 = "cycler"
  host                 = "127.0.0.0/8"
  max_user_connections = 3
` + grants
	first := map[string]string{"cycler": "first"}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(m, "cycle"),
		Steps: []resource.TestStep{
			{
				Config: config("first", 1, all), Check: logins(m, "cycle", first, map[string]string{"cycler": "other"}),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply:             []plancheck.PlanCheck{plancheck.ExpectKnownValue(address, tfjsonpath.New("username"), text("cycler"))},
					PostApplyPostRefresh: emptyPlan(),
				},
				ConfigStateChecks: []statecheck.StateCheck{
					expect("username", text("cycler")), expect("password", knownvalue.Null()), expect("password_version", knownvalue.Int64Exact(1)),
					expect("require_tls", knownvalue.Bool(true)), expect("excess_privileges", knownvalue.ListSizeExact(0)), expect("previous", knownvalue.Null()),
				},
			},
			{
				ResourceName: address, ImportState: true, ImportStateId: "main/cycler@127.0.0.0/8", ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "name", ImportStateVerifyIgnore: notKnownToTheServer("password_wo_version"),
			},
			{
				ResourceName: address, ImportState: true, ImportStateId: "main/cycler@127.0.0.0/255.0.0.0", ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "name", ImportStateVerifyIgnore: notKnownToTheServer("password_wo_version"),
			},
			{
				PreConfig: func() {
					require.ErrorContains(t, m.TryInClear("cycler", secret.New("first")), "Access denied")
					require.ErrorContains(t, m.TryAs("cycler", secret.New("first"), "INSERT INTO cycle.orders VALUES (1)"), "denied")
				},
				// Without another version nothing is seen, and nothing is set.
				Config: config("second", 1, all), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
			},
			{
				Config: config("second", 2, all), ConfigPlanChecks: updates(),
				Check: logins(m, "cycle", map[string]string{"cycler": "second"}, first),
			},
			{Config: config("first", 3, strings.Replace(all, "3", "4", 1)), ConfigPlanChecks: updates(), Check: logins(m, "cycle", first, nil)},
			{Config: config("first", 3, strings.Replace(all, "max_user_connections = 3", "", 1)), ConfigPlanChecks: updates()},
			{
				Config: config("first", 3, all+"\nrequire_tls = false"), ConfigPlanChecks: updates(),
				Check: func(*terraform.State) error { return m.TryInClear("cycler", secret.New("first")) },
			},
			{Config: config("first", 3, strings.Replace(all, "127.0.0.0/8", "127.0.0.1/32", 1)), ConfigPlanChecks: updates(), Check: logins(m, "cycle", first, nil)},
			{Config: config("first", 3, strings.Replace(all, "127.0.0.0/8", "%", 1)), ConfigPlanChecks: updates(), Check: logins(m, "cycle", first, nil)},
			{Config: config("first", 3, strings.Replace(all, "127.0.0.0/8", "10.0.0.0/8", 1)), ConfigPlanChecks: updates(), Check: logins(m, "cycle", nil, first)},
			{
				Config: config("first", 3, strings.Replace(all, grants, `grants = { cycle = { tables = ["users"] } }`, 1)), ConfigPlanChecks: updates(),
				Check: func(*terraform.State) error {
					require.ErrorContains(t, m.TryAs("cycler", secret.New("first"), "SELECT * FROM cycle.orders"), "denied")
					return m.TryAs("cycler", secret.New("first"), "SELECT * FROM cycle.users")
				},
			},
			{
				Config: config("first", 3, strings.Replace(all, "cycler", "cycled", 1)), ConfigPlanChecks: updates(),
				Check: logins(m, "cycle", map[string]string{"cycled": "first"}, first),
			},
			{Config: config("first", 3, all+"\nterminate_sessions = false"), ConfigPlanChecks: updates()},
			// A generated password, kept in the state.
			{
				Config: m.ServerHCL() + user(all), ConfigPlanChecks: updates(), Check: logins(m, "cycle", nil, first),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("password", knownvalue.StringRegexp(regexp.MustCompile("^.{40}$"))), expect("password_version", knownvalue.Int64Exact(4)),
				},
			},
		},
	})
}

// Names that need escaping in a statement, in an import id, or in both.
func TestAccUserOfAnyName(t *testing.T) {
	m := acctest.NewMariaDB(t, "CREATE DATABASE `any_%o'n``e`", "CREATE TABLE `any_%o'n``e`.`t\\_`(id INT)")
	for _, name := range []string{"any/of@them", "any's", `any\`, "any `%_", "@any"} {
		t.Run(name, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				CheckDestroy:             func(*terraform.State) error { return gone(m, "any")(nil) },
				Steps: []resource.TestStep{
					{Config: m.ServerHCL() + user(fmt.Sprintf("  name = %q\n  grants = { \"any_%%o'n`e\" = { tables = [\"t\\\\_\"] } }", name))},
					{
						ResourceName: address, ImportState: true, ImportStateId: "main/" + name + "@%", ImportStateVerify: true,
						ImportStateVerifyIdentifierAttribute: "name", ImportStateVerifyIgnore: notKnownToTheServer("password"),
					},
				},
			})
		})
	}
}

func TestAccUserMistakesAreNamed(t *testing.T) {
	m := newDatabase(t, "mistakes")
	m.Exec("CREATE USER taken@'10.0.0.0/255.0.0.0' IDENTIFIED BY 'theirs'", "CREATE USER turned_b@'%' IDENTIFIED BY 'theirs'")
	const grants = "grants = { mistakes = {} }\n"
	long := strings.Repeat("x", 79)
	for name, step := range map[string]struct {
		body, want string
		apply      bool
	}{
		"no name":                {grants + `name = ""`, `name\s+is\s+empty`, false},
		"a long name":            {grants + `name = "` + long + `xx"`, `has\s+81\s+characters,\s+and\s+the\s+server\s+keeps\s+80`, false},
		"a long login":           {grants + `name = "` + long + `"` + "\n" + `rotation = { every = "1d" }`, `makes\s+81\s+characters`, false},
		"an emoji":               {grants + `name = "😀"`, `keep\s+as\s+a\s+question\s+mark`, false},
		"a trailing space":       {grants + `name = "a "`, `ends\s+with\s+a\s+space`, false},
		"everybody":              {grants + `name = "Public"`, `means\s+everybody`, false},
		"host bits":              {grants + "name = \"a\"\n" + `host = "10.0.0.1/24"`, `host\s+bits\s+set:\s+write\s+"10.0.0.0/24"`, false},
		"a network of IPv6":      {grants + "name = \"a\"\n" + `host = "2001:db8::/32"`, `servers\s+have\s+no\s+netmask`, false},
		"a network of all":       {grants + "name = \"a\"\n" + `host = "0.0.0.0/0"`, `every\s+address:\s+write\s+"%"`, false},
		"no grants":              {`name = "a"` + "\ngrants = {}", `at\s+least\s+1`, false},
		"no tables":              {`name = "a"` + "\n" + `grants = { mistakes = { tables = [] } }`, `at\s+least\s+1`, false},
		"a database of everyone": {`name = "a"` + "\n" + `grants = { information_schema = {} }`, `everybody\s+may\s+read`, false},
		"a long pattern":         {`name = "a"` + "\n" + `grants = { ` + strings.Repeat("_", 33) + ` = {} }`, `takes\s+66,\s+and\s+the\s+server\s+allows\s+64`, false},
		"no connections":         {grants + "name = \"a\"\nmax_user_connections = 0", `at\s+least\s+1|between\s+1`, false},
		"no version":             {grants + "name = \"a\"\npassword_wo = \"x\"", `password_wo_version\s+=\s+1`, false},
		"nothing to rotate":      {grants + "name = \"a\"\n" + `rotation = { overlap = "1d" }`, `Nothing\s+says\s+when\s+to\s+rotate`, false},
		"a missing database":     {`name = "a"` + "\n" + `grants = { mistake = {} }`, `(?s)database\s+mistake:\s+not\s+found.*Create\s+it\s+first`, true},
		"a missing table":        {`name = "a"` + "\n" + `grants = { mistakes = { tables = ["user", "users"] } }`, `table\s+mistakes\.user:\s+not\s+found`, true},
		"the provider's own":     {grants + fmt.Sprintf("name = %q", m.Admin), `logs\s+in\s+as`, true},
		"one that is there": {
			grants + "name = \"taken\"\nhost = \"10.0.0.0/8\"",
			`(?s)taken@10\.0\.0\.0/255\.0\.0\.0.*terraform\s+import\s+terrascale_mysql_readonly_user\.<name>\s+'main/taken@10\.0\.0\.0/8'`, true,
		},
		"a login that is there": {grants + "name = \"turned\"\n" + `rotation = { every = "1d" }`, `exists\s+already:\s+turned_b@%`, true},
	} {
		t.Run(name, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{{
					Config: m.ServerHCL() + user(step.body), PlanOnly: !step.apply, ExpectError: regexp.MustCompile(step.want),
				}},
			})
		})
	}
	require.NoError(t, m.TryAs("turned_b", secret.New("theirs")), "it is left as it is")
	require.Equal(t, []string{"global_priv: taken@10.0.0.0/255.0.0.0"}, m.Traces("taken"))
	t.Run("an unknown server", func(t *testing.T) {
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Providers(),
			Steps: []resource.TestStep{{
				Config: m.ServerHCL() + strings.Replace(user("name = \"a\"\n"+grants), "main", "other", 1), PlanOnly: true,
				ExpectError: regexp.MustCompile(`no\s+server\s+"other"\s+\(configured\s+are:\s+main\)`),
			}},
		})
	})
	for _, id := range []string{"main", "main/a", "/a@%", "main/@%", "main/a@", "main/a@10.0.0.1/8"} {
		t.Run("import "+id, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{{
					Config: m.ServerHCL() + user("name = \"a\"\n"+grants), ResourceName: address, ImportState: true, ImportStateId: id,
					ExpectError: regexp.MustCompile(`Invalid\s+import\s+id`),
				}},
			})
		})
	}
	m.Exec("DROP USER taken@'10.0.0.0/255.0.0.0'", "DROP USER turned_b@'%'")
}

// A server that is made in the same apply is not asked for anything while planning.
func TestAccUserOnAServerThatIsNotKnownYet(t *testing.T) {
	m := newDatabase(t, "unborn")
	known := m.ServerHCL()
	unknown := strings.Replace(known, fmt.Sprintf("%q", m.Host), "terraform_data.host.output", 1) +
		fmt.Sprintf("resource \"terraform_data\" \"host\" { input = %q }\n", m.Host)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(m, "unborn"),
		Steps: []resource.TestStep{{
			Config: unknown + user("name = \"unborn\"\ngrants = { unborn = {} }"),
			Check:  func(*terraform.State) error { return nil },
		}},
	})
}
