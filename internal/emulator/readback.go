// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"github.com/terrascale/terraform-provider-terrascale/internal/emulator/store"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// What the emulator keeps, as its methods show it: never with a secret.
type (
	APIKey         = store.APIKey
	KeyStatus      = store.KeyStatus
	Member         = store.Member
	Allowlist      = store.Allowlist
	AllowlistEntry = store.AllowlistEntry
	Organization   = store.Organization
	Limits         = store.Limits
)

// The statuses of an API key.
const (
	KeyActive  = store.KeyActive
	KeyExpired = store.KeyExpired
	KeyRevoked = store.KeyRevoked
	KeyUnknown = store.KeyUnknown
)

// Organization returns an organization, also a deleted one; found is false when there never was one.
func (s *Server) Organization(organizationID string) (organization Organization, found bool) {
	organization, _, _, found = s.store.Read(organizationID)
	return organization, found
}

// OrganizationBySlug finds an organization that is not deleted.
func (s *Server) OrganizationBySlug(slug string) (organization Organization, found bool) {
	return s.store.OrganizationBySlug(slug)
}

// APIKeys lists an organization's keys, oldest first, revoked and expired ones too; none for an unknown organization.
func (s *Server) APIKeys(organizationID string) []APIKey {
	_, _, keys, _ := s.store.Read(organizationID)
	return keys
}

// Members lists an organization's members and invitations; none for an unknown organization.
func (s *Server) Members(organizationID string) []Member {
	_, members, _, _ := s.store.Read(organizationID)
	return members
}

// Allowlist returns an organization's IP allowlist; the zero one for an unknown organization.
func (s *Server) Allowlist(organizationID string) Allowlist {
	organization, _, _, _ := s.store.Read(organizationID)
	return organization.Allowlist
}

// CheckAPIKey says what a key is worth now, without counting as a use of it.
func (s *Server) CheckAPIKey(key secret.String) KeyStatus { return s.store.KeyStatus(key) }
