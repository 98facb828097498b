// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
)

// fuzzed serves a provider that knows an organization and no server: what is fuzzed here asks nobody.
func fuzzed(f *testing.F) (*protocol.Provider, []string) {
	f.Helper()
	p := protocol.New(f, provider.New("test")(), object{
		"endpoint": "http://127.0.0.1:9", "access_token": "hush-token", "organization_id": emulator.DefaultOrganizationID,
	})
	return p, slices.Sorted(maps.Keys(p.Schemas.ResourceSchemas))
}

// importIDs says how the import id of each type is made of its attributes.
var importIDs = map[string][]string{
	"terrascale_adapter": {"project", "config_file", "#", "name"}, "terrascale_api_key": {"key_id"}, "terrascale_database": {"id"}, "terrascale_ip_allowlist": {"organization_id"},
	"terrascale_ip_allowlist_entry": {"organization_id", "/", "cidr"}, "terrascale_mysql_readonly_user": {"server", "/", "name", "@", "host"}, "terrascale_organization": {"id"},
	"terrascale_postgresql_readonly_role": {"server", "/", "name"}, "terrascale_redis_readonly_user": {"server", "/", "name"}, "terrascale_repository": {"database_id", "/", "repository_id"},
	"terrascale_team_member": {"organization_id", "/", "email"},
}

// An import id is refused with an error that says what to write, or taken apart into attributes that make it up again, which are the identity,
// too. A key's secret that somebody takes for its id is not repeated.
func FuzzImportID(f *testing.F) {
	p, types := fuzzed(f)
	require.Equal(f, types, slices.Sorted(maps.Keys(importIDs)))
	f.Chdir(f.TempDir())
	require.NoError(f, os.WriteFile("config.terse", []byte("adapters:\n  a: {connector: postgres, connection_string: '{{ env.X }}'}\n"), 0o600))
	for i := range types {
		for _, id := range []string{
			"key_01H", "ts_live_HUSH5e1f", "org_01H/grace@example.com", "org_01H/203.0.113.0/24", "203.0.113.0/24", "default/hyperterse", "default/u@10.0.0.0/8", "default/u@h@%", "db_1/repo_1",
			"./config.terse#a", "config.terse#", "#a", "a#b#c", "/", "//", "@", "", " ", "default/", "/x", "x/y/z", "default/\x00", "é/ü@ñ", "..", "default/a@localhost", "2001:db8::/32", "grace@example.com",
		} {
			f.Add(byte(i), id)
		}
	}
	f.Fuzz(func(t *testing.T, index byte, id string) {
		if !utf8.ValidString(id) || strings.Contains(id, "/dev/") || len(id) > 1<<10 {
			return // The protocol carries no other text.
		}
		typeName := types[int(index)%len(types)]
		response, err := p.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
		require.NoError(t, err)
		if errors := protocol.Errors(response.Diagnostics); len(errors) > 0 {
			require.Len(t, errors, 1, "%q", id)
			if strings.HasPrefix(id, "ts_live_") && typeName == "terrascale_api_key" {
				require.NotContains(t, errors[0], strings.TrimPrefix(id, "ts_live_")+"x", "%q", id)
				require.NotContains(t, errors[0], "HUSH")
			}
			require.NotContains(t, errors[0], "hush-token")
			return
		}
		require.Len(t, response.ImportedResources, 1)
		imported := response.ImportedResources[0]
		state, err := imported.State.Unmarshal(p.Type(typeName))
		require.NoError(t, err)
		made := ""
		for _, part := range importIDs[typeName] {
			if len(part) > 1 {
				part = protocol.Text(t, state, part)
			}
			made += part
		}
		organization := emulator.DefaultOrganizationID + "/"
		is := []string{made, strings.TrimPrefix(made, organization)} // What is left out is the organization of the session.
		if typeName == "terrascale_ip_allowlist" && id == "" {
			is = append(is, "")
		}
		if typeName == "terrascale_mysql_readonly_user" {
			require.True(t, strings.HasPrefix(made, id[:strings.LastIndex(id, "@")+1]), "%q became %q", id, made)
		} else {
			require.Contains(t, is, id, typeName)
		}
		for name, value := range p.IdentityOf(t, typeName, imported.Identity) {
			require.Equal(t, protocol.Text(t, state, name), value, "%s of %q", name, id)
		}
	})
}

