// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/expiry"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// ModifyPlan keeps the state's spelling of a list that means the same, decides what has ended, and looks at what a change would do.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.data == nil {
		return
	}
	var plan model
	var configured types.String
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("organization_id"), &configured)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("entries"), &plan.Entries)...) // See collections.Unwalked.
	var state *model
	if !req.State.Raw.IsNull() {
		state = &model{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	seenAt, diagnostics := expiry.ReadSeenAt(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if !configured.IsUnknown() {
		resp.Diagnostics.Append(r.claim(ctx, plan)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	entries, complete := plan.entries()
	complete = complete && !plan.Enabled.IsUnknown()
	now := r.data.Clock()
	var known map[string]entry
	plan.CallerIP = types.StringUnknown()
	isNew := state == nil || !plan.OrganizationID.Equal(state.OrganizationID)
	if !isNew {
		// The caller's address is news, not a change to plan.
		plan.CallerIP = state.CallerIP
		known, _ = state.entries()
		plan.keepSpelling(entries, known)
	}
	plan.ExpiredEntries = plannedExpiry(entries, known, state, complete, seenAt)
	resp.Diagnostics.Append(explainEnd(entries, plan, state)...)
	wanted := plan.toList(now)
	if plan.Enabled.ValueBool() {
		resp.Diagnostics.Append(r.findings(plan, wanted.Networks(), complete)...)
	}
	if complete && !configured.IsUnknown() && (isNew || !sameContent(state.toList(now), wanted)) {
		resp.Diagnostics.Append(r.checkChange(ctx, plan, state == nil, wanted)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// keepSpelling plans the state's entry where the one wanted means the same.
func (m *model) keepSpelling(entries, known map[string]entry) {
	if m.Entries.IsUnknown() {
		return
	}
	elements := make(map[string]attr.Value, len(entries))
	for cidr, entry := range entries {
		if before, ok := known[cidr]; ok && entry.means(before) {
			entry = before
			entries[cidr] = before
		}
		elements[cidr] = entry.value
	}
	m.Entries = types.MapValueMust(entryType, elements)
}

// plannedExpiry gives what ended before and by the time of the refresh. Where the state has not had an expires_at, no refresh has looked
// at it, and the apply decides.
func plannedExpiry(entries, known map[string]entry, state *model, complete bool, seenAt time.Time) types.List {
	var before []string
	if state != nil {
		before = collections.Texts(state.ExpiredEntries)
	}
	var ended []string
	for cidr, entry := range entries {
		if entry.expiresAt.IsNull() {
			continue
		}
		was, wasKnown := known[cidr]
		if !wasKnown || was.expiresAt.IsNull() || entry.expiresAt.IsUnknown() || !entry.expiresAt.Means(was.expiresAt) {
			return types.ListUnknown(types.StringType)
		}
		if expiry.HasEnded(entry.expiresAt, seenAt) || slices.Contains(before, cidr) {
			ended = append(ended, cidr)
		}
	}
	if !complete {
		return types.ListUnknown(types.StringType)
	}
	slices.Sort(ended)
	return collections.TextList(ended)
}

// explainEnd warns of entries that leave the list in this apply because their time is over.
func explainEnd(entries map[string]entry, plan model, state *model) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	if state == nil {
		return diagnostics
	}
	for _, cidr := range collections.Texts(plan.ExpiredEntries) {
		if !slices.Contains(collections.Texts(state.ExpiredEntries), cidr) {
			diagnostics.Append(diagnostic.IPAllowlistEntryEnded(path.Root("entries").AtMapKey(cidr), cidr, fmt.Sprintf(
				"It ended at %s, so this apply removes it from the list. Remove it from the configuration, or set a later expires_at.",
				entries[cidr].expiresAt.ValueString())))
		}
	}
	return diagnostics
}

// claim refuses a list of which the configuration has single entries, too. While the service can't be asked which organization is
// meant, that shows at apply.
func (r *Resource) claim(ctx context.Context, plan model) diag.Diagnostics {
	lists, err := r.lists()
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		return nil
	}
	var organizationID string
	if err == nil {
		organizationID, err = organization(ctx, lists, plan)
	}
	if err != nil {
		return diag.Diagnostics{diagnostic.API(diagnostic.UnableToReadIPAllowlist, err)}
	}
	if err := r.data.Allowlists.ClaimWhole(organizationID); err != nil {
		return diag.Diagnostics{diagnostic.IPAllowlistClaim(organizationID, err)}
	}
	return nil
}

func (r *Resource) findings(plan model, networks []netip.Prefix, complete bool) diag.Diagnostics {
	at := path.Root("entries")
	rules := policyschema.OfResource(r.data.Policy, plan.PolicyExceptions)
	if found := r.data.Policy.OpenAllowlist(networks); complete || len(found) > 0 {
		rules.Add(policy.OpenAllowlist, at, found)
	}
	diagnostics := rules.Diagnostics()
	if complete && len(networks) == 0 {
		diagnostics.AddAttributeWarning(at, "An empty IP allowlist allows every address: "+nameOf(plan.OrganizationID),
			"The list is enabled and has no entry. To the service, that means no restriction. Write the networks that may call.")
	}
	return diagnostics
}

// checkChange reads the list and says whom the change would shut out, and what it would remove that nobody sees in the plan.
// While the service can't be asked yet, there is nothing to say.
func (r *Resource) checkChange(
	ctx context.Context, plan model, isNew bool, wanted terrascale.IPAllowlist,
) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	const summary = diagnostic.UnableToReadIPAllowlist
	lists, err := r.lists()
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		return nil
	}
	if err != nil {
		return diag.Diagnostics{diagnostic.API(summary, err)}
	}
	organizationID, err := organization(ctx, lists, plan)
	if err != nil {
		return diag.Diagnostics{diagnostic.API(summary, err)}
	}
	current, err := lists.IPAllowlist(ctx, organizationID)
	if err != nil {
		return diag.Diagnostics{failure(summary, err)}
	}
	networks := wanted.Networks()
	lockoutMatters := wanted.Enabled && len(networks) > 0 && !plan.AllowLockout.IsUnknown() && !plan.AllowLockout.ValueBool()
	if lockoutMatters && terrascale.ShutsOut(networks, current.CallerIP) {
		diagnostics.AddAttributeError(path.Root("entries"), diagnostic.IPAllowlistLocksOut, fmt.Sprintf(
			"The service sees this run come from %s, which no entry contains. After the apply, it would refuse the next run. Add\n\n"+
				"  %q = { description = \"where Terraform runs\" }\n\nor, if later runs come from elsewhere, set "+
				"allow_lockout = true.", current.CallerIP, terrascale.OwnNetwork(current.CallerIP)))
	}
	if isNew {
		r.data.Allowlists.SeeReplaced(organizationID, current)
	}
	if lost := removed(current, wanted); isNew && len(lost) > 0 {
		diagnostics.AddAttributeWarning(path.Root("entries"), "Entries of the IP allowlist will be removed: "+organizationID, fmt.Sprintf(
			"Organization %s has a list already, and this resource replaces it. These entries are not in the configuration, so they will "+
				"be removed:\n%s\n\nTo see every change in the plan, import the list first: terraform import %s.<name> '%s'",
			organizationID, strings.Join(lost, "\n"), TypeName, organizationID))
	}
	return diagnostics
}

// nameOf names an organization in a summary; one that is not known yet is the login's.
func nameOf(organizationID types.String) string {
	if organizationID.ValueString() == "" {
		return "the login's organization"
	}
	return organizationID.ValueString()
}
