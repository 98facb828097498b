// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package teammember is the resource terrascale_team_member.
package teammember

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/identity"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// TypeName is the resource's full type name.
const TypeName = "terrascale_team_member"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// members is what the resource needs of the management API.
type members interface {
	ActiveOrganizationID(ctx context.Context) (string, error)
	FindMember(ctx context.Context, organizationID, email string) (terrascale.Member, error)
	FindMemberOf(ctx context.Context, organizationID, userID, email string) (terrascale.Member, error)
	InviteMember(ctx context.Context, organizationID, email, role string) (terrascale.Member, error)
	UpdateMemberRole(ctx context.Context, organizationID string, member terrascale.Member, role string) (terrascale.Member, error)
	RemoveMember(ctx context.Context, organizationID string, member terrascale.Member) error
	Members(ctx context.Context, organizationID string) ([]terrascale.Member, error)
	ListOrganizations(ctx context.Context) ([]terrascale.Membership, error)
	GetOrganization(ctx context.Context, organizationID string) (terrascale.Organization, error)
}

// client also ends a member's keys.
type client interface {
	members
	keys
	Endpoint() string
	Caller(ctx context.Context) terrascale.Caller
}

// Resource is the resource.
type Resource struct{ data *providerdata.Data }

// New makes the resource.
func New() resource.Resource { return &Resource{} }

// Metadata names the resource.
func (r *Resource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName, resp.ResourceBehavior = TypeName, identity.Behavior
}

// IdentitySchema says what tells one from another.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identity.Schema(
		identity.Attribute{Name: "organization_id", Description: "The organization's id. Default: the one that the provider works in.", Optional: true},
		identity.Attribute{Name: "email", Description: "The member's e-mail address."},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

func (r *Resource) client() (client, error) { return r.data.API.Client() }

// organization gives the organization that a model names, or the active one.
func organization(ctx context.Context, members members, m model) (string, error) {
	if named := m.OrganizationID.ValueString(); named != "" {
		return named, nil
	}
	return members.ActiveOrganizationID(ctx)
}

// Create invites the member.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to invite team member"
	client, err := r.client()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	organizationID, err := organization(ctx, client, plan)
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	email := plan.Email.ValueString()
	invited, entry, err := r.invite(ctx, client, organizationID, email, plan.Role.ValueString())
	defer entry.HandOver()
	if err != nil {
		resp.Diagnostics.Append(notInvited(ctx, client, summary, err, organizationID, email, plan.Role.ValueString()))
		return
	}
	plan.fromMember(organizationID, invited)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Read looks the member up in the service's list. One that is gone leaves the state.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to read team member"
	client, err := r.client()
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	organizationID := state.OrganizationID.ValueString()
	member, err := client.FindMemberOf(ctx, organizationID, state.UserID.ValueString(), state.Email.ValueString())
	if errors.Is(err, terrascale.ErrNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	if member.Status != terrascale.MemberActive && member.Status != terrascale.MemberPending {
		resp.Diagnostics.AddAttributeWarning(path.Root("status"), "An invitation is no longer open: "+state.Email.ValueString(), fmt.Sprintf(
			"The service calls it %s. To send it again, do so in the service's dashboard, or run terraform apply -replace with the address "+
				"of this resource.", member.Status))
	}
	r.forgetSaved(client, organizationID, state.Email.ValueString())
	if !strings.EqualFold(member.Email, state.Email.ValueString()) {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, addressKey, address(state.Email.ValueString()))...)
		state.Email = customtypes.NewEmail(member.Email)
	}
	state.fromMember(organizationID, member)
	state.fromListed(member)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Update gives the member another role.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to change the team member's role"
	if !plan.Role.Equal(state.Role) {
		client, err := r.client()
		if err != nil {
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		}
		if err := setRole(ctx, client, plan); err != nil {
			resp.Diagnostics.Append(notChanged(ctx, client, summary, err, state))
			return
		}
	}
	// An invitation that was accepted since the plan shows in the next refresh: what was planned is what is saved.
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// setRole gives a member the planned role. The id of a member changes when the invitation is accepted, which may happen at any
// time: one that is not found by its id is looked for anew, once.
func setRole(ctx context.Context, members members, plan model) error {
	organizationID := plan.OrganizationID.ValueString()
	for again := false; ; again = true {
		member, err := members.FindMemberOf(ctx, organizationID, plan.UserID.ValueString(), plan.Email.ValueString())
		if err != nil {
			return err
		}
		_, err = members.UpdateMemberRole(ctx, organizationID, member, plan.Role.ValueString())
		if again || !errors.Is(err, terrascale.ErrNotFound) {
			return err
		}
	}
}

// Delete removes the member, or withdraws the invitation, after the member's keys where that is asked for. One that is
// gone is no error.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to remove team member"
	client, err := r.client()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	r.forgetSaved(client, state.OrganizationID.ValueString(), state.Email.ValueString()) // A destroy without a refresh never asked.
	resp.Diagnostics.Append(remove(ctx, client, summary, state, r.data.Clock())...)
}

// ImportState takes organization_id/email, or an e-mail address in the active organization.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	if written := identity.Written(req.Identity); req.ID == "" {
		req.ID = strings.TrimPrefix(written["organization_id"]+"/"+written["email"], "/")
	}
	organizationID, email, found := strings.Cut(req.ID, "/")
	if !found || strings.Contains(organizationID, "@") {
		organizationID, email = "", req.ID
	}
	if found && organizationID == "" && email != req.ID || !strings.Contains(email, "@") {
		resp.Diagnostics.Append(diagnostic.InvalidImportID(fmt.Sprintf(
			"%q is neither organization_id/email nor an e-mail address: write for example \"org_01H/grace@example.com\".", req.ID)))
		return
	}
	if organizationID == "" {
		const summary = "Unable to import team member"
		client, err := r.client()
		if err != nil {
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		}
		if organizationID, err = client.ActiveOrganizationID(ctx); err != nil {
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		}
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("organization_id"), organizationID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("email"), email)...)
}
