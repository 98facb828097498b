// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/http"
	"strconv"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

type allowlistEntryBody struct {
	CIDR        string    `json:"cidr"`
	Description string    `json:"description"`
	CreatedAt   time.Time `json:"createdAt"`
}

func (c *call) sendAllowlist(list store.Allowlist) error {
	entries := make([]allowlistEntryBody, len(list.Entries))
	for index, entry := range list.Entries {
		entries[index] = allowlistEntryBody(entry)
	}
	c.writer.Header().Set("ETag", strconv.Quote(list.Revision))
	return c.send(http.StatusOK, struct {
		Enabled  bool                 `json:"enabled"`
		Entries  []allowlistEntryBody `json:"entries"`
		CallerIP string               `json:"callerIp"`
	}{list.Enabled, entries, c.caller.String()})
}

func getAllowlist(c *call) error {
	list, err := c.store.Allowlist(c.actor, c.path("organizationId"))
	if err != nil {
		return err
	}
	return c.sendAllowlist(list)
}

func putAllowlist(c *call) error {
	var body struct {
		Enabled *bool `json:"enabled"`
		Entries *[]struct {
			CIDR        string `json:"cidr"`
			Description string `json:"description"`
		} `json:"entries"`
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if body.Enabled == nil || body.Entries == nil {
		return badRequest("enabled and entries must both be there.")
	}
	change := store.AllowlistChange{Enabled: *body.Enabled, Revision: revisionOf(c.request.Header.Get("If-Match"))}
	for _, entry := range *body.Entries {
		change.Entries = append(change.Entries, store.AllowlistEntry{CIDR: entry.CIDR, Description: entry.Description})
	}
	list, err := c.store.ReplaceAllowlist(c.actor, c.path("organizationId"), change)
	if err != nil {
		return err
	}
	return c.sendAllowlist(list)
}

// revisionOf reads an If-Match header of one strong ETag. What is no such thing stays as it is, and matches nothing.
func revisionOf(ifMatch string) string {
	revision, err := strconv.Unquote(ifMatch)
	if err == nil && revision != "" && revision != store.AnyRevision {
		return revision
	}
	return ifMatch
}
