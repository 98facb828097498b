// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package loginschema_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/loginschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/rotation"
)

const day = 24 * time.Hour

var (
	start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	kind  = loginschema.Kind{Word: "Test role", Next: func(name, current string) string {
		if current == name+"_a" {
			return name + "_b"
		}
		return name + "_a"
	}}
	rotationType    = rotationschema.Attribute("login", false).GetType().(types.ObjectType)
	neverRotated    = types.ObjectNull(rotationType.AttrTypes)
	unknownRotation = types.ObjectUnknown(rotationType.AttrTypes)
)

// private is a private state in memory.
type private map[string][]byte

func (p private) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) { return p[key], nil }

func (p private) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = value
	return nil
}

func every(age, overlap, trigger string) types.Object {
	return types.ObjectValueMust(rotationType.AttrTypes, map[string]attr.Value{
		"every": customtypes.NewDuration(age), "overlap": customtypes.NewDuration(overlap), "trigger": types.StringValue(trigger),
	})
}

// login gives a login as a state has it, whose password was generated at the start.
func login(username string, schedule types.Object) loginschema.Login {
	made := loginschema.Login{
		Name: types.StringValue("app"), Rotation: schedule, Username: types.StringValue(username), Previous: loginschema.NoPrevious(),
		Attributes: passwordschema.Attributes{
			AgeRecipients: types.SetNull(types.StringType), Password: types.StringValue("old"), PasswordVersion: types.Int64Value(3),
		},
	}
	made.RememberPassword(passwordschema.Record{SetAt: start})
	return made
}

// rotated gives a state whose login app_b took the place of app_a at the start, which lives for a week.
func rotated() loginschema.Login {
	made := login("app_b", every("90d", "7d", "a"))
	before := login("app_a", made.Rotation)
	rotating := before
	rotating.Rotation = every("90d", "7d", "b")
	_, _ = rotating.PlanChange(context.Background(), private{}, before, before, kind, start)
	rotating.SettlePrevious(before, start)
	made.Previous = rotating.Previous
	return made
}

// previousEnd gives when the previous login ends, and nil where that is not known or there is none.
func previousEnd(l loginschema.Login) *time.Time {
	return l.Facts(passwordschema.Record{}).PreviousEndsAt
}

func TestSchemaDescribesALogin(t *testing.T) {
	ctx := context.Background()
	attributes := map[string]schema.Attribute{"name": schema.StringAttribute{Required: true}}
	maps.Copy(attributes, loginschema.SchemaAttributes("role"))
	described := schema.Schema{Attributes: attributes}
	require.False(t, described.ValidateImplementation(ctx).HasError())
	state := tfsdk.State{Schema: described, Raw: tftypes.NewValue(described.Type().TerraformType(ctx), nil)}
	want := rotated()
	require.Empty(t, state.Set(ctx, want))
	var got loginschema.Login
	require.Empty(t, state.Get(ctx, &got))
	require.Equal(t, want, got)
	require.Contains(t, attributes["username"].GetMarkdownDescription(), "the role itself")
}

func TestPlanNew(t *testing.T) {
	for name, row := range map[string]struct {
		rotation types.Object
		name     types.String
		username types.String
	}{
		"one login":    {neverRotated, types.StringValue("app"), types.StringValue("app")},
		"two logins":   {every("90d", "7d", "a"), types.StringValue("app"), types.StringValue("app_a")},
		"no name yet":  {neverRotated, types.StringUnknown(), types.StringUnknown()},
		"not yet told": {unknownRotation, types.StringValue("app"), types.StringUnknown()},
	} {
		t.Run(name, func(t *testing.T) {
			var config, plan loginschema.Login
			plan.Name, plan.Rotation, plan.AgeRecipients = row.name, row.rotation, types.SetNull(types.StringType)
			plan.PlanNew(config, kind)
			require.Equal(t, row.username, plan.Username)
			require.True(t, plan.Password.IsUnknown())
			require.Equal(t, types.Int64Value(1), plan.PasswordVersion)
			require.True(t, plan.Previous.IsNull())
			require.True(t, plan.PasswordSetAt.IsUnknown() && plan.PasswordFingerprint.IsUnknown())
			require.Equal(t, row.username.IsUnknown(), plan.PasswordEncrypted.IsUnknown(), "where it is kept is open only with the rest")
		})
	}
}

func TestThePreviousLoginEndsAfterTheOverlapOfItsApply(t *testing.T) {
	ctx := context.Background()
	due, applied := start.Add(90*day), start.Add(91*day)
	before := login("app_a", every("90d", "7d", "a"))
	plan := before
	_, diagnostics := plan.PlanChange(ctx, private{}, before, before, kind, due)
	require.False(t, diagnostics.HasError())
	require.Nil(t, previousEnd(plan))
	plan.SettlePrevious(before, applied)
	require.Equal(t, "app_a", plan.PreviousUsername())
	require.Equal(t, applied.Add(7*day), *previousEnd(plan))
	plan.SettlePrevious(before, applied.Add(day))
	require.Equal(t, applied.Add(7*day), *previousEnd(plan), "it is settled once")

	off := login("app", neverRotated)
	_, _ = off.PlanChange(ctx, private{}, before, before, kind, start.Add(day))
	off.SettlePrevious(before, applied)
	require.Equal(t, applied.Add(7*day), *previousEnd(off), "rotation that is turned off leaves its overlap")

	none := login("app", neverRotated)
	none.SettlePrevious(before, applied)
	require.True(t, none.Previous.IsNull())
}

func TestALoginThatWasDisabledIsKnownToBe(t *testing.T) {
	disabled := login("app_a", every("90d", "7d", "a"))
	require.Equal(t, rotation.Working, disabled.Facts(passwordschema.Record{SetAt: start}).Current.Condition)
	disabled.Username = types.StringNull()
	facts := disabled.Facts(passwordschema.Record{SetAt: start})
	require.Equal(t, rotation.Disabled, facts.Current.Condition)
	require.Equal(t, start, facts.Current.CreatedAt)
}

func TestValidate(t *testing.T) {
	good := login("app", every("90d", "7d", "a"))
	require.Empty(t, good.Validate())
	require.Len(t, login("app", every("7d", "90d", "a")).Validate().Errors(), 1, "the overlap outlives the login")
	unversioned := login("app", neverRotated)
	unversioned.PasswordWO = types.StringValue("chosen")
	require.Len(t, unversioned.Validate().Errors(), 1, "nothing says when to take another value")
	unversioned.Rotation = good.Rotation
	require.Empty(t, unversioned.Validate())
}
