// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// breaking breaks every rule that a plan applies, wherever one is applied. Exceptions are given by rule.
const breaking = `
variable "exceptions" {
  type    = map(string)
  default = {}
}
variable "exceptions_of" {
  type    = map(list(string))
  default = {
    key = ["wildcard-scope", "unbounded-key", "secret-in-state"], slow = ["slow-rotation", "secret-in-state"], member = ["extra-owner"]
    list = ["open-allowlist"], tls = ["unverified-tls"], login = ["excess-privilege", "secret-in-state"], redis = ["secret-in-state"]
    ephemeral = ["wildcard-scope"], credential = ["excess-privilege"]
  }
}
locals {
  exceptions = { for of, rules in var.exceptions_of : of => { for rule in rules : rule => var.exceptions[rule] if contains(keys(var.exceptions), rule) } }
}
resource "terrascale_api_key" "everything" {
  name              = "everything"
  scopes            = ["*"]
  policy_exceptions = local.exceptions.key
}
resource "terrascale_api_key" "slow" {
  name              = "slow"
  scopes            = ["database:read"]
  rotation          = { every = "200d" }
  policy_exceptions = local.exceptions.slow
}
ephemeral "terrascale_api_key" "run" {
  name              = "run"
  scopes            = ["database:*"]
  policy_exceptions = local.exceptions.ephemeral
}
resource "terrascale_team_member" "grace" {
  email             = "grace@example.com"
  role              = "owner"
  policy_exceptions = local.exceptions.member
}
resource "terrascale_ip_allowlist_entry" "wide" {
  cidr              = "64.0.0.0/4"
  policy_exceptions = local.exceptions.list
}
resource "terrascale_adapter" "users_db" {
  config_file       = "${path.root}/config.terse"
  name              = "users_db"
  connector         = "postgres"
  connection_string = "postgresql://reader:{{ env.PASSWORD }}@db.example.com:5432/app?sslmode=require"
  policy_exceptions = local.exceptions.tls
}
data "terrascale_adapter_config" "gateway" {
  adapters = {
    cache = {
      connector         = "redis"
      connection_string = "redis://reader:{{ env.PASSWORD }}@cache.example.com:6379/0"
      policy_exceptions = local.exceptions.tls
    }
  }
}
resource "terrascale_postgresql_readonly_role" "gateway" {
  server            = "main"
  name              = "rules_gateway"
  grants            = { "rules.public" = {} }
  policy_exceptions = local.exceptions.login
}
resource "terrascale_mysql_readonly_user" "gateway" {
  server            = "main"
  name              = "rules_gateway"
  grants            = { "rules" = {} }
  policy_exceptions = local.exceptions.login
}
resource "terrascale_redis_readonly_user" "gateway" {
  server            = "main"
  name              = "rules_gateway"
  key_patterns      = ["app:*"]
  policy_exceptions = local.exceptions.redis
}
`

// broken are the findings of breaking, as summaries without their beginning.
var broken = []string{
	"wildcard-scope, API key everything", "unbounded-key, API key everything", "secret-in-state, API key everything",
	"slow-rotation, API key slow", "secret-in-state, API key slow", "wildcard-scope, API key run",
	"extra-owner, member grace@example.com", "open-allowlist, 64.0.0.0/4",
	"unverified-tls, adapter users_db", "unverified-tls, adapter cache",
	"excess-privilege, PostgreSQL role rules_gateway", "secret-in-state, PostgreSQL role rules_gateway",
	"excess-privilege, MySQL user rules_gateway", "secret-in-state, MySQL user rules_gateway",
	"secret-in-state, Redis user rules_gateway",
}

// said are the diagnostics of the rules that a plan gives, sorted: severity and summary. Line is what the CLI points at.
func said(t *testing.T, w *acctest.Workspace, arguments ...string) (severities map[string]string, lines map[string]string, code int) {
	t.Helper()
	result, err := w.Run(t.Context(), append([]string{"plan", "-json", "-input=false"}, arguments...)...)
	require.NoError(t, err)
	severities, lines = map[string]string{}, map[string]string{}
	scanner := bufio.NewScanner(strings.NewReader(result.Output))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var message struct {
			Diagnostic struct {
				Severity, Summary, Detail string
				Snippet                   struct{ Code string }
			}
		}
		if json.Unmarshal(scanner.Bytes(), &message) != nil {
			continue
		}
		d := message.Diagnostic
		finding, isRule := strings.CutPrefix(d.Summary, "Least privilege: ")
		if !isRule {
			require.NotEqual(t, "error", d.Severity, "%s: %s", d.Summary, d.Detail)
			continue
		}
		if !strings.HasPrefix(finding, "exception without") {
			require.Contains(t, d.Detail, "policy_exceptions = { ")
		}
		severities[finding], lines[finding] = d.Severity, d.Snippet.Code
	}
	return severities, lines, result.ExitCode
}

