// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package password_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/password"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestMain(m *testing.M) { acctest.Run(m) }

// providers adds the testing library's provider that shows what is ephemeral.
func providers() map[string]func() (tfprotov6.ProviderServer, error) {
	factories := acctest.Providers()
	factories["echo"] = echoprovider.NewProviderServer()
	return factories
}

func config(body string) string {
	return fmt.Sprintf(`
ephemeral %q "test" {
  %s
}
provider "echo" {
  data = ephemeral.%s.test.result
}
resource "echo" "test" {}
`, password.TypeName, body, password.TypeName)
}

func TestAccPassword(t *testing.T) {
	matches := func(pattern string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data"), knownvalue.StringRegexp(regexp.MustCompile(pattern)))
	}
	differs := statecheck.CompareValue(compare.ValuesDiffer())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(),
		Steps: []resource.TestStep{
			{Config: config(""), ConfigStateChecks: []statecheck.StateCheck{
				matches("^[A-Za-z0-9]{40}$"), differs.AddStateValue("echo.test", tfjsonpath.New("data")),
			}},
			{Config: config("length = 64"), Taint: []string{"echo.test"}, ConfigStateChecks: []statecheck.StateCheck{
				matches("^[A-Za-z0-9]{64}$"), differs.AddStateValue("echo.test", tfjsonpath.New("data")),
			}},
		},
	})
}

func TestAccPasswordThatIsTooShort(t *testing.T) {
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(),
		Steps: []resource.TestStep{
			{Config: config("length = 15"), PlanOnly: true, ExpectError: regexp.MustCompile(`between\s+16\s+and\s+512`)},
		},
	})
}
