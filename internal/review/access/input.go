// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package access is the access review: what the service and database servers say of who can do what goes in, and findings come out. It asks
// nobody, and has no clock of its own.
package access

import (
	"net/netip"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
)

// Input is what is reviewed.
type Input struct {
	// Production turns on the rules of production.
	Production bool
	// Organization is nil where none is reviewed.
	Organization *Organization
	Servers      []Server
	// Exceptions are reasons by rule, by the subject of findings.
	Exceptions map[string]map[string]string
}

// Thresholds say when something is a finding.
type Thresholds struct {
	KeyMaxAge, KeyUnusedFor, InvitationMaxAge, ExpiringWithin time.Duration
	MaxOwners                                                 int
}

// Defaults are the thresholds where none are given.
func Defaults() Thresholds {
	const day = 24 * time.Hour
	return Thresholds{KeyMaxAge: 90 * day, KeyUnusedFor: 30 * day, InvitationMaxAge: 14 * day, ExpiringWithin: 14 * day, MaxOwners: 1}
}

// Organization is an organization of the service.
type Organization struct {
	Name, OwnerID string
	RequiresMFA   bool
	Members       []Member
	Keys          []Key
	// KeysUntold says why there are no keys, and Allowlist.Untold why there is no list; empty where there are.
	KeysUntold string
	Allowlist  Allowlist
}

// Key is an API key that works.
type Key struct {
	Name, Prefix string
	Scopes       []string
	Created      time.Time
	// Expires is nil for never, and LastUsed nil where it was not used, or UseUntold.
	Expires, LastUsed *time.Time
	UseUntold         bool
	// CreatorID is empty where the service does not say.
	CreatorID string
}

// Member is a member of an organization, or an invitation.
type Member struct {
	ID, Email, Role string
	// Pending is set for an invitation that can be accepted.
	Pending         bool
	Joined, Invited *time.Time
	// MFA is nil where the service does not say.
	MFA *bool
}

// Allowlist says which addresses may call the service.
type Allowlist struct {
	Enabled bool
	Entries []netip.Prefix
	Untold  string
}

// Kind is a kind of database server.
type Kind string

// The kinds of servers.
const (
	PostgreSQL Kind = "PostgreSQL"
	MySQL      Kind = "MySQL"
	Redis      Kind = "Redis"
)

// Server is a database server, by the name that it has in the provider block.
type Server struct {
	Kind Kind
	Name string
	inventory.Server
}
