// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"cmp"
	"context"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// ValidateConfig refuses keys that are not canonical CIDRs, and an entry that another one says already.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var entries types.Map
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("entries"), &entries)...)
	var networks []netip.Prefix
	for cidr, entry := range entries.Elements() {
		at := path.Root("entries").AtMapKey(cidr)
		if entry.IsNull() {
			resp.Diagnostics.AddAttributeError(at, "IP allowlist entry is null",
				"An entry that is null could mean that the network may call, or that it may not. Write {} to let it call, or leave the key out.")
		}
		network, err := customtypes.ParseCIDR(cidr)
		switch {
		case err != nil:
			resp.Diagnostics.AddAttributeError(at, customtypes.InvalidCIDR, err.Error()+".")
		case network.String() != cidr:
			summary, detail := diagnostic.CIDRSpelling(cidr, network)
			resp.Diagnostics.AddAttributeError(at, summary, detail)
		default:
			networks = append(networks, network)
		}
	}
	resp.Diagnostics.Append(refuseCovered(networks)...)
}

// refuseCovered refuses networks that lie within another one. In order, one that contains another comes before it, with nothing
// between the two that it does not contain.
func refuseCovered(networks []netip.Prefix) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	slices.SortFunc(networks, func(a, b netip.Prefix) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	var around []netip.Prefix
	for _, network := range networks {
		for len(around) > 0 && !around[len(around)-1].Contains(network.Addr()) {
			around = around[:len(around)-1]
		}
		if len(around) > 0 {
			summary, detail := diagnostic.RedundantNetworks(around[len(around)-1].String(), network.String(), false)
			diagnostics.AddAttributeError(path.Root("entries").AtMapKey(network.String()), summary, detail)
		}
		around = append(around, network)
	}
	return diagnostics
}
