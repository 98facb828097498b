// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"slices"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// The prefixes of a key: which one an organization's keys get is its seed's choice.
const (
	livePrefix = "ts_live_"
	testPrefix = "ts_test_"
)

// shownPrefix is how many characters of a key stay readable in lists.
const shownPrefix = 12

// NewKey is what a caller chooses of a new key. ExpiresAt nil means never.
type NewKey struct {
	Name      string
	Scopes    []string
	ExpiresAt *time.Time
}

// CreateKey makes a key in the actor's organization; it needs the role member. The secret is not kept.
func (s *Store) CreateKey(actor Actor, wanted NewKey) (created APIKey, key secret.String, err error) {
	err = s.update(func(d *document) error {
		org, err := d.enterActive(actor, Regular)
		if err != nil {
			return err
		}
		now := s.now()
		if err := checkKey(wanted, now); err != nil {
			return err
		}
		live := len(d.keys(org.ID, func(key *keyRecord) bool { return key.Status(now) == KeyActive }))
		if limit := org.Limit().APIKeys; live >= limit {
			return refuse(Forbidden, "The organization has its %d live API keys already (settings.maxApiKeys): revoke one first.", limit)
		}
		key = secret.New(newSecret(keyPrefix(org)))
		created = d.addKey(org, wanted, actor.UserID, key, now).APIKey
		return nil
	})
	return created, key, err
}

func keyPrefix(org *Organization) string {
	if org.Testing {
		return testPrefix
	}
	return livePrefix
}

func checkKey(wanted NewKey, now time.Time) error {
	if strings.TrimSpace(wanted.Name) == "" {
		return refuse(Invalid, "name must not be empty.")
	}
	if len(wanted.Scopes) == 0 {
		return refuse(Invalid, "scopes must name at least one of %s.", strings.Join(scopes, ", "))
	}
	for _, scope := range wanted.Scopes {
		if !ValidScope(scope) {
			return refuse(Invalid, "Unknown scope %q: use %s.", scope, strings.Join(scopes, ", "))
		}
	}
	if wanted.ExpiresAt != nil && !wanted.ExpiresAt.After(now) {
		return refuse(Invalid, "expiresAt must be in the future.")
	}
	return nil
}

func (d *document) addKey(org *Organization, wanted NewKey, by string, key secret.String, now time.Time) *keyRecord {
	clear := key.Reveal()
	record := &keyRecord{
		APIKey: APIKey{
			ID: newID("key_"), OrganizationID: org.ID, Prefix: clear[:min(shownPrefix, len(clear))],
			Name: wanted.Name, Scopes: slices.Clone(wanted.Scopes), CreatedBy: by, CreatedAt: now,
			Sequence: d.nextSequence(),
		},
		Digest: digest(clear),
	}
	if wanted.ExpiresAt != nil {
		expiry := wanted.ExpiresAt.UTC()
		record.ExpiresAt = &expiry
	}
	d.Keys[record.ID] = record
	return record
}

// Keys lists one page of the keys of the actor's organization, revoked and expired ones too, oldest first.
func (s *Store) Keys(actor Actor, page Page) (found []APIKey, next string, err error) {
	err = s.view(func(d *document) error {
		org, err := d.enterActive(actor, ReadOnly)
		if err != nil {
			return err
		}
		found, next, err = paginate(d.keys(org.ID, anyKey), func(key APIKey) int { return key.Sequence }, page)
		return err
	})
	return found, next, err
}

func anyKey(*keyRecord) bool { return true }

func (d *document) keys(organizationID string, match func(*keyRecord) bool) []APIKey {
	records := sorted(d.Keys, func(key *keyRecord) int { return key.Sequence }, func(key *keyRecord) bool {
		return key.OrganizationID == organizationID && match(key)
	})
	found := make([]APIKey, len(records))
	for index, record := range records {
		found[index] = record.APIKey
		found[index].Scopes = slices.Clone(record.Scopes)
	}
	return found
}

// RevokeKey ends a key for good; it needs the role member. Revoking a revoked key changes nothing.
func (s *Store) RevokeKey(actor Actor, keyID string) error {
	return s.update(func(d *document) error {
		org, err := d.enterActive(actor, Regular)
		if err != nil {
			return err
		}
		key := d.Keys[keyID]
		if key == nil || key.OrganizationID != org.ID {
			return refuse(NotFound, "There is no API key %s.", keyID)
		}
		key.Revoked = true
		return nil
	})
}

// KeyStatus says what a key is worth now, without counting as a use of it.
func (s *Store) KeyStatus(key secret.String) KeyStatus {
	status := KeyUnknown
	_ = s.view(func(d *document) error {
		if record := d.keyBySecret(key); record != nil {
			status = record.Status(s.now())
		}
		return nil
	})
	return status
}

func (d *document) keyBySecret(key secret.String) *keyRecord {
	wanted := digest(key.Reveal())
	for _, record := range d.Keys {
		if record.Digest == wanted {
			return record
		}
	}
	return nil
}
