// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// planSecret plans the attributes of a secret that is to come.
func (m *model) planSecret() {
	m.Secret, m.SecretEncrypted = types.StringUnknown(), types.StringUnknown()
	switch {
	case m.AgeRecipients.IsUnknown():
	case m.AgeRecipients.IsNull():
		m.SecretEncrypted = types.StringNull()
	default:
		m.Secret = types.StringNull()
	}
}

// encrypts reports whether a secret that the state has in clear is to be kept as ciphertext.
func (m model) encrypts(state model) bool { return !m.AgeRecipients.IsNull() && !state.Secret.IsNull() }

// keepSecret keeps a secret in the state, as ciphertext where there are recipients. All values are known.
func (m *model) keepSecret(clear secret.String) error {
	m.Secret, m.SecretEncrypted = types.StringNull(), types.StringNull()
	if m.AgeRecipients.IsNull() {
		m.Secret = types.StringValue(clear.Reveal())
		return nil
	}
	encrypted, err := m.encrypt(clear)
	if err != nil {
		return err
	}
	m.SecretEncrypted = types.StringValue(encrypted)
	return nil
}

func (m model) encrypt(clear secret.String) (string, error) {
	texts, _ := recipients.Texts(m.AgeRecipients)
	encrypted, err := recipients.Encrypt(clear, texts)
	if err != nil {
		return "", fmt.Errorf("the key's secret can't be encrypted: %w", err)
	}
	return encrypted, nil
}

// checkRecipients finds, before a key is made, that its secret could not be kept: recipients that were known only at apply
// were not validated.
func (m model) checkRecipients() error {
	if m.AgeRecipients.IsNull() {
		return nil
	}
	_, err := m.encrypt(secret.New("probe"))
	return err
}
