// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/plan"
)

// broken gives the rules that a change breaks.
func broken(t *testing.T, options plan.Options, changes ...object) []string {
	t.Helper()
	options.Now = now
	if options.FailOn == nil {
		options.FailOn = plan.RuleNames()
	}
	review, err := plan.Read(strings.NewReader(planJSON(t, changes...)), options)
	require.NoError(t, err)
	var found []string
	for _, b := range review.BrokenRules {
		found = append(found, b.Rule)
	}
	return found
}

func TestRules(t *testing.T) {
	bounded := func(more object) object {
		key := object{"name": "k", "expires_in": "30d", "age_recipients": []any{"age1x"}}
		for name, value := range more {
			key[name] = value
		}
		return key
	}
	production := plan.Options{Environment: "prod"}
	for name, test := range map[string]struct {
		options plan.Options
		change  object
		want    []string
	}{
		"a good key":                    {production, changeOf("api_key", "a", "create", nil, bounded(object{"scopes": []any{"database:read"}})), nil},
		"everything":                    {plan.Options{}, changeOf("api_key", "a", "create", nil, bounded(object{"scopes": []any{"*"}})), []string{"wildcard-scope"}},
		"a family":                      {plan.Options{}, changeOf("api_key", "a", "create", nil, bounded(object{"scopes": []any{"database:*"}})), nil},
		"a family in production":        {production, changeOf("api_key", "a", "create", nil, bounded(object{"scopes": []any{"database:*"}})), []string{"wildcard-scope"}},
		"no end":                        {plan.Options{}, changeOf("api_key", "a", "create", nil, object{"name": "k"}), []string{"unbounded-key"}},
		"no change of no end":           {plan.Options{}, changeOf("api_key", "a", "no-op", object{"name": "k"}, object{"name": "k"}), []string{"unbounded-key"}},
		"no end, destroyed":             {plan.Options{}, changeOf("api_key", "a", "delete", object{"name": "k"}, nil), nil},
		"no end, forgotten":             {plan.Options{}, changeOf("api_key", "a", "forget", object{"name": "k"}, nil), nil},
		"100 days":                      {plan.Options{}, changeOf("api_key", "a", "create", nil, bounded(object{"rotation": object{"every": "100d"}})), nil},
		"100 days in production":        {production, changeOf("api_key", "a", "create", nil, bounded(object{"rotation": object{"every": "14w2d"}})), []string{"slow-rotation"}},
		"a fixed end far away":          {plan.Options{}, changeOf("api_key", "a", "create", nil, object{"name": "k", "expires_at": "2029-01-01T00:00:00Z"}), []string{"slow-rotation"}},
		"a fixed end soon":              {plan.Options{}, changeOf("api_key", "a", "create", nil, object{"name": "k", "expires_at": "2027-01-01T00:00:00Z"}), nil},
		"a secret in the state":         {production, changeOf("api_key", "a", "update", object{"secret": "x"}, object{"name": "k", "expires_in": "30d", "secret": "x"}), []string{"secret-in-state"}},
		"a password in the state":       {production, changeOf("redis_readonly_user", "a", "update", object{"password": "x"}, object{"name": "k", "password": "x"}), []string{"secret-in-state"}},
		"a password of one's own":       {production, changeOf("redis_readonly_user", "a", "create", nil, object{"name": "k"}), nil},
		"the internet":                  {plan.Options{}, changeOf("ip_allowlist", "a", "create", nil, object{"entries": object{"0.0.0.0/0": object{}, "192.0.2.0/24": object{}}}), []string{"open-allowlist"}},
		"the internet, twice":           {plan.Options{}, changeOf("ip_allowlist", "a", "create", nil, object{"entries": object{"0.0.0.0/1": object{}, "128.0.0.0/1": object{}}}), []string{"open-allowlist", "open-allowlist"}},
		"an open entry":                 {plan.Options{}, changeOf("ip_allowlist_entry", "a", "create", nil, object{"cidr": "::/0"}), []string{"open-allowlist"}},
		"an address":                    {plan.Options{}, changeOf("ip_allowlist_entry", "a", "create", nil, object{"cidr": "192.0.2.1"}), nil},
		"an owner":                      {plan.Options{}, changeOf("team_member", "a", "create", nil, object{"email": "a@example.com", "role": "owner"}), []string{"extra-owner"}},
		"somebody becomes an owner":     {plan.Options{}, changeOf("team_member", "a", "update", object{"role": "admin"}, object{"email": "a@example.com", "role": "owner"}), []string{"extra-owner"}},
		"who is an owner already":       {plan.Options{}, changeOf("team_member", "a", "no-op", object{"role": "owner"}, object{"email": "a@example.com", "role": "owner"}), nil},
		"unverified TLS":                {plan.Options{}, changeOf("adapter", "a", "create", nil, object{"name": "a", "connector": "postgres", "connection_string": "postgres://u:{{ env.P }}@db.example.com/d?sslmode=require"}), []string{"unverified-tls"}},
		"verified TLS":                  {plan.Options{}, changeOf("adapter", "a", "create", nil, object{"name": "a", "connector": "postgres", "connection_string": "postgres://u:{{ env.P }}@db.example.com/d?sslmode=verify-full"}), nil},
		"a connection that is hidden":   {plan.Options{}, changeOf("adapter", "a", "create", nil, object{"name": "a", "connector": "postgres", "connection_string": "{{ env.URL }}"}), nil},
		"what a role can do beyond":     {plan.Options{}, changeOf("postgresql_readonly_role", "a", "update", object{}, object{"name": "a", "excess_privileges": []any{"INSERT on public.t via PUBLIC"}}), []string{"excess-privilege"}},
		"what everybody has is advice":  {plan.Options{}, changeOf("postgresql_readonly_role", "a", "update", object{}, object{"name": "a", "excess_privileges": []any{"TRIGGER on public.t via PUBLIC"}}), nil},
		"a resource of another owner":   {plan.Options{}, object{"type": "terrascale_api_key", "provider_name": "example.com/other/other", "change": object{"actions": []any{"create"}, "after": object{"name": "k"}}}, nil},
		"a rule that nobody asked for":  {plan.Options{FailOn: []string{"extra-owner"}}, changeOf("api_key", "a", "create", nil, object{"name": "k"}), nil},
		"an exception":                  {plan.Options{}, changeOf("api_key", "a", "create", nil, object{"name": "k", "policy_exceptions": object{"unbounded-key": "SEC-1"}}), nil},
		"an exception without a reason": {plan.Options{}, changeOf("api_key", "a", "create", nil, object{"name": "k", "policy_exceptions": object{"unbounded-key": " "}}), []string{"unbounded-key"}},
		"an exception of another rule":  {plan.Options{}, changeOf("api_key", "a", "create", nil, object{"name": "k", "policy_exceptions": object{"wildcard-scope": "SEC-1"}}), []string{"unbounded-key"}},
	} {
		require.Equal(t, test.want, broken(t, test.options, test.change), name)
	}
}

