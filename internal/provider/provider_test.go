// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestMain(m *testing.M) { acctest.Run(m) }

// reader is a role on a server of the provider's map.
func reader(server, database string) string {
	return fmt.Sprintf(`
resource "terrascale_postgresql_readonly_role" "test" {
  server = %q
  name   = "%s_reader"
  grants = { "%s.public" = {} }
}`, server, database, database)
}

func plan(t *testing.T, config, want string) {
	t.Helper()
	step := resource.TestStep{Config: config, PlanOnly: true}
	if want == "" {
		step.ExpectNonEmptyPlan = true
	} else {
		step.ExpectError = regexp.MustCompile(want)
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{step}})
}

func TestAccProviderMistakesAreNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(file, []byte("nothing"), 0o600))
	for name, test := range map[string]struct{ block, want string }{
		"http off loopback":    {`endpoint = "http://api.example.com"`, `(?s)in\s+clear.*https://.*TERRASCALE_ENDPOINT`},
		"not a URL":            {`endpoint = "api.example.com"`, `(?s)endpoint.*https://`},
		"password in the URL":  {`endpoint = "https://me:hunter2@api.example.com"`, `must\s+not\s+contain\s+a\s+user\s+name\s+or\s+password`},
		"a token of two lines": {"access_token = \"a\\nb\"", `(?s)Invalid access_token.*access token contains white space.*TERRASCALE_ACCESS_TOKEN`},
		"two ways to log in":   {"access_token = \"a\"\nemail = \"a@example.com\"", `(?s)access_token.*cannot\s+be\s+specified\s+when`},
		"bad e-mail":           {`email = "nobody"`, `not\s+an\s+e-mail\s+address`},
		"too many retries":     {`max_retries = 21`, `(?s)max_retries.*between\s+0\s+and\s+20`},
		"bad timeout":          {`request_timeout = "fast"`, `"fast"\s+is\s+not\s+a\s+duration`},
		"bad level":            {`least_privilege = "maybe"`, `(?s)least_privilege.*"warn"\s+"enforce"\s+"off"`},
		"missing CA file":      {`ca_file = "/nonexistent.pem"`, `(?s)Unable\s+to\s+read\s+ca_file.*nonexistent`},
		"empty CA file":        {fmt.Sprintf("ca_file = %q", file), `holds\s+no\s+certificate`},
		"bad sslmode":          {`postgresql = { main = { host = "h", sslmode = "prefer" } }`, `(?s)sslmode.*"verify-full"`},
		"certificate only":     {`postgresql = { main = { host = "h", sslcert = "a.pem" } }`, `(?s)sslkey.*must\s+be\s+specified`},
		"bad port":             {`postgresql = { main = { host = "h", port = 70000 } }`, `between\s+1\s+and\s+65535`},
		"bad mysql tls":        {`mysql = { main = { host = "h", tls = "yes" } }`, `(?s)tls.*"skip-verify"`},
		"no such server":       {`postgresql = { other = { host = "h" } }`, `(?s)no\s+server\s+"main"\s+\(configured\s+are:\s+other\)`},
		"no server at all":     {``, `(?s)no\s+server\s+"main"\s+\(none\s+is\s+configured\)`},
	} {
		t.Run(name, func(t *testing.T) {
			plan(t, "provider \"terrascale\" {\n"+test.block+"\n}\n"+reader("main", "any"), test.want)
		})
	}
}

func TestAccProviderVariablesAreChecked(t *testing.T) {
	for name, test := range map[string]struct{ variable, value, want string }{
		"level":         {"TERRASCALE_LEAST_PRIVILEGE", "maybe", `TERRASCALE_LEAST_PRIVILEGE\s+is\s+"maybe"`},
		"endpoint":      {"TERRASCALE_ENDPOINT", "http://api.example.com", `TERRASCALE_ENDPOINT`},
		"age recipient": {"TERRASCALE_AGE_RECIPIENTS", "alice", `Recipient\s+1\s+of\s+the\s+environment\s+variable\s+TERRASCALE_AGE_RECIPIENTS`},
		"CA file":       {"TERRASCALE_CA_FILE", "/nonexistent.pem", `nonexistent`},
		"sslmode":       {"PGSSLMODE", "prefer", `PGSSLMODE\s+is\s+"prefer"`},
		"port":          {"PGPORT", "many", `PGPORT\s+is\s+"many"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PGHOST", "localhost")
			t.Setenv(test.variable, test.value)
			plan(t, reader("default", "any"), test.want)
		})
	}
}

func TestAccProviderUnverifiedTLS(t *testing.T) {
	const servers = `
  postgresql = { main = { host = "db.example.com", sslmode = "require" } }
  mysql      = { main = { host = "db.example.com", tls = "skip-verify" } }
  redis      = { main = { host = "db.example.com", tls = false } }
`
	block := func(more string) string {
		return "provider \"terrascale\" {\n" + servers + more + "\n}\n" + reader("main", "any")
	}
	plan(t, block(""), "")
	for _, server := range []string{"PostgreSQL", "MySQL", "Redis"} {
		plan(t, block(`least_privilege = "enforce"`), `unverified-tls,\s+`+server+`\s+server\s+main`)
	}
	plan(t, block(`least_privilege = "off"`), "")
	t.Setenv("TERRASCALE_LEAST_PRIVILEGE", "enforce")
	plan(t, block(""), `unverified-tls`)
}

// The server named "default" is described by libpq's variables, and needs no block at all.
func TestAccProviderLibpqVariables(t *testing.T) {
	database := acctest.NewDatabase(t, "libpq")
	t.Setenv("PGHOST", database.Host)
	t.Setenv("PGPORT", strconv.Itoa(database.Port))
	t.Setenv("PGUSER", database.Admin)
	t.Setenv("PGPASSWORD", database.AdminPassword.Reveal())
	t.Setenv("PGSSLROOTCERT", database.Authority.CAFile)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{{
			Config: reader("default", "libpq"),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		}},
	})
}

// A server over its socket, without TLS, and with the other settings of the surface.
func TestAccProviderSocket(t *testing.T) {
	database := acctest.NewDatabase(t, "socket")
	config := fmt.Sprintf(`
provider "terrascale" {
  least_privilege = "enforce"
  postgresql = {
    main = {
      host            = %q
      port            = %d
      database        = "socket"
      username        = %q
      password        = %q
      sslmode         = "disable"
      connect_timeout = "5s"
      max_connections = 2
    }
  }
}
`, database.SocketDir, database.Port, database.Admin, database.AdminPassword.Reveal())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps:                    []resource.TestStep{{Config: config + reader("main", "socket")}},
	})
}

func TestAccProviderPostgreSQLLoginErrors(t *testing.T) {
	database := acctest.NewDatabase(t, "loginerrors")
	block := func(username, password string) string {
		return fmt.Sprintf(`
provider "terrascale" {
  postgresql = {
    main = { host = %q, port = %d, sslrootcert = %q, username = %s, password = %q }
  }
}
`, database.Host, database.Port, database.Authority.CAFile, username, password)
	}
	for name, test := range map[string]struct{ block, want string }{
		"no username":    {block("null", ""), `(?s)no\s+username\s+is\s+configured.*postgresql\s+map.*PGUSER`},
		"wrong password": {block(`"postgres"`, "not-the-password"), `(?s)refused\s+the\s+login.*28P01.*PGPASSWORD`},
	} {
		t.Run(name, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{{
					Config: test.block + reader("main", "loginerrors"), ExpectError: regexp.MustCompile(test.want),
				}},
			})
		})
	}
}
