// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

func scopes(names ...string) types.Set {
	values := make([]attr.Value, len(names))
	for i, name := range names {
		values[i] = types.StringValue(name)
	}
	return types.SetValueMust(types.StringType, values)
}

func readers(texts ...string) types.Set { return scopes(texts...) }

// block gives a value of the attribute rotation.
func block(every, overlap string, trigger types.String) types.Object {
	duration := func(text string) customtypes.Duration {
		if text == "" {
			return customtypes.Duration{}
		}
		return customtypes.NewDuration(text)
	}
	return types.ObjectValueMust(map[string]attr.Type{
		"every": customtypes.DurationType{}, "before_expiry": customtypes.DurationType{}, "overlap": customtypes.DurationType{},
		"trigger": types.StringType,
	}, map[string]attr.Value{
		"every": duration(every), "before_expiry": customtypes.Duration{}, "overlap": duration(overlap), "trigger": trigger,
	})
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

func TestCauses(t *testing.T) {
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
		"several": {func(config, _ *model) {
			config.Name, config.Scopes = types.StringValue("b"), scopes("*")
		}, []string{`its name becomes "b"`, "its scopes change from [database:read, repository:read] to [*]"}},
		"readers of a secret in clear": {func(config, _ *model) { config.AgeRecipients = readers("age1b") }, nil},
		"other readers of ciphertext": {func(config, state *model) {
			state.Secret, state.SecretEncrypted, state.AgeRecipients = types.StringNull(), types.StringValue("c"), readers("age1a")
			config.AgeRecipients = readers("age1b")
		}, []string{"age_recipients changes, and only its readers know the secret"}},
		"no readers of ciphertext any more": {func(_, state *model) {
			state.Secret, state.SecretEncrypted, state.AgeRecipients = types.StringNull(), types.StringValue("c"), readers("age1a")
		}, []string{"age_recipients changes, and only its readers know the secret"}},
		"unknown readers of ciphertext": {func(config, state *model) {
			state.Secret, state.SecretEncrypted, state.AgeRecipients = types.StringNull(), types.StringValue("c"), readers("age1a")
			config.AgeRecipients = types.SetUnknown(types.StringType)
		}, []string{"age_recipients, known only at apply, may be others, and only its readers know the secret"}},
		"unknown trigger": {func(config, state *model) {
			state.Rotation, config.Rotation = block("90d", "7d", types.StringValue("a")), block("90d", "7d", types.StringUnknown())
		}, []string{"its trigger, known only at apply, may be another"}},
		"unknown trigger of a new block": {func(config, _ *model) { config.Rotation = block("90d", "7d", types.StringUnknown()) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			config, state := existing(), existing()
			config.ExpiresAt = customtypes.Time{}
			test.change(&config, &state)
			sure, possible := config.causes(state)
			require.Equal(t, test.want, append(sure, possible...))
			require.Equal(t, strings.Contains(strings.Join(test.want, ""), "known only at apply"), len(possible) > 0)
		})
	}
}

// made is when existing was made.
var made = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func TestPlanOfAChange(t *testing.T) {
	previous := func(m *model, end time.Time) {
		m.Previous = rotationschema.Previous(previousType, revokeAt, &end, map[string]attr.Value{
			keyID: types.StringValue("key_0"), keyPrefix: types.StringValue("ts_live_aa"),
		})
	}
	rotated := block("60d", "7d", types.StringNull())
	for name, test := range map[string]struct {
		change func(config, state *model)
		after  time.Duration
		want   steps
		words  []string
	}{
		"nothing":                 {func(_, _ *model) {}, 59 * day, steps{}, nil},
		"due":                     {func(_, _ *model) {}, 61 * day, steps{rotate: true, keepCurrent: true}, []string{`API key "a" will be rotated: 61 days old, every 60 days; the current key stays valid for 7d after the apply (until 2030-03-10T00:00:00Z if applied now)`}},
		"due without overlap":     {func(config, _ *model) { config.Rotation = block("60d", "", types.StringNull()) }, 61 * day, steps{rotate: true}, []string{"the current key ends in the same apply, after the new one exists"}},
		"no overlap of dead keys": {func(_, state *model) { state.Status = types.StringValue("revoked") }, day, steps{rotate: true}, []string{"it was revoked outside Terraform"}},
		"gone":                    {func(_, state *model) { state.Status = statusGone }, day, steps{rotate: true}, []string{"it is gone"}},
		"expired":                 {func(_, state *model) { state.Status = types.StringValue("expired") }, 90 * day, steps{rotate: true}, []string{"it has expired"}},
		"another name":            {func(config, _ *model) { config.Name = types.StringValue("b") }, day, steps{rotate: true, keepCurrent: true}, []string{`API key "a" will be rotated: its name becomes "b"`}},
		"previous lives":          {func(_, state *model) { previous(state, made.Add(7*day)) }, 6 * day, steps{}, nil},
		"previous is over":        {func(_, state *model) { previous(state, made.Add(7*day)) }, 8 * day, steps{endPrevious: true}, []string{"Key key_0 stops working in this apply: its overlap ended at 2030-01-08T00:00:00Z."}},
		"previous without a block": {func(config, state *model) {
			previous(state, made.Add(7*day))
			config.Rotation = types.ObjectNull(rotated.AttributeTypes(t.Context()))
		}, 8 * day, steps{endPrevious: true}, []string{"Key key_0"}},
		"due while it lives": {func(_, state *model) { previous(state, made.Add(70*day)) }, 61 * day, steps{endPrevious: true, rotate: true, keepCurrent: true}, []string{"Key key_0 stops working in this apply: a rotation is due while it is alive", "61 days old"}},
		"block is added":     {func(_, state *model) { state.Rotation = types.ObjectNull(rotated.AttributeTypes(t.Context())) }, day, steps{}, nil},
		"unknown overlap": {func(config, _ *model) {
			attributes := config.Rotation.Attributes()
			attributes["overlap"] = customtypes.Duration{StringValue: types.StringUnknown()}
			config.Rotation = types.ObjectValueMust(rotated.AttributeTypes(t.Context()), attributes)
		}, 61 * day, steps{rotate: true}, []string{"61 days old", "how long the current key stays valid is known only at apply"}},
	} {
		t.Run(name, func(t *testing.T) {
			config, state := existing(), existing()
			config.ExpiresAt, config.Rotation, state.Rotation = customtypes.Time{}, rotated, rotated
			test.change(&config, &state)
			now := made.Add(test.after)
			change := config.changeFrom(state, now)
			plan := config
			plan.planChange(config, state, change)
			require.Equal(t, test.want, plan.stepsFrom(config, state), "the plan alone says what is done")
			require.Equal(t, state.ID, plan.ID)
			require.Equal(t, test.want.rotate, plan.KeyID.IsUnknown())

			diagnostics := change.explain(config, state, now)
			require.Len(t, diagnostics, len(test.words))
			for index, words := range test.words {
				require.Contains(t, diagnostics[index].Detail(), words)
			}
		})
	}
}

