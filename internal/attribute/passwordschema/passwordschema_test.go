// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package passwordschema_test

import (
	"testing"

	"filippo.io/age"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

var (
	none      = types.SetNull(types.StringType)
	own       = passwordschema.Configured{WriteOnly: types.StringValue("chosen"), WriteOnlyVersion: types.Int64Value(1), Recipients: none}
	generated = passwordschema.Configured{WriteOnly: types.StringNull(), WriteOnlyVersion: types.Int64Null(), Recipients: none}
)

func readers(t *testing.T) types.Set {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	return types.SetValueMust(types.StringType, []attr.Value{types.StringValue(identity.Recipient().String())})
}

func TestAPasswordIsKeptWhereItWasAskedFor(t *testing.T) {
	encrypted := generated
	encrypted.Recipients = readers(t)

	password, kept, err := own.New()
	require.NoError(t, err)
	require.Equal(t, "chosen", password.Reveal())
	require.True(t, kept.Password.IsNull() && kept.Encrypted.IsNull())
	require.True(t, own.Plan().Password.IsNull() && own.Plan().Encrypted.IsNull())

	password, kept, err = generated.New()
	require.NoError(t, err)
	require.Len(t, password.Reveal(), secret.DefaultLength)
	require.Equal(t, password.Reveal(), kept.Password.ValueString())
	require.True(t, generated.Plan().Password.IsUnknown() && generated.Plan().Encrypted.IsNull())
	require.True(t, encrypted.Encrypts(kept))
	require.False(t, generated.Encrypts(kept))

	password, kept, err = encrypted.New()
	require.NoError(t, err)
	require.True(t, kept.Password.IsNull())
	require.Contains(t, kept.Encrypted.ValueString(), "BEGIN AGE ENCRYPTED FILE")
	require.NotContains(t, kept.Encrypted.ValueString(), password.Reveal())
	require.True(t, encrypted.Plan().Password.IsNull() && encrypted.Plan().Encrypted.IsUnknown())

	empty := own
	empty.WriteOnly = types.StringValue("")
	_, _, err = empty.New()
	require.ErrorIs(t, err, passwordschema.ErrEmpty)
}

func TestWhatCallsForAnotherPassword(t *testing.T) {
	first, second := generated, generated
	first.Recipients, second.Recipients = readers(t), readers(t)
	newer := own
	newer.WriteOnlyVersion = types.Int64Value(2)
	clear := passwordschema.Kept{Password: types.StringValue("x"), Encrypted: types.StringNull()}
	cipher := passwordschema.Kept{Password: types.StringNull(), Encrypted: types.StringValue("x")}
	nothing := passwordschema.Kept{Password: types.StringNull(), Encrypted: types.StringNull()}
	for name, row := range map[string]struct {
		now, before passwordschema.Configured
		kept        passwordschema.Kept
		wasOwn      bool
		want        []string
	}{
		"nothing":                  {own, own, nothing, true, nil},
		"another version":          {newer, own, nothing, true, []string{"password_wo_version changes"}},
		"from own to generated":    {generated, own, nothing, true, []string{"where the password comes from changes"}},
		"from generated to own":    {own, generated, clear, false, []string{"where the password comes from changes"}},
		"readers for a clear one":  {first, generated, clear, false, nil},
		"other readers":            {second, first, cipher, false, []string{"age_recipients changes, and only its readers know the password"}},
		"no readers any more":      {generated, first, cipher, false, []string{"age_recipients changes, and only its readers know the password"}},
		"own instead of encrypted": {own, first, cipher, false, []string{"where the password comes from changes"}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, row.want, row.now.Causes(row.before, row.kept, row.wasOwn)) })
	}
}

func TestWhatCanNotBeConfigured(t *testing.T) {
	unversioned, both := own, own
	unversioned.WriteOnlyVersion = types.Int64Null()
	both.Recipients = readers(t)
	require.Empty(t, own.Validate(false))
	require.Empty(t, unversioned.Validate(true), "a rotation takes the value of its apply")
	require.Len(t, unversioned.Validate(false).Errors(), 1)
	require.Len(t, both.Validate(false).Errors(), 1)
}
