// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// settings checks the keys, so that a mistake shows before anything connects; nil where there is no bastion.
func (s *sshBastion) settings(at path.Path, diagnostics *diag.Diagnostics) *postgresql.SSH {
	if s == nil {
		return nil
	}
	bastion := &postgresql.SSH{
		Host: s.Host.ValueString(), Port: int(s.Port.ValueInt64()), User: s.User.ValueString(),
		PrivateKey: secret.New(s.PrivateKey.ValueString()), HostKey: s.HostKey.ValueString(),
	}
	if err := postgresql.CheckSSHPrivateKey(bastion.PrivateKey); err != nil {
		diagnostics.AddAttributeError(at.AtName("private_key"), "Invalid SSH private key", "This is "+err.Error()+
			": write the text of a key that has no passphrase, such as with file(), or from an ephemeral value.")
	}
	if err := postgresql.CheckSSHHostKey(bastion.HostKey); err != nil {
		diagnostics.AddAttributeError(at.AtName("host_key"), "Invalid SSH host key", "This is "+err.Error()+
			". On the bastion, it is in /etc/ssh/ssh_host_ed25519_key.pub.")
	}
	return bastion
}
