// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlcredential_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// TestAccCredentialIsDroppedWhenTheRunFails has the provider in a process of its own: Terraform does not close what a failed
// resource used, and the provider ends it with itself.
func TestAccCredentialIsDroppedWhenTheRunFails(t *testing.T) {
	database := newDatabase(t, "failing")
	w := acctest.NewWorkspace(t, database.ServerHCL()+credential(`  role = "failing_reader"`)+`
resource "terraform_data" "test" {
  provisioner "local-exec" {
    command     = "test -n \"$LOGIN\" && exit 7"
    environment = { LOGIN = ephemeral.terrascale_postgresql_credential.test.username }
  }
}
`)
	result, err := w.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.Equal(t, 1, result.ExitCode, result.Output)
	require.Contains(t, result.Output, "exit status 7")
	require.True(t, database.LogContains(`CREATE ROLE "tftmp_failing_reader`), "a login was made")
	require.Empty(t, shortLived(t, database, "failing"))
}
