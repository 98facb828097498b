// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package accessreview_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/accessreview"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const (
	address = "data." + accessreview.DataSourceTypeName + ".test"
	org     = emulator.DefaultOrganizationID
	day     = 24 * time.Hour
)

var start = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

func block(body string) string {
	return fmt.Sprintf("data %q \"test\" {\n%s\n}\n", accessreview.DataSourceTypeName, body)
}

func check(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
}

// texts expects a list of texts.
func texts(attribute string, want ...string) statecheck.StateCheck {
	checks := make([]knownvalue.Check, len(want))
	for i, text := range want {
		checks[i] = knownvalue.StringExact(text)
	}
	return check(attribute, knownvalue.ListExact(checks))
}

// rows expects a list of objects, each written as its values with a bar between.
func rows(attribute string, columns []string, want ...string) statecheck.StateCheck {
	checks := make([]knownvalue.Check, len(want))
	for i, row := range want {
		values := map[string]knownvalue.Check{}
		for j, value := range strings.SplitN(row, " | ", len(columns)) {
			values[columns[j]] = knownvalue.StringExact(value)
		}
		checks[i] = knownvalue.ObjectPartial(values)
	}
	return check(attribute, knownvalue.ListExact(checks))
}

func findings(want ...string) statecheck.StateCheck {
	return rows("findings", []string{"severity", "rule", "subject", "message"}, want...)
}

func notKnown(want ...string) statecheck.StateCheck {
	return rows("not_known", []string{"rule", "subject", "reason"}, want...)
}

// faultyService is an organization with faults, whose clock is 100 days later than most of them.
func faultyService(t *testing.T, clock *acctest.Clock) (e *acctest.Emulator, prefixes map[string]string) {
	t.Helper()
	e = acctest.NewEmulator(t, acctest.OnClock(clock))
	key := func(name string, life time.Duration, scopes ...string) string {
		t.Helper()
		var expires *time.Time
		if life > 0 {
			expires = new(clock.Now().Add(life))
		}
		made, _, err := e.CreateKey(org, name, scopes, expires)
		require.NoError(t, err)
		return made.ID
	}
	key("forever", 0, "database:read")
	require.NoError(t, e.AddMember(org, "left@example.com", "admin"))
	token, err := e.IssueToken("left@example.com", org)
	require.NoError(t, err)
	require.NoError(t, e.MakeKey(token, "orphan"))
	require.NoError(t, e.RemoveMember(org, "left@example.com"))
	require.NoError(t, e.InviteMember(org, "guest@example.com", "member"))
	clock.Advance(100 * day)
	key("wide", 10*day, "*")
	key("sound", 89*day, "database:read")
	require.NoError(t, e.RevokeKey(key("dead", 0, "*")))
	require.NoError(t, e.AddMember(org, "second@example.com", "owner"))
	require.NoError(t, e.SetAllowlist(org, true, "0.0.0.0/0"))
	prefixes = map[string]string{}
	for _, made := range e.APIKeys(org) {
		prefixes[made.Name] = made.Prefix
	}
	return e, prefixes
}

