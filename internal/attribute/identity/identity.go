// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package identity is the identity of resources: which of their attributes tell one from another, for Terraform 1.12 and newer. Older versions and
// OpenTofu never ask for it.
package identity

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Behavior is that of all resources: an identity may change. A key has another id after a rotation, a role can be renamed in place.
var Behavior = resource.ResourceBehavior{MutableIdentity: true}

// Attribute is an attribute of an identity: a text that the resource has as an attribute of the same name.
type Attribute struct {
	Name, Description string
	// Optional is set where an import may leave it out.
	Optional bool
}

// Schema is the schema of an identity.
func Schema(attributes ...Attribute) identityschema.Schema {
	schema := identityschema.Schema{Attributes: map[string]identityschema.Attribute{}}
	for _, attribute := range attributes {
		schema.Attributes[attribute.Name] = identityschema.StringAttribute{
			Description: attribute.Description, RequiredForImport: !attribute.Optional, OptionalForImport: attribute.Optional,
		}
	}
	return schema
}

// Follow makes an identity that of a state; of the one before, where nothing is left. It is called with defer, so that it sees the last state.
func Follow(ctx context.Context, identity *tfsdk.ResourceIdentity, state *tfsdk.State, before ...tfsdk.State) {
	if identity == nil || identity.Schema == nil {
		return
	}
	for _, one := range slices.Concat([]tfsdk.State{*state}, before) {
		var values map[string]tftypes.Value
		if one.Raw.IsNull() || !one.Raw.IsKnown() || one.Raw.As(&values) != nil {
			continue
		}
		found := map[string]tftypes.Value{}
		for name := range identity.Schema.GetAttributes() {
			found[name] = values[name]
			if !values[name].IsKnown() {
				found[name] = tftypes.NewValue(tftypes.String, nil)
			}
		}
		identity.Raw = tftypes.NewValue(identity.Schema.Type().TerraformType(ctx), found)
		return
	}
}

// Written gives the attributes of an identity that an import block has; without those that it leaves out.
func Written(identity *tfsdk.ResourceIdentity) map[string]string {
	written := map[string]string{}
	if identity == nil {
		return written
	}
	var values map[string]tftypes.Value
	if err := identity.Raw.As(&values); err != nil {
		return written
	}
	for name, value := range values {
		var text string
		if value.IsKnown() && !value.IsNull() && value.As(&text) == nil {
			written[name] = text
		}
	}
	return written
}
