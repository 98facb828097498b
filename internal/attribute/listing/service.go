// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package listing

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// OrganizationID is the filter that says in which organization is looked.
const OrganizationID = "organization_id"

// Organization is that filter's attribute.
func Organization() schema.Attribute {
	return Text("Id of the organization. Default: the one that the provider works in.")
}

// OfService finds what the service lists.
func OfService(
	summary string, find func(ctx context.Context, client *terrascale.Client, data *providerdata.Data, config tfsdk.Config) ([]Item, error),
) func(context.Context, *providerdata.Data, tfsdk.Config) ([]Item, diag.Diagnostics) {
	return func(ctx context.Context, data *providerdata.Data, config tfsdk.Config) ([]Item, diag.Diagnostics) {
		client, err := data.API.Client()
		if err != nil {
			return nil, diag.Diagnostics{diagnostic.API(summary, err)}
		}
		items, err := find(ctx, client, data, config)
		if err != nil {
			return nil, diag.Diagnostics{diagnostic.API(summary, err)}
		}
		return items, nil
	}
}

// InOrganization finds what the service lists of the organization that the list names.
func InOrganization(
	summary string, find func(ctx context.Context, client *terrascale.Client, organizationID string, config tfsdk.Config) ([]Item, error),
) func(context.Context, *providerdata.Data, tfsdk.Config) ([]Item, diag.Diagnostics) {
	return OfService(summary, func(ctx context.Context, client *terrascale.Client, _ *providerdata.Data, config tfsdk.Config) ([]Item, error) {
		id := Written(ctx, config, OrganizationID, "")
		if id == "" {
			var err error
			if id, err = client.ActiveOrganizationID(ctx); err != nil {
				return nil, err
			}
		}
		return find(ctx, client, id, config)
	})
}
