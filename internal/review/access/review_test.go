// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package access_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
	"github.com/terrascale/terraform-provider-terrascale/internal/review/access"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

const day = 24 * time.Hour

var now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

func ago(d time.Duration) *time.Time { return new(now.Add(-d)) }

// sound is an organization without fault.
func sound() access.Organization {
	return access.Organization{
		Name: "Example", OwnerID: "usr_owner", RequiresMFA: true,
		Members: []access.Member{
			{ID: "usr_owner", Email: "owner@example.com", Role: "owner", Joined: ago(900 * day), MFA: new(true)},
			{ID: "usr_grace", Email: "grace@example.com", Role: "member", Joined: ago(100 * day), MFA: new(true)},
		},
		Keys:      []access.Key{soundKey()},
		Allowlist: access.Allowlist{Enabled: true, Entries: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}},
	}
}

func soundKey() access.Key {
	return access.Key{
		Name: "prod-backend", Prefix: "ts_live_abcd", Scopes: []string{"database:read"}, Created: *ago(10 * day), Expires: ago(-80 * day),
		LastUsed: ago(day), CreatorID: "usr_grace",
	}
}

func review(input access.Input) access.Result { return access.Review(input, access.Defaults(), now) }

// lines gives findings as lines.
func lines(result access.Result) []string {
	found := []string{}
	for _, f := range result.Findings {
		found = append(found, fmt.Sprintf("%s %s, %s: %s", f.Severity, f.Rule, f.Subject, f.Message))
	}
	return found
}

func TestAnOrganizationWithoutFaultPasses(t *testing.T) {
	organization := sound()
	result := review(access.Input{Organization: &organization, Production: true})
	require.Empty(t, lines(result))
	require.Empty(t, result.NotKnown)
	require.Equal(t, []string{
		"allowlist-off", "expiring-soon", "extra-owner", "mfa-missing", "open-allowlist", "orphaned-key", "overdue-rotation", "slow-rotation",
		"stale-invitation", "unbounded-key", "unused-key", "wildcard-scope",
	}, result.Passed)
	require.Equal(t, map[access.Severity]int{access.High: 0, access.Medium: 0, access.Low: 0, access.Info: 0}, result.Counts)
}

