// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/listing"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// NewList makes the list resource: the users of a server that one could manage.
var NewList = listing.Of(listing.Kind{
	TypeName: TypeName,
	Description: "Lists the users of a MySQL or MariaDB server that can log in: managed or made by hand. Locked users, those that can make themselves " +
		"superusers (`SUPER`, `CREATE USER` or `GRANT OPTION` on everything), users that may read nothing, and the provider's own login are left out.",
	Filters:  listing.Server("mysql"),
	Resource: New, Leaves: listing.GrantsNothing,
	Find: listing.OnServer("Unable to list MySQL users",
		func(data *providerdata.Data) providerdata.Servers[*mysql.Server] { return data.MySQL }, accounts, diagnostic.MySQL),
})

// accounts gives names as import ids have them.
func accounts(server *mysql.Server, ctx context.Context) ([]string, error) { //nolint:revive // The form of a method expression.
	logins, err := server.OrdinaryLogins(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(logins))
	for i, login := range logins {
		names[i] = login.Name + "@" + writtenHost(login.Host)
	}
	return names, nil
}
