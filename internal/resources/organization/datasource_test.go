// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/organization"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

const dataAddress = "data." + organization.TypeName + ".test"

func data(body string) string {
	return fmt.Sprintf("data %q \"test\" {\n%s\n}\n", organization.TypeName, body)
}

func read(attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(dataAddress, at(attribute), check)
}

func TestAccOrganizationIsRead(t *testing.T) {
	e := acctest.NewEmulator(t)
	active := []statecheck.StateCheck{
		read("id", knownvalue.StringExact(emulator.DefaultOrganizationID)), read("name", knownvalue.StringExact("Emulated organization")),
		read("slug", knownvalue.StringExact("emulated")), read("billing_email", knownvalue.StringExact("billing@example.com")),
		read("plan", knownvalue.StringExact("enterprise")), read("status", knownvalue.StringExact("active")),
		read("owner_user_id", knownvalue.StringExact(emulator.DefaultOwnerUserID)), read("require_mfa", knownvalue.Bool(false)),
		read("limits", knownvalue.ObjectExact(map[string]knownvalue.Check{
			"databases": knownvalue.Int64Exact(10_000), "api_keys": knownvalue.Int64Exact(10_000), "members": knownvalue.Int64Exact(10_000),
		})),
	}
	test(t, e,
		resource.TestStep{Config: e.ProviderHCL() + data(""), ConfigStateChecks: active},
		resource.TestStep{Config: e.ProviderHCL() + data(`id = "org_emulator"`), ConfigStateChecks: active},
		// One that is made in the same apply, without a billing address.
		resource.TestStep{
			Config: e.ProviderHCL() + acme("") + data("id = "+address+".id"),
			ConfigStateChecks: []statecheck.StateCheck{
				read("slug", knownvalue.StringExact("acme")), read("billing_email", knownvalue.Null()),
			},
		},
		resource.TestStep{
			PreConfig: func() {
				found, _ := e.OrganizationBySlug("acme")
				require.NoError(t, e.SuspendOrganization(found.ID))
			},
			Config:            e.ProviderHCL() + acme("") + data("id = "+address+".id"),
			ConfigStateChecks: []statecheck.StateCheck{read("status", knownvalue.StringExact("suspended"))},
		},
		resource.TestStep{
			PreConfig: func() {
				found, _ := e.OrganizationBySlug("acme")
				require.NoError(t, e.ResumeOrganization(found.ID))
			},
			Config: e.ProviderHCL() + acme(""),
		},
	)
}

func TestAccOrganizationThatCannotBeRead(t *testing.T) {
	e := acctest.NewEmulator(t)
	test(t, e,
		resource.TestStep{
			Config:      e.ProviderHCL() + data(`id = "org_nothing"`),
			ExpectError: regexp.MustCompile(`(?s)Organization\s+not\s+found.*no\s+organization\s+org_nothing`),
		},
		resource.TestStep{Config: e.ProviderHCL() + data(`id = ""`), ExpectError: regexp.MustCompile(`(?s)id\s+string\s+length`)},
		resource.TestStep{
			Config:      fmt.Sprintf("provider \"terrascale\" {\n endpoint = %q\n}\n", e.URL()) + data(""),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+read\s+organization.*access_token`),
		},
	)
}

// A data source can't wait for the provider's settings by itself; with depends_on it does.
func TestAccOrganizationOfASettingThatIsNotKnownYet(t *testing.T) {
	e := acctest.NewEmulator(t)
	test(t, e,
		resource.TestStep{
			Config:      e.UnknownProviderHCL() + data(""),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+read\s+organization.*depends_on\s+=`),
		},
		resource.TestStep{
			Config:            e.UnknownProviderHCL() + data("depends_on = [terraform_data.service]"),
			ConfigStateChecks: []statecheck.StateCheck{read("slug", knownvalue.StringExact("emulated"))},
		},
	)
}
