// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import "net/netip"

// enter finds an organization for an actor who needs at least a role in it, or says why the actor can't.
// Every rule about who may act on an organization is here.
func (d *document) enter(actor Actor, organizationID, role string) (*Organization, *Member, error) {
	org, member, err := d.look(actor, organizationID)
	if err != nil {
		return nil, nil, err
	}
	if org.Status == Suspended {
		return nil, nil, refuse(Forbidden, "Organization %s is suspended.", org.ID)
	}
	if !atLeast(member.Role, role) {
		return nil, nil, refuse(Forbidden, "This needs the role %s in organization %s; yours is %s.", role, org.ID, member.Role)
	}
	return org, member, nil
}

// enterActive is enter for calls that act on the access token's organization instead of naming one: there is no
// path that could be not found.
func (d *document) enterActive(actor Actor, role string) (*Organization, error) {
	if actor.OrganizationID == "" {
		return nil, refuse(Forbidden, "The access token acts on no organization: switch to one first.")
	}
	org := d.Organizations[actor.OrganizationID]
	if org == nil || org.Status == Deleted {
		return nil, refuse(Forbidden, "Organization %s, which the access token acts on, is deleted.", actor.OrganizationID)
	}
	_, _, err := d.enter(actor, org.ID, role)
	return org, err
}

// look is enter for the one call that a suspended organization still answers: reading its own record.
func (d *document) look(actor Actor, organizationID string) (*Organization, *Member, error) {
	org := d.Organizations[organizationID]
	if org == nil || org.Status == Deleted {
		return nil, nil, refuse(NotFound, "There is no organization %s.", organizationID)
	}
	member := d.memberByUser(organizationID, actor.UserID)
	if member == nil && organizationID == actor.OrganizationID {
		return nil, nil, refuse(Forbidden, "You are no longer a member of organization %s.", organizationID)
	}
	if member == nil { // do not tell strangers which organizations exist
		return nil, nil, refuse(NotFound, "There is no organization %s.", organizationID)
	}
	if !org.admits(actor.Caller) {
		return nil, nil, refuse(Forbidden, "Your address %s is not on the IP allowlist of organization %s.", actor.Caller, org.ID)
	}
	return org, member, nil
}

// admits reports whether a caller may come in. On another plan than enterprise a list has no effect.
func (o Organization) admits(caller netip.Addr) bool {
	return o.Plan != Enterprise || o.Allowlist.admits(caller)
}

func (a Allowlist) admits(caller netip.Addr) bool {
	if !a.Enabled || len(a.Entries) == 0 {
		return true
	}
	for _, entry := range a.Entries {
		prefix, err := netip.ParsePrefix(entry.CIDR)
		if err == nil && prefix.Contains(caller) {
			return true
		}
	}
	return false
}

// memberByUser returns an accepted member, or nil.
func (d *document) memberByUser(organizationID, userID string) *Member {
	for _, member := range d.Members {
		if member.OrganizationID == organizationID && member.UserID != nil && *member.UserID == userID {
			return member
		}
	}
	return nil
}
