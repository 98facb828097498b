// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package providerdata

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
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
	// removing counts the removals that are under way and do not wait for others, removed those that are done. changed is closed and
	// replaced with each change of either.
	removing, removed int
	changed           chan struct{}
	// replaced is what a new whole list is planned to replace.
	replaced *terrascale.IPAllowlist
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
		claims = &allowlistClaims{inState: map[netip.Prefix]bool{}, told: map[string]bool{}, changed: make(chan struct{})}
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

// SeeReplaced says which list the plan of a new one has looked at: it names all that goes.
func (a *Allowlists) SeeReplaced(organizationID string, list terrascale.IPAllowlist) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of(organizationID).replaced = &list
}

// Replaced gives the list that the plan of a new one has looked at; false where it could not.
func (a *Allowlists) Replaced(organizationID string) (list terrascale.IPAllowlist, wasSeen bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if seen := a.of(organizationID).replaced; seen != nil {
		return *seen, true
	}
	return terrascale.IPAllowlist{}, false
}

// removalQuiet is how long no removal has to be under way for one that waits to give up: Terraform begins one after the other.
const removalQuiet = 2 * time.Second

// BeginRemoval says that an entry of a list is being removed, until end is called.
func (a *Allowlists) BeginRemoval(organizationID string) (end func()) {
	a.count(organizationID, 1, 0)
	return func() { a.count(organizationID, -1, 1) }
}

// Removals gives how many removals are done.
func (a *Allowlists) Removals(organizationID string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.of(organizationID).removed
}

// AwaitRemoval waits, within a removal that the list does not allow yet, until another is done than those before. It is false when
// none is under way any more, or the context ends.
func (a *Allowlists) AwaitRemoval(ctx context.Context, organizationID string, before int) bool {
	a.count(organizationID, -1, 0)
	defer a.count(organizationID, 1, 0)
	quiet := time.NewTimer(removalQuiet)
	defer quiet.Stop()
	for {
		a.mu.Lock()
		claims := a.of(organizationID)
		removed, removing, changed := claims.removed, claims.removing, claims.changed
		a.mu.Unlock()
		if removed > before {
			return true
		}
		var giveUp <-chan time.Time
		if removing == 0 {
			giveUp = quiet.C
		}
		select {
		case <-changed:
			quiet.Reset(removalQuiet)
		case <-giveUp:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

func (a *Allowlists) count(organizationID string, removing, removed int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	claims := a.of(organizationID)
	claims.removing += removing
	claims.removed += removed
	close(claims.changed)
	claims.changed = make(chan struct{})
}
