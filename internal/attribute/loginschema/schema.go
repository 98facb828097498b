// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package loginschema

import (
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
)

// SchemaAttributes describes Login's attributes but the name, by their names; named is what has the name, such as role.
func SchemaAttributes(named string) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		rotationschema.Name: rotationschema.Attribute("login", false),
		username: schema.StringAttribute{
			MarkdownDescription: fmt.Sprintf("Whom to log in as now: the %s itself or, with `rotation`, one of its two logins.", named),
			Computed:            true,
		},
		"previous": schema.SingleNestedAttribute{
			MarkdownDescription: "The login before the last rotation, while it is still valid.", Computed: true,
			Attributes: map[string]schema.Attribute{
				username: schema.StringAttribute{MarkdownDescription: "Its name.", Computed: true},
				disableAt: schema.StringAttribute{
					MarkdownDescription: "When it ends: with the first apply after this time.",
					CustomType:          customtypes.TimeType{}, Computed: true,
				},
			},
		},
	}
	maps.Copy(attributes, passwordschema.SchemaAttributes())
	return attributes
}
