// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"strings"
	"time"
	"unicode/utf8"
)

// NewOrganization is what a caller chooses of a new organization. Slug "" derives one from the name.
type NewOrganization struct {
	Name, Slug   string
	BillingEmail *string
}

// OrganizationChange names what changes; a nil field stays as it is.
type OrganizationChange struct {
	Name         *string
	BillingEmail **string // points to nil to clear it
	RequireMFA   *bool
}

// Membership is one line of a user's list of organizations.
type Membership struct {
	Organization Organization
	Role         string
	JoinedAt     time.Time
}

// CreateOrganization makes a free organization owned by the actor.
func (s *Store) CreateOrganization(actor Actor, wanted NewOrganization) (created Organization, err error) {
	err = s.update(func(d *document) error {
		user := d.Users[actor.UserID]
		if user == nil {
			return refuse(Unauthenticated, "The access token's user does not exist.")
		}
		slug := wanted.Slug
		if slug == "" {
			slug = deriveSlug(wanted.Name)
		}
		if err := checkOrganization(wanted.Name, slug, wanted.BillingEmail); err != nil {
			return err
		}
		if d.slugTaken(slug) {
			return refuse(Conflict, "The slug %q is taken: choose another one.", slug)
		}
		created = *d.addOrganization(Organization{
			ID: newID("org_"), Name: wanted.Name, Slug: slug, Plan: Free, BillingEmail: wanted.BillingEmail,
		}, user, s.now())
		return nil
	})
	return created, err
}

// addOrganization records an organization and its first owner.
func (d *document) addOrganization(org Organization, owner *userRecord, now time.Time) *Organization {
	org.Status, org.OwnerUserID, org.CreatedAt, org.UpdatedAt = Active, owner.ID, now, now
	org.Allowlist = Allowlist{Entries: []AllowlistEntry{}, Revision: newID("")}
	d.Organizations[org.ID] = &org
	d.Members = append(d.Members, &Member{
		OrganizationID: org.ID, UserID: &owner.ID, Email: owner.Email, Name: &owner.Name,
		Role: Owner, Status: Active, JoinedAt: &now, Sequence: d.nextSequence(),
	})
	return &org
}

// Organizations lists what a user has joined, in the order of joining.
func (s *Store) Organizations(userID string) []Membership {
	found := []Membership{}
	_ = s.view(func(d *document) error {
		for _, member := range d.Members {
			org := d.Organizations[member.OrganizationID]
			if member.UserID != nil && *member.UserID == userID && org.Status != Deleted {
				found = append(found, Membership{Organization: *org, Role: member.Role, JoinedAt: *member.JoinedAt})
			}
		}
		return nil
	})
	return found
}

// Organization reads one; a suspended one can be read too.
func (s *Store) Organization(actor Actor, id string) (found Organization, err error) {
	err = s.view(func(d *document) error {
		org, _, err := d.look(actor, id)
		if err != nil {
			return err
		}
		found = *org
		return nil
	})
	return found, err
}

// UpdateOrganization needs the role admin.
func (s *Store) UpdateOrganization(actor Actor, id string, change OrganizationChange) (updated Organization, err error) {
	err = s.update(func(d *document) error {
		org, _, err := d.enter(actor, id, Admin)
		if err != nil {
			return err
		}
		next := *org
		if change.Name != nil {
			next.Name = *change.Name
		}
		if change.BillingEmail != nil {
			next.BillingEmail = *change.BillingEmail
		}
		if change.RequireMFA != nil {
			next.RequireMFA = *change.RequireMFA
		}
		if err := checkOrganization(next.Name, next.Slug, next.BillingEmail); err != nil {
			return err
		}
		next.UpdatedAt = s.now()
		*org = next
		updated = next
		return nil
	})
	return updated, err
}

// DeleteOrganization needs the role owner. The record stays, nothing of it can be reached, its slug is free again.
func (s *Store) DeleteOrganization(actor Actor, id string) error {
	return s.update(func(d *document) error {
		org, _, err := d.enter(actor, id, Owner)
		if err != nil {
			return err
		}
		org.Status, org.UpdatedAt = Deleted, s.now()
		return nil
	})
}

func (d *document) slugTaken(slug string) bool {
	for _, org := range d.Organizations {
		if org.Slug == slug && org.Status != Deleted {
			return true
		}
	}
	return false
}

func checkOrganization(name, slug string, billingEmail *string) error {
	if length := utf8.RuneCountInString(name); length < 2 || length > 100 {
		return refuse(Invalid, "name must have 2 to 100 characters.")
	}
	if slug == "" || slug != deriveSlug(slug) {
		return refuse(Invalid, "slug must have letters a-z, digits and single hyphens between them.")
	}
	if billingEmail != nil && !validEmail(*billingEmail) {
		return refuse(Invalid, "billingEmail is not an e-mail address.")
	}
	return nil
}

// deriveSlug turns each run of other characters than a-z and 0-9 into a hyphen.
func deriveSlug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return strings.Join(words, "-")
}