// TestEveryRule applies what breaks each rule: with warnings, which block nothing; enforced, as an error at each attribute; and with exceptions,
// which are silent and in the state.
func TestEveryRule(t *testing.T) {
	database := acctest.NewDatabase(t, "rules", "CREATE TABLE public.orders (id int)")
	mariaDB := acctest.NewMariaDB(t, "CREATE DATABASE rules", "CREATE TABLE rules.orders (id INT)")
	redis := acctest.NewRedis(t, devstack.RedisOptions{})
	e := acctest.NewEmulator(t)
	require.NoError(t, e.SetAllowlist(emulator.DefaultOrganizationID, true, "127.0.0.1/32"))
	w := acctest.NewWorkspace(t, e.ProviderHCL(
		`environment = "prod"`, block(database.ServerHCL()), block(mariaDB.ServerHCL()), block(redis.ServerHCL()))+breaking)

	severities, _, code := said(t, w)
	require.Zero(t, code)
	atFirst := slices.DeleteFunc(slices.Clone(broken), func(finding string) bool { return strings.HasPrefix(finding, "excess-privilege") })
	require.ElementsMatch(t, atFirst, keysOf(severities), "what a role has beside its grants shows once it is there")
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	database.Exec("GRANT INSERT ON public.orders TO PUBLIC")
	mariaDB.Exec("GRANT INSERT ON rules.* TO PUBLIC")
	t.Cleanup(func() { mariaDB.Exec("REVOKE INSERT ON rules.* FROM PUBLIC") })

	severities, _, code = said(t, w)
	require.Zero(t, code)
	require.ElementsMatch(t, broken, keysOf(severities))
	for finding, severity := range severities {
		require.Equal(t, "warning", severity, finding)
	}

	t.Setenv("TERRASCALE_LEAST_PRIVILEGE", "enforce")
	severities, lines, code := said(t, w)
	require.Equal(t, 1, code)
	require.ElementsMatch(t, broken, keysOf(severities))
	attributes := map[string]string{
		policy.WildcardScope: "scopes", policy.ExtraOwner: "role", policy.OpenAllowlist: "cidr",
	}
	for finding, severity := range severities {
		require.Equal(t, "error", severity, finding)
		rule, _, _ := strings.Cut(finding, ", ")
		require.Contains(t, lines[finding], attributes[rule], finding)
	}

	// With exceptions nothing is left to say, and what is excepted is in the state with its reason.
	reasons := map[string]string{}
	for _, rule := range policy.Rules() {
		if rule.AtPlan {
			reasons[rule.Name] = "because, SEC-" + rule.Name
		}
	}
	exceptions, err := json.Marshal(reasons)
	require.NoError(t, err)
	variable := "-var=exceptions=" + string(exceptions)
	requests := len(e.Requests())
	severities, _, code = said(t, w, variable)
	require.Zero(t, code)
	require.Empty(t, severities)
	w.Must("apply", "-auto-approve", "-input=false", "-no-color", variable)
	for _, request := range e.Requests()[requests:] {
		if request.Method != http.MethodGet && !strings.HasPrefix(request.Path, "/auth/") {
			require.Contains(t, request.Path, "keys", "only the run's own key is made and revoked: %s %s", request.Method, request.Path)
		}
	}
	for _, rule := range policy.Rules() {
		if rule.AtPlan {
			require.Contains(t, w.Must("show", "-no-color"), "because, SEC-"+rule.Name)
		}
	}

	// Once a rule finds nothing any more, its exception can go.
	database.Exec("REVOKE INSERT ON public.orders FROM PUBLIC")
	severities, _, code = said(t, w, variable)
	require.Zero(t, code)
	require.Equal(t, []string{`exception without a finding, excess-privilege at policy_exceptions["excess-privilege"]`}, keysOf(severities))
	w.Must("destroy", "-auto-approve", "-input=false", "-no-color", variable)
}

func keysOf(m map[string]string) []string {
	all := []string{}
	for key := range m {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}

// TestExceptionsAreChecked holds that each exception names a rule that is about the resource, and says why.
func TestExceptionsAreChecked(t *testing.T) {
	for exceptions, want := range map[string]string{
		`{ wildcard-scopes = "because" }`: `There\s+is\s+no\s+rule\s+"wildcard-scopes".*wildcard-scope,\s+unbounded-key`,
		`{ open-allowlist = "because" }`:  `looks\s+at\s+something\s+else`,
		`{ wildcard-scope = " " }`:        `Exception\s+without\s+a\s+reason`,
		`{ wildcard-scope = null }`:       `Exception\s+without\s+a\s+reason`,
	} {
		plan(t, fmt.Sprintf("resource \"terrascale_api_key\" \"test\" {\n  name = \"test\"\n  scopes = [\"*\"]\n  policy_exceptions = %s\n}\n", exceptions), `(?s)`+want)
	}
}

// TestServerExceptions accepts a connection to one server, and not those to others.
func TestServerExceptions(t *testing.T) {
	t.Setenv("TERRASCALE_LEAST_PRIVILEGE", "enforce")
	settings := map[string]string{"postgresql": `sslmode = "require"`, "mysql": `tls = "skip-verify"`, "redis": `tls = false`}
	servers := func(exceptions func(server string) string) string {
		var text strings.Builder
		for _, server := range []string{"postgresql", "mysql", "redis"} {
			fmt.Fprintf(&text, "  %s = { main = {\n    host = \"db.example.com\"\n    %s\n    %s\n  } }\n", server, settings[server], exceptions(server))
		}
		return "provider \"terrascale\" {\n" + text.String() + "}\n" + reader("main", "any")
	}
	const accepted = `policy_exceptions = { unverified-tls = "the tunnel ends here, SEC-7" }`
	plan(t, servers(func(string) string { return accepted }), "")
	for server, name := range map[string]string{"postgresql": "PostgreSQL", "mysql": "MySQL", "redis": "Redis"} {
		plan(t, servers(func(other string) string {
			if other == server {
				return ""
			}
			return accepted
		}), `unverified-tls,\s+`+name+`\s+server\s+main`)
	}
	plan(t, servers(func(string) string { return `policy_exceptions = { extra-owner = "because" }` }), `looks\s+at\s+something\s+else`)
}
