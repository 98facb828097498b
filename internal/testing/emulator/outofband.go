// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

// The methods of this file change the state as someone else would, behind the back of whoever is being tested.
// None asks a rule of the service; each says what is missing when it finds nothing to change.

// AddUser makes an account.
func (s *Server) AddUser(user SeedUser) error { return s.store.AddUser(user) }

// InviteMember adds a pending member; role "" is member.
func (s *Server) InviteMember(organizationID, email, role string) error {
	return s.store.AddMember(organizationID, email, role, true)
}

// AddMember adds an active member, and makes the user where there is none; role "" is member.
func (s *Server) AddMember(organizationID, email, role string) error {
	return s.store.AddMember(organizationID, email, role, false)
}

// AcceptInvitation turns a pending member active, and makes the user where there is none.
func (s *Server) AcceptInvitation(organizationID, email string) error {
	return s.store.AcceptInvitation(organizationID, email)
}

// ExpireInvitation gives an invitation the status expired. RemoveMember is for a service whose expired ones vanish.
func (s *Server) ExpireInvitation(organizationID, email string) error {
	return s.store.ChangeInvitation(organizationID, email, func(member *Member) { member.Status = store.Expired })
}

// ResendInvitation sends an invitation again, in the name of another user: it is pending, from now.
func (s *Server) ResendInvitation(organizationID, email, by string) error {
	now := s.options.Clock().UTC()
	return s.store.ChangeInvitation(organizationID, email, func(member *Member) {
		member.Status, member.InvitedAt, member.InvitedBy = store.Pending, &now, &by
	})
}

// SetMemberRole gives a member another role, also to the last owner.
func (s *Server) SetMemberRole(organizationID, email, role string) error {
	return s.store.ForceRole(organizationID, email, role)
}

// ChangeEmail gives a member who has joined another address: the user is the same.
func (s *Server) ChangeEmail(organizationID, from, to string) error {
	return s.store.ChangeEmail(organizationID, from, to)
}

// RemoveMember removes a member or an invitation, also the last owner.
func (s *Server) RemoveMember(organizationID, email string) error {
	return s.store.DropMember(organizationID, email)
}

// CreateKey makes an API key of the organization's owner. expiresAt may be nil, or have passed.
func (s *Server) CreateKey(organizationID, name string, scopes []string, expiresAt *time.Time) (APIKey, secret.String, error) {
	return s.store.AddKey(organizationID, store.NewKey{Name: name, Scopes: scopes, ExpiresAt: expiresAt})
}

// RevokeKey revokes an API key.
func (s *Server) RevokeKey(keyID string) error {
	return s.store.ChangeKey(keyID, func(key *APIKey) { key.Revoked = true })
}

// ExpireKey moves an API key's expiry to now.
func (s *Server) ExpireKey(keyID string) error {
	now := s.options.Clock().UTC()
	return s.store.ChangeKey(keyID, func(key *APIKey) { key.ExpiresAt = &now })
}

// DeleteKeyRecord makes an API key vanish from the list, as the service may do one day with old ones.
func (s *Server) DeleteKeyRecord(keyID string) error { return s.store.ForgetKey(keyID) }

// SetAllowlist replaces an IP allowlist by canonical CIDRs, also by a list that shuts everybody out.
func (s *Server) SetAllowlist(organizationID string, enabled bool, networks ...string) error {
	return s.store.SetAllowlist(organizationID, enabled, networks)
}

// SetDatabaseStatus makes a database answer with a status, such as "Error"; "" lets it be Creating and Active again.
func (s *Server) SetDatabaseStatus(databaseID, status string) error {
	return s.store.SetDatabaseStatus(databaseID, status)
}

// DropDatabase removes a database and everything in it.
func (s *Server) DropDatabase(databaseID string) error { return s.store.DropDatabase(databaseID) }

// DropRepository removes a repository.
func (s *Server) DropRepository(repositoryID string) error {
	return s.store.DropRepository(repositoryID)
}

// SetPlan moves an organization to the plan free, pro or enterprise.
func (s *Server) SetPlan(organizationID, plan string) error {
	return s.store.SetPlan(organizationID, plan)
}

// SetLimits gives an organization limits of its own.
func (s *Server) SetLimits(organizationID string, limits Limits) error {
	return s.store.SetLimits(organizationID, limits)
}

// ChangeOrganization changes an organization's record.
func (s *Server) ChangeOrganization(organizationID string, change func(*Organization)) error {
	return s.store.ChangeOrganization(organizationID, change)
}

// SuspendOrganization suspends an organization.
func (s *Server) SuspendOrganization(organizationID string) error {
	return s.store.SetOrganizationStatus(organizationID, store.Suspended)
}

// ResumeOrganization ends a suspension, or takes a deletion back.
func (s *Server) ResumeOrganization(organizationID string) error {
	return s.store.SetOrganizationStatus(organizationID, store.Active)
}

// DeleteOrganization deletes an organization.
func (s *Server) DeleteOrganization(organizationID string) error {
	return s.store.SetOrganizationStatus(organizationID, store.Deleted)
}

// SpendRefreshTokens makes every refresh token of a user worthless, as if each had been used.
func (s *Server) SpendRefreshTokens(email string) error { return s.store.SpendRefreshTokens(email) }

// InvalidateAccessTokens makes every access token worthless, as a change of the signing key does. Refresh tokens
// stay good.
func (s *Server) InvalidateAccessTokens() error { return s.store.RotateSigningKey() }
