// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// TestTwoRunsAtOnce applies and destroys fifty roles in one database from two processes, each with a state of its own.
func TestTwoRunsAtOnce(t *testing.T) {
	const runs, roles, times = 2, 25, 3
	database := newSchemas(t, "atonce")
	workspaces := make([]*acctest.Workspace, runs)
	for i := range workspaces {
		prefix := fmt.Sprintf("atonce_%d", i)
		workspaces[i] = acctest.NewWorkspace(t, database.ServerHCL()+readers("atonce", prefix, roles, ""))
	}
	together := func(arguments ...string) {
		var all errgroup.Group
		for _, workspace := range workspaces {
			all.Go(func() error {
				result, err := workspace.Run(t.Context(), append(arguments, "-auto-approve", "-input=false", "-no-color")...)
				if err == nil && result.ExitCode != 0 {
					err = fmt.Errorf("%v: exit code %d:\n%s", arguments, result.ExitCode, result.Output)
				}
				return err
			})
		}
		require.NoError(t, all.Wait())
	}
	for range times {
		together("apply")
		for _, workspace := range workspaces {
			workspace.Must("plan", "-detailed-exitcode", "-input=false", "-no-color")
		}
		together("destroy")
	}
	for i := range runs {
		for role := range roles {
			require.False(t, database.RoleExists(fmt.Sprintf("atonce_%d_%d", i, role)))
		}
	}
}
