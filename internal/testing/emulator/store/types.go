// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"encoding/json"
	"net/netip"
	"time"
)

// Actor is who makes a management call, and from where.
type Actor struct {
	UserID         string
	OrganizationID string // the organization the access token acts on; may be empty
	Caller         netip.Addr
}

// The statuses of an organization.
const (
	Active    = "active"
	Suspended = "suspended"
	Deleted   = "deleted"
)

// Organization holds keys, databases and members.
type Organization struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Slug         string    `json:"slug"`
	OwnerUserID  string    `json:"ownerUserId"`
	Plan         string    `json:"plan"`
	Status       string    `json:"status"`
	BillingEmail *string   `json:"billingEmail"`
	CreatedAt    time.Time `json:"createdAt"`
	UpdatedAt    time.Time `json:"updatedAt"`
	RequireMFA   bool      `json:"requireMfa"`
	Testing      bool      `json:"testing"`          // its keys start with ts_test_ instead of ts_live_
	Limits       *Limits   `json:"limits,omitempty"` // null: those of the plan
	Allowlist    Allowlist `json:"allowlist"`
}

// Limit returns the organization's own limits or those of its plan.
func (o Organization) Limit() Limits {
	if o.Limits != nil {
		return *o.Limits
	}
	return limitsByPlan[o.Plan]
}

// Allowlist is the set of networks that may call; one that is disabled or empty allows every address.
type Allowlist struct {
	Enabled  bool             `json:"enabled"`
	Entries  []AllowlistEntry `json:"entries"`
	Revision string           `json:"revision"` // random, new with each write: the ETag without its quotes
}

// AllowlistEntry is one network in canonical CIDR notation.
type AllowlistEntry struct {
	CIDR        string    `json:"cidr"`
	Description string    `json:"description"`
	CreatedAt   time.Time `json:"createdAt"`
}

// The statuses of an invitation; once it is accepted, the member is Active.
const (
	Pending = "pending"
	// Expired is none that the service publishes: it lets a test see what a status does that nobody knows.
	Expired = "expired"
)

// Member ties an e-mail, and once accepted a user, to an organization.
type Member struct {
	OrganizationID string     `json:"organizationId"`
	UserID         *string    `json:"userId"`
	Email          string     `json:"email"`
	Name           *string    `json:"name"`
	Role           string     `json:"role"`
	Status         string     `json:"status"`
	JoinedAt       *time.Time `json:"joinedAt"`
	InvitedAt      *time.Time `json:"invitedAt"`
	InvitedBy      *string    `json:"invitedBy"`
	MFAEnabled     bool       `json:"-"` // computed from the user when read
	Sequence       int        `json:"sequence"`
}

// APIKey is what the service keeps of a key, without the key.
type APIKey struct {
	ID             string     `json:"id"`
	OrganizationID string     `json:"organizationId"`
	Prefix         string     `json:"prefix"`
	Name           string     `json:"name"`
	Scopes         []string   `json:"scopes"`
	CreatedBy      string     `json:"createdBy"`
	CreatedAt      time.Time  `json:"createdAt"`
	ExpiresAt      *time.Time `json:"expiresAt"`
	LastUsedAt     *time.Time `json:"lastUsedAt"`
	Revoked        bool       `json:"revoked"`
	Sequence       int        `json:"sequence"`
}

// KeyStatus is what a key can be; it is derived, never kept.
type KeyStatus string

// The statuses of a key.
const (
	KeyActive  KeyStatus = "Active"
	KeyExpired KeyStatus = "Expired"
	KeyRevoked KeyStatus = "Revoked"
	KeyUnknown KeyStatus = "Unknown"
)

// Status derives the key's status at a time.
func (k APIKey) Status(now time.Time) KeyStatus {
	switch {
	case k.Revoked:
		return KeyRevoked
	case k.ExpiresAt != nil && !k.ExpiresAt.After(now):
		return KeyExpired
	default:
		return KeyActive
	}
}

// Database is one database of an organization.
type Database struct {
	ID             string          `json:"id"`
	OrganizationID string          `json:"organizationId"`
	Name           string          `json:"name"`
	Region         string          `json:"region"`
	Settings       json.RawMessage `json:"settings"`
	CreatedAt      time.Time       `json:"createdAt"`
	Ready          bool            `json:"ready"`            // never was Creating
	Status         string          `json:"status,omitempty"` // set by hand; "": Creating, then Active
	Sequence       int             `json:"sequence"`
	Items          map[string]Item `json:"items"`
	ItemCount      int             `json:"-"` // counted when read
	StorageBytes   int             `json:"-"` // counted when read
}

// Repository is a typed collection in a database.
type Repository struct {
	ID         string          `json:"id"`
	DatabaseID string          `json:"databaseId"`
	Name       string          `json:"name"`
	EntityName string          `json:"entityName"`
	Schema     json.RawMessage `json:"schema"`
	CreatedAt  time.Time       `json:"createdAt"`
	Sequence   int             `json:"sequence"`
}

// Item is one record of the data plane.
type Item struct {
	PartitionKey string          `json:"pk"`
	SortKey      *string         `json:"sk"`
	Data         json.RawMessage `json:"data"`
	CreatedAt    time.Time       `json:"createdAt"`
	UpdatedAt    time.Time       `json:"updatedAt"`
}

// The kinds of a second factor.
const (
	TOTP        = "totp"
	EmailFactor = "email"
)

// Factor is a second factor of a user. Its TOTP secret stays in the store.
type Factor struct {
	ID   string
	Type string
}

// User is a person's account, without its secrets.
type User struct {
	ID                     string
	Email                  string
	Name                   string
	Verified               bool
	PersonalOrganizationID string
	Factors                []Factor
}
