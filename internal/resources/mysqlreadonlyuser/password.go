// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/passwordschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// record gives what the state m remembers of the password; known is false when that is nothing.
func (m model) record(
	ctx context.Context, private rotationschema.PrivateReader, now time.Time,
) (found passwordschema.Record, known bool, diagnostics diag.Diagnostics) {
	return passwordschema.ReadRecord(ctx, private, m.PasswordSetAt, m.PasswordFingerprint, m.passwordOf(m), m.kept(), now)
}

// remember has the state hold what is remembered of the password.
func (m *model) remember(record passwordschema.Record) {
	m.PasswordSetAt, m.PasswordFingerprint = record.Attributes()
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
