// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// gatherQuiet is how long no other change has to come for a batch to be written: Terraform begins one after the other, and
	// as many as its parallelism allows. gatherAtMost is the longest that the first one waits.
	gatherQuiet  = 100 * time.Millisecond
	gatherAtMost = 2 * time.Second
	// batchAttempts is how often a batch is written when somebody else changes the list each time.
	batchAttempts = 5
)

// IPAllowlistChange changes a list in place, or returns an error and leaves it as it is. It may be called several times, each
// time with the list as it is then; it is the change's business to compare what it finds with what it expects.
type IPAllowlistChange func(list *IPAllowlist) error

// IPAllowlist is GetIPAllowlist for all who refresh or plan something in one run: they share one reading until this client
// writes a list, and what it wrote then. The list is not to be changed.
func (c *Client) IPAllowlist(ctx context.Context, organizationID string) (IPAllowlist, error) {
	return c.allowlists.Get(ctx, organizationID, func(ctx context.Context) (IPAllowlist, error) {
		return c.GetIPAllowlist(ctx, organizationID)
	})
}

// ChangeIPAllowlist changes a part of a list that others change, too, and returns the list as it is then. Changes of one
// organization that are asked for at the same time go into one write. Of those, one whose change fails gets its own error, after
// it was tried once more behind the others, which go on. When somebody else has changed the list, it is read again and the
// changes are made to what is there then.
func (c *Client) ChangeIPAllowlist(ctx context.Context, organizationID string, change IPAllowlistChange) (IPAllowlist, error) {
	member := &pendingChange{ctx: ctx, change: change}
	c.changes.Do(ctx, organizationID, member, func(ctx context.Context, members []*pendingChange) {
		c.changeTogether(ctx, organizationID, members)
	})
	return member.list, member.err
}

// pendingChange is one caller's change, and what came of it.
type pendingChange struct {
	ctx    context.Context // asked whether the caller still waits
	change IPAllowlistChange
	list   IPAllowlist
	err    error
}

// changeTogether makes the changes of those who still wait.
func (c *Client) changeTogether(ctx context.Context, organizationID string, members []*pendingChange) {
	for _, member := range members {
		if err := member.ctx.Err(); err != nil {
			member.err = fmt.Errorf("unable to write IP allowlist: %w", err)
		}
	}
	c.writeBatch(ctx, organizationID, slices.DeleteFunc(slices.Clone(members), failed))
}

func failed(member *pendingChange) bool { return member.err != nil }

// writeBatch makes the members' changes in one write.
func (c *Client) writeBatch(ctx context.Context, organizationID string, members []*pendingChange) {
	isFresh := false
	err := ErrPreconditionFailed
	for attempt := 0; attempt < batchAttempts && len(members) > 0; attempt++ {
		current, readErr := c.IPAllowlist(ctx, organizationID)
		if readErr != nil {
			err = readErr
			break
		}
		wanted := applyChanges(current, members)
		if slices.ContainsFunc(members, failed) && !isFresh {
			// What a change does not expect may be true no more: the reading that is shared is of some time ago.
			c.allowlists.Drop()
			isFresh = true
			continue
		}
		members = slices.DeleteFunc(members, failed)
		if sameAllowlist(current, wanted) {
			settle(members, current, nil)
			return
		}
		var written IPAllowlist
		written, err = c.PutIPAllowlist(ctx, organizationID, wanted)
		isRefused := errors.Is(err, ErrConflict) || errors.Is(err, ErrBadRequest)
		switch {
		case errors.Is(err, ErrPreconditionFailed):
			isFresh = true // PutIPAllowlist has dropped the shared reading
			continue
		case isRefused && len(members) > 1:
			// One change of many is what the service refuses: it shall not fail the others.
			for _, member := range members {
				c.writeBatch(ctx, organizationID, []*pendingChange{member})
			}
			return
		}
		settle(members, written, err)
		return
	}
	settle(members, IPAllowlist{}, err)
}

func settle(members []*pendingChange, list IPAllowlist, err error) {
	for _, member := range members {
		member.list, member.err = list, err
	}
}

// applyChanges gives the list with all changes that are possible; the error of each member says which were not.
func applyChanges(current IPAllowlist, members []*pendingChange) IPAllowlist {
	wanted := current
	pending := members
	for range 2 {
		var unfit []*pendingChange
		for _, member := range pending {
			changed := wanted
			changed.Entries = slices.Clone(wanted.Entries)
			if member.err = member.change(&changed); member.err != nil {
				unfit = append(unfit, member)
				continue
			}
			wanted = changed
		}
		if len(unfit) == len(pending) {
			break
		}
		pending = unfit
	}
	return wanted
}
