// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/apikey"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// A thousand keys are ten pages, whatever the number of resources.
func TestAccAThousandKeysAreReadInOneListing(t *testing.T) {
	const keys, pages = 1000, 10
	e := acctest.NewEmulator(t)
	var ids strings.Builder
	for i := range keys {
		key, _, err := e.CreateKey(emulator.DefaultOrganizationID, fmt.Sprintf("key-%d", i), []string{"database:read"}, nil)
		require.NoError(t, err)
		fmt.Fprintf(&ids, "    %q = %q\n", key.Name, key.ID)
	}
	config := e.ProviderHCL() + fmt.Sprintf(`
locals {
  ids = {
%[1]s  }
}

resource %[2]q "all" {
  for_each = local.ids
  name     = each.key
  scopes   = ["database:read"]
}

import {
  for_each = local.ids
  to       = %[2]s.all[each.key]
  id       = each.value
}
`, ids.String(), apikey.TypeName)
	k := acctest.NewWorkspace(t, config)
	k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	before := len(e.Requests())
	k.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	require.LessOrEqual(t, len(e.Requests())-before, pages+2)
}
