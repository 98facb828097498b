// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// facts is what the resource and the data source both show.
type facts struct {
	ID           types.String      `tfsdk:"id"`
	Name         types.String      `tfsdk:"name"`
	Slug         types.String      `tfsdk:"slug"`
	BillingEmail customtypes.Email `tfsdk:"billing_email"`
	RequireMFA   types.Bool        `tfsdk:"require_mfa"`
	Plan         types.String      `tfsdk:"plan"`
	Status       types.String      `tfsdk:"status"`
	OwnerUserID  types.String      `tfsdk:"owner_user_id"`
	Limits       types.Object      `tfsdk:"limits"`
}

// model is the resource in HCL's terms.
type model struct {
	facts
	DeletionProtection types.Bool `tfsdk:"deletion_protection"`
}

var limitTypes = map[string]attr.Type{
	"databases": types.Int64Type, "api_keys": types.Int64Type, "members": types.Int64Type,
}

// fromOrganization takes over what the service says, in the model's spelling where that means the same.
func (f *facts) fromOrganization(o terrascale.Organization) {
	f.ID, f.Name, f.Slug = types.StringValue(o.ID), types.StringValue(o.Name), types.StringValue(o.Slug)
	f.Plan, f.Status, f.OwnerUserID = types.StringValue(o.Plan), types.StringValue(o.Status), types.StringValue(o.OwnerUserID)
	f.RequireMFA = types.BoolValue(o.Settings.RequireMFA)
	f.Limits = types.ObjectValueMust(limitTypes, map[string]attr.Value{
		"databases": types.Int64Value(int64(o.Settings.MaxDatabases)),
		"api_keys":  types.Int64Value(int64(o.Settings.MaxAPIKeys)),
		"members":   types.Int64Value(int64(o.Settings.MaxMembers)),
	})
	var billing customtypes.Email
	if o.BillingEmail != nil && *o.BillingEmail != "" {
		billing = customtypes.NewEmail(*o.BillingEmail)
	}
	if !sameEmail(f.BillingEmail, billing) {
		f.BillingEmail = billing
	}
}

func sameEmail(a, b customtypes.Email) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() == b.IsNull()
	}
	return a.Means(b)
}

// isProtected says whether deleting is refused: also where a state does not say, as after an import.
func (m model) isProtected() bool {
	return m.DeletionProtection.IsNull() || m.DeletionProtection.ValueBool()
}

// toNew gives the organization that a plan asks for.
func (m model) toNew() terrascale.NewOrganization {
	return terrascale.NewOrganization{
		Name: m.Name.ValueString(), Slug: m.Slug.ValueString(), BillingEmail: m.BillingEmail.ValueString(),
	}
}

// changesFrom gives what a plan changes of an organization; nil for nothing.
func (f facts) changesFrom(current facts) *terrascale.OrganizationUpdate {
	var update terrascale.OrganizationUpdate
	if !f.Name.Equal(current.Name) {
		update.Name = f.Name.ValueStringPointer()
	}
	if !sameEmail(f.BillingEmail, current.BillingEmail) {
		billing := f.BillingEmail.ValueString()
		update.BillingEmail = &billing
	}
	if !f.RequireMFA.IsUnknown() && !f.RequireMFA.Equal(current.RequireMFA) {
		update.RequireMFA = f.RequireMFA.ValueBoolPointer()
	}
	if update == (terrascale.OrganizationUpdate{}) {
		return nil
	}
	return &update
}

// differences says what the service made otherwise than planned, one line each.
func (f facts) differences(got facts) []string {
	var lines []string
	for _, attribute := range []struct {
		name      string
		want, got types.String
	}{{"name", f.Name, got.Name}, {"slug", f.Slug, got.Slug}} {
		if !attribute.want.IsUnknown() && !attribute.want.Equal(attribute.got) {
			lines = append(lines, fmt.Sprintf("%s is %q instead of %q", attribute.name, attribute.got.ValueString(), attribute.want.ValueString()))
		}
	}
	if !sameEmail(f.BillingEmail, got.BillingEmail) {
		lines = append(lines, fmt.Sprintf("billing_email is %q instead of %q", got.BillingEmail.ValueString(), f.BillingEmail.ValueString()))
	}
	if !f.RequireMFA.IsUnknown() && !f.RequireMFA.Equal(got.RequireMFA) {
		lines = append(lines, fmt.Sprintf("require_mfa is %t instead of %t", got.RequireMFA.ValueBool(), f.RequireMFA.ValueBool()))
	}
	return lines
}
