// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package database

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/listing"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// NewList makes the list resource: the databases of the organization that the provider works in.
var NewList = listing.Of(listing.Kind{
	TypeName:    TypeName,
	Description: "Lists the databases of the organization that the provider works in: managed or made by hand.",
	Filters:     map[string]schema.Attribute{"region": listing.Text("Lists databases in this region only.")},
	Resource:    New,
	Find: listing.OfService("Unable to list databases",
		func(ctx context.Context, client *terrascale.Client, _ *providerdata.Data, config tfsdk.Config) ([]listing.Item, error) {
			databases, err := client.ListDatabases(ctx)
			if err != nil {
				return nil, err
			}
			var items []listing.Item
			for _, one := range databases {
				if one.Region == listing.Written(ctx, config, "region", one.Region) {
					items = append(items, listing.Item{ID: one.ID, Name: one.Name})
				}
			}
			return items, nil
		}),
})