func TestEachFaultOfTheServiceIsFoundAlone(t *testing.T) {
	const key = "API key prod-backend: ts_live_abcd…: the key "
	for name, test := range map[string]struct {
		fault func(*access.Organization)
		want  []string
	}{
		"a wildcard": {func(o *access.Organization) { o.Keys[0].Scopes = []string{"repository:*", "database:read", "*"} },
			[]string{"high wildcard-scope, " + key + "has the scope *."}},
		"no end, young": {func(o *access.Organization) { o.Keys[0].Expires = nil },
			[]string{"low unbounded-key, " + key + "never expires. The service does not know whether something rotates it."}},
		"no end, old": {func(o *access.Organization) { o.Keys[0].Expires, o.Keys[0].Created = nil, *ago(91 * day) }, []string{
			"medium overdue-rotation, " + key + "was made on 2026-09-01, more than 90 days ago.",
			"medium unbounded-key, " + key + "never expires. The service does not know whether something rotates it.",
		}},
		"an end far away": {func(o *access.Organization) { o.Keys[0].Expires = ago(-300 * day) },
			[]string{"medium slow-rotation, " + key + "was made on 2026-11-21 and expires on 2027-09-27."}},
		"an end close by": {func(o *access.Organization) { o.Keys[0].Expires = ago(-14 * day) },
			[]string{"info expiring-soon, " + key + "expires on 2026-12-15."}},
		"unused": {func(o *access.Organization) { o.Keys[0].LastUsed = ago(31 * day) },
			[]string{"medium unused-key, " + key + "was last used on 2026-10-31, more than 30 days ago."}},
		"never used": {func(o *access.Organization) { o.Keys[0].LastUsed, o.Keys[0].Created = nil, *ago(31 * day) },
			[]string{"medium unused-key, " + key + "was made on 2026-10-31 and was never used."}},
		"never used, new": {func(o *access.Organization) { o.Keys[0].LastUsed = nil }, []string{}},
		"made by somebody who left": {func(o *access.Organization) { o.Keys[0].CreatorID = "usr_gone" },
			[]string{"high orphaned-key, " + key + "was made by usr_gone, who is not a member any more."}},
		"another owner": {func(o *access.Organization) { o.Members[1].Role = "owner" },
			[]string{"high extra-owner, member grace@example.com: The member is one of 2 owners; there are to be 1 at most."}},
		"an owner who is invited": {func(o *access.Organization) {
			o.Members = append(o.Members, access.Member{Email: "new@example.com", Role: "owner", Pending: true, Invited: ago(day)})
		}, []string{"high extra-owner, member new@example.com: The member is invited as one of 2 owners; there are to be 1 at most."}},
		"an invitation that has expired": {func(o *access.Organization) {
			o.Members = append(o.Members, access.Member{Email: "old@example.com", Role: "owner", Invited: ago(99 * day)})
		}, []string{}},
		"no second factor": {func(o *access.Organization) { o.Members[0].MFA, o.Members[1].MFA = new(false), new(false) }, []string{
			"high mfa-missing, member owner@example.com: The member has the role owner, and no two-factor authentication.",
			"medium mfa-missing, member grace@example.com: The member has the role member, and no two-factor authentication.",
		}},
		"no second factor is asked for": {func(o *access.Organization) { o.RequiresMFA = false },
			[]string{"medium mfa-missing, organization Example: The organization does not require two-factor authentication."}},
		"a stale invitation": {func(o *access.Organization) {
			o.Members = append(o.Members, access.Member{Email: "new@example.com", Role: "member", Pending: true, Invited: ago(15 * day)})
		}, []string{"low stale-invitation, member new@example.com: The invitation was sent on 2026-11-16, more than 14 days ago, and was not accepted."}},
		"a door for all": {func(o *access.Organization) {
			o.Allowlist.Entries = []netip.Prefix{netip.MustParsePrefix("::/0"), netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("10.0.0.0/8")}
		}, []string{"high open-allowlist, 0.0.0.0/0: The entry lets most addresses in.", "high open-allowlist, ::/0: The entry lets most addresses in."}},
		"no list": {func(o *access.Organization) { o.Allowlist.Enabled = false },
			[]string{"low allowlist-off, IP allowlist: The list is disabled: every address may call the service."}},
		"an empty list": {func(o *access.Organization) { o.Allowlist.Entries = nil },
			[]string{"low allowlist-off, IP allowlist: The list is empty: every address may call the service."}},
	} {
		t.Run(name, func(t *testing.T) {
			organization := sound()
			test.fault(&organization)
			result := review(access.Input{Organization: &organization})
			require.Equal(t, test.want, lines(result))
			require.Empty(t, result.NotKnown)
			for _, f := range result.Findings {
				require.NotContains(t, result.Passed, f.Rule)
				require.NotEmpty(t, f.Remediation)
			}
		})
	}
}

func TestProductionIsStricter(t *testing.T) {
	organization := sound()
	organization.Keys[0].Scopes, organization.Keys[0].Expires = []string{"database:*"}, ago(-120*day)
	require.Empty(t, lines(review(access.Input{Organization: &organization})))
	require.Len(t, lines(review(access.Input{Organization: &organization, Production: true})), 2)
}

func TestThresholdsMoveWhatIsAFinding(t *testing.T) {
	organization := sound()
	organization.Members[1].Role = "owner"
	thresholds := access.Defaults()
	thresholds.MaxOwners, thresholds.KeyMaxAge, thresholds.KeyUnusedFor, thresholds.ExpiringWithin = 2, 9*day, time.Hour, 100*day
	var rules []string
	for _, f := range access.Review(access.Input{Organization: &organization}, thresholds, now).Findings {
		rules = append(rules, f.Rule)
	}
	require.Equal(t, []string{"overdue-rotation", "unused-key", "expiring-soon"}, rules)
}

func TestWhatTheServiceDoesNotSayIsNotPassed(t *testing.T) {
	organization := sound()
	organization.Keys[0].CreatorID, organization.Keys[0].LastUsed, organization.Keys[0].UseUntold = "", nil, true
	organization.Members[1].MFA = nil
	organization.Members = append(organization.Members, access.Member{Email: "new@example.com", Role: "member", Pending: true})
	organization.Allowlist = access.Allowlist{Untold: "The plan has none."}
	result := review(access.Input{Organization: &organization})
	require.Empty(t, lines(result))
	require.Equal(t, []access.NotKnown{
		{"allowlist-off", "organization Example", "The plan has none."},
		{"mfa-missing", "member grace@example.com", "The service does not say whether the member has two-factor authentication."},
		{"open-allowlist", "organization Example", "The plan has none."},
		{"orphaned-key", "API key prod-backend", "The service does not say who made the key."},
		{"stale-invitation", "member new@example.com", "The service does not say when the invitation was sent."},
		{"unused-key", "API key prod-backend", "The service does not say when the key was last used."},
	}, result.NotKnown)
	require.Equal(t, []string{"expiring-soon", "extra-owner", "overdue-rotation", "slow-rotation", "unbounded-key", "wildcard-scope"}, result.Passed)

	organization.Keys, organization.KeysUntold = nil, "Of another organization."
	result = review(access.Input{Organization: &organization})
	require.Equal(t, []string{"extra-owner"}, result.Passed)
}

