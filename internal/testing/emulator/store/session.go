// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"slices"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const refreshLifetime = 7 * 24 * time.Hour

// SigningKey returns the key of the access tokens.
func (s *Store) SigningKey() []byte {
	var key []byte
	_ = s.view(func(d *document) error {
		key = slices.Clone(d.SigningKey)
		return nil
	})
	return key
}

// RotateSigningKey makes every access token worthless at once; refresh tokens stay good.
func (s *Store) RotateSigningKey() error {
	return s.update(func(d *document) error {
		d.SigningKey = newSigningKey()
		return nil
	})
}

// NewRefreshToken makes a refresh token for a user acting on an organization.
func (s *Store) NewRefreshToken(userID, organizationID string) (token secret.String, err error) {
	err = s.update(func(d *document) error {
		now := s.now()
		d.forgetExpired(now)
		token = d.addRefresh(userID, organizationID, now)
		return nil
	})
	return token, err
}

func (d *document) addRefresh(userID, organizationID string, now time.Time) secret.String {
	token := newSecret("rt_")
	d.Refreshes[digest(token)] = &refreshRecord{
		UserID: userID, OrganizationID: organizationID, ExpiresAt: now.Add(refreshLifetime),
	}
	return secret.New(token)
}

// Refresh spends a refresh token and gives the next one; the organization acted on stays the same.
func (s *Store) Refresh(token secret.String) (profile Profile, next secret.String, err error) {
	err = s.update(func(d *document) error {
		now := s.now()
		record := d.Refreshes[digest(token.Reveal())]
		if record == nil || record.Spent || !record.ExpiresAt.After(now) {
			return refuse(Unauthenticated, "The refresh token is unknown, spent or expired: log in again.")
		}
		record.Spent = true
		profile = d.profile(d.Users[record.UserID], record.OrganizationID)
		next = d.addRefresh(record.UserID, profile.OrganizationID, now)
		return nil
	})
	return profile, next, err
}

// SpendRefreshTokens makes a user's refresh tokens worthless, as if someone else had used them.
func (s *Store) SpendRefreshTokens(email string) error {
	return s.update(func(d *document) error {
		user := d.userByEmail(email)
		if user == nil {
			return refuse(NotFound, "There is no user %s.", email)
		}
		for _, record := range d.Refreshes {
			if record.UserID == user.ID {
				record.Spent = true
			}
		}
		return nil
	})
}