// faultyServers are servers with faults, and gives their HCL.
func faultyServers(t *testing.T) []string {
	t.Helper()
	const ends = " VALID UNTIL '2100-01-01'"
	postgresql := acctest.NewServer(t, "app", devstack.PostgreSQLOptions{Settings: map[string]string{"log_statement": "ddl"}})
	home := *postgresql
	home.Name = "postgres"
	home.Exec("REVOKE CREATE ON SCHEMA public FROM PUBLIC") // The server's own default from version 15 on.
	postgresql.Exec("REVOKE CREATE ON SCHEMA public FROM PUBLIC",
		"CREATE TABLE public.orders (id int)", "CREATE ROLE clerks", "GRANT INSERT ON public.orders TO clerks", "GRANT UPDATE ON public.orders TO PUBLIC",
		"CREATE ROLE rooty SUPERUSER LOGIN PASSWORD 'pw'"+ends, "CREATE ROLE clerk LOGIN PASSWORD 'pw'"+ends, "GRANT clerks TO clerk",
		"CREATE ROLE endless LOGIN PASSWORD 'pw'", "SET password_encryption = 'md5'", "CREATE ROLE old LOGIN PASSWORD 'pw'"+ends,
		"COPY (SELECT 'host all legacy 10.0.0.0/8 password') TO PROGRAM 'cat >> pg_hba.conf'")
	const expires = " PASSWORD EXPIRE INTERVAL 90 DAY"
	mariaDB := acctest.NewMariaDB(t, "CREATE DATABASE shop",
		"CREATE USER boss IDENTIFIED BY 'pw'"+expires, "GRANT ALL ON *.* TO boss WITH GRANT OPTION",
		"CREATE USER writer IDENTIFIED BY 'pw'"+expires, "GRANT INSERT ON shop.* TO writer", "CREATE USER open"+expires,
		"CREATE USER reader IDENTIFIED BY 'pw'", "GRANT SELECT ON shop.* TO reader")
	redis := acctest.NewRedis(t, devstack.RedisOptions{})
	for _, user := range []string{"everything on >pw ~* +@all", "writer on >pw ~app:* +set +del", "open on nopass ~app:* +get", "reader on >pw %R~* +@read"} {
		redis.Exec("ACL SETUSER " + user)
	}
	servers := []string{}
	for _, hcl := range []string{postgresql.ServerHCL(), mariaDB.ServerHCL(), redis.ServerHCL()} {
		_, inner, _ := strings.Cut(hcl, "{")
		servers = append(servers, inner[:strings.LastIndex(inner, "}")])
	}
	return servers
}

func TestAccFaultsAreFoundAndNothingElse(t *testing.T) {
	clock := acctest.NewClock(start)
	e, prefixes := faultyService(t, clock)
	key := func(name, words string) string {
		return "API key " + name + " | " + prefixes[name] + "…: the key " + words
	}
	const all = "postgresql_servers = [\"main\"]\nmysql_servers = [\"main\"]\nredis_servers = [\"main\"]"
	const own = " The provider itself logs in as this one."
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
		Steps: []resource.TestStep{{
			Config: e.ProviderHCL(faultyServers(t)...) + block(all),
			ConfigStateChecks: []statecheck.StateCheck{
				findings(
					"high | clear-text-login | PostgreSQL server main, pg_hba.conf: host all legacy 10.0.0.0 255.0.0.0 password",
					"high | extra-owner | member second@example.com | The member is one of 2 owners; there are to be 1 at most.",
					"high | mfa-missing | member owner@example.com | The member has the role owner, and no two-factor authentication.",
					"high | mfa-missing | member second@example.com | The member has the role owner, and no two-factor authentication.",
					"high | open-allowlist | 0.0.0.0/0 | The entry lets most addresses in.",
					"high | orphaned-key | API key orphan",
					"high | superuser-login | MySQL user main/boss@% | The login has CREATE USER; GRANT OPTION; SUPER.",
					"high | superuser-login | PostgreSQL role main/rooty | The login has SUPERUSER.",
					"high | superuser-login | Redis user main/everything | The login has +@all.",
					"high | weak-password-storage | MySQL user main/open@% | The login has no password.",
					"high | weak-password-storage | Redis user main/open | The login takes any password.",
					"high | wildcard-scope | "+key("wide", "has the scope *."),
					"medium | excess-privilege | MySQL user main/writer@% | The login can write: INSERT on shop.*.",
					"medium | excess-privilege | PostgreSQL role main/clerk | The login can write: INSERT on public.orders via clerks in database app; "+
						"UPDATE on public.orders via PUBLIC in database app.",
					"medium | excess-privilege | PostgreSQL role main/endless | The login can write: UPDATE on public.orders via PUBLIC in database app.",
					"medium | excess-privilege | PostgreSQL role main/old | The login can write: UPDATE on public.orders via PUBLIC in database app.",
					"medium | excess-privilege | Redis user main/writer | The login can write: del, set on keys ~app:*.",
					"medium | logged-statements | MySQL server main | The server logs statements: general_log = ON.",
					"medium | logged-statements | PostgreSQL server main | The server logs statements: log_statement = ddl.",
					"medium | mfa-missing | organization Emulated organization | The organization does not require two-factor authentication.",
					"medium | overdue-rotation | "+key("forever", "was made on 2030-01-01, more than 90 days ago."),
					"medium | overdue-rotation | "+key("orphan", "was made on 2030-01-01, more than 90 days ago."),
					"medium | unbounded-key | "+key("forever", "never expires. The service does not know whether something rotates it."),
					"medium | unbounded-key | "+key("orphan", "never expires. The service does not know whether something rotates it."),
					"medium | unused-key | "+key("forever", "was made on 2030-01-01 and was never used."),
					"medium | unused-key | "+key("orphan", "was made on 2030-01-01 and was never used."),
					"medium | weak-password-storage | PostgreSQL role main/old | The server keeps the password in an old way: md5.",
					"low | endless-login | MySQL user main/postgres@127.0.0.1 | The login has a password that never expires.",
					"low | endless-login | MySQL user main/reader@% | The login has a password that never expires.",
					"low | endless-login | PostgreSQL role main/endless | The login has a password that never expires.",
					"low | endless-login | PostgreSQL role main/postgres | The login has a password that never expires.",
					"low | stale-invitation | member guest@example.com | The invitation was sent on 2030-01-01, more than 14 days ago, and was not accepted.",
					"info | expiring-soon | "+key("wide", "expires on 2030-04-21."),
					"info | superuser-login | MySQL user main/postgres@127.0.0.1 | The login has CREATE USER; GRANT OPTION; SUPER."+own,
					"info | superuser-login | PostgreSQL role main/postgres | The login has SUPERUSER."+own,
					"info | superuser-login | Redis user main/postgres | The login has +@all."+own,
				),
				texts("passed", "allowlist-off", "slow-rotation"),
				notKnown(
					"unencrypted-session | MySQL server main | The server counts neither logins nor what sessions use: performance_schema is off.",
					"unused-login | MySQL server main | The server counts neither logins nor what sessions use: performance_schema is off.",
					"unused-login | PostgreSQL server main | PostgreSQL does not record when a login was last used.",
					"unused-login | Redis server main | Redis does not record when a user was last used.",
				),
				check("counts", knownvalue.MapExact(map[string]knownvalue.Check{
					"high": knownvalue.Int64Exact(12), "medium": knownvalue.Int64Exact(15), "low": knownvalue.Int64Exact(5), "info": knownvalue.Int64Exact(4),
				})),
				check("exceptions", knownvalue.ListSizeExact(0)),
				check("organization_id", knownvalue.StringExact(org)),
				check("markdown", knownvalue.StringRegexp(regexp.MustCompile(
					`(?s)^\*\*Access review:\*\* 12 high · 15 medium · 5 low · 4 info · 4 not known · 2 passed\n.*\| high \| .superuser-login. \| .PostgreSQL role main/rooty. \|`))),
			},
		}},
	})
}