func TestEachFaultOfAServerIsFoundAlone(t *testing.T) {
	login := func(l inventory.Login) inventory.Server {
		l.Name = "app"
		return inventory.Server{Logins: []inventory.Login{l}}
	}
	door := func(kind, address, mask, method string) inventory.Server {
		return inventory.Server{Doors: []inventory.Door{{
			Line: 7, Type: kind, Databases: []string{"all"}, Users: []string{"app", "etl"}, Address: address, Mask: mask, Method: method,
		}}}
	}
	for name, test := range map[string]struct {
		server inventory.Server
		kind   access.Kind
		want   []string
	}{
		"nothing": {login(inventory.Login{}), access.PostgreSQL, []string{}},
		"a superuser": {login(inventory.Login{Superuser: []string{"SUPERUSER"}, Writes: []string{"left out"}}), access.PostgreSQL,
			[]string{"high superuser-login, PostgreSQL role main/app: The login has SUPERUSER."}},
		"the provider's own": {login(inventory.Login{Own: true, Superuser: []string{"+@all"}}), access.Redis,
			[]string{"info superuser-login, Redis user main/app: The login has +@all. The provider itself logs in as this one."}},
		"one that writes": {login(inventory.Login{Writes: strings.Split("abcdefghijkl", "")}), access.MySQL,
			[]string{"medium excess-privilege, MySQL user main/app: The login can write: a; b; c; d; e; f; g; h; i; j; and 2 more."}},
		"an old password": {login(inventory.Login{OldPassword: "md5"}), access.PostgreSQL,
			[]string{"medium weak-password-storage, PostgreSQL role main/app: The server keeps the password in an old way: md5."}},
		"an old password of MySQL": {login(inventory.Login{OldPassword: "mysql_native_password"}), access.MySQL,
			[]string{"medium weak-password-storage, MySQL user main/app: The server keeps the password in an old way: mysql_native_password."}},
		"no password": {login(inventory.Login{Open: "has no password"}), access.MySQL,
			[]string{"high weak-password-storage, MySQL user main/app: The login has no password."}},
		"any password": {login(inventory.Login{Open: "takes any password"}), access.Redis,
			[]string{"high weak-password-storage, Redis user main/app: The login takes any password."}},
		"no end": {login(inventory.Login{NeverExpires: true}), access.PostgreSQL,
			[]string{"low endless-login, PostgreSQL role main/app: The login has a password that never expires."}},
		"unused": {login(inventory.Login{UnusedFor: 45 * day}), access.MySQL,
			[]string{"low unused-login, MySQL user main/app: The login was not used since the server started on 2026-10-17."}},
		"sessions in clear": {inventory.Server{InClear: []inventory.Session{
			{Login: "app", Address: "192.0.2.1", Count: 2}, {Login: "app", Address: "192.0.2.2", Count: 1}, {Login: "app", Address: "127.0.0.1", Count: 1},
			{Login: "app", Address: "::1", Count: 1}, {Login: "app", Address: "localhost", Count: 1},
		}}, access.Redis, []string{
			"high unencrypted-session, Redis user main/app: 2 sessions without TLS, from 192.0.2.1.",
			"high unencrypted-session, Redis user main/app: A session without TLS, from 192.0.2.2.",
		}},
		"a log": {inventory.Server{Logged: []string{"log_statement = all"}}, access.PostgreSQL,
			[]string{"medium logged-statements, PostgreSQL server main: The server logs statements: log_statement = all."}},
		"trust": {door("hostssl", "all", "", "trust"), access.PostgreSQL, []string{
			"high clear-text-login, PostgreSQL server main, pg_hba.conf: hostssl all app,etl all trust: Line 7 lets other machines in without a password."}},
		"a password in clear": {door("host", "10.0.0.0", "255.0.0.0", "password"), access.PostgreSQL, []string{
			"high clear-text-login, PostgreSQL server main, pg_hba.conf: host all app,etl 10.0.0.0 255.0.0.0 password: Line 7 takes the password in clear, also without TLS."}},
		"a password in clear over TLS": {door("hostssl", "10.0.0.0", "255.0.0.0", "ldap"), access.PostgreSQL, []string{
			"low clear-text-login, PostgreSQL server main, pg_hba.conf: hostssl all app,etl 10.0.0.0 255.0.0.0 ldap: Line 7 has the server see the password in clear."}},
		"a session in clear from elsewhere": {door("host", "0.0.0.0", "0.0.0.0", "scram-sha-256"), access.PostgreSQL, []string{
			"medium clear-text-login, PostgreSQL server main, pg_hba.conf: host all app,etl 0.0.0.0 0.0.0.0 scram-sha-256: Line 7 takes sessions without TLS."}},
		"as it is to be":        {door("hostssl", "0.0.0.0", "0.0.0.0", "scram-sha-256"), access.PostgreSQL, []string{}},
		"a certificate":         {door("host", "0.0.0.0", "0.0.0.0", "cert"), access.PostgreSQL, []string{}},
		"a socket":              {door("local", "", "", "trust"), access.PostgreSQL, []string{}},
		"the machine itself":    {door("host", "127.0.0.1", "255.255.255.255", "trust"), access.PostgreSQL, []string{}},
		"the machine over IPv6": {door("host", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "trust"), access.PostgreSQL, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			result := review(access.Input{Servers: []access.Server{{Kind: test.kind, Name: "main", Server: test.server}}})
			require.Equal(t, test.want, lines(result))
			require.Empty(t, result.NotKnown)
		})
	}
}

