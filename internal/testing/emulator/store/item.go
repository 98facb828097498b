// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// KeyUse is one data-plane call: the key that came, where from, and the scope that the call needs.
type KeyUse struct {
	Key    secret.String
	Caller netip.Addr
	Scope  string
}

// useKey checks a key for one call and notes the use. A missing key, an unknown, revoked or expired one, and one
// of a deleted organization are all the same to the caller.
func (s *Store) useKey(d *document, use KeyUse, databaseID string) (*Database, error) {
	record := d.keyBySecret(use.Key)
	now := s.now()
	if record == nil || record.Status(now) != KeyActive || d.Organizations[record.OrganizationID].Status == Deleted {
		return nil, refuse(Unauthenticated, "The API key is unknown, revoked or expired.")
	}
	org := d.Organizations[record.OrganizationID]
	if org.Status == Suspended {
		return nil, refuse(Forbidden, "Organization %s is suspended.", org.ID)
	}
	if !org.admits(use.Caller) {
		return nil, refuse(Forbidden, "Your address %s is not on the IP allowlist of organization %s.", use.Caller, org.ID)
	}
	record.LastUsedAt = &now // kept in the file with the next change: a write for each read would be out of proportion
	if !Covers(record.Scopes, use.Scope) {
		return nil, refuse(Forbidden, "The API key lacks the scope %s.", use.Scope)
	}
	return d.databaseIn(org.ID, databaseID)
}

// KeyOrganization returns the organization and plan whose rate a call with this key counts against.
func (s *Store) KeyOrganization(key secret.String) (organizationID, plan string, found bool) {
	_ = s.view(func(d *document) error {
		if record := d.keyBySecret(key); record != nil && record.Status(s.now()) == KeyActive {
			organizationID, found = record.OrganizationID, true
			plan = d.Organizations[organizationID].Plan
		}
		return nil
	})
	return organizationID, plan, found
}

// ItemID names an item: its partition key, followed by a slash and its sort key where it has one.
func ItemID(partitionKey string, sortKey *string) string {
	if sortKey == nil {
		return partitionKey
	}
	return partitionKey + "/" + *sortKey
}

// Item reads one by its ItemID.
func (s *Store) Item(use KeyUse, databaseID, id string) (found Item, err error) {
	err = s.view(func(d *document) error {
		database, err := s.useKey(d, use, databaseID)
		if err != nil {
			return err
		}
		item, exists := database.Items[id]
		if !exists {
			return refuse(NotFound, "Item not found.")
		}
		found = item
		return nil
	})
	return found, err
}

// Items lists all in the order of their ids.
func (s *Store) Items(use KeyUse, databaseID string) (found []Item, err error) {
	err = s.view(func(d *document) error {
		database, err := s.useKey(d, use, databaseID)
		if err != nil {
			return err
		}
		found = []Item{}
		for _, id := range slices.Sorted(maps.Keys(database.Items)) {
			found = append(found, database.Items[id])
		}
		return nil
	})
	return found, err
}

// PutItem makes or replaces one. A partition key has no slash, so that an id has one reading only.
func (s *Store) PutItem(use KeyUse, databaseID, partitionKey string, sortKey *string, data json.RawMessage) (put Item, err error) {
	err = s.update(func(d *document) error {
		database, err := s.useKey(d, use, databaseID)
		if err != nil {
			return err
		}
		if partitionKey == "" || strings.Contains(partitionKey, "/") {
			return refuse(Invalid, "pk must not be empty nor contain a slash.")
		}
		now, id := s.now(), ItemID(partitionKey, sortKey)
		put = Item{PartitionKey: partitionKey, SortKey: sortKey, Data: data, CreatedAt: now, UpdatedAt: now}
		if before, exists := database.Items[id]; exists {
			put.CreatedAt = before.CreatedAt
		}
		database.Items[id] = put
		return nil
	})
	return put, err
}

// DeleteItem removes one; one that is absent is no error.
func (s *Store) DeleteItem(use KeyUse, databaseID, id string) error {
	return s.update(func(d *document) error {
		database, err := s.useKey(d, use, databaseID)
		if err != nil {
			return err
		}
		delete(database.Items, id)
		return nil
	})
}

// DeleteItems removes all.
func (s *Store) DeleteItems(use KeyUse, databaseID string) error {
	return s.update(func(d *document) error {
		database, err := s.useKey(d, use, databaseID)
		if err != nil {
			return err
		}
		clear(database.Items)
		return nil
	})
}
