// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret/fingerprint"
)

// credentials is what is remembered of the user's passwords: by their fingerprints they are told apart among what the server
// lists. Changed is set when the server was last seen without the current one.
type credentials struct {
	passwordschema.Record
	Previous *fingerprint.Fingerprint
}

// credentials gives what the state m remembers; known is false when that is nothing (an import): the server does not say how
// old a password is, so that its age counts from there.
func (m model) credentials(
	ctx context.Context, private rotationschema.PrivateReader, now time.Time,
) (found credentials, known bool, diagnostics diag.Diagnostics) {
	found.Record, known, diagnostics = m.PasswordRecord(ctx, private, now)
	found.Previous = fingerprint.Parse(rotationschema.Text(m.Previous, passwordschema.FingerprintName))
	return found, known, diagnostics
}

// find gives the digest that a fingerprint is of.
func (credentials) find(of *fingerprint.Fingerprint, digests []string) (digest string, there bool) {
	i := slices.IndexFunc(digests, of.Is)
	if i < 0 {
		return "", false
	}
	return digests[i], true
}

// look compares what is remembered with what the server has, and reports whether there is something new to remember. After an
// import, the password that was added last is taken for the current one: the server lists them in that order.
func (c *credentials) look(observed redis.Observed, known bool) (isNews bool) {
	if count := len(observed.Digests); !known && count > 0 {
		c.Fingerprint = fingerprint.New(observed.Digests[count-1])
	}
	_, there := c.find(c.Fingerprint, observed.Digests)
	isNews = !known || c.Changed == there
	c.Changed = !there
	return isNews
}

// kept gives the digests that stay through a change: the current one's, and the previous one's, where they are wanted.
func (c credentials) kept(digests []string, current, previous bool) []string {
	kept := []string{}
	for _, keep := range []struct {
		wanted bool
		of     *fingerprint.Fingerprint
	}{{current, c.Fingerprint}, {previous, c.Previous}} {
		if digest, there := c.find(keep.of, digests); there && keep.wanted {
			kept = append(kept, digest)
		}
	}
	return kept
}

// after gives the digests that the user is to have, and what is to be remembered then. An empty password is no new one.
func (c credentials) after(
	plan model, digests []string, password secret.String, own bool, now time.Time,
) (wanted []string, next credentials) {
	if password.IsEmpty() {
		if plan.Previous.IsNull() {
			c.Previous = nil
		}
		return c.kept(digests, true, true), c
	}
	digest := redis.Digest(password)
	next = credentials{Record: passwordschema.Record{SetAt: now, Own: own, Fingerprint: fingerprint.New(digest)}}
	if !plan.Previous.IsNull() {
		next.Previous = c.Fingerprint
	}
	return append([]string{digest}, c.kept(digests, next.Previous != nil, false)...), next
}
