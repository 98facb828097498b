// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/listing"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// NewList makes the list resource: the roles of a server that one could manage.
var NewList = listing.Of(listing.Kind{
	TypeName: TypeName,
	Description: "Lists the roles of a PostgreSQL server that can log in: managed or made by hand. Superusers, roles that can make one (`CREATEROLE`, " +
		"`BYPASSRLS`), roles that may read nothing, and the provider's own login are left out.",
	Filters:  listing.Server("postgresql"),
	Resource: New, Leaves: listing.GrantsNothing,
	Find: listing.OnServer("Unable to list PostgreSQL roles",
		func(data *providerdata.Data) providerdata.Servers[*postgresql.Server] { return data.PostgreSQL },
		(*postgresql.Server).OrdinaryRoles, diagnostic.PostgreSQL),
})
