// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// model is the resource in HCL's terms.
type model struct {
	ID               types.String         `tfsdk:"id"`
	Name             types.String         `tfsdk:"name"`
	Scopes           types.Set            `tfsdk:"scopes"`
	ExpiresIn        customtypes.Duration `tfsdk:"expires_in"`
	ExpiresAt        customtypes.Time     `tfsdk:"expires_at"`
	Rotation         types.Object         `tfsdk:"rotation"`
	AgeRecipients    types.Set            `tfsdk:"age_recipients"`
	KeyID            types.String         `tfsdk:"key_id"`
	KeyPrefix        types.String         `tfsdk:"key_prefix"`
	Status           types.String         `tfsdk:"status"`
	CreatedAt        customtypes.Time     `tfsdk:"created_at"`
	Secret           types.String         `tfsdk:"secret"`
	SecretEncrypted  types.String         `tfsdk:"secret_encrypted"`
	Previous         types.Object         `tfsdk:"previous"`
	PolicyExceptions types.Map            `tfsdk:"policy_exceptions"`
}

// statusGone is the status of a key that the service no longer lists.
var statusGone = types.StringValue("gone")

// toNew gives the key that a configuration, all of whose values are known, asks for at a time.
func (m model) toNew(ctx context.Context, now time.Time) (terrascale.NewAPIKey, diag.Diagnostics) {
	key := terrascale.NewAPIKey{Name: m.Name.ValueString(), ExpiresAt: customtypes.ParseTime(m.ExpiresAt)}
	diagnostics := m.Scopes.ElementsAs(ctx, &key.Scopes, false)
	slices.Sort(key.Scopes)
	if !m.ExpiresIn.IsNull() {
		expiry := now.Add(customtypes.ParseDurationValue(m.ExpiresIn)).UTC().Truncate(time.Second)
		key.ExpiresAt = &expiry
	}
	return key, diagnostics
}

// fromCreated takes over a new key. What the configuration says of it stays as it is written there. An error says that its
// secret could not be kept; everything else is there then.
func (m *model) fromCreated(created terrascale.CreatedAPIKey) error {
	m.KeyID = types.StringValue(created.ID)
	m.KeyPrefix = types.StringNull()
	if created.Prefix != "" {
		m.KeyPrefix = types.StringValue(created.Prefix)
	}
	m.Status = types.StringValue(string(terrascale.KeyActive))
	m.CreatedAt = customtypes.NewTime(created.CreatedAt)
	if m.ExpiresAt.IsUnknown() {
		m.ExpiresAt = customtypes.NewTimePointer(created.ExpiresAt)
	}
	return m.keepSecret(created.Secret)
}

// fromListed takes over what the service lists at a time.
func (m *model) fromListed(ctx context.Context, key terrascale.APIKey, now time.Time) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	m.Name = types.StringValue(key.Name)
	m.Scopes, diagnostics = types.SetValueFrom(ctx, types.StringType, key.Scopes)
	m.KeyPrefix = types.StringValue(key.Prefix)
	m.Status = types.StringValue(string(key.Status(now)))
	m.CreatedAt = customtypes.NewTime(key.CreatedAt)
	if expiry := customtypes.NewTimePointer(key.ExpiresAt); !sameExpiry(m.ExpiresAt, expiry) {
		m.ExpiresAt = expiry
	}
	return diagnostics
}

// readPrefix looks up the prefix of a new key where its creation did not tell. The key is there either way: failing is a warning.
func (m *model) readPrefix(ctx context.Context, keys keys, created terrascale.CreatedAPIKey) diag.Diagnostics {
	if !m.KeyPrefix.IsNull() {
		return nil
	}
	prefix, err := keys.APIKeyPrefix(ctx, created)
	switch {
	case errors.Is(err, terrascale.ErrNotFound): // The next refresh tells.
	case err != nil:
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(
			path.Root("key_prefix"), "Unable to read the new API key back: "+m.Name.ValueString(), diagnostic.APIDetail(err))}
	default:
		m.KeyPrefix = types.StringValue(prefix)
	}
	return nil
}

func find(listed []terrascale.APIKey, keyID string) (terrascale.APIKey, bool) {
	index := slices.IndexFunc(listed, func(key terrascale.APIKey) bool { return key.ID == keyID })
	if index < 0 {
		return terrascale.APIKey{}, false
	}
	return listed[index], true
}

// sameExpiry compares to the second: the service may not keep fractions.
func sameExpiry(a, b customtypes.Time) bool {
	at, bt := customtypes.ParseTime(a), customtypes.ParseTime(b)
	if at == nil || bt == nil {
		return at == bt
	}
	return at.Sub(*bt).Abs() < time.Second
}
