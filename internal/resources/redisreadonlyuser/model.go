// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/timeouts"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
)

// model is the resource in HCL's terms.
type model struct {
	Server           types.String   `tfsdk:"server"`
	Name             types.String   `tfsdk:"name"`
	KeyPatterns      types.Set      `tfsdk:"key_patterns"`
	ChannelPatterns  types.Set      `tfsdk:"channel_patterns"`
	Commands         types.List     `tfsdk:"commands"`
	Rotation         types.Object   `tfsdk:"rotation"`
	Previous         types.Object   `tfsdk:"previous"`
	ExcessPrivileges types.List     `tfsdk:"excess_privileges"`
	PolicyExceptions types.Map      `tfsdk:"policy_exceptions"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`

	passwordschema.Attributes
}

const disableAt = "disable_at"

// previousType is the type of the attribute previous.
var previousType = rotationschema.PreviousType(disableAt, passwordschema.FingerprintName)

// notEnabled and strangers are what excess_privileges says of a user beside its rules.
const (
	notEnabled = "nothing: the user is off"
	strangers  = "a password that was added outside of Terraform"
)

// toUser gives the user as it is wanted. Every value is known.
func (m model) toUser(ctx context.Context) (redis.User, diag.Diagnostics) {
	var diagnostics diag.Diagnostics
	user := redis.User{Name: m.Name.ValueString()}
	diagnostics.Append(m.KeyPatterns.ElementsAs(ctx, &user.KeyPatterns, false)...)
	diagnostics.Append(m.ChannelPatterns.ElementsAs(ctx, &user.ChannelPatterns, false)...)
	diagnostics.Append(m.Commands.ElementsAs(ctx, &user.Commands, false)...)
	slices.Sort(user.KeyPatterns)
	slices.Sort(user.ChannelPatterns)
	return user, diagnostics
}

// fromObserved takes over what the server has, of a user whose passwords are remembered.
func (m *model) fromObserved(ctx context.Context, observed redis.Observed, remembered credentials) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	m.KeyPatterns = textSet(ctx, observed.KeyPatterns, &diagnostics)
	m.ChannelPatterns = textSet(ctx, observed.ChannelPatterns, &diagnostics)
	m.Commands = collections.TextList(observed.Commands)
	if _, there := remembered.find(remembered.Previous, observed.Digests); !there {
		m.Previous = types.ObjectNull(previousType.AttrTypes)
	}
	m.ExcessPrivileges = collections.TextList(excess(observed, remembered))
	return diagnostics
}

// excess lists what an apply takes away, or gives back.
func excess(observed redis.Observed, remembered credentials) []string {
	found := slices.Clone(observed.Excess)
	if !observed.Enabled {
		found = append(found, notEnabled)
	}
	for _, digest := range observed.Digests {
		if !remembered.Fingerprint.Is(digest) && !remembered.Previous.Is(digest) {
			found = append(found, strangers)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// isRotated reports whether an old password outlives the new one for a while.
func (m model) isRotated() bool { return !m.Rotation.IsNull() }

// settlePrevious fills in when the previous password ends: the overlap counts from the apply.
func (m *model) settlePrevious(now time.Time) {
	if m.Previous.IsNull() || rotationschema.PreviousEnd(m.Previous, disableAt) != nil {
		return
	}
	end := rotationschema.Policy(m.Rotation).PreviousEnd(now)
	m.Previous = previous(rotationschema.Text(m.Previous, passwordschema.FingerprintName), &end)
}

// previous gives the attribute of the password that a fingerprint is of.
func previous(sum string, at *time.Time) types.Object {
	return rotationschema.Previous(previousType, disableAt, at, map[string]attr.Value{
		passwordschema.FingerprintName: types.StringValue(sum),
	})
}

// textSet gives null for none.
func textSet(ctx context.Context, texts []string, diagnostics *diag.Diagnostics) types.Set {
	if len(texts) == 0 {
		return types.SetNull(types.StringType)
	}
	set, diags := types.SetValueFrom(ctx, types.StringType, texts)
	diagnostics.Append(diags...)
	return set
}
