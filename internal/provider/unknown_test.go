// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
)

// whole are configurations that write every attribute between them, by type name and a word.
func (w *world) whole(t *testing.T) map[string]map[string]object {
	t.Helper()
	readers := []any{"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"}
	samples := w.samples(t)
	file := samples["terrascale_adapter"].config["config_file"]
	project := filepath.Join(w.folder, "project")
	require.NoError(t, os.MkdirAll(project, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(project, ".hyperterse"), []byte("name: gateway\nversion: 1.0.0\n"), 0o600))
	const later = "2099-01-01T00:00:00Z"
	name := w.database.Name
	rotation := object{"every": "90d", "overlap": "7d", "trigger": "now"}
	accepted := func(rules ...string) object {
		exceptions := object{}
		for _, rule := range rules {
			exceptions[rule] = "accepted, SEC-1"
		}
		return exceptions
	}
	return map[string]map[string]object{
		"terrascale_adapter": {
			"file": {
				"config_file": file, "name": "app_db", "connector": "postgres", "connection_string": "{{ env.DATABASE_URL }}", "options": object{"connect_timeout": "10"},
				"dotenv": object{
					"file": filepath.Join(w.folder, ".env"), "variable": "DATABASE_URL", "value_wo": "postgres://u:p@db.example.com/app?sslmode=require", "value_wo_version": 1,
				},
				"policy_exceptions": accepted("unverified-tls"),
			},
			"project": {"project": project, "name": "app_db", "connector": "redis", "connection_string": "{{ env.REDIS_URL }}"},
		},
		"terrascale_api_key": {
			"lasting": {
				"name": "backend", "scopes": []any{"database:read", "*"}, "expires_in": "100d", "age_recipients": readers,
				"rotation":          object{"every": "90d", "overlap": "7d", "trigger": "now", "before_expiry": "8d"},
				"policy_exceptions": accepted("wildcard-scope", "slow-rotation"),
			},
			"until": {"name": "until", "scopes": []any{"database:read"}, "expires_at": later},
		},
		"terrascale_database": {"all": {"name": "orders", "region": "us-east-1", "deletion_protection": false, "settings": `{"backups":true}`}},
		"terrascale_ip_allowlist": {"all": {
			"organization_id": "org_emulator", "enabled": true, "allow_lockout": false, "policy_exceptions": accepted("open-allowlist"),
			"entries": object{
				"127.0.0.0/8": object{"description": "here"}, "128.0.0.0/1": object{"description": "half", "expires_at": later}, "64.0.113.0/24": object{},
			},
		}},
		"terrascale_ip_allowlist_entry": {"all": {
			"organization_id": "org_emulator", "cidr": "64.0.0.0/4", "description": "partner", "expires_at": later, "allow_lockout": true, "allow_open": false,
			"policy_exceptions": accepted("open-allowlist"),
		}},
		"terrascale_mysql_readonly_user": {
			"rotated": {
				"server": "main", "name": name, "host": "%", "grants": object{name: object{"tables": []any{"orders"}}}, "require_tls": true,
				"max_user_connections": 5, "terminate_sessions": true, "rotation": rotation, "age_recipients": readers,
			},
			"brought": {
				"server": "main", "name": name, "grants": object{name: object{}}, "password_wo": "a-password-that-is-long-enough", "password_wo_version": 1,
				"policy_exceptions": accepted("excess-privilege"),
			},
		},
		"terrascale_organization": {"all": {"name": "Acme", "slug": "acme-" + name, "billing_email": "billing@example.com", "require_mfa": true, "deletion_protection": false}},
		"terrascale_postgresql_readonly_role": {
			"rotated": {
				"server": "main", "name": name, "connection_limit": 20, "statement_timeout": "30s", "idle_in_transaction_session_timeout": "1m", "valid_until": later,
				"terminate_sessions": true, "rotation": rotation, "age_recipients": readers, "future_tables_owned_by": []any{w.database.Admin},
				"grants": object{
					name + ".public": object{"except": []any{"users"}, "sequences": true},
					name + ".other":  object{"tables": []any{"a", "b"}, "columns": object{"c": []any{"x", "y"}}},
				},
			},
			"brought": {
				"server": "main", "name": name, "grants": object{name + ".public": object{"tables": []any{"orders"}}}, "password_wo": "a-password-that-is-long-enough",
				"password_wo_version": 1, "policy_exceptions": accepted("excess-privilege"),
			},
		},
		"terrascale_redis_readonly_user": {
			"rotated": {
				"server": "main", "name": "gateway", "key_patterns": []any{"app:*", "b:*"}, "channel_patterns": []any{"news:*"}, "commands": []any{"+@read", "+subscribe"},
				"rotation": rotation, "age_recipients": readers,
			},
			"brought": {
				"server": "main", "name": "gateway", "key_patterns": []any{"app:*"}, "password_wo": "a-password-that-is-long-enough", "password_wo_version": 1,
				"policy_exceptions": accepted("secret-in-state"),
			},
		},
		"terrascale_repository": {"all": {
			"database_id": w.parent, "name": "customers", "entity_name": "Customer", "deletion_protection": false,
			"schema": object{
				"email": object{"type": "string", "required": true, "min_length": 3, "max_length": 254, "pattern": "^.+$", "default": `"x@y.z"`},
				"score": object{"type": "number", "min": 0, "max": 10},
				"tags":  object{"type": "array", "min_items": 1, "max_items": 5, "items": object{"type": "string"}},
				"place": object{"type": "object", "properties": object{"city": object{"type": "string"}}},
			},
		}},
		"terrascale_team_member": {"all": {
			"organization_id": "org_emulator", "email": "grace@example.com", "role": "owner", "revoke_api_keys_on_removal": true, "policy_exceptions": accepted("extra-owner"),
		}},
	}
}

