// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/terrascale"
)

func scopes(names ...string) types.Set {
	values := make([]attr.Value, len(names))
	for i, name := range names {
		values[i] = types.StringValue(name)
	}
	return types.SetValueMust(types.StringType, values)
}

// existing is a key that was made to live for 90 days.
func existing() model {
	created := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	return model{
		ID: types.StringValue("key_0"), KeyID: types.StringValue("key_1"), KeyPrefix: types.StringValue("ts_live_ab"),
		Name: types.StringValue("a"), Scopes: scopes("database:read", "repository:read"),
		ExpiresIn: customtypes.NewDuration("90d"), ExpiresAt: customtypes.NewTime(created.Add(90 * 24 * time.Hour)),
		CreatedAt: customtypes.NewTime(created), Status: types.StringValue("active"), Secret: types.StringValue("s"),
	}
}

func TestReasonsToReplace(t *testing.T) {
	for name, test := range map[string]struct {
		change func(config, state *model)
		want   []string
	}{
		"nothing":       {func(_, _ *model) {}, nil},
		"order":         {func(config, _ *model) { config.Scopes = scopes("repository:read", "database:read") }, nil},
		"spelling":      {func(config, _ *model) { config.ExpiresIn = customtypes.NewDuration("2160h") }, nil},
		"name":          {func(config, _ *model) { config.Name = types.StringValue("b") }, []string{`its name becomes "b"`}},
		"unknown name":  {func(config, _ *model) { config.Name = types.StringUnknown() }, []string{"its name, known only at apply, may be another"}},
		"scopes":        {func(config, _ *model) { config.Scopes = scopes("*") }, []string{"its scopes change from [database:read, repository:read] to [*]"}},
		"unknown scope": {func(config, _ *model) { config.Scopes = types.SetUnknown(types.StringType) }, []string{"its scopes, known only at apply, may be others"}},
		"expires_in":    {func(config, _ *model) { config.ExpiresIn = customtypes.NewDuration("30d") }, []string{"it is to live for 30d"}},
		"no expiry":     {func(config, _ *model) { config.ExpiresIn = customtypes.Duration{} }, []string{"it is to live without an expiry"}},
		"expires_at": {func(config, _ *model) {
			config.ExpiresIn = customtypes.Duration{}
			config.ExpiresAt = customtypes.NewTime(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
		}, []string{"it is to expire at 2031-01-01T00:00:00Z"}},
		"the same instant": {func(config, state *model) {
			config.ExpiresIn = customtypes.Duration{}
			config.ExpiresAt = state.ExpiresAt
		}, nil},
		"an instant without its fraction": {func(config, state *model) {
			config.ExpiresIn = customtypes.Duration{}
			config.ExpiresAt = customtypes.NewTime(customtypes.ParseTime(state.ExpiresAt).Add(300 * time.Millisecond))
		}, nil},
		"unknown expiry": {func(config, _ *model) {
			config.ExpiresIn = customtypes.Duration{}
			config.ExpiresAt = customtypes.Time{StringValue: types.StringUnknown()}
		}, []string{"its expiry, known only at apply, may be another"}},
		"imported, as it lives": {func(_, state *model) { state.ExpiresIn = customtypes.Duration{} }, nil},
		"imported, lives shorter": {func(config, state *model) {
			state.ExpiresIn, config.ExpiresIn = customtypes.Duration{}, customtypes.NewDuration("91d")
		}, []string{"it is to live for 91d"}},
		"imported, without expiry": {func(_, state *model) {
			state.ExpiresIn, state.ExpiresAt = customtypes.Duration{}, customtypes.Time{}
		}, []string{"it is to live for 90d"}},
		"revoked": {func(_, state *model) { state.Status = types.StringValue("revoked") }, []string{"it was revoked outside of Terraform"}},
		"expired": {func(_, state *model) { state.Status = types.StringValue("expired") }, []string{"it expired at 2030-04-01T00:00:00Z"}},
		"gone":    {func(_, state *model) { state.Status = statusGone }, []string{"the service no longer lists it"}},
		"several": {func(config, state *model) {
			config.Name, state.Status = types.StringValue("b"), types.StringValue("revoked")
		}, []string{`its name becomes "b"`, "it was revoked outside of Terraform"}},
	} {
		t.Run(name, func(t *testing.T) {
			config, state := existing(), existing()
			config.ExpiresAt = customtypes.Time{}
			test.change(&config, &state)
			require.Equal(t, test.want, config.reasonsToReplace(state))
		})
	}
}

func TestPlanSaysWhyTheKeyWillBeReplaced(t *testing.T) {
	config, state := existing(), existing()
	config.ExpiresAt = customtypes.Time{}
	state.Status = types.StringValue("revoked")
	plan := config
	diagnostics := plan.planChange(config, state, unfinished{"key_8", "key_9"})

	require.Len(t, diagnostics, 2)
	require.Equal(t, diag.SeverityWarning, diagnostics[0].Severity())
	require.Equal(t, "API key will be replaced", diagnostics[0].Summary())
	require.Contains(t, diagnostics[0].Detail(), `Key key_1 ("a") will be replaced`)
	require.Contains(t, diagnostics[0].Detail(), "because it was revoked outside of Terraform.")
	require.Equal(t, "A replaced API key still works", diagnostics[1].Summary())
	require.Contains(t, diagnostics[1].Detail(), "key_8, key_9")
	require.Equal(t, state.ID, plan.ID)
	require.True(t, plan.KeyID.IsUnknown())
}

func TestOldKeysAreRememberedUntilTheyEnd(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	listed := []terrascale.APIKey{{ID: "works"}, {ID: "revoked", Revoked: true}, {ID: "expired", ExpiresAt: &now}}
	require.Equal(t, unfinished{"works"}, unfinished{"gone", "works", "revoked", "expired"}.alive(listed, now))

	state := existing()
	require.Equal(t, unfinished{"key_9", "key_1"}, unfinished{"key_9"}.with(state))
	state.Status = types.StringValue("revoked")
	require.Equal(t, unfinished{"key_9"}, unfinished{"key_9"}.with(state))
	state.Status = statusGone
	require.Empty(t, unfinished(nil).with(state))
}
