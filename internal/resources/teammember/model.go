// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// model is the resource in HCL's terms.
type model struct {
	ID                     types.String      `tfsdk:"id"`
	OrganizationID         types.String      `tfsdk:"organization_id"`
	Email                  customtypes.Email `tfsdk:"email"`
	Role                   types.String      `tfsdk:"role"`
	RevokeAPIKeysOnRemoval types.Bool        `tfsdk:"revoke_api_keys_on_removal"`
	UserID                 types.String      `tfsdk:"user_id"`
	Name                   types.String      `tfsdk:"name"`
	Status                 types.String      `tfsdk:"status"`
	JoinedAt               customtypes.Time  `tfsdk:"joined_at"`
	InvitedAt              customtypes.Time  `tfsdk:"invited_at"`
	InvitedBy              types.String      `tfsdk:"invited_by"`
	MFAEnabled             types.Bool        `tfsdk:"mfa_enabled"`
	PolicyExceptions       types.Map         `tfsdk:"policy_exceptions"`
}

// fromMember takes over what the service says, except what the configuration chooses.
func (m *model) fromMember(organizationID string, member terrascale.Member) {
	m.OrganizationID = types.StringValue(organizationID)
	m.ID = types.StringValue(organizationID + "/" + m.Email.ValueString())
	m.UserID = types.StringPointerValue(member.UserID)
	m.Name = types.StringPointerValue(member.Name)
	m.Status = types.StringValue(member.Status)
	m.JoinedAt = customtypes.NewTimePointer(member.JoinedAt)
	m.InvitedAt = customtypes.NewTimePointer(member.InvitedAt)
	m.InvitedBy = types.StringPointerValue(member.InvitedBy)
	m.MFAEnabled = types.BoolPointerValue(member.MFAEnabled)
}

// fromListed takes over what the configuration chooses. After an import nothing says whether keys are to end: they are not.
func (m *model) fromListed(member terrascale.Member) {
	m.Role = types.StringValue(member.Role)
	if m.RevokeAPIKeysOnRemoval.IsNull() {
		m.RevokeAPIKeysOnRemoval = types.BoolValue(false)
	}
}

// samePlace reports whether a plan is for the member of the state.
func (m model) samePlace(state model) bool {
	return m.OrganizationID.Equal(state.OrganizationID) && m.Email.Equal(state.Email)
}

// planNew plans an invitation.
func (m *model) planNew() {
	m.ID = types.StringUnknown()
	if !m.OrganizationID.IsUnknown() && !m.Email.IsUnknown() {
		m.ID = types.StringValue(m.OrganizationID.ValueString() + "/" + m.Email.ValueString())
	}
	unknownTime := customtypes.Time{StringValue: types.StringUnknown()}
	m.UserID, m.Name, m.Status, m.InvitedBy = types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.JoinedAt, m.InvitedAt, m.MFAEnabled = unknownTime, unknownTime, types.BoolUnknown()
}

// keep carries the computed attributes of the state over.
func (m *model) keep(state model) {
	m.ID, m.UserID, m.Name, m.Status = state.ID, state.UserID, state.Name, state.Status
	m.JoinedAt, m.InvitedAt, m.InvitedBy, m.MFAEnabled = state.JoinedAt, state.InvitedAt, state.InvitedBy, state.MFAEnabled
}