// spots lists the places of a configuration, each as what leads there.
func spots(config any, at ...any) [][]any {
	var found [][]any
	switch config := config.(type) {
	case object:
		for _, name := range slices.Sorted(maps.Keys(config)) {
			here := append(slices.Clone(at), name)
			found = append(append(found, here), spots(config[name], here...)...)
		}
	case []any:
		for i := range config {
			found = append(found, append(slices.Clone(at), i))
		}
	}
	return found
}

// with gives a configuration with another value at a place.
func with(config any, value any, at ...any) any {
	if len(at) == 0 {
		return value
	}
	if list, isList := config.([]any); isList {
		list = slices.Clone(list)
		index, _ := at[0].(int)
		list[index] = with(list[index], value, at[1:]...)
		return list
	}
	changed := maps.Clone(config.(object))
	name, _ := at[0].(string)
	changed[name] = with(changed[name], value, at[1:]...)
	return changed
}

// unknownWorld is one in which everything that the configurations name is there.
func unknownWorld(t *testing.T, name string) *world {
	t.Helper()
	w := newWorld(t, name)
	w.database.Exec("CREATE SCHEMA other", "CREATE TABLE other.a (id int)", "CREATE TABLE other.b (id int)", "CREATE TABLE other.c (x int, y int)")
	return w
}

func TestWholeConfigurationsWriteEveryAttribute(t *testing.T) {
	w := unknownWorld(t, "whole")
	for typeName, schema := range w.Schemas.ResourceSchemas {
		written := map[string]bool{}
		for _, config := range w.whole(t)[typeName] {
			for name := range config {
				written[name] = true
			}
		}
		for _, attribute := range schema.Block.Attributes {
			require.Equal(t, attribute.Required || attribute.Optional, written[attribute.Name], "%s.%s", typeName, attribute.Name)
		}
	}
}

// Whatever part of a configuration is not known while planning, or is null: no panic, no error that the whole would not have, nothing planned that a
// CLI refuses, nothing applied that differs from the plan, and nothing left to do after it.
func TestAnyAttributeMayBeUnknownOrNull(t *testing.T) {
	w := unknownWorld(t, "unknowns")
	for typeName, configs := range w.whole(t) {
		for word, config := range configs {
			t.Run(typeName+" "+word, func(t *testing.T) {
				for _, spot := range spots(config) {
					t.Run(fmt.Sprintf("%v is unknown", spot), func(t *testing.T) {
						w.plansAndApplies(t, typeName, config, with(config, protocol.Unknown, spot...).(object))
					})
					// Protection is the default: without it said, nothing here could be destroyed.
					if _, isElement := spot[len(spot)-1].(int); isElement || spot[0] == "deletion_protection" {
						continue
					}
					reduced := with(config, nil, spot...).(object)
					t.Run(fmt.Sprintf("%v is null", spot), func(t *testing.T) {
						p := w.configured(t)
						if len(p.Validate(t, typeName, protocol.Value(p.Type(typeName), reduced))) == 0 && !p.IsRequired(typeName, spot) {
							w.plansAndApplies(t, typeName, reduced, reduced)
						}
					})
				}
			})
		}
	}
}

