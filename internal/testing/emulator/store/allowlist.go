// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"net/netip"
	"slices"
	"time"
)

// AllowlistChange replaces an allowlist. Revision is the one that the caller last saw, or AnyRevision.
type AllowlistChange struct {
	Enabled  bool
	Entries  []AllowlistEntry // CreatedAt is not read
	Revision string
}

// AnyRevision replaces whatever is there: If-Match: *.
const AnyRevision = "*"

// Allowlist reads an organization's list; every member can, on the plan enterprise.
func (s *Store) Allowlist(actor Actor, organizationID string) (found Allowlist, err error) {
	err = s.view(func(d *document) error {
		org, _, err := d.enter(actor, organizationID, ReadOnly)
		if err != nil {
			return err
		}
		if err := checkEnterprise(org); err != nil {
			return err
		}
		found = org.Allowlist.clone()
		return nil
	})
	return found, err
}

// ReplaceAllowlist needs the role admin and the plan enterprise.
func (s *Store) ReplaceAllowlist(actor Actor, organizationID string, change AllowlistChange) (replaced Allowlist, err error) {
	err = s.update(func(d *document) error {
		org, _, err := d.enter(actor, organizationID, Admin)
		if err != nil {
			return err
		}
		if err := checkEnterprise(org); err != nil {
			return err
		}
		if err := checkNetworks(change.Entries); err != nil {
			return err
		}
		switch change.Revision {
		case AnyRevision, org.Allowlist.Revision:
		case "":
			return refuse(Invalid, "Send If-Match with the ETag of the allowlist that you read.")
		default:
			return refuse(PreconditionFailed, "The allowlist has changed since you read it: read it again.")
		}
		next := org.Allowlist.replaced(change.Enabled, change.Entries, s.now())
		if !next.admits(actor.Caller) {
			return refuse(Conflict, "This list would shut out your own address %s.", actor.Caller)
		}
		org.Allowlist = next
		replaced = next.clone()
		return nil
	})
	return replaced, err
}

func checkEnterprise(org *Organization) error {
	if org.Plan != Enterprise {
		return refuse(Forbidden, "IP allowlists need the plan enterprise; organization %s is on %s.", org.ID, org.Plan)
	}
	return nil
}

func checkNetworks(entries []AllowlistEntry) error {
	seen := map[string]bool{}
	for _, entry := range entries {
		prefix, err := netip.ParsePrefix(entry.CIDR)
		if err != nil || prefix.Addr().Is4In6() {
			return refuse(Invalid, "%q is not a network such as 203.0.113.0/24 or 2001:db8::/32.", entry.CIDR)
		}
		if canonical := prefix.Masked().String(); canonical != entry.CIDR {
			return refuse(Invalid, "%q is not canonical: write %s.", entry.CIDR, canonical)
		}
		if seen[entry.CIDR] {
			return refuse(Invalid, "%s is listed twice.", entry.CIDR)
		}
		seen[entry.CIDR] = true
	}
	return nil
}

// replaced makes the list's next state: a network that stays keeps the time of its first listing.
func (a Allowlist) replaced(enabled bool, entries []AllowlistEntry, now time.Time) Allowlist {
	since := map[string]time.Time{}
	for _, entry := range a.Entries {
		since[entry.CIDR] = entry.CreatedAt
	}
	next := Allowlist{Enabled: enabled, Entries: slices.Clone(entries), Revision: newID("")}
	if next.Entries == nil {
		next.Entries = []AllowlistEntry{}
	}
	for index := range next.Entries {
		created, listed := since[next.Entries[index].CIDR]
		if !listed {
			created = now
		}
		next.Entries[index].CreatedAt = created
	}
	return next
}

func (a Allowlist) clone() Allowlist {
	a.Entries = slices.Clone(a.Entries)
	return a
}
