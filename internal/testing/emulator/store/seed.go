// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Seed is what an empty emulator begins with.
type Seed struct {
	Users         []SeedUser
	Organizations []SeedOrganization
}

// SeedUser is an account. It gets a personal organization, as signing up gives one.
type SeedUser struct {
	ID          string // "": a random one
	Email       string
	Name        string        // "": the e-mail
	Password    secret.String // empty: the user can't log in by password
	TOTPSecret  secret.String // base32; empty: no such factor
	EmailFactor bool
	Unverified  bool // the e-mail address was never confirmed
}

// SeedOrganization is an organization with all that is in it. Its first member must be an owner that is a user.
type SeedOrganization struct {
	ID           string // "": a random one
	Name         string
	Slug         string // "": from the name
	Plan         string // "": free
	BillingEmail *string
	RequireMFA   bool
	Testing      bool    // its keys start with ts_test_
	Limits       *Limits // nil: those of the plan
	Members      []SeedMember
	Keys         []SeedKey
	Databases    []SeedDatabase
	Allowlist    []string // canonical CIDRs; a list with any is enabled
}

// EffectiveSlug is the slug, or the one that comes from the name.
func (o SeedOrganization) EffectiveSlug() string { return cmp.Or(o.Slug, deriveSlug(o.Name)) }

// SeedMember is a member: accepted when a user has the e-mail, unless Pending; an invitation otherwise.
type SeedMember struct {
	Email   string
	Role    string // "": member
	Pending bool
}

// SeedKey is an API key of the first owner.
type SeedKey struct {
	Name      string
	Scopes    []string
	ExpiresAt *time.Time    // may have passed
	Secret    secret.String // empty: a random one that nobody knows
	Revoked   bool
}

// SeedDatabase is a database that is Active from the start.
type SeedDatabase struct {
	ID     string // "": a random one
	Name   string
	Region string // "": us-east
}

// Seed fills an empty store, or says what is wrong with the seed and leaves the store empty.
func (s *Store) Seed(seed Seed) error {
	return s.update(func(d *document) error {
		filled := newDocument()
		if err := filled.seed(seed, s.now()); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		*d = *filled
		return nil
	})
}

func (d *document) seed(seed Seed, now time.Time) error {
	for _, user := range seed.Users {
		if _, err := d.addUser(user, now); err != nil {
			return err
		}
	}
	for _, wanted := range seed.Organizations {
		if err := d.seedOrganization(wanted, now); err != nil {
			return fmt.Errorf("organization %q: %w", wanted.Name, err)
		}
	}
	return nil
}

func (d *document) seedOrganization(wanted SeedOrganization, now time.Time) error {
	slug := wanted.EffectiveSlug()
	if err := checkOrganization(wanted.Name, slug, wanted.BillingEmail); err != nil {
		return err
	}
	plan := cmp.Or(wanted.Plan, Free)
	if !ValidPlan(plan) {
		return fmt.Errorf("plan %q: use %s, %s or %s", plan, Free, Pro, Enterprise)
	}
	if d.slugTaken(slug) || d.Organizations[wanted.ID] != nil {
		return fmt.Errorf("its slug or id is there twice")
	}
	if len(wanted.Members) == 0 || wanted.Members[0].Role != Owner || d.userByEmail(wanted.Members[0].Email) == nil {
		return fmt.Errorf("its first member must be an owner that is one of the users")
	}
	owner := d.userByEmail(wanted.Members[0].Email)
	org := d.addOrganization(Organization{
		ID: cmp.Or(wanted.ID, newID("org_")), Name: wanted.Name, Slug: slug, Plan: plan,
		BillingEmail: wanted.BillingEmail, RequireMFA: wanted.RequireMFA, Testing: wanted.Testing, Limits: wanted.Limits,
	}, owner, now)
	for _, member := range wanted.Members[1:] {
		if err := d.seedMember(org, member, owner, now); err != nil {
			return err
		}
	}
	if err := d.seedKeys(org, wanted.Keys, owner, now); err != nil {
		return err
	}
	if err := d.seedDatabases(org, wanted.Databases, now); err != nil {
		return err
	}
	return org.setNetworks(len(wanted.Allowlist) > 0, wanted.Allowlist, now)
}

func (d *document) seedMember(org *Organization, wanted SeedMember, owner *userRecord, now time.Time) error {
	role := cmp.Or(wanted.Role, Regular)
	if !ValidRole(role) || !validEmail(wanted.Email) {
		return fmt.Errorf("member %q: the role or the e-mail address is none", wanted.Email)
	}
	if d.memberByEmail(org.ID, wanted.Email) != nil {
		return fmt.Errorf("member %q is there twice", wanted.Email)
	}
	member := d.invite(org.ID, wanted.Email, role, &owner.ID, now)
	if user := d.userByEmail(wanted.Email); user != nil && !wanted.Pending {
		member.accept(user, now)
	}
	return nil
}

func (m *Member) accept(user *userRecord, now time.Time) {
	m.UserID, m.Name, m.Status, m.JoinedAt = &user.ID, &user.Name, Active, &now
}

func (d *document) seedKeys(org *Organization, keys []SeedKey, owner *userRecord, now time.Time) error {
	for _, wanted := range keys {
		key := NewKey{Name: wanted.Name, Scopes: wanted.Scopes}
		if err := checkKey(key, now); err != nil {
			return fmt.Errorf("key %q: %w", wanted.Name, err)
		}
		key.ExpiresAt = wanted.ExpiresAt
		clear := wanted.Secret
		if clear.IsEmpty() {
			clear = secret.New(newSecret(keyPrefix(org)))
		}
		if d.keyBySecret(clear) != nil {
			return fmt.Errorf("key %q: another key has the same secret", wanted.Name)
		}
		d.addKey(org, key, owner.ID, clear, now).Revoked = wanted.Revoked
	}
	return nil
}

func (d *document) seedDatabases(org *Organization, databases []SeedDatabase, now time.Time) error {
	for _, wanted := range databases {
		id := cmp.Or(wanted.ID, newID("db_"))
		if !databaseName.MatchString(wanted.Name) || d.Databases[id] != nil {
			return fmt.Errorf("database %q: the name is not valid, or the id is there twice", wanted.Name)
		}
		d.addDatabase(Database{
			ID: id, OrganizationID: org.ID, Name: wanted.Name, Region: cmp.Or(wanted.Region, "us-east"),
			Settings: json.RawMessage("null"), CreatedAt: now, Ready: true,
		})
	}
	return nil
}
