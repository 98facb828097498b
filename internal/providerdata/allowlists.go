// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package providerdata

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
)

// ErrAllowlistKinds says that one configuration manages an organization's IP allowlist as a whole and by entries.
var ErrAllowlistKinds = errors.New("one configuration manages the IP allowlist as a whole and by entries")

// Allowlists remembers which resources plan to hold what of an IP allowlist, in one walk of Terraform through one provider
// configuration: what two resources of one configuration say about a list is seen nowhere else. It is safe for concurrent use;
// the zero value is ready.
type Allowlists struct {
	mu     sync.Mutex
	claims map[string]*allowlistClaims
}

// allowlistClaims is what is known of one organization's list.
type allowlistClaims struct {
	wholes  bool
	entries []AllowlistEntry
	// inState holds the networks that the state has an entry of.
	inState map[netip.Prefix]bool
	told    map[string]bool
}

// AllowlistEntry is a network that a resource plans to hold.
type AllowlistEntry struct {
	Network netip.Prefix
	// Text is the network as it is written.
	Text string
	// IsNew says that the resource does not hold the network yet.
	IsNew bool
}

// OverlapError says that two entries of one configuration are the same network, or that one lies within the other.
type OverlapError struct{ Entry, Other AllowlistEntry }

// Error names both.
func (e *OverlapError) Error() string {
	return fmt.Sprintf("the entries %q and %q overlap", e.Entry.Text, e.Other.Text)
}

// of gives the claims of an organization. The caller holds the lock.
func (a *Allowlists) of(organizationID string) *allowlistClaims {
	if a.claims == nil {
		a.claims = map[string]*allowlistClaims{}
	}
	claims := a.claims[organizationID]
	if claims == nil {
		claims = &allowlistClaims{inState: map[netip.Prefix]bool{}, told: map[string]bool{}}
		a.claims[organizationID] = claims
	}
	return claims
}

// ClaimWhole says that a resource manages the whole list. It is ErrAllowlistKinds when another manages an entry of it.
func (a *Allowlists) ClaimWhole(organizationID string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	claims := a.of(organizationID)
	claims.wholes = true
	if len(claims.entries) > 0 {
		return ErrAllowlistKinds
	}
	return nil
}

// ClaimEntry says that a resource manages an entry. It is ErrAllowlistKinds when another manages the whole list, and an
// *OverlapError when there is such an entry already.
func (a *Allowlists) ClaimEntry(organizationID string, entry AllowlistEntry) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	claims := a.of(organizationID)
	others := claims.entries
	claims.entries = append(claims.entries, entry)
	if claims.wholes {
		return ErrAllowlistKinds
	}
	for _, other := range others {
		// Terraform plans a resource that it will replace as it is, and then as a new one: these two may be one.
		isReplaced := entry.Network == other.Network && entry.IsNew != other.IsNew
		// Those that are both there already were let in before.
		if other.Network.Overlaps(entry.Network) && !isReplaced && (entry.IsNew || other.IsNew) {
			return &OverlapError{Entry: entry, Other: other}
		}
	}
	return nil
}

// SeeInState says that the state has an entry of a network.
func (a *Allowlists) SeeInState(organizationID string, network netip.Prefix) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of(organizationID).inState[network] = true
}

// IsInState reports whether the state has an entry of a network, as far as it was seen.
func (a *Allowlists) IsInState(organizationID string, network netip.Prefix) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.of(organizationID).inState[network]
}

// TellOnce is true for the first who asks about a topic: what is true of the list need not be said by each entry.
func (a *Allowlists) TellOnce(organizationID, topic string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	claims := a.of(organizationID)
	isFirst := !claims.told[topic]
	claims.told[topic] = true
	return isFirst
}