func TestWhatAPlanLeavesOpenIsSettledWithoutAClock(t *testing.T) {
	rotated := func(trigger types.String) types.Object { return block("60d", "7d", trigger) }
	previous := rotationschema.Previous(previousType, revokeAt, &made, map[string]attr.Value{
		keyID: types.StringValue("key_0"), keyPrefix: types.StringValue("ts_live_aa"),
	})
	for name, test := range map[string]struct {
		unknown, known func(config *model)
		want           steps
	}{
		"the same name": {
			func(config *model) { config.Name = types.StringUnknown() }, func(*model) {}, steps{},
		},
		"another name": {
			func(config *model) { config.Name = types.StringUnknown() }, func(config *model) { config.Name = types.StringValue("b") },
			steps{endPrevious: true, rotate: true, keepCurrent: true},
		},
		"the same trigger": {
			func(config *model) { config.Rotation = rotated(types.StringUnknown()) }, func(*model) {}, steps{},
		},
		"another trigger": {
			func(config *model) { config.Rotation = rotated(types.StringUnknown()) },
			func(config *model) { config.Rotation = rotated(types.StringValue("b")) },
			steps{endPrevious: true, rotate: true, keepCurrent: true},
		},
		"another trigger, no overlap": {
			func(config *model) { config.Rotation = rotated(types.StringUnknown()) },
			func(config *model) { config.Rotation = block("60d", "0s", types.StringValue("b")) },
			steps{endPrevious: true, rotate: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			state := existing()
			state.Rotation, state.Previous = rotated(types.StringValue("a")), previous
			config := state
			config.ExpiresAt = customtypes.Time{}
			planned := config
			test.unknown(&planned)
			plan := planned
			change := planned.changeFrom(state, made.Add(-day))
			require.True(t, change.tentative)
			plan.planChange(planned, state, change)
			test.known(&config)
			require.Equal(t, test.want, plan.stepsFrom(config, state))
		})
	}
}

func TestAFixedExpiryIsNotOutrunByRotation(t *testing.T) {
	config, state := existing(), existing()
	config.ExpiresIn, state.ExpiresIn = customtypes.Duration{}, customtypes.Duration{}
	attributes := block("", "7d", types.StringNull()).Attributes()
	attributes["before_expiry"] = customtypes.NewDuration("10d")
	config.Rotation = types.ObjectValueMust(block("", "", types.StringNull()).AttributeTypes(t.Context()), attributes)
	state.Rotation = config.Rotation
	now := made.Add(85 * day)
	change := config.changeFrom(state, now)
	require.False(t, change.decision.Rotate, change.decision.Reasons)
	diagnostics := change.explain(config, state, now)
	require.Len(t, diagnostics, 1)
	require.Contains(t, diagnostics[0].Detail(), `"a" stops working in 5 days, and so would a new one`)
	require.Empty(t, config.changeFrom(state, made).explain(config, state, made))
}

func TestAPreviousKeyIsForgottenOnceItEnded(t *testing.T) {
	passed := made
	listed := []terrascale.APIKey{{ID: "works"}, {ID: "revoked", Revoked: true}, {ID: "expired", ExpiresAt: &passed}}
	for id, stays := range map[string]bool{"works": true, "revoked": false, "expired": false, "gone": false} {
		m := existing()
		m.KeyID = types.StringValue(id)
		m.Previous = m.asPrevious(&passed)
		m.forgetEndedPrevious(listed, made)
		require.Equal(t, stays, !m.Previous.IsNull(), id)
	}
}
