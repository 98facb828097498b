// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlcredential_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/terraformcli"
)

// TestAccCredentialIsDroppedWhenTheRunFails has the provider in a process of its own: Terraform does not close what a failed
// resource used, and the provider ends it with itself.
func TestAccCredentialIsDroppedWhenTheRunFails(t *testing.T) {
	database := newDatabase(t, "failing")
	binaries, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binaries, "../../..")
	output, err := build.CombinedOutput()
	require.NoError(t, err, string(output))
	w := terraformcli.Workspace{Dir: t.TempDir()}
	w.CLI, err = terraformcli.Find(t.Context())
	require.NoError(t, err)
	require.NoError(t, w.Override(filepath.Join(binaries, "cli.tfrc"), binaries))
	configuration := `
terraform {
  required_providers {
    terrascale = { source = "terrascale/terrascale" }
  }
}
` + database.ServerHCL() + credential(`  role = "failing_reader"`) + `
resource "terraform_data" "test" {
  provisioner "local-exec" {
    command     = "test -n \"$LOGIN\" && exit 7"
    environment = { LOGIN = ephemeral.terrascale_postgresql_credential.test.username }
  }
}
`
	require.NoError(t, os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte(configuration), 0o600))
	result, err := w.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.Equal(t, 1, result.ExitCode, result.Output)
	require.Contains(t, result.Output, "exit status 7")
	require.True(t, database.LogContains(`CREATE ROLE "tftmp_failing_reader`), "a login was made")
	require.Empty(t, shortLived(t, database, "failing"))
}