func TestAccExceptionsComeFromResources(t *testing.T) {
	e := acctest.NewEmulator(t)
	require.NoError(t, e.SetAllowlist(org, true, "127.0.0.0/8"))
	config := e.ProviderHCL() + `
resource "terrascale_api_key" "legacy" {
  name              = "legacy"
  scopes            = ["*"]
  expires_in        = "80d"
  policy_exceptions = { wildcard-scope = "the partner needs it, SEC-1" }
}
resource "terrascale_api_key" "plain" {
  name       = "plain"
  scopes     = ["database:read"]
  expires_in = "80d"
}
` + block(`policy_exceptions = {
  "API key legacy"             = terrascale_api_key.legacy.policy_exceptions
  "API key plain"              = terrascale_api_key.plain.policy_exceptions
  "member owner@example.com"   = { mfa-missing = "hardware key, SEC-2" }
  "IP allowlist"               = { allowlist-off = "not yet" }
}`)
	exceptions := func(applies ...bool) statecheck.StateCheck {
		want := []map[string]knownvalue.Check{
			{"rule": knownvalue.StringExact("allowlist-off"), "subject": knownvalue.StringExact("IP allowlist"), "reason": knownvalue.StringExact("not yet")},
			{"rule": knownvalue.StringExact("mfa-missing"), "subject": knownvalue.StringExact("member owner@example.com"), "reason": knownvalue.StringExact("hardware key, SEC-2")},
			{"rule": knownvalue.StringExact("wildcard-scope"), "subject": knownvalue.StringExact("API key legacy"), "reason": knownvalue.StringExact("the partner needs it, SEC-1")},
		}
		checks := make([]knownvalue.Check, len(want))
		for i := range want {
			want[i]["applies"] = knownvalue.Bool(applies[i])
			checks[i] = knownvalue.ObjectExact(want[i])
		}
		return check("exceptions", knownvalue.ListExact(checks))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: config, ConfigStateChecks: []statecheck.StateCheck{
				exceptions(false, true, true),
				findings("medium | mfa-missing | organization Emulated organization | The organization does not require two-factor authentication."),
				notKnown(),
			}},
		},
	})
}

