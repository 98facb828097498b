// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/expiry"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// model is the resource in HCL's terms.
type model struct {
	OrganizationID   types.String `tfsdk:"organization_id"`
	Enabled          types.Bool   `tfsdk:"enabled"`
	Entries          types.Map    `tfsdk:"entries"`
	ExpiredEntries   types.List   `tfsdk:"expired_entries"`
	AllowLockout     types.Bool   `tfsdk:"allow_lockout"`
	CallerIP         types.String `tfsdk:"caller_ip"`
	PolicyExceptions types.Map    `tfsdk:"policy_exceptions"`
}

const descriptionName = "description"

var entryType = types.ObjectType{AttrTypes: map[string]attr.Type{
	descriptionName: types.StringType,
	expiry.Name:     customtypes.TimeType{},
}}

// entry is one network of the list, and its value in the map of entries.
type entry struct {
	description types.String
	expiresAt   customtypes.Time
	value       attr.Value
}

func newEntry(description types.String, expiresAt customtypes.Time) entry {
	return entry{description, expiresAt, types.ObjectValueMust(entryType.AttrTypes, map[string]attr.Value{
		descriptionName: description, expiry.Name: expiresAt,
	})}
}

// isKnown reports whether nothing of the entry is left to the apply.
func (e entry) isKnown() bool { return !e.description.IsUnknown() && !e.expiresAt.IsUnknown() }

// means reports whether two entries are the same but for their spelling.
func (e entry) means(other entry) bool {
	return e.isKnown() && other.isKnown() && e.description.ValueString() == other.description.ValueString() &&
		e.expiresAt.IsNull() == other.expiresAt.IsNull() && (e.expiresAt.IsNull() || e.expiresAt.Means(other.expiresAt))
}

// entries gives the entries by their keys; complete is false when something of them is not known.
func (m model) entries() (entries map[string]entry, complete bool) {
	complete = !m.Entries.IsUnknown()
	elements := m.Entries.Elements()
	entries = make(map[string]entry, len(elements))
	for cidr, value := range elements {
		found := entry{description: types.StringUnknown(), expiresAt: unknownTime(), value: value}
		if object, ok := value.(types.Object); ok && !object.IsUnknown() && !object.IsNull() {
			attributes := object.Attributes()
			found.description, _ = attributes[descriptionName].(types.String)
			found.expiresAt, _ = attributes[expiry.Name].(customtypes.Time)
		}
		complete = complete && found.isKnown()
		entries[cidr] = found
	}
	return entries, complete
}

func unknownTime() customtypes.Time {
	return customtypes.Time{StringValue: basetypes.NewStringUnknown()}
}

// toList gives the list that a model stands for at a time, in order: without what has ended.
func (m model) toList(now time.Time) terrascale.IPAllowlist {
	entries, _ := m.entries()
	ended := m.endedAt(entries, now)
	list := terrascale.IPAllowlist{Enabled: m.Enabled.ValueBool()}
	for cidr, entry := range entries {
		if !ended[cidr] {
			list.Entries = append(list.Entries, terrascale.IPAllowlistEntry{CIDR: cidr, Description: entry.description.ValueString()})
		}
	}
	slices.SortFunc(list.Entries, func(a, b terrascale.IPAllowlistEntry) int { return cmp.Compare(a.CIDR, b.CIDR) })
	return list
}

// endedAt gives the keys of the entries that are not to be on the list: as planned, or by the time where the plan leaves that open.
func (m model) endedAt(entries map[string]entry, now time.Time) map[string]bool {
	ended := map[string]bool{}
	if !m.ExpiredEntries.IsUnknown() && !m.ExpiredEntries.IsNull() {
		for _, cidr := range collections.Texts(m.ExpiredEntries) {
			ended[cidr] = true
		}
		return ended
	}
	for cidr, entry := range entries {
		if expiry.HasEnded(entry.expiresAt, now) {
			ended[cidr] = true
		}
	}
	return ended
}

// fromList takes over what the service has, in the model's spelling where that means the same. An entry that has ended stays in the
// model without being on the list; isDue is true when one is on the list still.
func (m *model) fromList(list terrascale.IPAllowlist, now time.Time) (isDue bool) {
	known, _ := m.entries()
	elements := make(map[string]attr.Value, len(list.Entries))
	for _, listed := range list.Entries {
		cidr := customtypes.NewCIDR(listed.CIDR).Canonical()
		found, isKnown := known[cidr]
		if !isKnown || found.description.ValueString() != listed.Description {
			found = newEntry(textValue(listed.Description), found.expiresAt)
		}
		isDue = isDue || expiry.HasEnded(found.expiresAt, now)
		elements[cidr] = found.value
	}
	var ended []string
	for cidr, entry := range known {
		if _, isListed := elements[cidr]; !isListed && expiry.HasEnded(entry.expiresAt, now) {
			ended = append(ended, cidr)
			elements[cidr] = entry.value
		}
	}
	slices.Sort(ended)
	m.Entries = types.MapValueMust(entryType, elements)
	m.ExpiredEntries = collections.TextList(ended)
	m.Enabled = types.BoolValue(list.Enabled)
	m.CallerIP = types.StringValue(list.CallerIP)
	if m.AllowLockout.IsNull() {
		m.AllowLockout = types.BoolValue(false)
	}
	return isDue
}

// settle fills what a plan left to the apply.
func (m *model) settle(organizationID, callerIP string, now time.Time) {
	m.OrganizationID = types.StringValue(organizationID)
	if m.CallerIP.IsUnknown() {
		m.CallerIP = types.StringValue(callerIP)
	}
	entries, _ := m.entries()
	m.ExpiredEntries = collections.TextList(slices.Sorted(maps.Keys(m.endedAt(entries, now))))
}

// textValue gives null for no text.
func textValue(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
