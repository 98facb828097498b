// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
)

var _ function.Function = cidrCollapse{}

type cidrCollapse struct{}

// NewCIDRCollapse makes cidr_collapse(cidrs).
func NewCIDRCollapse() function.Function { return cidrCollapse{} }

// Metadata names the function.
func (cidrCollapse) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "cidr_collapse"
}

// Definition describes the function.
func (cidrCollapse) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Write a list of networks with as few prefixes as possible",
		MarkdownDescription: "Gives the fewest networks that hold exactly the same addresses.",
		Parameters: []function.Parameter{
			function.ListParameter{
				Name: "cidrs", ElementType: types.StringType,
				MarkdownDescription: "Prefixes such as `10.0.0.0/24` and `2001:db8::/32`, or bare addresses.",
			},
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

// Run collapses the list.
func (cidrCollapse) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var texts []*string
	if resp.Error = req.Arguments.Get(ctx, &texts); resp.Error != nil {
		return
	}
	prefixes := make([]netip.Prefix, 0, len(texts))
	for i, text := range texts {
		if text == nil {
			resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("element %d is null: write a CIDR, or leave it out", i))
			return
		}
		prefix, err := customtypes.ParseCIDR(*text)
		if err != nil {
			resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("element %d: %s", i, err))
			return
		}
		prefixes = append(prefixes, prefix)
	}
	collapsed := []string{}
	for _, prefix := range collapse(prefixes) {
		collapsed = append(collapsed, prefix.String())
	}
	resp.Error = resp.Result.Set(ctx, collapsed)
}

// collapse gives the fewest prefixes with the same addresses, sorted.
func collapse(prefixes []netip.Prefix) []netip.Prefix {
	sorted := slices.SortedFunc(slices.Values(prefixes), netip.Prefix.Compare)
	var kept []netip.Prefix
	for _, prefix := range sorted {
		// A wider prefix sorts before what it covers.
		if len(kept) > 0 && kept[len(kept)-1].Overlaps(prefix) {
			continue
		}
		kept = append(kept, prefix)
		for len(kept) > 1 {
			wider, ok := merge(kept[len(kept)-2], kept[len(kept)-1])
			if !ok {
				break
			}
			kept = append(kept[:len(kept)-2], wider)
		}
	}
	return kept
}

// merge gives the prefix that two halves make up.
func merge(low, high netip.Prefix) (netip.Prefix, bool) {
	if low.Bits() != high.Bits() || low.Bits() == 0 || low.Addr().BitLen() != high.Addr().BitLen() {
		return netip.Prefix{}, false
	}
	wider := netip.PrefixFrom(low.Addr(), low.Bits()-1).Masked()
	return wider, wider.Contains(high.Addr())
}
