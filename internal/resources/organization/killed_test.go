// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// TestAccOrganizationOfAKilledRunIsTakenOver applies where an earlier run was killed before its state was saved. Names are not unique:
// without what was remembered, a second organization would be made.
func TestAccOrganizationOfAKilledRunIsTakenOver(t *testing.T) {
	apply := []string{"apply", "-auto-approve", "-input=false", "-no-color"}
	const unnamed = "name = \"Acme\"\ndeletion_protection = false\n"
	for name, attributes := range map[string]string{"with a slug": unnamed + "slug = \"acme\"\n", "without": unnamed} {
		t.Run(name, func(t *testing.T) {
			e := acctest.NewEmulator(t)
			provider := fmt.Sprintf("provider \"terrascale\" {\n  endpoint = %q\n  access_token = %q\n}\n", e.URL(), e.Token.Reveal())
			k := acctest.NewWorkspace(t, provider+org(attributes+acctest.Provisioner))
			k.ApplyAndLose()
			k.Configure(provider + org(attributes+"require_mfa = true\n"))
			k.Must(apply...)
			require.Len(t, e.OrganizationsNamed("Acme"), 1)
			require.Contains(t, k.Must("plan", "-input=false", "-no-color"), "No changes.")
			k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
			require.Empty(t, e.OrganizationsNamed("Acme"))
		})
	}
}
