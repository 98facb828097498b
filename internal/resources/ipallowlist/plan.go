// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// ValidateConfig refuses an entry that another one says already.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	entries, _, diagnostics := config.entries(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	spelled := make([]network, 0, len(entries))
	for _, entry := range entries {
		text := entry.CIDR.ValueString()
		// What does not parse, its type has reported.
		if prefix, err := customtypes.ParseCIDR(text); err == nil {
			spelled = append(spelled, network{prefix, text})
		}
	}
	for i, one := range spelled {
		for _, other := range spelled[i+1:] {
			if one.prefix.Overlaps(other.prefix) {
				summary, detail := redundant(one, other)
				resp.Diagnostics.AddAttributeError(path.Root("entries"), summary, detail)
			}
		}
	}
}

// network is an entry as it is written, and what it means.
type network struct {
	prefix netip.Prefix
	text   string
}

// redundant describes two entries that overlap.
func redundant(a, b network) (summary, detail string) {
	wide, narrow := a, b
	if a.prefix.Bits() > b.prefix.Bits() {
		wide, narrow = b, a
	}
	return diagnostic.RedundantNetworks(wide.text, narrow.text, a.prefix == b.prefix)
}

// ModifyPlan keeps the state's spelling of a list that means the same, and looks at what a change would do.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.data == nil {
		return
	}
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	var state *model
	if !req.State.Raw.IsNull() {
		state = &model{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	entries, complete, diagnostics := plan.entries(ctx)
	resp.Diagnostics.Append(diagnostics...)
	if !config.OrganizationID.IsUnknown() {
		resp.Diagnostics.Append(r.claim(ctx, plan)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	complete = complete && !plan.Enabled.IsUnknown()
	if plan.Enabled.ValueBool() {
		resp.Diagnostics.Append(r.findings(entries, complete)...)
	}
	wanted, diagnostics := plan.toList(ctx)
	resp.Diagnostics.Append(diagnostics...)
	changes := true
	if plan.CallerIP = types.StringUnknown(); state != nil && plan.OrganizationID.Equal(state.OrganizationID) {
		// The caller's address is news, not a change to plan.
		plan.CallerIP = state.CallerIP
		changes = !complete || !plan.keepSpelling(ctx, *state, wanted, &resp.Diagnostics)
	}
	if changes && complete && !config.OrganizationID.IsUnknown() {
		resp.Diagnostics.Append(r.checkChange(ctx, plan, state == nil, wanted, prefixes(entries))...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
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
		return diag.Diagnostics{diagnostic.API("Unable to read IP allowlist", err)}
	}
	if err := r.data.Allowlists.ClaimWhole(organizationID); err != nil {
		return diag.Diagnostics{diagnostic.IPAllowlistClaim(organizationID, err)}
	}
	return nil
}

// keepSpelling plans the state's entries where those wanted mean the same, and reports whether the list stays as it is.
func (m *model) keepSpelling(ctx context.Context, state model, wanted terrascale.IPAllowlist, diagnostics *diag.Diagnostics) bool {
	known, diags := state.toList(ctx)
	diagnostics.Append(diags...)
	same := sameContent(known, wanted)
	if known.Enabled = wanted.Enabled; sameContent(known, wanted) {
		m.Entries = state.Entries
	}
	return same
}

func (r *Resource) findings(entries []entryModel, complete bool) diag.Diagnostics {
	at := path.Root("entries")
	diagnostics := diagnostic.Findings(r.data.Policy, at, r.data.Policy.OpenAllowlist(prefixes(entries)))
	if complete && len(entries) == 0 {
		diagnostics.AddAttributeWarning(at, "An empty IP allowlist allows every address",
			"The list is enabled and has no entry, which to the service means no restriction: write the networks that may call.")
	}
	return diagnostics
}

// checkChange reads the list and says whom the change would shut out, and what it would remove that nobody sees in the plan.
// While the service can't be asked yet, there is nothing to say.
func (r *Resource) checkChange(
	ctx context.Context, plan model, isNew bool, wanted terrascale.IPAllowlist, networks []netip.Prefix,
) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	const summary = "Unable to read IP allowlist"
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
	lockoutMatters := wanted.Enabled && len(networks) > 0 && !plan.AllowLockout.IsUnknown() && !plan.AllowLockout.ValueBool()
	if lockoutMatters && terrascale.ShutsOut(networks, current.CallerIP) {
		diagnostics.AddAttributeError(path.Root("entries"), "The IP allowlist would lock you out", fmt.Sprintf(
			"The service sees this run come from %s, which no entry contains: once applied, it would refuse the next run. Add\n\n"+
				"  { cidr = %q, description = \"where Terraform runs\" },\n\nor, if later runs come from elsewhere, set "+
				"allow_lockout = true.", current.CallerIP, terrascale.OwnNetwork(current.CallerIP)))
	}
	if lost := removed(current, wanted); isNew && len(lost) > 0 {
		diagnostics.AddAttributeWarning(path.Root("entries"), "Entries of the IP allowlist will be removed", fmt.Sprintf(
			"Organization %s has a list already, and this resource replaces it. These entries are not in the configuration, so they will "+
				"be removed:\n%s\n\nTo see every change in the plan, import the list first: terraform import %s.<name> '%s'",
			organizationID, strings.Join(lost, "\n"), TypeName, organizationID))
	}
	return diagnostics
}