// The same of several places at once, some unknown and some null: planned twice, as a CLI does, and not applied.
func TestAttributesMayBeUnknownOrNullTogether(t *testing.T) {
	w := unknownWorld(t, "unknown_together")
	whole := w.whole(t)
	planned := 0
	rapid.Check(t, func(draw *rapid.T) {
		typeName := rapid.SampledFrom(slices.Sorted(maps.Keys(whole))).Draw(draw, "type")
		config := whole[typeName][rapid.SampledFrom(slices.Sorted(maps.Keys(whole[typeName]))).Draw(draw, "configuration")]
		reduced, partial := config, config
		var drawn [][]any
		for _, spot := range rapid.SliceOfNDistinct(rapid.SampledFrom(spots(config)), 2, 5, func(spot []any) string { return fmt.Sprint(spot) }).Draw(draw, "places") {
			if slices.ContainsFunc(drawn, func(other []any) bool { return within(spot, other) || within(other, spot) }) {
				continue
			}
			drawn = append(drawn, spot)
			_, isElement := spot[len(spot)-1].(int)
			if !isElement && rapid.Bool().Draw(draw, "null") {
				reduced, partial = with(reduced, nil, spot...).(object), with(partial, nil, spot...).(object)
			} else {
				partial = with(partial, protocol.Unknown, spot...).(object)
			}
		}
		if w.plansTwice(draw, typeName, reduced, partial) {
			planned++
		}
	})
	require.Positive(t, planned)
}

// within says whether a place is in another one, or the same.
func within(spot, other []any) bool {
	return len(spot) >= len(other) && slices.Equal(spot[:len(other)], other)
}

// plansTwice plans what is known of a configuration, and then all of it. It says whether there is a plan at all: without what is null, there may be none.
func (w *world) plansTwice(t protocol.T, typeName string, whole, known object) bool {
	p := w.configured(t)
	full, partial := protocol.Value(p.Type(typeName), whole), protocol.Value(p.Type(typeName), known)
	final := p.Plan(t, p.None(typeName), full)
	if len(final.Errors) > 0 || len(p.Validate(t, typeName, full)) > 0 {
		return false
	}
	require.Empty(t, p.Validate(t, typeName, partial))
	p = w.configured(t)
	first := p.Plan(t, p.None(typeName), partial)
	require.Empty(t, first.Errors)
	require.Empty(t, p.Invalid(typeName, p.None(typeName).State, partial, first.Planned))
	require.Empty(t, protocol.Inconsistent(first.Planned, final.Planned))
	return true
}

// plansAndApplies plans what is known of a configuration, and applies all of it.
func (w *world) plansAndApplies(t *testing.T, typeName string, whole, known object) {
	t.Helper()
	p := w.configured(t)
	full, partial := protocol.Value(p.Type(typeName), whole), protocol.Value(p.Type(typeName), known)
	require.Empty(t, p.Validate(t, typeName, partial))
	none := p.None(typeName)
	first := p.Plan(t, none, partial)
	require.Empty(t, first.Errors)
	require.Empty(t, p.Invalid(typeName, none.State, partial, first.Planned))
	p = w.configured(t) // The apply may be another process, and a later time.
	final := p.Plan(t, none, full)
	if len(final.Errors) > 0 { // Without what is null, it may not be possible.
		require.Equal(t, fmt.Sprint(whole), fmt.Sprint(known), "%v", final.Errors)
		return
	}
	require.Empty(t, protocol.Inconsistent(first.Planned, final.Planned))
	made, errors := p.Apply(t, none, final, full)
	if len(errors) == 0 {
		require.Empty(t, protocol.Inconsistent(final.Planned, made.State))
		p = w.configured(t)
		again, errors := p.Read(t, made)
		require.Empty(t, errors)
		after := p.Plan(t, again, full)
		require.Empty(t, after.Errors)
		require.Empty(t, protocol.Inconsistent(again.State, after.Planned), "%s: nothing is left to do")
		made = again

		// The same while it is there.
		update := w.configured(t).Plan(t, made, partial)
		require.Empty(t, update.Errors)
		require.Empty(t, p.Invalid(typeName, made.State, partial, update.Planned))
	} else {
		require.Equal(t, fmt.Sprint(whole), fmt.Sprint(known), "%v", errors)
	}
	if !made.State.IsNull() {
		require.Empty(t, w.configured(t).Destroy(t, made))
	}
	_ = os.Remove(filepath.Join(w.folder, ".env"))
	if typeName == "terrascale_ip_allowlist" {
		require.NoError(t, w.service.SetAllowlist("org_emulator", false))
	}
}
