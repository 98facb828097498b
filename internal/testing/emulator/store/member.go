// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"net/mail"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/cases"
)

// Members lists an organization's members in the order they were added.
func (s *Store) Members(actor Actor, organizationID string) (found []Member, err error) {
	err = s.view(func(d *document) error {
		if _, _, err := d.enter(actor, organizationID, ReadOnly); err != nil {
			return err
		}
		found = d.members(organizationID)
		return nil
	})
	return found, err
}

func (d *document) members(organizationID string) []Member {
	found := []Member{}
	for _, member := range d.Members {
		if member.OrganizationID == organizationID {
			found = append(found, d.present(member))
		}
	}
	return found
}

// present copies a member and adds what its user record says.
func (d *document) present(member *Member) Member {
	shown := *member
	if member.UserID != nil {
		shown.MFAEnabled = len(d.Users[*member.UserID].Factors) > 0
	}
	return shown
}

// InviteMember adds a pending member; it needs the role admin, and owner to invite an owner.
func (s *Store) InviteMember(actor Actor, organizationID, email, role string) (invited Member, err error) {
	err = s.update(func(d *document) error {
		org, inviter, err := d.enter(actor, organizationID, Admin)
		if err != nil {
			return err
		}
		if err := checkRole(inviter, role); err != nil {
			return err
		}
		if !validEmail(email) {
			return refuse(Invalid, "email is not an e-mail address.")
		}
		if d.memberByEmail(organizationID, email) != nil {
			return refuse(Conflict, "%s is already a member of organization %s, or invited to it.", email, organizationID)
		}
		if limit := org.Limit().Members; len(d.members(organizationID)) >= limit {
			return refuse(Forbidden, "The organization has its %d members already (settings.maxMembers).", limit)
		}
		invited = d.present(d.invite(organizationID, email, role, &actor.UserID, s.now()))
		return nil
	})
	return invited, err
}

func (d *document) invite(organizationID, email, role string, by *string, now time.Time) *Member {
	member := &Member{
		OrganizationID: organizationID, Email: email, Role: role, Status: Pending,
		InvitedAt: &now, InvitedBy: by, Sequence: d.nextSequence(),
	}
	d.Members = append(d.Members, member)
	return member
}

// SetRole changes a member's role; it needs the role admin, and owner to make or unmake an owner.
func (s *Store) SetRole(actor Actor, organizationID, memberID, role string) (changed Member, err error) {
	err = s.update(func(d *document) error {
		_, changer, err := d.enter(actor, organizationID, Admin)
		if err != nil {
			return err
		}
		member, err := d.memberByID(organizationID, memberID)
		if err != nil {
			return err
		}
		if err := checkRole(changer, role); err != nil {
			return err
		}
		if member.Role == Owner && changer.Role != Owner {
			return refuse(Forbidden, "Only an owner changes the role of an owner.")
		}
		if role != Owner && d.isLastOwner(member) {
			return refuse(Conflict, "An organization keeps at least one owner: give the role to someone else first.")
		}
		member.Role = role
		changed = d.present(member)
		return nil
	})
	return changed, err
}

// RemoveMember needs the role admin, and owner to remove an owner; anyone but an owner can leave.
func (s *Store) RemoveMember(actor Actor, organizationID, memberID string) error {
	return s.update(func(d *document) error {
		_, remover, err := d.enter(actor, organizationID, ReadOnly)
		if err != nil {
			return err
		}
		member, err := d.memberByID(organizationID, memberID)
		if err != nil {
			return err
		}
		self := member == remover
		switch {
		case !self && !atLeast(remover.Role, Admin):
			return refuse(Forbidden, "Removing a member needs the role admin; yours is %s.", remover.Role)
		case !self && member.Role == Owner && remover.Role != Owner:
			return refuse(Forbidden, "Only an owner removes an owner.")
		case self && member.Role == Owner:
			return refuse(Conflict, "An owner can't leave: transfer the ownership first.")
		case d.isLastOwner(member):
			return refuse(Conflict, "An organization keeps at least one owner.")
		}
		d.removeMember(member)
		return nil
	})
}

func (d *document) removeMember(member *Member) {
	d.Members = slices.DeleteFunc(d.Members, func(other *Member) bool { return other == member })
}

// checkRole refuses a role that does not exist, or that the giver may not give.
func checkRole(giver *Member, role string) error {
	if !ValidRole(role) {
		return refuse(Invalid, "role must be one of %s.", strings.Join(roles, ", "))
	}
	if role == Owner && giver.Role != Owner {
		return refuse(Forbidden, "Only an owner assigns the role owner.")
	}
	return nil
}

// isLastOwner counts accepted owners only: an invitation may never be accepted.
func (d *document) isLastOwner(member *Member) bool {
	if member.Role != Owner || member.Status != Active {
		return false
	}
	for _, other := range d.Members {
		if other != member && other.OrganizationID == member.OrganizationID && other.Role == Owner && other.Status == Active {
			return false
		}
	}
	return true
}

// memberByID finds a member by user id or, until it has joined, by e-mail.
func (d *document) memberByID(organizationID, memberID string) (*Member, error) {
	if member := d.memberByUser(organizationID, memberID); member != nil {
		return member, nil
	}
	if member := d.memberByEmail(organizationID, memberID); member != nil && member.Status != Active {
		return member, nil
	}
	return nil, refuse(NotFound, "There is no member %s in organization %s.", memberID, organizationID)
}

func (d *document) memberByEmail(organizationID, email string) *Member {
	for _, member := range d.Members {
		if member.OrganizationID == organizationID && sameEmail(member.Email, email) {
			return member
		}
	}
	return nil
}

func sameEmail(a, b string) bool {
	fold := cases.Fold()
	return fold.String(a) == fold.String(b)
}

func validEmail(email string) bool {
	address, err := mail.ParseAddress(email)
	return err == nil && address.Address == email && strings.Contains(email, "@")
}
