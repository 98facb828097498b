// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package listing

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// Server is the filter that says which database server is asked.
func Server(attribute string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"server": Text(fmt.Sprintf("Which server of the provider's `%s` map is asked. Default `default`.", attribute)),
	}
}

// GrantsNothing reports whether a user reads nothing by itself: there is nothing that its grants could say.
func GrantsNothing(ctx context.Context, state tfsdk.State) bool {
	var grants types.Map
	return !state.GetAttribute(ctx, path.Root("grants"), &grants).HasError() && len(grants.Elements()) == 0
}

// OnServer finds what there is on the server that the list names. Names are what comes after the server's in an import id.
func OnServer[S any](
	summary string, servers func(*providerdata.Data) providerdata.Servers[S],
	names func(S, context.Context) ([]string, error), failure func(summary, server string, err error) diag.Diagnostic,
) func(context.Context, *providerdata.Data, tfsdk.Config) ([]Item, diag.Diagnostics) {
	return func(ctx context.Context, data *providerdata.Data, config tfsdk.Config) ([]Item, diag.Diagnostics) {
		name := Written(ctx, config, "server", "default")
		server, err := servers(data).Get(name)
		if err != nil {
			return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("server"), summary, err.Error())}
		}
		found, err := names(server, ctx)
		if err != nil {
			return nil, diag.Diagnostics{failure(summary, name, err)}
		}
		items := make([]Item, len(found))
		for i, one := range found {
			items[i] = Item{ID: name + "/" + one, Name: one}
		}
		return items, nil
	}
}
