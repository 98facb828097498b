// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package ipallowlistentry is the resource terrascale_ip_allowlist_entry.
package ipallowlistentry

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/expiry"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/identity"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// TypeName is the resource's full type name.
const TypeName = "terrascale_ip_allowlist_entry"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// lists is what the resource needs of the management API.
type lists interface {
	Endpoint() string
	ActiveOrganizationID(ctx context.Context) (string, error)
	IPAllowlist(ctx context.Context, organizationID string) (terrascale.IPAllowlist, error)
	ChangeIPAllowlist(ctx context.Context, organizationID string, change terrascale.IPAllowlistChange) (terrascale.IPAllowlist, error)
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
		identity.Attribute{Name: "cidr", Description: "The network, as a canonical CIDR."},
	)
}

// Configure takes the provider's data.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

func (r *Resource) lists() (lists, error) { return r.data.API.Client() }

// Create adds the entry, unless it has ended already.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to create IP allowlist entry"
	lists, err := r.lists()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	organizationID, err := organization(ctx, lists, plan)
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	plan.OrganizationID = types.StringValue(organizationID)
	plan.identify()
	r.settleStatus(&plan)
	if !plan.isExpired() {
		entry, diagnostics := r.add(ctx, lists, summary, plan)
		defer entry.HandOver()
		resp.Diagnostics.Append(diagnostics...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// settleStatus decides what the plan left open.
func (r *Resource) settleStatus(plan *model) {
	if !plan.Status.IsUnknown() {
		return
	}
	plan.Status = types.StringValue(statusActive)
	if plan.hasEnded(r.data.Clock()) {
		plan.Status = types.StringValue(statusExpired)
	}
}

// add writes a new entry. Its record is to be handed over once the state is saved.
func (r *Resource) add(ctx context.Context, lists lists, summary string, plan model) (*journal.Entry, diag.Diagnostics) {
	organizationID := plan.OrganizationID.ValueString()
	written, entry, err := r.write(ctx, lists, plan)
	if err != nil {
		return nil, diag.Diagnostics{failure(summary, plan, err)}
	}
	if !written.Enabled && r.data.Allowlists.TellOnce(organizationID, "off") {
		return entry, diag.Diagnostics{diag.NewWarningDiagnostic("The IP allowlist is off: "+organizationID, fmt.Sprintf(
			"Every address may call organization %s. The list has no entry with %s, the address that this run comes from, so turning it "+
				"on would lock the run out. An entry that contains it turns the list on when it is created.",
			organizationID, written.CallerIP))}
	}
	return entry, nil
}

// Read takes over what the list says of the entry. What somebody else removed leaves the state, unless it has ended.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = diagnostic.UnableToReadIPAllowlist
	lists, err := r.lists()
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	organizationID := state.OrganizationID.ValueString()
	current, err := lists.IPAllowlist(ctx, organizationID)
	if errors.Is(err, terrascale.ErrNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.IPAllowlist(summary, err))
		return
	}
	network, _ := state.network()
	index := find(current, network)
	now := r.data.Clock()
	switch {
	case state.isExpired():
		// What is listed now is another's.
	case index >= 0:
		r.data.Allowlists.SeeInState(organizationID, network)
		r.forgetSaved(lists, state)
		state.fromEntry(current.Entries[index])
		if state.hasEnded(now) {
			resp.Diagnostics.Append(expiry.SaveSeenAt(ctx, resp.Private, now)...)
		}
	case state.hasEnded(now):
		state.Status = types.StringValue(statusExpired)
	default:
		resp.State.RemoveResource(ctx)
		return
	}
	state.fillDefaults()
	state.identify()
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// Update changes the entry, or takes it off the list when it has ended, or lists it again.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State, req.State)
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.settleStatus(&plan)
	const summary = "Unable to update IP allowlist entry"
	lists, err := r.lists()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	from, _ := state.network()
	to, _ := plan.network()
	known, wanted := state.Description.ValueString(), plan.Description.ValueString()
	organizationID := plan.OrganizationID.ValueString()
	switch {
	case plan.isExpired() && state.isExpired():
	case plan.isExpired():
		_, err = lists.ChangeIPAllowlist(ctx, organizationID, remove(from, known, plan.AllowLockout.ValueBool(), plan.AllowOpen.ValueBool()))
	case state.isExpired():
		entry, diagnostics := r.add(ctx, lists, summary, plan)
		defer entry.HandOver()
		resp.Diagnostics.Append(diagnostics...)
	case from != to || known != wanted:
		_, err = lists.ChangeIPAllowlist(ctx, organizationID, change(from, to, known, wanted, plan.AllowLockout.ValueBool()))
	}
	if err != nil {
		resp.Diagnostics.Append(failure(summary, plan, err))
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.identify()
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete takes the entry off the list, and no other.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.isExpired() {
		return
	}
	const summary = "Unable to remove IP allowlist entry"
	lists, err := r.lists()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	r.forgetSaved(lists, state) // A destroy without a refresh never asked.
	if err := r.remove(ctx, lists, state); err != nil && !errors.Is(err, terrascale.ErrNotFound) {
		resp.Diagnostics.Append(failure(summary, state, err))
	}
}

// remove takes the entry off the list. The one that lets this run in goes after all others that go: until then, it is refused.
func (r *Resource) remove(ctx context.Context, lists lists, state model) error {
	network, _ := state.network()
	organizationID := state.OrganizationID.ValueString()
	removed := remove(network, state.Description.ValueString(), state.AllowLockout.ValueBool(), state.AllowOpen.ValueBool())
	end := r.data.Allowlists.BeginRemoval(organizationID)
	defer end()
	for {
		before := r.data.Allowlists.Removals(organizationID)
		_, err := lists.ChangeIPAllowlist(ctx, organizationID, removed)
		if !errors.Is(err, errLockout) || !r.data.Allowlists.AwaitRemoval(ctx, organizationID, before) {
			return err
		}
	}
}

// ImportState takes organization_id/cidr, or a CIDR in the active organization.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	defer identity.Follow(ctx, resp.Identity, &resp.State)
	if written := identity.Written(req.Identity); req.ID == "" {
		req.ID = strings.TrimPrefix(written["organization_id"]+"/"+written["cidr"], "/")
	}
	organizationID, cidr := "", req.ID
	if _, err := customtypes.ParseCIDR(cidr); err != nil {
		organizationID, cidr, _ = strings.Cut(req.ID, "/")
		if _, err := customtypes.ParseCIDR(cidr); err != nil || organizationID == "" {
			resp.Diagnostics.Append(diagnostic.InvalidImportID(fmt.Sprintf(
				"%q is neither organization_id/cidr nor a CIDR: write for example \"org_01HZX3M5V7/203.0.113.0/24\".", req.ID)))
			return
		}
	}
	if organizationID == "" {
		const summary = "Unable to import IP allowlist entry"
		lists, err := r.lists()
		if err != nil {
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		}
		if organizationID, err = lists.ActiveOrganizationID(ctx); err != nil {
			resp.Diagnostics.Append(diagnostic.API(summary, err))
			return
		}
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("organization_id"), organizationID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("cidr"), cidr)...)
}
