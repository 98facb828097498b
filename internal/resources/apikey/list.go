// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/listing"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// NewList makes the list resource: the keys of the organization that the provider works in.
var NewList = listing.Of(listing.Kind{
	TypeName:    TypeName,
	Description: "Lists the API keys that work, of the organization that the provider works in: managed or made by hand.",
	Resource:    New,
	Find: listing.OfService("Unable to list API keys",
		func(ctx context.Context, client *terrascale.Client, data *providerdata.Data, _ tfsdk.Config) ([]listing.Item, error) {
			keys, err := client.APIKeys(ctx)
			if err != nil {
				return nil, err
			}
			var items []listing.Item
			for _, key := range keys {
				if key.Status(data.Clock()) == terrascale.KeyActive {
					items = append(items, listing.Item{ID: key.ID, Name: key.Name})
				}
			}
			return items, nil
		}),
})
