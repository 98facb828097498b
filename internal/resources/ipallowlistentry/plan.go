// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlistentry

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/expiry"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// ModifyPlan decides whether the entry has ended, and looks at what a change would do to the list.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.data == nil {
		return
	}
	var state *model
	if !req.State.Raw.IsNull() {
		state = &model{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if req.Plan.Raw.IsNull() {
		if state != nil && !resp.Diagnostics.HasError() {
			// Nothing that the service says stands in the way of a destroy before it is tried.
			resp.Diagnostics.Append(diagnostic.AsWarnings(r.checkRemoval(ctx, *state))...)
		}
		return
	}
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	seenAt, diagnostics := expiry.ReadSeenAt(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	lists, err := r.lists()
	canAsk := !errors.Is(err, providerdata.ErrNotKnownYet) && !config.OrganizationID.IsUnknown()
	if canAsk && err == nil && plan.OrganizationID.IsUnknown() {
		var organizationID string
		organizationID, err = organization(ctx, lists, plan)
		plan.OrganizationID = types.StringValue(organizationID)
	}
	if canAsk && err != nil {
		resp.Diagnostics.Append(diagnostic.API(diagnostic.UnableToReadIPAllowlist, err))
		return
	}
	plan.Status = plannedStatus(plan, state, seenAt)
	plan.identify()
	if network, ok := plan.network(); ok && canAsk {
		resp.Diagnostics.Append(r.check(ctx, lists, plan, state, network)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// plannedStatus goes by the time of the refresh. Under an expires_at that no refresh has looked at, the apply decides.
func plannedStatus(plan model, state *model, seenAt time.Time) types.String {
	switch {
	case plan.ExpiresAt.IsNull():
		return types.StringValue(statusActive)
	case plan.ExpiresAt.IsUnknown() || state == nil || state.ExpiresAt.IsNull() || !state.ExpiresAt.Means(plan.ExpiresAt):
		return types.StringUnknown()
	case state.isExpired() || !seenAt.IsZero() && plan.hasEnded(seenAt):
		return types.StringValue(statusExpired)
	}
	return types.StringValue(statusActive)
}

// check looks at an entry that will be there: at the other resources of the configuration, and at the list.
func (r *Resource) check(ctx context.Context, lists lists, plan model, state *model, network netip.Prefix) diag.Diagnostics {
	organizationID := plan.OrganizationID.ValueString()
	if plan.isExpired() {
		return r.checkEnd(ctx, plan, *state)
	}
	known, held := netip.Prefix{}, false
	if state != nil && !state.isExpired() {
		known, held = state.network()
	}
	isNew := !held || known != network
	claim := providerdata.AllowlistEntry{Network: network, Text: plan.CIDR.ValueString(), IsNew: isNew}
	if err := r.data.Allowlists.ClaimEntry(organizationID, claim); err != nil {
		return diag.Diagnostics{diagnostic.IPAllowlistClaim(organizationID, err)}
	}
	at := path.Root("cidr")
	rules := policyschema.OfResource(r.data.Policy, plan.PolicyExceptions)
	rules.Add(policy.OpenAllowlist, at, r.data.Policy.OpenAllowlist([]netip.Prefix{network}))
	diagnostics := rules.Diagnostics()
	if !isNew {
		return diagnostics
	}
	if state == nil && plan.hasEnded(r.data.Clock()) {
		diagnostics.AddAttributeWarning(path.Root("expires_at"), "IP allowlist entry would be over at once: "+plan.CIDR.ValueString(), fmt.Sprintf(
			"expires_at (%s) has passed, so the network will not be listed. Remove the block, or write a later expires_at.", plan.ExpiresAt.ValueString()))
		return diagnostics
	}
	current, err := lists.IPAllowlist(ctx, organizationID)
	if err != nil {
		return append(diagnostics, diagnostic.IPAllowlist(diagnostic.UnableToReadIPAllowlist, err))
	}
	return append(diagnostics, r.checkNew(ctx, lists, current, plan, known, network)...)
}

// checkNew looks at a network that is to be listed, in place of another one if there is one.
func (r *Resource) checkNew(
	ctx context.Context, lists lists, current terrascale.IPAllowlist, plan model, instead, network netip.Prefix,
) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	at := path.Root("cidr")
	organizationID := plan.OrganizationID.ValueString()
	// One that is in the state, too, is about to be replaced or moved; if it is not, the apply says so.
	if index := find(current, network); index >= 0 && !r.data.Allowlists.IsInState(organizationID, network) &&
		!r.wasBegun(ctx, lists, plan, current.Entries[index]) {
		err := fmt.Errorf("%w: %s", errListed, named(current.Entries[index]))
		return diag.Diagnostics{diag.WithPath(at, failure("IP allowlist entry exists already", plan, err))}
	}
	if covering := overlapping(current, instead, network); len(covering) > 0 {
		diagnostics.AddAttributeWarning(at, "IP allowlist entries overlap: "+plan.CIDR.ValueString(), fmt.Sprintf(
			"%s overlaps with what the list of organization %s holds already: %s. Of two such entries, the narrower one has no effect as "+
				"long as both exist.", plan.CIDR.ValueString(), organizationID, strings.Join(covering, ", ")))
	}
	contains := !terrascale.ShutsOut([]netip.Prefix{network}, current.CallerIP)
	if !instead.IsValid() && isOpen(current) && contains && r.data.Allowlists.TellOnce(organizationID, "turned on") {
		diagnostics.AddAttributeWarning(at, "The IP allowlist will be turned on: "+organizationID, fmt.Sprintf(
			"Every address may call organization %s now. This entry contains %s, the address that this run comes from, so adding it turns the "+
				"list on. After that, only the networks in the list may call.", organizationID, current.CallerIP))
	}
	if instead.IsValid() {
		// The change is tried on a copy.
		current.Entries = append([]terrascale.IPAllowlistEntry(nil), current.Entries...)
		trial := change(instead, network, descriptionOf(current, instead), "", plan.AllowLockout.ValueBool())
		if err := trial(&current); errors.Is(err, errLockout) {
			diagnostics.Append(diag.WithPath(at, failure(diagnostic.IPAllowlistLocksOut, plan, err)))
		}
	}
	return diagnostics
}

func descriptionOf(list terrascale.IPAllowlist, network netip.Prefix) string {
	if index := find(list, network); index >= 0 {
		return list.Entries[index].Description
	}
	return ""
}

// overlapping names the entries, but one, that overlap with a network.
func overlapping(list terrascale.IPAllowlist, but, network netip.Prefix) []string {
	var names []string
	for _, entry := range list.Entries {
		other, err := customtypes.ParseCIDR(entry.CIDR)
		if err == nil && other != but && other != network && other.Overlaps(network) {
			names = append(names, named(entry))
		}
	}
	return names
}

// checkEnd looks at an entry whose time is over.
func (r *Resource) checkEnd(ctx context.Context, plan, state model) diag.Diagnostics {
	if state.isExpired() {
		return nil
	}
	var diagnostics diag.Diagnostics
	diagnostics.Append(diagnostic.IPAllowlistEntryEnded(path.Root("expires_at"), state.CIDR.ValueString(), fmt.Sprintf(
		"%s ended at %s and will be removed from the list of organization %s. It does not come back. Remove the block, or write a later expires_at.",
		state.CIDR.ValueString(), plan.ExpiresAt.ValueString(), state.OrganizationID.ValueString())))
	state.AllowLockout, state.AllowOpen = plan.AllowLockout, plan.AllowOpen
	return append(diagnostics, r.checkRemoval(ctx, state)...)
}

// checkRemoval looks at what the list is without the entry. Other entries may go in the same run, so that the apply has the last
// word on who is locked out.
func (r *Resource) checkRemoval(ctx context.Context, state model) diag.Diagnostics {
	lists, err := r.lists()
	network, ok := state.network()
	if errors.Is(err, providerdata.ErrNotKnownYet) || !ok || state.isExpired() {
		return nil
	}
	const summary = diagnostic.UnableToReadIPAllowlist
	if err != nil {
		return diag.Diagnostics{diagnostic.API(summary, err)}
	}
	current, err := lists.IPAllowlist(ctx, state.OrganizationID.ValueString())
	if errors.Is(err, terrascale.ErrNotFound) {
		return nil
	}
	if err != nil {
		return diag.Diagnostics{diagnostic.IPAllowlist(summary, err)}
	}
	current.Entries = append([]terrascale.IPAllowlistEntry(nil), current.Entries...)
	trial := remove(network, descriptionOf(current, network), state.AllowLockout.ValueBool(), state.AllowOpen.ValueBool())
	err = trial(&current)
	switch {
	case errors.Is(err, errOpen):
		return diag.Diagnostics{failure("The IP allowlist would let everybody in", state, err)}
	case errors.Is(err, errLockout):
		lockout := failure(diagnostic.IPAllowlistLocksOut, state, err)
		return diag.Diagnostics{diag.NewWarningDiagnostic("The IP allowlist may lock you out: "+state.CIDR.ValueString(), "If nothing else in this run changes that, the apply will "+
			"refuse to remove "+state.CIDR.ValueString()+". "+lockout.Detail())}
	case err != nil:
		return diag.Diagnostics{failure(summary, state, err)}
	}
	return nil
}
