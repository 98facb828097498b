// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"context"
	"slices"
	"sync"
	"time"
)

// knownFor is how long a listing tells which keys were there before another is made.
const knownFor = 5 * time.Second

// APIKeys is ListAPIKeys for all who refresh something in one run: they share one listing until this client changes a key.
// The list is not to be changed.
func (c *Client) APIKeys(ctx context.Context) ([]APIKey, error) {
	return c.keys.Get(ctx, "", c.ListAPIKeys)
}

// Members is ListMembers for all who refresh something in one run: they share one listing until this client changes a
// member. The list is not to be changed.
func (c *Client) Members(ctx context.Context, organizationID string) ([]Member, error) {
	return c.members.Get(ctx, organizationID, func(ctx context.Context) ([]Member, error) {
		return c.ListMembers(ctx, organizationID)
	})
}

// knownKeys remembers which keys there are, for those who make many: what this client makes is added, so that a listing
// need not be new for each.
type knownKeys struct {
	mu  sync.Mutex
	ids []string
	// at is when they were listed.
	at time.Time
}

// keysBefore gives the ids of the keys that are there, as of a moment ago.
func (c *Client) keysBefore(ctx context.Context) ([]string, error) {
	now := c.config.Clock()
	c.known.mu.Lock()
	ids, age := slices.Clone(c.known.ids), now.Sub(c.known.at)
	c.known.mu.Unlock()
	if !c.known.isEmpty() && age >= 0 && age < knownFor {
		return ids, nil
	}
	listed, err := c.ListAPIKeys(ctx)
	if err != nil {
		return nil, err
	}
	return c.known.set(listed, now), nil
}

func (k *knownKeys) isEmpty() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.at.IsZero()
}

// set takes a listing that began at a time. Keys that were added meanwhile stay.
func (k *knownKeys) set(listed []APIKey, at time.Time) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range listed {
		if !slices.Contains(k.ids, key.ID) {
			k.ids = append(k.ids, key.ID)
		}
	}
	k.at = at
	return slices.Clone(k.ids)
}

// add takes a key that this client made.
func (k *knownKeys) add(id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ids = append(k.ids, id)
}
