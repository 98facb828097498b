// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/ipallowlist"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// A thousand networks, of both kinds, are one reading for a plan and one write for an apply.
func TestAccAThousandEntriesAreOneWrite(t *testing.T) {
	const entries = 1000
	e := acctest.NewEmulator(t)
	config := e.ProviderHCL() + fmt.Sprintf(`
resource %q "all" {
  entries = merge({ "127.0.0.1/32" = { description = "runner" } }, { for i in range(%d) :
    (i %% 2 == 0 ? "10.${floor(i / 200)}.${i %% 200}.0/24" : cidrsubnet("2001:db8::/32", 16, i)) => { description = "network ${i}" }
  })
}
`, ipallowlist.TypeName, entries)
	times := func(operation string) int {
		count := 0
		for _, call := range e.Calls() {
			if call == operation {
				count++
			}
		}
		return count
	}
	k := acctest.NewWorkspace(t, config)
	k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.Len(t, e.Networks(), entries+1)
	require.Equal(t, 1, times("putIpAllowlist"))

	e.ResetRequests()
	k.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	require.Equal(t, []string{"switchOrganization", "getIpAllowlist"}, e.Calls())

	e.ResetRequests()
	k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	require.Empty(t, e.Networks())
	require.Equal(t, 1, times("putIpAllowlist"))
}
