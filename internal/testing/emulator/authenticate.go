// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

// authenticate finds out who calls, and counts the call against that one's rate.
func (c *call) authenticate() error {
	bearer, found := strings.CutPrefix(c.request.Header.Get("Authorization"), "Bearer ")
	switch c.route.needs {
	case accessToken:
		return c.authenticateUser(secret.New(bearer), found)
	case apiKey:
		return c.authenticateKey(secret.New(bearer), found)
	default:
		return c.limitAnonymous()
	}
}

func (c *call) authenticateUser(bearer secret.String, found bool) error {
	claims, err := c.server.parseToken(bearer)
	plan, known := "", false
	if err == nil {
		plan, known = c.store.KnowsUser(claims.Subject, claims.Organization)
	}
	if known && plan != "" {
		c.actor = store.Actor{UserID: claims.Subject, OrganizationID: claims.Organization, Caller: c.caller}
		return c.limit(claims.Organization, plan)
	}
	if err := c.limitAnonymous(); err != nil {
		return err
	}
	switch {
	case known: // the token acts on no organization
		c.actor = store.Actor{UserID: claims.Subject, Caller: c.caller}
		return nil
	case !found:
		return unauthenticated("Send an access token: Authorization: Bearer eyJ…")
	case strings.HasPrefix(bearer.Reveal(), "ts_"):
		return unauthenticated("The management API takes an access token, not an API key.")
	default:
		return unauthenticated("The access token is not valid, or has expired.")
	}
}

// authenticateKey refuses a key that is worth nothing; the store judges the others together with their call.
func (c *call) authenticateKey(bearer secret.String, found bool) error {
	organizationID, plan, live := c.store.KeyOrganization(bearer)
	if live {
		c.key = bearer
		return c.limit(organizationID, plan)
	}
	if err := c.limitAnonymous(); err != nil {
		return err
	}
	if !found {
		return unauthenticated("Send an API key: Authorization: Bearer ts_…")
	}
	return unauthenticated("The API key is unknown, revoked or expired.")
}

func (c *call) keyUse() store.KeyUse {
	return store.KeyUse{Key: c.key, Caller: c.caller, Scope: c.route.scope}
}

// callerAddress is where a request comes from; the zero address, which no network holds, where that is unknown.
func callerAddress(r *http.Request, trustForwarded bool) netip.Addr {
	if trustForwarded {
		first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ",")
		if address, err := netip.ParseAddr(strings.TrimSpace(first)); err == nil {
			return address.Unmap().WithZone("")
		}
	}
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return remote.Addr().Unmap().WithZone("")
}
