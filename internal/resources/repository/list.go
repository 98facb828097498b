// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/listing"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// NewList makes the list resource: the repositories of one database, or of all.
var NewList = listing.Of(listing.Kind{
	TypeName:    TypeName,
	Description: "Lists repositories: managed or made by hand.",
	Filters: map[string]schema.Attribute{
		"database_id": listing.Text("Id of the database whose repositories are listed. Default: those of all databases of the organization that the provider works in."),
	},
	Resource: New,
	Find: listing.OfService("Unable to list repositories",
		func(ctx context.Context, client *terrascale.Client, _ *providerdata.Data, config tfsdk.Config) ([]listing.Item, error) {
			ids := []string{listing.Written(ctx, config, "database_id", "")}
			if ids[0] == "" {
				databases, err := client.ListDatabases(ctx)
				if err != nil {
					return nil, err
				}
				ids = nil
				for _, one := range databases {
					ids = append(ids, one.ID)
				}
			}
			var items []listing.Item
			for _, id := range ids {
				repositories, err := client.ListRepositories(ctx, id)
				if err != nil {
					return nil, err
				}
				for _, one := range repositories {
					items = append(items, listing.Item{ID: id + "/" + one.ID, Name: one.Name})
				}
			}
			return items, nil
		}),
})
