// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/listing"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// NewList makes the list resource: the members of an organization.
var NewList = listing.Of(listing.Kind{
	TypeName:    TypeName,
	Description: "Lists the members of an organization, and open invitations: managed or made by hand. Names are e-mail addresses.",
	Filters: map[string]schema.Attribute{
		listing.OrganizationID: listing.Organization(),
		"role":                 listing.Text("Lists members with this role only.", stringvalidator.OneOf(terrascale.Roles...)),
	},
	Resource: New,
	Find: listing.InOrganization("Unable to list team members",
		func(ctx context.Context, client *terrascale.Client, organizationID string, config tfsdk.Config) ([]listing.Item, error) {
			members, err := client.Members(ctx, organizationID)
			if err != nil {
				return nil, err
			}
			var items []listing.Item
			for _, member := range members {
				isOpen := member.Status == terrascale.MemberActive || member.Status == terrascale.MemberPending
				if isOpen && member.Role == listing.Written(ctx, config, "role", member.Role) {
					items = append(items, listing.Item{ID: organizationID + "/" + member.Email, Name: member.Email})
				}
			}
			return items, nil
		}),
})
