// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser

import (
	"context"
	"slices"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/listing"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// NewList makes the list resource: the users of a server that one could manage.
var NewList = listing.Of(listing.Kind{
	TypeName: TypeName,
	Description: "Lists the users of a Redis server that can log in: managed or made by hand. Users with all rights, the user `default` and the provider's own " +
		"login are left out.",
	Filters:  listing.Server("redis"),
	Resource: New,
	Find: listing.OnServer("Unable to list Redis users",
		func(data *providerdata.Data) providerdata.Servers[*redis.Server] { return data.Redis }, ordinaryUsers, diagnostic.Redis),
})

func ordinaryUsers(server *redis.Server, ctx context.Context) ([]string, error) { //nolint:revive // The form of a method expression.
	found, err := server.ReviewUsers(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, login := range found.Logins {
		if !login.Own && len(login.Superuser) == 0 && login.Name != "default" {
			names = append(names, login.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}