func TestRulesThatLookedAtNothingDidNotPass(t *testing.T) {
	require.Empty(t, review(access.Input{}).Passed)
	for kind, want := range map[access.Kind][]string{
		access.PostgreSQL: {
			"clear-text-login", "endless-login", "excess-privilege", "logged-statements", "superuser-login", "unencrypted-session", "unused-login",
			"weak-password-storage",
		},
		access.MySQL: {
			"endless-login", "excess-privilege", "logged-statements", "superuser-login", "unencrypted-session", "unused-login", "weak-password-storage",
		},
		access.Redis: {"excess-privilege", "superuser-login", "unencrypted-session", "unused-login", "weak-password-storage"},
	} {
		require.Equal(t, want, review(access.Input{Servers: []access.Server{{Kind: kind, Name: "main"}}}).Passed)
	}
}

func TestWhatAServerDoesNotTellIsNotPassed(t *testing.T) {
	var s inventory.Server
	for _, question := range []inventory.Question{
		inventory.Privileges, inventory.Passwords, inventory.Expiry, inventory.LastUse, inventory.Encryption, inventory.Logging, inventory.Doors,
	} {
		s.Tell(question, "No.")
	}
	s.Tell(inventory.Doors, "No.")
	result := review(access.Input{Servers: []access.Server{{Kind: access.PostgreSQL, Name: "main", Server: s}}})
	require.Len(t, result.NotKnown, 7, "what is the same is said once")
	require.Equal(t, []string{"superuser-login"}, result.Passed)

	// A server that has not run for long enough does not know.
	result = review(access.Input{Servers: []access.Server{{Kind: access.MySQL, Name: "main", Server: inventory.Server{
		Logins: []inventory.Login{{Name: "app@%", UnusedFor: 3 * day}},
	}}}})
	require.Equal(t, []access.NotKnown{{
		"unused-login", "MySQL user main/app@%", "The login was not used since the server started on 2026-11-28; that is less than 30 days ago.",
	}}, result.NotKnown)
}

func TestExceptions(t *testing.T) {
	organization := sound()
	organization.Keys[0].Scopes, organization.Keys[0].CreatorID = []string{"*"}, ""
	result := review(access.Input{Organization: &organization, Exceptions: map[string]map[string]string{
		"API key prod-backend": {
			policy.WildcardScope: "needed, SEC-1", policy.UnusedKey: "quarterly", policy.SecretInState: "dev", policy.OrphanedKey: "made by CI",
		},
		"API key gone": {policy.WildcardScope: "was needed"},
		"member x":     nil,
	}})
	require.Empty(t, lines(result))
	require.NotContains(t, result.Passed, policy.WildcardScope, "the rule found something")
	require.Equal(t, []access.Exception{
		{"orphaned-key", "API key prod-backend", "made by CI", nil},
		{"secret-in-state", "API key prod-backend", "dev", nil},
		{"unused-key", "API key prod-backend", "quarterly", new(false)},
		{"wildcard-scope", "API key gone", "was needed", new(false)},
		{"wildcard-scope", "API key prod-backend", "needed, SEC-1", new(true)},
	}, result.Exceptions)
	require.Zero(t, result.Counts[access.High])
}