// A state of any version, whatever is in it, is upgraded to a value of the type, or refused without repeating a secret in it.
func FuzzUpgradeState(f *testing.F) {
	p, types := fuzzed(f)
	files, err := filepath.Glob(filepath.Join("testdata", "states", "*.json"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(f, err)
		for i, typeName := range types {
			if strings.HasPrefix(filepath.Base(file), strings.TrimPrefix(typeName, "terrascale_")+"-") {
				f.Add(byte(i), int64(0), content)
			}
		}
	}
	for _, text := range []string{`{}`, `null`, `[]`, `{"secret":"HUSH5e1f"}`, `{"password":{"HUSH5e1f":1}}`, `{"name":7,"password":"HUSH5e1f"}`, `{"password":["HUSH5e1f"`, `{"password_version":"HUSH5e1f"}`, `{"scopes":"HUSH5e1f"}`} {
		for i := range types {
			f.Add(byte(i), int64(0), []byte(text))
			f.Add(byte(i), int64(99), []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, index byte, version int64, raw []byte) {
		typeName := types[int(index)%len(types)]
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		response, err := p.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{TypeName: typeName, Version: version, RawState: &tfprotov6.RawState{JSON: raw}})
		require.NoError(t, err)
		if errors := protocol.Errors(response.Diagnostics); len(errors) > 0 {
			for _, hidden := range secretsOf(p, typeName, raw) {
				require.NotContains(t, strings.Join(errors, "\n"), hidden, "%q", raw)
			}
			return
		}
		state, err := response.UpgradedState.Unmarshal(p.Type(typeName))
		require.NoError(t, err)
		require.True(t, state.IsKnown(), "%q", raw)
	})
}

// secretsOf gives the texts of a raw state's sensitive attributes, which are not too short to be told from other words.
func secretsOf(p *protocol.Provider, typeName string, raw []byte) []string {
	var values map[string]any
	if json.Unmarshal(raw, &values) != nil {
		return nil
	}
	var found []string
	for _, attribute := range p.Schemas.ResourceSchemas[typeName].Block.Attributes {
		if text, isText := values[attribute.Name].(string); isText && attribute.Sensitive && len(text) > 6 && strings.Contains(text, "HUSH") {
			found = append(found, text)
		}
	}
	return found
}

// A postgresql_role of another provider, whatever is in its state, becomes a role that has a name, in values that are valid, with no password
// that was not its own and all that goes beyond reading; or it is refused without repeating its password.
func FuzzMoveState(f *testing.F) {
	const target = "terrascale_postgresql_readonly_role"
	p, _ := fuzzed(f)
	for _, text := range []string{
		`{"name":"a","login":true,"password":"HUSH5e1f","connection_limit":-1,"valid_until":"infinity","roles":["b"],"superuser":true}`,
		`{"name":"a","password":"md5d41d8cd98f00b204e9800998ecf8427e","statement_timeout":30000,"password_wo_version":"7"}`, `{}`, `null`, `[]`, `{"name":null}`, `{"name":7,"password":"HUSH5e1f"}`,
		`{"name":"a","statement_timeout":-5}`, `{"name":"a","statement_timeout":9223372036854775807}`, `{"name":"a","valid_until":"9999-12-31T23:59:59-01:00"}`, `{"name":"a","connection_limit":1e3}`,
		`{"name":"a","password":"HUSH5e1f","roles":"x"}`, `{"name":"a","NAME":"b","Login":true}`, `{"name":"a","login":true,"password":"HUSH5e1f"`, `{"name":"a","password_wo_version":"-3"}`,
	} {
		f.Add([]byte(text), int64(0), "registry.terraform.io/cyrilgdn/postgresql", "postgresql_role")
	}
	f.Add([]byte(`{"name":"a"}`), int64(1), "registry.terraform.io/cyrilgdn/postgresql", "postgresql_role")
	f.Add([]byte(`{"name":"a"}`), int64(0), "registry.terraform.io/other/postgresql", "postgresql_role")
	f.Fuzz(func(t *testing.T, raw []byte, version int64, from, typeName string) {
		response, err := p.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: from, SourceTypeName: typeName, SourceSchemaVersion: version, SourceState: &tfprotov6.RawState{JSON: raw}, TargetTypeName: target,
		})
		require.NoError(t, err)
		if errors := protocol.Errors(response.Diagnostics); len(errors) > 0 {
			require.NotContains(t, strings.Join(errors, "\n"), "HUSH5e1f", "%q", raw)
			return
		}
		require.Equal(t, "postgresql_role", typeName)
		require.True(t, strings.HasSuffix(from, "/cyrilgdn/postgresql"))
		require.Zero(t, version)
		state, err := response.TargetState.Unmarshal(p.Type(target))
		require.NoError(t, err)
		require.NotEmpty(t, protocol.Text(t, state, "name"), "%q", raw)
		for _, name := range []string{"statement_timeout", "idle_in_transaction_session_timeout"} {
			if text := protocol.Text(t, state, name); text != "" {
				_, err := customtypes.ParseDuration(text)
				require.NoError(t, err, "%s of %q", name, raw)
			}
		}
		if text := protocol.Text(t, state, "valid_until"); text != "" {
			_, err := time.Parse(time.RFC3339, text)
			require.NoError(t, err, "%q", raw)
		}
		var source map[string]any
		require.NoError(t, json.Unmarshal(raw, &source))
		if password := protocol.Text(t, state, "password"); password != "" {
			require.True(t, slices.ContainsFunc(slices.Collect(maps.Values(source)), func(value any) bool { return value == password }), "%q", raw)
		}
		var excess []tftypes.Value
		require.NoError(t, protocol.Fields(t, state)["excess_privileges"].As(&excess))
		if source["superuser"] == true {
			require.NotEmpty(t, excess, "%q", raw)
		}
		require.LessOrEqual(t, len(excess), math.MaxInt16)
	})
}
