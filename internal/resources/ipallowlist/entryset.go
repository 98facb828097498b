// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
)

var (
	_ basetypes.SetTypable                    = entrySetType{}
	_ basetypes.SetValuableWithSemanticEquals = entrySet{}
)

// entrySetType is a set of entries that is compared in linear time. The framework's own compares each element with each, several
// times in a plan, which takes minutes for a thousand of them.
type entrySetType struct{ basetypes.SetType }

// newEntrySetType gives the type of a set of entries.
func newEntrySetType() entrySetType { return entrySetType{basetypes.SetType{ElemType: entryType}} }

// Equal implements attr.Type.
func (t entrySetType) Equal(other attr.Type) bool {
	typed, ok := other.(entrySetType)
	return ok && t.SetType.Equal(typed.SetType)
}

// String implements attr.Type.
func (t entrySetType) String() string { return "ipallowlist.entrySetType" }

// ValueType implements attr.Type.
func (t entrySetType) ValueType(context.Context) attr.Value { return entrySet{} }

// Validate has nothing to look for: Terraform hands out no set that holds a value twice.
func (t entrySetType) Validate(context.Context, tftypes.Value, path.Path) diag.Diagnostics {
	return nil
}

// ValueFromSet implements basetypes.SetTypable.
func (t entrySetType) ValueFromSet(_ context.Context, set basetypes.SetValue) (basetypes.SetValuable, diag.Diagnostics) {
	return entrySet{set}, nil
}

// ValueFromTerraform implements attr.Type.
func (t entrySetType) ValueFromTerraform(ctx context.Context, value tftypes.Value) (attr.Value, error) {
	converted, err := t.SetType.ValueFromTerraform(ctx, value)
	if err != nil {
		return nil, err
	}
	set, ok := converted.(basetypes.SetValue)
	if !ok {
		return nil, fmt.Errorf("unexpected value %T of a set", converted)
	}
	return entrySet{set}, nil
}

// entrySet is a set of entries.
type entrySet struct{ basetypes.SetValue }

// Type implements attr.Value.
func (s entrySet) Type(context.Context) attr.Type { return newEntrySetType() }

// Equal implements attr.Value.
func (s entrySet) Equal(other attr.Value) bool {
	typed, ok := other.(entrySet)
	if !ok || s.IsNull() != typed.IsNull() || s.IsUnknown() != typed.IsUnknown() {
		return false
	}
	ours, theirs := s.Elements(), typed.Elements()
	if len(ours) != len(theirs) {
		return false
	}
	left := map[string]int{}
	for _, element := range ours {
		left[element.String()]++
	}
	for _, element := range theirs {
		if left[element.String()]--; left[element.String()] < 0 {
			return false
		}
	}
	return true
}

// SetSemanticEquals compares CIDRs by value. No description and an empty one are the same.
func (s entrySet) SetSemanticEquals(_ context.Context, newValue basetypes.SetValuable) (bool, diag.Diagnostics) {
	other, ok := newValue.(entrySet)
	if !ok || len(s.Elements()) != len(other.Elements()) {
		return false, nil
	}
	ours, known := s.byCIDR()
	theirs, otherKnown := other.byCIDR()
	if !known || !otherKnown || len(ours) != len(theirs) {
		return false, nil
	}
	for cidr, description := range ours {
		if found, ok := theirs[cidr]; !ok || found != description {
			return false, nil
		}
	}
	return true, nil
}

// byCIDR gives the descriptions by canonical CIDR; known is false when something is not known.
func (s entrySet) byCIDR() (descriptions map[string]string, known bool) {
	descriptions = map[string]string{}
	for _, element := range s.Elements() {
		object, ok := element.(types.Object)
		if !ok || object.IsUnknown() || object.IsNull() {
			return nil, false
		}
		attributes := object.Attributes()
		cidr, _ := attributes["cidr"].(customtypes.CIDR)
		description, _ := attributes["description"].(types.String)
		if cidr.IsUnknown() || cidr.IsNull() || description.IsUnknown() {
			return nil, false
		}
		descriptions[cidr.Canonical()] = description.ValueString()
	}
	return descriptions, !s.IsUnknown()
}
