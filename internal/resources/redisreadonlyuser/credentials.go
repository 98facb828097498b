// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/fingerprint"
	"github.com/terrascale/terraform-provider-terrascale/internal/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// credentials is what the private state remembers of the user's passwords.
type credentials struct {
	// CreatedAt is when the current one was set, and Own whether the configuration brought it.
	CreatedAt time.Time `json:"created_at"`
	Own       bool      `json:"own"`
	// Current and Previous tell the two apart among what the server lists.
	Current  *fingerprint.Fingerprint `json:"current,omitempty"`
	Previous *fingerprint.Fingerprint `json:"previous,omitempty"`
	// Missing is set when the server was last seen without the current one.
	Missing bool `json:"missing,omitempty"`
}

const credentialsKey = "credentials"

// readCredentials gives what is remembered; ok is false when nothing is (an import).
func readCredentials(ctx context.Context, private rotationschema.PrivateReader) (found credentials, ok bool, diagnostics diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, credentialsKey)
	if len(content) == 0 || diagnostics.HasError() {
		return found, false, diagnostics
	}
	if err := json.Unmarshal(content, &found); err != nil {
		diagnostics.AddError("Unable to read the private state", err.Error())
		return found, false, diagnostics
	}
	return found, true, diagnostics
}

func (c credentials) save(ctx context.Context, private rotationschema.PrivateWriter) diag.Diagnostics {
	content, err := json.Marshal(c)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to write the private state", err.Error())}
	}
	return private.SetKey(ctx, credentialsKey, content)
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
// import, the user's only password is taken for the current one.
func (c *credentials) look(observed redis.Observed, known bool) (isNews bool) {
	if !known && len(observed.Digests) == 1 {
		c.Current = fingerprint.New(observed.Digests[0])
	}
	_, there := c.find(c.Current, observed.Digests)
	isNews = !known || c.Missing == there
	c.Missing = !there
	return isNews
}

// kept gives the digests that stay through a change: the current one's, and the previous one's, where they are wanted.
func (c credentials) kept(digests []string, current, previous bool) []string {
	kept := []string{}
	for _, keep := range []struct {
		wanted bool
		of     *fingerprint.Fingerprint
	}{{current, c.Current}, {previous, c.Previous}} {
		if digest, there := c.find(keep.of, digests); there && keep.wanted {
			kept = append(kept, digest)
		}
	}
	return kept
}

// passwordOf is what a configuration says of the password of the plan m.
func (m model) passwordOf(config model) passwordschema.Configured {
	return passwordschema.Configured{
		WriteOnly: config.PasswordWO, WriteOnlyVersion: m.PasswordWOVersion, Recipients: m.AgeRecipients,
	}
}

// kept is what the model holds of the password, and keep sets it.
func (m model) kept() passwordschema.Kept {
	return passwordschema.Kept{Password: m.Password, Encrypted: m.PasswordEncrypted}
}

func (m *model) keep(kept passwordschema.Kept) {
	m.Password, m.PasswordEncrypted = kept.Password, kept.Encrypted
}

// newPassword gives the password to set: the configuration's, or a generated one that the model keeps as it is to.
func (m *model) newPassword(config model) (secret.String, error) {
	password, kept, err := m.passwordOf(config).New()
	m.keep(kept)
	return password, err
}

// keepPassword keeps a generated password in the state, as ciphertext where there are recipients.
func (m *model) keepPassword(password secret.String) error {
	kept, err := m.passwordOf(model{}).Keep(password)
	m.keep(kept)
	return err
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
	next = credentials{CreatedAt: now, Own: own, Current: fingerprint.New(digest)}
	if !plan.Previous.IsNull() {
		next.Previous = c.Current
	}
	return append([]string{digest}, c.kept(digests, next.Previous != nil, false)...), next
}

// forget leaves nothing of a write-only value.
func (m *model) forget() { m.PasswordWO = types.StringNull() }