func TestExceptionsAreInTheOpen(t *testing.T) {
	with := func(after object, sensitive any) object {
		c := changeOf("ip_allowlist_entry", "partner", "no-op", after, after)
		c["change"].(object)["after_sensitive"] = sensitive
		return c
	}
	after := object{"cidr": "0.0.0.0/0", "policy_exceptions": object{"open-allowlist": "partner has no fixed address, SEC-123"}}
	review := read(t, planJSON(t, with(after, object{})), "open-allowlist")
	require.Empty(t, review.BrokenRules)
	require.Contains(t, review.Markdown(), "### Exceptions\n\n- `open-allowlist` of `terrascale_ip_allowlist_entry.partner`: `partner has no fixed address, SEC-123`\n")
	// What nobody can read is no reason.
	for _, sensitive := range []any{object{"policy_exceptions": true}, object{"policy_exceptions": object{"open-allowlist": true}}, true} {
		review = read(t, planJSON(t, with(after, sensitive)), "open-allowlist")
		require.NotContains(t, review.Markdown(), "SEC-123")
		require.Equal(t, sensitive != true, len(review.BrokenRules) > 0)
	}
}

// The rules of production are those of the plan's own provider block, however its environment is written.
func TestTheEnvironmentIsThePlans(t *testing.T) {
	key := changeOf("api_key", "a", "create", nil, object{"name": "k", "expires_in": "30d", "scopes": []any{"database:*"}})
	for name, test := range map[string]struct {
		environment, variables any
		provider               string
		isProduction           bool
	}{
		"none":                    {nil, nil, "terrascale", false},
		"constant":                {object{"constant_value": "live"}, nil, "terrascale", true},
		"constant, other":         {object{"constant_value": "staging"}, nil, "terrascale", false},
		"variable":                {object{"references": []any{"var.environment"}}, object{"environment": object{"value": "prod"}}, "terrascale", true},
		"variable, other":         {object{"references": []any{"var.environment"}}, object{"environment": object{"value": "dev"}, "x": object{"value": "prod"}}, "terrascale", false},
		"another provider's":      {object{"constant_value": "prod"}, nil, "other", false},
		"of a form yet to come":   {"prod", object{"x": []any{1}}, "terrascale", false},
		"variables of many kinds": {nil, object{"environment": object{"value": object{"a": []any{"prod"}}}}, "terrascale", false},
	} {
		content, err := json.Marshal(object{
			"format_version": "1.2", "resource_changes": []any{key}, "variables": test.variables,
			"configuration": object{"provider_config": object{"x": object{"name": test.provider, "expressions": object{"environment": test.environment}}}},
		})
		require.NoError(t, err)
		if name == "of a form yet to come" {
			_, err := plan.Read(strings.NewReader(string(content)), plan.Options{})
			require.ErrorIs(t, err, plan.ErrNotAPlan)
			continue
		}
		review := read(t, string(content), "wildcard-scope")
		require.Equal(t, test.isProduction, len(review.BrokenRules) > 0, name)
	}
}

func TestUnknownRulesAreRefused(t *testing.T) {
	_, err := plan.Read(strings.NewReader(planJSON(t)), plan.Options{FailOn: []string{"extra-owner", "no-such-rule"}})
	require.ErrorIs(t, err, plan.ErrUnknownRule)
	require.ErrorContains(t, err, `"no-such-rule": the rules are excess-privilege, extra-owner, open-allowlist, secret-in-state, slow-rotation, unbounded-key, unverified-tls, wildcard-scope`)
}