func TestAccWhatTheServiceDoesNotSayIsNotKnown(t *testing.T) {
	e := acctest.NewEmulator(t, func(options *emulator.Options) { options.OmitCreatedBy, options.OmitMFAEnabled = true, true })
	_, _, err := e.CreateKey(org, "one", []string{"database:read"}, new(time.Now().Add(80*day)))
	require.NoError(t, err)
	require.NoError(t, e.SetPlan(org, "pro"))
	const noList = "The service does not show the IP allowlist: it is part of the plan enterprise, and this is the plan pro."
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{{
			Config: e.ProviderHCL() + block(""),
			ConfigStateChecks: []statecheck.StateCheck{
				findings("medium | mfa-missing | organization Emulated organization | The organization does not require two-factor authentication."),
				notKnown(
					"allowlist-off | organization Emulated organization | "+noList,
					"mfa-missing | member admin@example.com | The service does not say whether the member has two-factor authentication.",
					"mfa-missing | member owner@example.com | The service does not say whether the member has two-factor authentication.",
					"open-allowlist | organization Emulated organization | "+noList,
					"orphaned-key | API key one | The service does not say who made the key.",
				),
				texts("passed", "expiring-soon", "extra-owner", "overdue-rotation", "slow-rotation", "stale-invitation", "unbounded-key", "unused-key", "wildcard-scope"),
			},
		}},
	})
}

func TestAccEachKindIsListedOnce(t *testing.T) {
	e := acctest.NewEmulator(t)
	for i := range 30 {
		_, _, err := e.CreateKey(org, fmt.Sprintf("key %d", i), []string{"*"}, nil)
		require.NoError(t, err)
		require.NoError(t, e.AddMember(org, fmt.Sprintf("member%d@example.com", i), "member"))
	}
	w := acctest.NewWorkspace(t, e.ProviderHCL()+block(""))
	e.ResetRequests()
	w.Must("plan", "-input=false", "-no-color")
	// A login is no listing.
	calls := slices.DeleteFunc(e.Calls(), func(call string) bool { return call == "switchOrganization" })
	slices.Sort(calls)
	require.Equal(t, []string{"getIpAllowlist", "getOrganization", "listApiKeys", "listMembers"}, calls)
}

func TestAccReviewsThatCannotBeMade(t *testing.T) {
	e := acctest.NewEmulator(t)
	away := "postgresql = {\n    away = { host = \"127.0.0.1\", port = 1, username = \"u\", password = \"p\", sslmode = \"disable\" }\n  }"
	step := func(body, words string, attributes ...string) resource.TestStep {
		return resource.TestStep{Config: e.ProviderHCL(attributes...) + block(body), ExpectError: regexp.MustCompile("(?s)" + strings.ReplaceAll(words, " ", `\s+`))}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			step(`organization = false`, `Nothing to review.*name at least one server`),
			step(`mysql_servers = ["gone"]`, `Unknown database server.*has no server "gone"`),
			step(`postgresql_servers = ["away"]`, `Unable to review access.*Server "away"`, away),
			step(`key_max_age = "0s"`, `Duration too short`),
			step(`expiring_within = "-1d"`, `Duration|duration`),
			step(`max_owners = 0`, `must be at least 1`),
			step(`policy_exceptions = { "API key a" = { no-rule = "why" } }`, `Unknown least-privilege rule.*no-rule`),
			step(`policy_exceptions = { "API key a" = { unused-key = " " } }`, `Exception without a reason`),
			step(`organization_id = "org_gone"`, `Organization not found.*org_gone`),
			{Config: e.UnknownProviderHCL() + block(""), ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+review\s+access.*depends_on\s+=`)},
		},
	})
}
