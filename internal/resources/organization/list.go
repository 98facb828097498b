// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/listing"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// NewList makes the list resource: the organizations of the user.
var NewList = listing.Of(listing.Kind{
	TypeName:    TypeName,
	Description: "Lists the organizations that the provider's user belongs to: managed or made by hand.",
	Resource:    New,
	Find: listing.OfService("Unable to list organizations",
		func(ctx context.Context, client *terrascale.Client, _ *providerdata.Data, _ tfsdk.Config) ([]listing.Item, error) {
			memberships, err := client.ListOrganizations(ctx)
			if err != nil {
				return nil, err
			}
			items := make([]listing.Item, len(memberships))
			for i, membership := range memberships {
				items[i] = listing.Item{ID: membership.OrganizationID, Name: membership.OrganizationName}
			}
			return items, nil
		}),
})
