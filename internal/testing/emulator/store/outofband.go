// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"cmp"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// byHand changes an organization's record as someone else would behind the caller's back: no rule is asked.
// A change that finds what it needs missing returns an error and has changed nothing.
func (s *Store) byHand(organizationID string, change func(d *document, org *Organization) error) error {
	return s.update(func(d *document) error {
		org := d.Organizations[organizationID]
		if org == nil {
			return refuse(NotFound, "There is no organization %s.", organizationID)
		}
		return change(d, org)
	})
}

// SetPlan moves an organization to another plan.
func (s *Store) SetPlan(organizationID, plan string) error {
	return s.byHand(organizationID, func(_ *document, org *Organization) error {
		if !ValidPlan(plan) {
			return refuse(Invalid, "There is no plan %s.", plan)
		}
		org.Plan, org.UpdatedAt = plan, s.now()
		return nil
	})
}

// SetLimits gives an organization limits of its own.
func (s *Store) SetLimits(organizationID string, limits Limits) error {
	return s.byHand(organizationID, func(_ *document, org *Organization) error {
		org.Limits, org.UpdatedAt = &limits, s.now()
		return nil
	})
}

// SetOrganizationStatus makes an organization Active, Suspended or Deleted.
func (s *Store) SetOrganizationStatus(organizationID, status string) error {
	return s.byHand(organizationID, func(_ *document, org *Organization) error {
		org.Status, org.UpdatedAt = status, s.now()
		return nil
	})
}

// ChangeOrganization changes an organization's record, in ways that the service has no call for.
func (s *Store) ChangeOrganization(organizationID string, change func(*Organization)) error {
	return s.byHand(organizationID, func(_ *document, org *Organization) error {
		change(org)
		org.UpdatedAt = s.now()
		return nil
	})
}

// SetAllowlist replaces an allowlist, also by one that shuts everybody out.
func (s *Store) SetAllowlist(organizationID string, enabled bool, networks []string) error {
	return s.byHand(organizationID, func(_ *document, org *Organization) error {
		return org.setNetworks(enabled, networks, s.now())
	})
}

func (o *Organization) setNetworks(enabled bool, networks []string, now time.Time) error {
	entries := make([]AllowlistEntry, len(networks))
	for index, network := range networks {
		entries[index].CIDR = network
	}
	if err := checkNetworks(entries); err != nil {
		return err
	}
	o.Allowlist = o.Allowlist.replaced(enabled, entries, now)
	return nil
}

// AddUser makes an account, as signing up does.
func (s *Store) AddUser(user SeedUser) error {
	return s.update(func(d *document) error {
		_, err := d.addUser(user, s.now())
		return err
	})
}

// AddMember adds a member: pending, or accepted by a user who is made where there is none.
func (s *Store) AddMember(organizationID, email, role string, pending bool) error {
	return s.byHand(organizationID, func(d *document, org *Organization) error {
		if !ValidRole(cmp.Or(role, Regular)) || !validEmail(email) {
			return refuse(Invalid, "There is no role %s, or %s is not an e-mail address.", role, email)
		}
		if d.memberByEmail(organizationID, email) != nil {
			return refuse(Conflict, "%s is already there.", email)
		}
		member := d.invite(organizationID, email, cmp.Or(role, Regular), &org.OwnerUserID, s.now())
		if pending {
			return nil
		}
		return d.acceptMember(member, s.now())
	})
}

// AcceptInvitation turns a pending member active, with a user who is made where there is none.
func (s *Store) AcceptInvitation(organizationID, email string) error {
	return s.byHand(organizationID, func(d *document, _ *Organization) error {
		member := d.memberByEmail(organizationID, email)
		if member == nil || member.Status != Pending {
			return refuse(NotFound, "No invitation of %s is open.", email)
		}
		return d.acceptMember(member, s.now())
	})
}

func (d *document) acceptMember(member *Member, now time.Time) error {
	user := d.userByEmail(member.Email)
	if user == nil {
		var err error
		if user, err = d.addUser(SeedUser{Email: member.Email}, now); err != nil {
			return err
		}
	}
	member.accept(user, now)
	return nil
}

// ChangeInvitation changes an invitation's record, in ways that the service has no call for.
func (s *Store) ChangeInvitation(organizationID, email string, change func(*Member)) error {
	return s.byHand(organizationID, func(d *document, _ *Organization) error {
		member := d.memberByEmail(organizationID, email)
		if member == nil || member.Status == Active {
			return refuse(NotFound, "There is no invitation of %s.", email)
		}
		change(member)
		return nil
	})
}

// ChangeEmail gives a member who has joined another address, and the user, too.
func (s *Store) ChangeEmail(organizationID, from, to string) error {
	return s.byHand(organizationID, func(d *document, _ *Organization) error {
		member, user := d.memberByEmail(organizationID, from), d.userByEmail(from)
		if member == nil || user == nil || member.Status != Active {
			return refuse(NotFound, "%s has not joined.", from)
		}
		member.Email, user.Email = to, to
		return nil
	})
}

