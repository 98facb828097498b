// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/ipallowlist"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestAccAllowlistIsReadByTheDataSource(t *testing.T) {
	e := acctest.NewEmulator(t)
	data := func(body string) string {
		return fmt.Sprintf("data %q \"test\" {\n%s\n}\n", ipallowlist.TypeName, body)
	}
	read := func(path tfjsonpath.Path, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+ipallowlist.TypeName+".test", path, check)
	}
	entry := func(cidr, attribute string) tfjsonpath.Path {
		return at("entries").AtMapKey(cidr).AtMapKey(attribute)
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{
			Config: e.ProviderHCL() + data(""),
			ConfigStateChecks: []statecheck.StateCheck{
				read(at("organization_id"), knownvalue.StringExact(org)), read(at("enabled"), knownvalue.Bool(false)),
				read(at("entries"), knownvalue.MapExact(nil)), read(at("caller_ip"), knownvalue.StringExact("127.0.0.1")),
			},
		},
		{
			Config:      e.ProviderHCL() + data(`organization_id = "org_nothing"`),
			ExpectError: regexp.MustCompile(`(?s)Organization\s+not\s+found.*no\s+organization\s+org_nothing`),
		},
		{
			PreConfig:   func() { require.NoError(t, e.SetPlan(org, "pro")) },
			Config:      e.ProviderHCL() + data(""),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+read\s+IP\s+allowlist.*HTTP\s+403.*plan\s+Enterprise`),
		},
		{
			Config:      e.UnknownProviderHCL() + data(""),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+read\s+IP\s+allowlist.*depends_on\s+=`),
		},
		{
			PreConfig: func() { require.NoError(t, e.SetPlan(org, "enterprise")) },
			Config: e.ProviderHCL() + allowlist("", here, `"2001:db8::/32" = { description = "office" }`) +
				data(fmt.Sprintf("organization_id = %q\ndepends_on = [%s]", org, address)),
			ConfigStateChecks: []statecheck.StateCheck{
				read(at("enabled"), knownvalue.Bool(true)),
				read(at("entries"), knownvalue.MapSizeExact(2)), read(entry("127.0.0.1/32", "description"), knownvalue.Null()),
				read(entry("2001:db8::/32", "description"), knownvalue.StringExact("office")),
				read(entry("2001:db8::/32", "created_at"), knownvalue.NotNull()),
			},
		},
	}})
}
