// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import "context"

// APIKeys is ListAPIKeys for all who refresh something in one run: they share one listing until this client changes a key.
// The list is not to be changed.
func (c *Client) APIKeys(ctx context.Context) ([]APIKey, error) {
	return c.keys.Get(ctx, "", c.ListAPIKeys)
}

// Members is ListMembers for all who refresh something in one run: they share one listing, with what this client changed since. The list is
// not to be changed.
func (c *Client) Members(ctx context.Context, organizationID string) ([]Member, error) {
	return c.members.Get(ctx, organizationID, func(ctx context.Context) ([]Member, error) {
		return c.ListMembers(ctx, organizationID)
	})
}
