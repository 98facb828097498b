// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package policy_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

const day = 24 * time.Hour

var (
	anywhere   = policy.Policy{Level: policy.Warn}
	production = policy.Policy{Level: policy.Warn, Production: true}
)

// rules gives the names of the rules that found something, and checks that each finding says all that it should.
func rules(t *testing.T, findings []policy.Finding) []string {
	t.Helper()
	var names []string
	for _, finding := range findings {
		require.NotEmpty(t, finding.What)
		require.NotEmpty(t, finding.Subject)
		require.NotEmpty(t, finding.Why)
		require.NotEmpty(t, finding.Instead)
		names = append(names, finding.Rule)
	}
	return names
}

func TestIsProduction(t *testing.T) {
	for _, name := range []string{"prod", "production", "live", "PROD", " Live "} {
		require.True(t, policy.IsProduction(name), name)
	}
	for _, name := range []string{"", "staging", "dev", "preprod", "prod-eu"} {
		require.False(t, policy.IsProduction(name), name)
	}
}

func TestRules(t *testing.T) {
	prefixes := func(texts ...string) []netip.Prefix {
		var parsed []netip.Prefix
		for _, text := range texts {
			parsed = append(parsed, netip.MustParsePrefix(text))
		}
		return parsed
	}
	for name, test := range map[string]struct {
		findings []policy.Finding
		want     []string
	}{
		"everything":                     {anywhere.WildcardScopes("k", []string{"database:read", "*"}), []string{"wildcard-scope"}},
		"a whole family":                 {anywhere.WildcardScopes("k", []string{"database:*", "repository:*"}), nil},
		"a whole family in production":   {production.WildcardScopes("k", []string{"database:*", "repository:*"}), []string{"wildcard-scope", "wildcard-scope"}},
		"narrow scopes in production":    {production.WildcardScopes("k", []string{"database:read", "repository:write"}), nil},
		"a key without end":              {anywhere.UnboundedKey("k", false, false), []string{"unbounded-key"}},
		"a key that expires":             {anywhere.UnboundedKey("k", true, false), nil},
		"a key that is rotated":          {anywhere.UnboundedKey("k", false, true), nil},
		"200 days in production":         {production.LongLivedKey("k", 200*day, 0), []string{"slow-rotation"}},
		"100 days in production":         {production.LongLivedKey("k", 100*day, 0), nil},
		"180 days elsewhere":             {anywhere.LongLivedKey("k", 180*day, 0), nil},
		"a year elsewhere":               {anywhere.LongLivedKey("k", 365*day, 0), []string{"slow-rotation"}},
		"a year, rotated in time":        {production.LongLivedKey("k", 365*day, 90*day), nil},
		"rotated late in production":     {production.LongLivedKey("k", 100*day, 91*day), []string{"slow-rotation"}},
		"never expires, rotated late":    {anywhere.LongLivedKey("k", 0, 181*day), []string{"slow-rotation"}},
		"the internet":                   {anywhere.OpenAllowlist(prefixes("0.0.0.0/0", "::/0")), []string{"open-allowlist", "open-allowlist"}},
		"half a continent":               {anywhere.OpenAllowlist(prefixes("10.0.0.0/7", "2001:db8::/31")), []string{"open-allowlist", "open-allowlist"}},
		"as wide as may be":              {anywhere.OpenAllowlist(prefixes("10.0.0.0/8", "2001:db8::/32", "192.0.2.1/32")), nil},
		"TLS without verification":       {anywhere.UnverifiedTLS("it", "tls = true", false, false), []string{"unverified-tls"}},
		"no TLS on loopback":             {anywhere.UnverifiedTLS("it", "tls = true", false, true), nil},
		"verified TLS":                   {anywhere.UnverifiedTLS("it", "tls = true", true, false), nil},
		"an owner":                       {anywhere.ExtraOwner("a@example.com", "owner"), []string{"extra-owner"}},
		"an admin":                       {anywhere.ExtraOwner("a@example.com", "admin"), nil},
		"a role that writes":             {anywhere.ExcessPrivileges("r", []string{"INSERT on t"}), []string{"excess-privilege"}},
		"a role that reads":              {anywhere.ExcessPrivileges("r", nil), nil},
		"a secret in production's state": {production.SecretInState("it", "secret", "x"), []string{"secret-in-state"}},
		"a secret in another state":      {anywhere.SecretInState("it", "secret", "x"), nil},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, rules(t, test.findings)) })
	}
}

// Ways to write that go around, and that everybody has, are told and never stand in the way.
func TestRoundaboutWaysToWriteAreAdvice(t *testing.T) {
	for text, advisory := range map[string]bool{
		"INSERT on public.orders via PUBLIC":                                               false,
		"INSERT, TRIGGER on public.orders via PUBLIC":                                      false,
		"ownership on public.orders":                                                       false,
		"EXECUTE on app.* via PUBLIC":                                                      false,
		"EXECUTE on public.bump(), SECURITY DEFINER of admin, via PUBLIC":                  true,
		"USAGE on sequence public.sq via PUBLIC":                                           true,
		"UPDATE, USAGE on sequence public.sq via PUBLIC in database other":                 true,
		"EXECUTE on function app.f via view app.v, SQL SECURITY DEFINER of root@localhost": true,
		"TRIGGER on public.orders via PUBLIC":                                              true,
		"UPDATE on large object 4711 via PUBLIC":                                           true,
		"ownership on 2 large objects, such as 4711":                                       true,
	} {
		findings := anywhere.ExcessPrivileges("r", []string{text})
		require.Len(t, findings, 1)
		require.Equal(t, advisory, findings[0].Advisory, text)
	}
	require.Len(t, anywhere.ExcessPrivileges("r", []string{"TRIGGER on t", "INSERT on t"}), 2)
}
