// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package loginschema_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/loginschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
)

// named gives a login under another name.
func named(name string, l loginschema.Login) loginschema.Login {
	l.Name = types.StringValue(name)
	return l
}

// disabled gives a login that nobody can use any more.
func disabled(l loginschema.Login) loginschema.Login {
	l.Username = types.StringNull()
	return l
}

func TestPlanChange(t *testing.T) {
	ctx := context.Background()
	schedule := every("90d", "7d", "a")
	atOnce := every("90d", "0s", "a")
	for name, row := range map[string]struct {
		plan, state loginschema.Login
		changed     bool
		after       time.Duration
		username    string
		previous    string
		isNew       bool
		replaces    bool
		warning     string
	}{
		"nothing":         {plan: login("app", neverRotated), state: login("app", neverRotated), after: 900 * day, username: "app"},
		"another name":    {plan: named("web", login("app", neverRotated)), state: login("app", neverRotated), username: "web"},
		"not due":         {plan: rotated(), state: rotated(), after: 6 * day, username: "app_b", previous: "app_a"},
		"renamed, in two": {plan: named("web", rotated()), state: rotated(), username: "web_b", previous: "web_a"},
		"due": {plan: login("app_a", schedule), state: login("app_a", schedule), after: 90 * day,
			username: "app_b", previous: "app_a", isNew: true, warning: "90 days old, every 90 days"},
		"due and renamed": {plan: named("web", login("app_b", schedule)), state: login("app_b", schedule), after: 90 * day,
			username: "web_a", previous: "web_b", isNew: true, warning: "90 days old"},
		"due without overlap": {plan: login("app_a", atOnce), state: login("app_a", atOnce), after: 90 * day,
			username: "app_b", isNew: true, warning: "ends in the same apply"},
		"the overlap is over": {plan: rotated(), state: rotated(), after: 7 * day,
			username: "app_b", warning: "app_a stops working in this apply"},
		"triggered": {plan: login("app_a", every("90d", "7d", "b")), state: login("app_a", schedule),
			username: "app_b", previous: "app_a", isNew: true, warning: `trigger changed from "a" to "b"`},
		"turned on": {plan: login("app", schedule), state: login("app", neverRotated),
			username: "app_a", previous: "app", isNew: true, warning: "rotation is turned on"},
		"turned off": {plan: login("app_b", neverRotated), state: login("app_b", schedule),
			username: "app", previous: "app_b", isNew: true, warning: "rotation is turned off"},
		"changed outside, one login": {plan: login("app", neverRotated), state: login("app", neverRotated), changed: true,
			username: "app", isNew: true, replaces: true},
		"changed outside, two logins": {plan: login("app_a", schedule), state: login("app_a", schedule), changed: true,
			username: "app_b", previous: "app_a", isNew: true, warning: "its password was changed outside of Terraform"},
		"disabled outside, one login": {plan: login("app", neverRotated), state: disabled(login("app", neverRotated)), username: "app"},
		"disabled outside, two logins": {plan: login("app", schedule), state: disabled(login("app", schedule)),
			username: "app_a", isNew: true, warning: "it can't log in; the current login no longer works"},
	} {
		t.Run(name, func(t *testing.T) {
			kept := private{}
			require.Empty(t, passwordschema.Record{Changed: row.changed}.Save(ctx, kept))
			replaces, diagnostics := row.plan.PlanChange(ctx, kept, row.plan, row.state, kind, start.Add(row.after))
			require.Equal(t, row.replaces, replaces)
			require.Equal(t, types.StringValue(row.username), row.plan.Username)
			require.Equal(t, row.previous, row.plan.PreviousUsername())
			require.Equal(t, row.previous == "", row.plan.Previous.IsNull())
			if row.isNew {
				require.True(t, row.plan.Password.IsUnknown() && row.plan.PasswordSetAt.IsUnknown() && row.plan.PasswordFingerprint.IsUnknown())
				require.Equal(t, int64(4), row.plan.PasswordVersion.ValueInt64())
			} else {
				require.Equal(t, row.state.Attributes, row.plan.Attributes)
			}
			if row.warning == "" {
				require.Empty(t, diagnostics)
				return
			}
			require.Len(t, diagnostics.Warnings(), 1)
			require.Len(t, diagnostics, 1)
			require.Contains(t, diagnostics[0].Summary(), `Test role "`+row.plan.Name.ValueString()+`"`)
			require.Contains(t, diagnostics[0].Detail(), row.warning)
		})
	}
}

func TestARotationDueWhileTheOneBeforeLivesEndsThat(t *testing.T) {
	state := rotated()
	plan := state
	plan.Rotation = every("90d", "7d", "c")
	_, diagnostics := plan.PlanChange(context.Background(), private{}, state, state, kind, start.Add(day))
	require.Equal(t, "app_a", plan.Username.ValueString())
	require.Equal(t, "app_b", plan.PreviousUsername())
	require.Len(t, diagnostics.Warnings(), 2)
	require.True(t, strings.HasPrefix(diagnostics[0].Summary(), "Previous login"), diagnostics[0].Summary())
}

func TestWhatIsNotKnownYetIsLeftToTheApply(t *testing.T) {
	state := login("app_a", every("90d", "7d", "a"))
	for name, change := range map[string]func(*loginschema.Login){
		"name":                func(l *loginschema.Login) { l.Name = types.StringUnknown() },
		"rotation":            func(l *loginschema.Login) { l.Rotation = unknownRotation },
		"password_wo_version": func(l *loginschema.Login) { l.PasswordWOVersion = types.Int64Unknown() },
		"age_recipients":      func(l *loginschema.Login) { l.AgeRecipients = types.SetUnknown(types.StringType) },
	} {
		t.Run(name, func(t *testing.T) {
			plan := state
			change(&plan)
			_, diagnostics := plan.PlanChange(context.Background(), private{}, plan, state, kind, start.Add(90*day))
			require.Empty(t, diagnostics, "a rotation that may not come is not announced")
			for _, value := range []attr.Value{
				plan.Username, plan.Password, plan.PasswordEncrypted, plan.PasswordVersion, plan.Previous, plan.PasswordSetAt,
				plan.PasswordFingerprint,
			} {
				require.True(t, value.IsUnknown())
			}
		})
	}
}

func TestAPlanDecidesByTheTimeOfTheRefresh(t *testing.T) {
	ctx := context.Background()
	told := private{}
	require.Empty(t, rotationschema.SaveDecisionTime(ctx, told, start.Add(89*day)))
	state := login("app_a", every("90d", "7d", "a"))

	plan := state
	_, diagnostics := plan.PlanChange(ctx, told, state, state, kind, start.Add(91*day))
	require.Empty(t, diagnostics)
	require.Equal(t, "app_a", plan.Username.ValueString())

	plan = state
	plan.Rotation = every("60d", "7d", "a")
	_, diagnostics = plan.PlanChange(ctx, told, state, state, kind, start.Add(91*day))
	require.Len(t, diagnostics.Warnings(), 1, "the refresh did not know this schedule")
	require.Equal(t, "app_b", plan.Username.ValueString())
}
