// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlistentry

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/listing"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// NewList makes the list resource: the entries of an organization's IP allowlist.
var NewList = listing.Of(listing.Kind{
	TypeName:    TypeName,
	Description: "Lists the entries of an organization's IP allowlist: managed or made by hand. Names are networks in CIDR form.",
	Filters:     map[string]schema.Attribute{listing.OrganizationID: listing.Organization()},
	Resource:    New,
	Find: listing.InOrganization("Unable to list IP allowlist entries",
		func(ctx context.Context, client *terrascale.Client, organizationID string, _ tfsdk.Config) ([]listing.Item, error) {
			found, err := client.IPAllowlist(ctx, organizationID)
			if err != nil {
				return nil, err
			}
			items := make([]listing.Item, len(found.Entries))
			for i, entry := range found.Entries {
				items[i] = listing.Item{ID: organizationID + "/" + entry.CIDR, Name: entry.CIDR}
			}
			return items, nil
		}),
})
