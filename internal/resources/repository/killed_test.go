// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// TestAccRepositoryOfAKilledRunIsTakenOver applies where an earlier run was killed before its state was saved.
func TestAccRepositoryOfAKilledRunIsTakenOver(t *testing.T) {
	e := acctest.NewEmulator(t)
	k := acctest.NewWorkspace(t, e.ProviderHCL()+block("users", free, fields, acctest.Provisioner))
	k.ApplyAndLose()
	k.Configure(e.ProviderHCL() + block("users", free, fields))
	k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, holds(e, "users")(nil))
	require.Contains(t, k.Must("plan", "-input=false", "-no-color"), "No changes.")

	// With another schema it is not what is wanted.
	k.ApplyAndLoseAgain(e.ProviderHCL() + block("orders", free, acctest.Provisioner))
	k.Configure(e.ProviderHCL() + block("orders", free, fields))
	result, err := k.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.NotZero(t, result.ExitCode)
	require.Contains(t, result.Output, "HTTP 409")
}
