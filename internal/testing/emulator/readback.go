// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

type (
	// APIKey is what the service keeps of a key, without the key.
	APIKey = store.APIKey
	// KeyStatus is what a key is worth.
	KeyStatus = store.KeyStatus
	// Member is a member of an organization, or an invitation.
	Member = store.Member
	// Allowlist is an organization's IP allowlist.
	Allowlist = store.Allowlist
	// AllowlistEntry is one network of an allowlist.
	AllowlistEntry = store.AllowlistEntry
	// Database is a database of an organization.
	Database = store.Database
	// Repository is a typed collection in a database.
	Repository = store.Repository
	// Organization is an organization's record.
	Organization = store.Organization
	// Limits are the counts an organization may not pass.
	Limits = store.Limits
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

// OrganizationsNamed lists the organizations of a name that are not deleted.
func (s *Server) OrganizationsNamed(name string) []Organization {
	return s.store.OrganizationsNamed(name)
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

// Databases lists an organization's databases, and the repositories in them, oldest first.
func (s *Server) Databases(organizationID string) ([]Database, []Repository) {
	return s.store.ReadDatabases(organizationID)
}

// CheckAPIKey says what a key is worth now, without counting as a use of it.
func (s *Server) CheckAPIKey(key secret.String) KeyStatus { return s.store.KeyStatus(key) }
