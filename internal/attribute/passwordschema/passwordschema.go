// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package passwordschema is the password of a database user in HCL's terms: brought by the configuration (password_wo), or
// generated and kept in the state (password), there as ciphertext where there are readers for it (age_recipients).
package passwordschema

import (
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// ErrEmpty says that a configuration brings a password of no characters.
var ErrEmpty = errors.New("password_wo is empty")

// Configured is what a configuration, or a plan, says of the password.
type Configured struct {
	WriteOnly        types.String
	WriteOnlyVersion types.Int64
	Recipients       types.Set
}

// Kept is what the state holds of the password.
type Kept struct{ Password, Encrypted types.String }

// IsOwn reports whether the configuration brings the password; one that is not known yet counts.
func (c Configured) IsOwn() bool { return !c.WriteOnly.IsNull() }

// Plan gives what the state will hold of a password that is to be set.
func (c Configured) Plan() Kept {
	kept := Kept{types.StringNull(), types.StringNull()}
	switch {
	case c.IsOwn():
	case !c.Recipients.IsNull():
		kept.Encrypted = types.StringUnknown()
	default:
		kept.Password = types.StringUnknown()
	}
	return kept
}

// New gives the password to set: the configuration's, or a generated one, with what the state is to hold of it.
func (c Configured) New() (secret.String, Kept, error) {
	if c.IsOwn() {
		if c.WriteOnly.ValueString() == "" {
			return secret.String{}, Kept{}, ErrEmpty
		}
		return secret.New(c.WriteOnly.ValueString()), Kept{types.StringNull(), types.StringNull()}, nil
	}
	password := secret.Generate(secret.DefaultLength)
	kept, err := c.Keep(password)
	return password, kept, err
}

// Keep gives what the state is to hold of a generated password.
func (c Configured) Keep(password secret.String) (Kept, error) {
	if c.Recipients.IsNull() {
		return Kept{types.StringValue(password.Reveal()), types.StringNull()}, nil
	}
	readers, _ := recipients.Texts(c.Recipients)
	encrypted, err := recipients.Encrypt(password, readers)
	return Kept{types.StringNull(), types.StringValue(encrypted)}, err
}

// Causes says why another password is called for than the one that a state holds, beyond what a schedule says. wasOwn is
// whether a configuration brought that one.
func (c Configured) Causes(state Configured, kept Kept, wasOwn bool) []string {
	var causes []string
	switch {
	case c.IsOwn() != wasOwn:
		causes = append(causes, "where the password comes from changes")
	case !c.WriteOnlyVersion.Equal(state.WriteOnlyVersion):
		causes = append(causes, "password_wo_version changes")
	}
	unreadable := !kept.Encrypted.IsNull() && !c.Recipients.Equal(state.Recipients)
	if unreadable && !c.IsOwn() {
		causes = append(causes, "age_recipients changes, and only its readers know the password")
	}
	return causes
}

// Encrypts reports whether a password that the state holds in clear is to be kept as ciphertext.
func (c Configured) Encrypts(kept Kept) bool {
	return !c.Recipients.IsNull() && !kept.Password.IsNull() && !c.IsOwn()
}

// Validate refuses combinations that could not do what they say.
func (c Configured) Validate(isRotated bool) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	if c.IsOwn() && c.WriteOnlyVersion.IsNull() && !isRotated {
		diagnostics.AddAttributeError(path.Root("password_wo"), "No password_wo_version",
			"Terraform can't see a change of a write-only value. Write password_wo_version = 1 and raise it with each new password, "+
				"or add rotation: each rotation then takes the value of that apply.")
	}
	if c.IsOwn() && !c.Recipients.IsNull() {
		diagnostics.AddAttributeError(path.Root("age_recipients"), "Nothing to encrypt",
			"With password_wo, the state holds no password. Remove age_recipients.")
	}
	return diagnostics
}
