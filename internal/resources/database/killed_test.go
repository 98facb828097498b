// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package database_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// TestAccDatabaseOfAKilledRunIsTakenOver applies where an earlier run was killed before its state was saved.
func TestAccDatabaseOfAKilledRunIsTakenOver(t *testing.T) {
	apply := []string{"apply", "-auto-approve", "-input=false", "-no-color"}
	e := acctest.NewEmulator(t)
	k := acctest.NewWorkspace(t, e.ProviderHCL()+block("app", free, acctest.Provisioner))
	k.ApplyAndLose()
	made := id(e, "app")
	require.NotEmpty(t, made)

	// Another one under the same name is not what was made, and neither is what another folder knows nothing of.
	elsewhere := acctest.NewWorkspace(t, e.ProviderHCL()+block("app", free))
	for _, attempt := range []struct {
		workspace     *acctest.Workspace
		configuration string
	}{{elsewhere, block("app", free)}, {k, block("app", free, `settings = jsonencode({ a = 1 })`)}} {
		attempt.workspace.Configure(e.ProviderHCL() + attempt.configuration)
		result, err := attempt.workspace.Run(t.Context(), apply...)
		require.NoError(t, err)
		require.NotZero(t, result.ExitCode)
		require.Contains(t, result.Output, "HTTP 409")
	}

	k.ApplyAndLoseAgain(e.ProviderHCL() + block("second", free, acctest.Provisioner))
	k.Configure(e.ProviderHCL() + block("second", free))
	k.Must(apply...)
	require.Equal(t, []string{"app", "second"}, names(e))
	require.Contains(t, k.Must("plan", "-input=false", "-no-color"), "No changes.")
	k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	require.Equal(t, []string{"app"}, names(e))
}
