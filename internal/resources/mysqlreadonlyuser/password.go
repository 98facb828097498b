// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/fingerprint"
	"github.com/terrascale/terraform-provider-terrascale/internal/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// credential is what the private state remembers of the password in force.
type credential struct {
	// CreatedAt is when it was set.
	CreatedAt time.Time `json:"created_at"`
	// Own is set when the configuration brought it.
	Own bool `json:"own"`
	// Fingerprint is that of what the server kept of it; nil where that is not known.
	Fingerprint *fingerprint.Fingerprint `json:"fingerprint,omitempty"`
	// Changed is set when the server was last seen to keep something else.
	Changed bool `json:"changed,omitempty"`
}

// look compares the password with what the server keeps of one, as a digest that is empty where that is not known. It
// reports whether there is something new to remember.
func (c *credential) look(digest string) bool {
	if digest == "" {
		return false
	}
	if c.Fingerprint == nil {
		c.Fingerprint = fingerprint.New(digest)
		return true
	}
	changed := !c.Fingerprint.Is(digest)
	isNews := changed != c.Changed
	c.Changed = changed
	return isNews
}

const credentialKey = "credential"

// readCredential gives what is remembered; ok is false when nothing is (an import).
func readCredential(ctx context.Context, private rotationschema.PrivateReader) (found credential, ok bool, diagnostics diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, credentialKey)
	if len(content) == 0 || diagnostics.HasError() {
		return found, false, diagnostics
	}
	if err := json.Unmarshal(content, &found); err != nil {
		diagnostics.AddError("Unable to read the private state", err.Error())
		return found, false, diagnostics
	}
	return found, true, diagnostics
}

// save remembers the credential.
func (c credential) save(ctx context.Context, private rotationschema.PrivateWriter) diag.Diagnostics {
	content, err := json.Marshal(c)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to write the private state", err.Error())}
	}
	return private.SetKey(ctx, credentialKey, content)
}

// bringsPassword reports whether a configuration brings the password; one that is not known yet counts.
func (m model) bringsPassword() bool { return !m.PasswordWO.IsNull() }

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
