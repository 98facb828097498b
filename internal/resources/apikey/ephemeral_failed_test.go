// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// Terraform does not close an ephemeral resource when something that uses it fails.
func TestAccEphemeralKeyEndsWithARunThatFails(t *testing.T) {
	e := acctest.NewEmulator(t)
	k := acctest.NewWorkspace(t, e.ProviderHCL()+`
ephemeral "terrascale_api_key" "test" {
  name   = "failing"
  scopes = ["database:read"]
}
resource "terraform_data" "fails" {
  provisioner "local-exec" {
    command     = "test -n \"$KEY\" && exit 7"
    environment = { KEY = ephemeral.terrascale_api_key.test.secret }
  }
}
`)
	result, err := k.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.Equal(t, 1, result.ExitCode, result.Output)
	require.Contains(t, result.Output, "exit status 7", "the key was there, and the run failed")
	require.NotEmpty(t, e.APIKeys(emulator.DefaultOrganizationID), "keys were made")
	require.Empty(t, e.LiveKeys(time.Now()), "none works any more")
}
