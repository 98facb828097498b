// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package passwordschema_test

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret/fingerprint"
)

// nothingKept is an empty private state.
type nothingKept struct{}

func (nothingKept) GetKey(context.Context, string) ([]byte, diag.Diagnostics) { return nil, nil }

var setAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// inClear gives a generated password as a state has it.
func inClear() passwordschema.Attributes {
	state := passwordschema.Attributes{AgeRecipients: none, Password: types.StringValue("old"), PasswordVersion: types.Int64Value(3)}
	state.RememberPassword(passwordschema.Record{SetAt: setAt, Fingerprint: fingerprint.New("digest")})
	return state
}

// brings gives a configuration with a password of its own.
func brings() passwordschema.Attributes {
	return passwordschema.Attributes{PasswordWO: types.StringValue("chosen"), PasswordWOVersion: types.Int64Value(1), AgeRecipients: none}
}

func TestAnUpdateSetsWhatThePlanHas(t *testing.T) {
	state, plan := inClear(), inClear()
	plan.PlanSamePassword(passwordschema.Attributes{}, state)
	require.Equal(t, state, plan)
	password, err := plan.PasswordToSet(passwordschema.Attributes{}, state)
	require.NoError(t, err)
	require.True(t, password.IsEmpty())
	require.Equal(t, state, plan)

	plan.AgeRecipients = readers(t)
	plan.PlanSamePassword(passwordschema.Attributes{}, state)
	require.True(t, plan.Password.IsNull() && plan.PasswordEncrypted.IsUnknown())
	require.Equal(t, state.PasswordSetAt, plan.PasswordSetAt)
	password, err = plan.PasswordToSet(passwordschema.Attributes{}, state)
	require.NoError(t, err)
	require.True(t, password.IsEmpty(), "it is the same password")
	require.True(t, plan.Password.IsNull())
	require.Contains(t, plan.PasswordEncrypted.ValueString(), "BEGIN AGE ENCRYPTED FILE")

	plan = inClear()
	plan.PlanNextPassword(passwordschema.Attributes{}, state)
	require.Equal(t, int64(4), plan.PasswordVersion.ValueInt64())
	require.True(t, plan.PasswordSetAt.IsUnknown() && plan.PasswordFingerprint.IsUnknown())
	password, err = plan.PasswordToSet(passwordschema.Attributes{}, state)
	require.NoError(t, err)
	require.NotEqual(t, "old", password.Reveal())
	require.Equal(t, password.Reveal(), plan.Password.ValueString())

	plan = brings()
	plan.PasswordWO = types.StringNull() // A plan never has it.
	plan.PlanNextPassword(brings(), state)
	require.True(t, plan.Password.IsNull() && plan.PasswordEncrypted.IsNull())
	password, err = plan.PasswordToSet(brings(), state)
	require.NoError(t, err)
	require.Equal(t, "chosen", password.Reveal())
	require.True(t, plan.Password.IsNull() && plan.PasswordEncrypted.IsNull())

	empty := brings()
	empty.PasswordWO = types.StringValue("")
	_, err = plan.PasswordToSet(empty, state)
	require.ErrorIs(t, err, passwordschema.ErrEmpty)
}

func TestAPasswordThatNoRunLookedAtIsRememberedByTheApply(t *testing.T) {
	moved := passwordschema.Attributes{AgeRecipients: none, Password: types.StringValue("old"), PasswordVersion: types.Int64Value(1)}
	plan := moved
	plan.PlanSamePassword(passwordschema.Attributes{}, moved)
	require.Equal(t, "old", plan.Password.ValueString())
	require.True(t, plan.PasswordSetAt.IsUnknown() && plan.PasswordFingerprint.IsUnknown())
}

func TestWhatIsRememberedOfAPassword(t *testing.T) {
	ctx, now := context.Background(), setAt.Add(time.Hour)
	record, known, diagnostics := inClear().PasswordRecord(ctx, nothingKept{}, now)
	require.Empty(t, diagnostics)
	require.True(t, known)
	require.Equal(t, setAt, record.SetAt)
	require.False(t, record.Own)
	require.True(t, record.Fingerprint.Is("digest"))

	imported := passwordschema.Attributes{AgeRecipients: none}
	record, known, _ = imported.PasswordRecord(ctx, nothingKept{}, now)
	require.False(t, known)
	require.Equal(t, now, record.SetAt)
	imported.RememberPassword(record)
	require.Equal(t, int64(1), imported.PasswordVersion.ValueInt64())
	require.True(t, imported.PasswordFingerprint.IsNull())

	state := brings()
	state.RememberPassword(record)
	require.Empty(t, state.PasswordCauses(brings(), state, passwordschema.Record{Own: true}))
	require.Len(t, state.PasswordCauses(passwordschema.Attributes{}, state, passwordschema.Record{Own: true}), 1)
	state.ForgetPasswordWO()
	require.False(t, state.BringsPassword())
}

func TestAPasswordIsPlannedOnceAllIsKnown(t *testing.T) {
	plan := passwordschema.Attributes{AgeRecipients: none}
	require.True(t, plan.IsPasswordDecided() && plan.KeepsClearPassword(plan))
	require.False(t, plan.KeepsClearPassword(brings()))
	plan.PlanFirstPassword(plan)
	require.True(t, plan.Password.IsUnknown() && plan.PasswordEncrypted.IsNull())
	require.Equal(t, int64(1), plan.PasswordVersion.ValueInt64())

	plan.AgeRecipients = types.SetUnknown(types.StringType)
	require.False(t, plan.IsPasswordDecided() || plan.KeepsClearPassword(plan))
	plan.LeaveFirstPassword()
	require.True(t, plan.Password.IsUnknown() && plan.PasswordEncrypted.IsUnknown() && plan.PasswordSetAt.IsUnknown())
	require.Equal(t, int64(1), plan.PasswordVersion.ValueInt64())
	plan.LeavePassword()
	require.True(t, plan.PasswordVersion.IsUnknown())

	unversioned := brings()
	unversioned.PasswordWOVersion = types.Int64Null()
	require.Len(t, unversioned.ValidatePassword(false).Errors(), 1)
	require.Empty(t, brings().ValidatePassword(false))
}
