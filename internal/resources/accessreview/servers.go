// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package accessreview

import (
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/review/access"
)

// servers asks the servers that are named, one after the other.
func (d *DataSource) servers(ctx context.Context, config model, req datasource.ReadRequest, resp *datasource.ReadResponse) []access.Server {
	return slices.Concat(
		ask(ctx, group[*postgresql.Server]{
			access.PostgreSQL, d.data.PostgreSQL, "postgresql_servers", config.PostgreSQLServers, (*postgresql.Server).ReviewLogins, diagnostic.PostgreSQL,
		}, req, resp),
		ask(ctx, group[*mysql.Server]{
			access.MySQL, d.data.MySQL, "mysql_servers", config.MySQLServers, (*mysql.Server).ReviewLogins, diagnostic.MySQL,
		}, req, resp),
		ask(ctx, group[*redis.Server]{
			access.Redis, d.data.Redis, "redis_servers", config.RedisServers, (*redis.Server).ReviewUsers, diagnostic.Redis,
		}, req, resp),
	)
}

// group are the servers of one kind that are to be asked, and how.
type group[S any] struct {
	kind      access.Kind
	servers   providerdata.Servers[S]
	attribute string
	names     types.Set
	look      func(S, context.Context) (*inventory.Server, error)
	failure   func(summary, server string, err error) diag.Diagnostic
}

// ask asks each server. One that does not answer is an error: a review without it would look complete.
func ask[S any](ctx context.Context, g group[S], req datasource.ReadRequest, resp *datasource.ReadResponse) []access.Server {
	var all []access.Server
	names := collections.Texts(g.names)
	slices.Sort(names)
	for _, name := range names {
		server, err := g.servers.Get(name)
		var unknown *providerdata.UnknownServerError
		switch {
		case errors.As(err, &unknown):
			resp.Diagnostics.Append(diagnostic.UnknownServer(path.Root(g.attribute), unknown))
			continue
		case err != nil:
			diagnostic.DataSourceFailure(summary, err, req, resp)
			return nil
		}
		found, err := g.look(server, ctx)
		if err != nil {
			resp.Diagnostics.Append(g.failure(summary, name, err))
			continue
		}
		all = append(all, access.Server{Kind: g.kind, Name: name, Server: *found})
	}
	return all
}
