// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// model is the resource in HCL's terms.
type model struct {
	OrganizationID types.String `tfsdk:"organization_id"`
	Enabled        types.Bool   `tfsdk:"enabled"`
	Entries        entrySet     `tfsdk:"entries"`
	AllowLockout   types.Bool   `tfsdk:"allow_lockout"`
	CallerIP       types.String `tfsdk:"caller_ip"`
}

// entryModel is one network.
type entryModel struct {
	CIDR        customtypes.CIDR `tfsdk:"cidr"`
	Description types.String     `tfsdk:"description"`
}

var entryType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"cidr":        customtypes.CIDRType{},
	"description": types.StringType,
}}

// entries gives the entries whose values are known; complete is false when there are others.
func (m model) entries(ctx context.Context) (entries []entryModel, complete bool, diagnostics diag.Diagnostics) {
	complete = !m.Entries.IsUnknown()
	for _, element := range m.Entries.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsUnknown() {
			complete = false
			continue
		}
		var entry entryModel
		diagnostics.Append(object.As(ctx, &entry, basetypes.ObjectAsOptions{})...)
		if entry.CIDR.IsUnknown() || entry.Description.IsUnknown() {
			complete = false
			continue
		}
		entries = append(entries, entry)
	}
	return entries, complete, diagnostics
}

// toList gives the list that a model, all of whose values are known, stands for: CIDRs in canonical form and in order.
func (m model) toList(ctx context.Context) (terrascale.IPAllowlist, diag.Diagnostics) {
	entries, _, diagnostics := m.entries(ctx)
	list := terrascale.IPAllowlist{Enabled: m.Enabled.ValueBool()}
	for _, entry := range entries {
		list.Entries = append(list.Entries, terrascale.IPAllowlistEntry{
			CIDR: entry.CIDR.Canonical(), Description: entry.Description.ValueString(),
		})
	}
	slices.SortFunc(list.Entries, func(a, b terrascale.IPAllowlistEntry) int { return cmp.Compare(a.CIDR, b.CIDR) })
	return list, diagnostics
}

// fromList takes over what the service has, in the model's spelling where that means the same.
func (m *model) fromList(ctx context.Context, list terrascale.IPAllowlist) diag.Diagnostics {
	known, _, diagnostics := m.entries(ctx)
	spelled := map[string]entryModel{}
	for _, entry := range known {
		spelled[entry.CIDR.Canonical()] = entry
	}
	entries := make([]entryModel, 0, len(list.Entries))
	for _, listed := range list.Entries {
		cidr := customtypes.NewCIDR(listed.CIDR)
		entry, found := spelled[cidr.Canonical()]
		if !found {
			entry = entryModel{CIDR: cidr, Description: types.StringNull()}
		}
		if entry.Description.ValueString() != listed.Description {
			entry.Description = types.StringValue(listed.Description)
			if listed.Description == "" {
				entry.Description = types.StringNull()
			}
		}
		entries = append(entries, entry)
	}
	set, diags := types.SetValueFrom(ctx, entryType, entries)
	diagnostics.Append(diags...)
	m.Entries = entrySet{set}
	m.Enabled = types.BoolValue(list.Enabled)
	m.CallerIP = types.StringValue(list.CallerIP)
	if m.AllowLockout.IsNull() {
		m.AllowLockout = types.BoolValue(false)
	}
	return diagnostics
}

// settle fills what a plan left to the apply.
func (m *model) settle(organizationID, callerIP string) {
	m.OrganizationID = types.StringValue(organizationID)
	if m.CallerIP.IsUnknown() {
		m.CallerIP = types.StringValue(callerIP)
	}
}