// ForceRole gives a member another role, also to the last owner.
func (s *Store) ForceRole(organizationID, email, role string) error {
	return s.byHand(organizationID, func(d *document, _ *Organization) error {
		member := d.memberByEmail(organizationID, email)
		if member == nil || !ValidRole(role) {
			return refuse(NotFound, "There is no member %s, or no role %s.", email, role)
		}
		member.Role = role
		return nil
	})
}

// DropMember removes a member, also the last owner.
func (s *Store) DropMember(organizationID, email string) error {
	return s.byHand(organizationID, func(d *document, _ *Organization) error {
		member := d.memberByEmail(organizationID, email)
		if member == nil {
			return refuse(NotFound, "There is no member %s.", email)
		}
		d.removeMember(member)
		return nil
	})
}

// ChangeKey changes a key's record in a way that the service has no call for.
func (s *Store) ChangeKey(keyID string, change func(*APIKey)) error {
	return s.update(func(d *document) error {
		record := d.Keys[keyID]
		if record == nil {
			return refuse(NotFound, "There is no API key %s.", keyID)
		}
		change(&record.APIKey)
		return nil
	})
}

// ForgetKey removes a key's record, which the service never does to one that was revoked.
func (s *Store) ForgetKey(keyID string) error {
	return s.update(func(d *document) error {
		if d.Keys[keyID] == nil {
			return refuse(NotFound, "There is no API key %s.", keyID)
		}
		delete(d.Keys, keyID)
		return nil
	})
}

// AddKey makes a key of the organization's owner, as if made in the dashboard.
func (s *Store) AddKey(organizationID string, wanted NewKey) (created APIKey, key secret.String, err error) {
	err = s.byHand(organizationID, func(d *document, org *Organization) error {
		if err := checkKey(NewKey{Name: wanted.Name, Scopes: wanted.Scopes}, s.now()); err != nil {
			return err
		}
		key = secret.New(newSecret(keyPrefix(org)))
		created = d.addKey(org, wanted, org.OwnerUserID, key, s.now()).APIKey
		return nil
	})
	return created, key, err
}

// Read shows an organization's record, members and keys, whoever asks; ok is false when there is none.
func (s *Store) Read(organizationID string) (org Organization, members []Member, keys []APIKey, ok bool) {
	_ = s.view(func(d *document) error {
		record := d.Organizations[organizationID]
		if record == nil {
			return nil
		}
		org, ok = *record, true
		org.Allowlist = record.Allowlist.clone()
		members, keys = d.members(organizationID), d.keys(organizationID, anyKey)
		return nil
	})
	return org, members, keys, ok
}

// OrganizationsNamed lists the organizations of a name that are not deleted.
func (s *Store) OrganizationsNamed(name string) []Organization {
	var found []Organization
	_ = s.view(func(d *document) error {
		for _, org := range d.Organizations {
			if org.Name == name && org.Status != Deleted {
				found = append(found, *org)
			}
		}
		return nil
	})
	return found
}

// OrganizationBySlug finds an organization that is not deleted, whoever asks.
func (s *Store) OrganizationBySlug(slug string) (found Organization, ok bool) {
	_ = s.view(func(d *document) error {
		for _, org := range d.Organizations {
			if org.Slug == slug && org.Status != Deleted {
				found, ok = *org, true
				found.Allowlist = org.Allowlist.clone()
			}
		}
		return nil
	})
	return found, ok
}

// SetDatabaseStatus makes a database answer with a status of the contract's, whatever time has passed; "" ends that.
func (s *Store) SetDatabaseStatus(databaseID, status string) error {
	return s.update(func(d *document) error {
		database := d.Databases[databaseID]
		if database == nil {
			return refuse(NotFound, "There is no database %s.", databaseID)
		}
		database.Status = status
		return nil
	})
}

// DropDatabase removes a database with its repositories and items.
func (s *Store) DropDatabase(databaseID string) error {
	return s.update(func(d *document) error {
		if d.Databases[databaseID] == nil {
			return refuse(NotFound, "There is no database %s.", databaseID)
		}
		d.dropDatabase(databaseID)
		return nil
	})
}

// DropRepository removes a repository.
func (s *Store) DropRepository(repositoryID string) error {
	return s.update(func(d *document) error {
		if d.Repositories[repositoryID] == nil {
			return refuse(NotFound, "There is no repository %s.", repositoryID)
		}
		delete(d.Repositories, repositoryID)
		return nil
	})
}

// ReadDatabases lists an organization's databases, and the repositories in them, oldest first.
func (s *Store) ReadDatabases(organizationID string) (databases []Database, repositories []Repository) {
	_ = s.view(func(d *document) error {
		databases = d.databases(organizationID)
		for _, database := range databases {
			repositories = append(repositories, d.repositories(database.ID)...)
		}
		return nil
	})
	return databases, repositories
}
