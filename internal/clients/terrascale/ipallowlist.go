// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//nolint:bodyclose // attemptTransport has read and closed every body already.
package terrascale

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale/api"
)

// IPAllowlist says which addresses may reach an organization. An empty or disabled list allows every address.
type IPAllowlist struct {
	Enabled bool
	Entries []IPAllowlistEntry
	// CallerIP is the address that the service saw the request come from. A write ignores it.
	CallerIP string
	// ETag is the version that was read; a write replaces this version only.
	ETag string
}

// IPAllowlistEntry is one allowed network. A write ignores CreatedAt.
type IPAllowlistEntry struct {
	CIDR, Description string
	CreatedAt         time.Time
}

// GetIPAllowlist reads the list. ErrForbidden when the organization's plan has none.
func (c *Client) GetIPAllowlist(ctx context.Context, organizationID string) (IPAllowlist, error) {
	callerCtx := ctx
	ctx, op := c.begin(ctx, "read IP allowlist", repeatAny)
	if err := op.checkSegment("organization id", organizationID); err != nil {
		return IPAllowlist{}, err
	}
	response, err := c.authorized.GetIPAllowlist(ctx, organizationID)
	list, err := decodeIPAllowlist(op, response, err)
	return list, op.confirmGone(err, c.listsOrganization(callerCtx, organizationID))
}

// PutIPAllowlist replaces the version of the list that list.ETag names, and returns the new one.
// ErrPreconditionFailed when the list changed meanwhile, ErrConflict when the new one would shut the caller out,
// ErrInvalidArgument without an ETag: nothing would keep the write from undoing somebody else's.
func (c *Client) PutIPAllowlist(ctx context.Context, organizationID string, list IPAllowlist) (written IPAllowlist, err error) {
	callerCtx := ctx
	ctx, op := c.begin(ctx, "write IP allowlist", repeatAny)
	if err := op.checkSegment("organization id", organizationID); err != nil {
		return IPAllowlist{}, err
	}
	if list.ETag == "" {
		return IPAllowlist{}, op.broken(fmt.Errorf("%w: the list has no ETag; read it first", ErrInvalidArgument))
	}
	request := api.IPAllowlistUpdate{Enabled: list.Enabled, Entries: make([]api.NewIPAllowlistEntry, 0, len(list.Entries))}
	for _, entry := range list.Entries {
		request.Entries = append(request.Entries, api.NewIPAllowlistEntry{
			Cidr:        entry.CIDR,
			Description: nonEmpty(entry.Description),
		})
	}
	defer func() { c.shareAllowlist(callerCtx, organizationID, written, err) }()
	response, err := c.authorized.PutIPAllowlist(ctx, organizationID, &api.PutIPAllowlistParams{IfMatch: list.ETag}, request)
	written, err = decodeIPAllowlist(op, response, err)
	err = op.confirmGone(err, c.listsOrganization(callerCtx, organizationID))
	if errors.Is(err, ErrPreconditionFailed) && op.uncertain {
		// An earlier attempt may have written the list before its answer was lost: then this is the change that was met.
		if current, readErr := c.GetIPAllowlist(callerCtx, organizationID); readErr == nil && sameAllowlist(current, list) {
			return current, nil
		}
	}
	if op.mayBeDone(err) {
		err = &unsureError{err}
	}
	return written, err
}

// ErrMayBeWritten means that a list may have been written, in spite of the error.
var ErrMayBeWritten = errors.New("the list may have been written")

// unsureError is an error that is ErrMayBeWritten, too.
type unsureError struct{ error }

// Unwrap gives the error.
func (e *unsureError) Unwrap() []error { return []error{e.error, ErrMayBeWritten} }

// shareAllowlist forgets what was read before a write, for what the write answered.
func (c *Client) shareAllowlist(ctx context.Context, organizationID string, written IPAllowlist, err error) {
	c.allowlists.Drop()
	if err == nil {
		_, _ = c.allowlists.Get(ctx, organizationID, func(context.Context) (IPAllowlist, error) { return written, nil })
	}
}

func sameAllowlist(a, b IPAllowlist) bool {
	return a.Enabled == b.Enabled && len(a.Entries) == len(b.Entries) && maps.Equal(descriptions(a), descriptions(b))
}

func descriptions(list IPAllowlist) map[string]string {
	byCIDR := make(map[string]string, len(list.Entries))
	for _, entry := range list.Entries {
		byCIDR[entry.CIDR] = entry.Description
	}
	return byCIDR
}

func decodeIPAllowlist(op *operation, response *http.Response, err error) (IPAllowlist, error) {
	list, header, err := decodeWithHeader[api.IPAllowlist](op, response, err, http.StatusOK)
	if err != nil {
		return IPAllowlist{}, err
	}
	if err := checkList(op, list.Entries, "entries"); err != nil {
		return IPAllowlist{}, err
	}
	entries := make([]IPAllowlistEntry, 0, len(list.Entries))
	for _, entry := range list.Entries {
		if entry.Cidr == "" {
			return IPAllowlist{}, op.invalid("it lists an entry without a cidr")
		}
		entries = append(entries, IPAllowlistEntry{
			CIDR:        entry.Cidr,
			Description: deref(entry.Description),
			CreatedAt:   entry.CreatedAt,
		})
	}
	return IPAllowlist{
		Enabled:  list.Enabled,
		Entries:  entries,
		CallerIP: list.CallerIP,
		ETag:     header.Get("ETag"),
	}, nil
}
