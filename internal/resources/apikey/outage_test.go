// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/apikey"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// TestAccKeysShareAnOutage refreshes many keys while what all of them need fails: it is tried as often as for one, and told in full once.
func TestAccKeysShareAnOutage(t *testing.T) {
	const many, retries = 60, 1
	for name, test := range map[string]struct {
		operation string
		status    int
		fullOnce  string
	}{
		"a listing": {"listApiKeys", http.StatusServiceUnavailable, "The service failed"},
		"a login":   {"loginWithPassword", http.StatusServiceUnavailable, "The service failed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := acctest.NewEmulator(t)
			w := acctest.NewWorkspace(t, fmt.Sprintf(`
provider "terrascale" {
  endpoint        = %q
  email           = %q
  password        = %q
  organization_id = %q
  max_retries     = %d
}
resource %q "test" {
  count      = %d
  name       = "key-${count.index}"
  scopes     = ["database:read"]
  expires_in = "30d"
}
`, s.URL(), emulator.DefaultOwnerEmail, emulator.DefaultPassword, emulator.DefaultOrganizationID, retries, apikey.TypeName, many))
			w.Must("apply", "-auto-approve", "-no-color", "-input=false")
			s.ResetRequests()
			s.Inject(emulator.Fault{Operation: test.operation, Status: test.status, Times: -1})
			result, err := w.Run(t.Context(), "plan", "-no-color", "-input=false")
			require.NoError(t, err)
			require.Equal(t, 1, result.ExitCode, result.Output)
			asked := 0
			for _, request := range s.Requests() {
				if request.Operation == test.operation {
					asked++
				}
			}
			require.Equal(t, retries+1, asked)
			require.Equal(t, 1, strings.Count(result.Output, test.fullOnce), result.Output)
			require.Equal(t, many-1, strings.Count(acctest.Plain(result.Output), "The same failure as another resource's in this run, where it is told in full. It was not tried again: "), result.Output)
		})
	}
}
