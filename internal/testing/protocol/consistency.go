// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Inconsistent lists where what came differs from what was planned, as a CLI compares them: what was not known may be anything, and the rest has
// to be as planned.
func Inconsistent(planned, came tftypes.Value) []string { return differences("", planned, came) }

func differences(at string, planned, came tftypes.Value) []string {
	switch {
	case !planned.IsKnown():
		return nil
	case !came.IsKnown(), planned.IsNull() != came.IsNull():
		return []string{fmt.Sprintf("%s: planned %s, and came %s", at, planned, came)}
	case planned.IsNull():
		return nil
	}
	var before, after map[string]tftypes.Value
	if planned.As(&before) == nil && came.As(&after) == nil {
		var found []string
		if !slices.Equal(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after))) {
			found = append(found, fmt.Sprintf("%s: planned %s, and came %s", at, planned, came))
		}
		for name, value := range before {
			if other, isThere := after[name]; isThere {
				found = append(found, differences(at+"."+name, value, other)...)
			}
		}
		return found
	}
	var elements, others []tftypes.Value
	isList := planned.Type().Is(tftypes.List{})
	if isList && planned.As(&elements) == nil && came.As(&others) == nil && len(elements) == len(others) {
		var found []string
		for i := range elements {
			found = append(found, differences(fmt.Sprintf("%s[%d]", at, i), elements[i], others[i])...)
		}
		return found
	}
	if planned.IsFullyKnown() && !planned.Equal(came) {
		return []string{fmt.Sprintf("%s: planned %s, and came %s", at, planned, came)}
	}
	return nil
}

// Invalid lists what a CLI refuses in a plan: an attribute that is written and planned as something else, other than what it was before, and one
// that is not written, can't be computed, and is planned.
func (p *Provider) Invalid(typeName string, prior, config, planned tftypes.Value) []string {
	return invalid("", p.Schemas.ResourceSchemas[typeName].Block.Attributes, prior, config, planned)
}

func invalid(at string, attributes []*tfprotov6.SchemaAttribute, prior, config, planned tftypes.Value) []string {
	var before, written, after map[string]tftypes.Value
	if config.IsNull() || !config.IsKnown() || planned.IsNull() || !planned.IsKnown() {
		return nil
	}
	if !prior.IsNull() && prior.IsKnown() {
		_ = prior.As(&before)
	}
	_ = config.As(&written)
	_ = planned.As(&after)
	var found []string
	for _, attribute := range attributes {
		name := at + "." + attribute.Name
		want, is, was := written[attribute.Name], after[attribute.Name], before[attribute.Name]
		wasThere := before != nil
		switch {
		case attribute.WriteOnly:
			if !is.IsNull() {
				found = append(found, name+": a write-only value is planned")
			}
		case attribute.NestedType != nil && attribute.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle && !want.IsNull() && want.IsKnown() && !is.IsNull() && is.IsKnown():
			found = append(found, invalid(name, attribute.NestedType.Attributes, was, want, is)...)
		case want.IsNull() && attribute.Computed:
		case want.IsNull() && is.IsNull(), want.Equal(is), wasThere && was.Equal(is):
		case !want.IsFullyKnown() && len(Inconsistent(want, is)) == 0 && !is.IsFullyKnown(): // Parts of it come later.
		default:
			found = append(found, fmt.Sprintf("%s: written %s, and planned %s", name, want, is))
		}
	}
	return found
}
