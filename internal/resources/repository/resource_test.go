// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/repository"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const (
	address = repository.TypeName + ".test"
	free    = "deletion_protection = false"
	fields  = `schema = {
    email = { type = "string", required = true, min_length = 3, max_length = 254, pattern = "^[^@]+@[^@]+$", default = jsonencode("a@b") }
    age   = { type = "number", min = 0.1, max = 150, default = jsonencode(18) }
    on    = { type = "boolean", default = jsonencode(false) }
    tags  = { type = "array", min_items = 0, max_items = 20, items = { type = "string", max_length = 40 } }
    home  = { type = "object", properties = { city = { type = "string" }, geo = { type = "array", items = {
      type = "object", properties_json = jsonencode({ lat = { type = "number", min = -90 } })
    } } } }
  }`
)

// block gives a resource block in the emulator's database.
func block(name string, attributes ...string) string {
	text := fmt.Sprintf("resource %q \"test\" {\n  database_id = %q\n  name = %q\n  entity_name = \"User\"\n",
		repository.TypeName, emulator.DefaultDatabaseID, name)
	for _, attribute := range attributes {
		text += "  " + attribute + "\n"
	}
	return text + "}\n"
}

func at(attribute string) tfjsonpath.Path { return tfjsonpath.New(attribute) }

func emptyPlan() []plancheck.PlanCheck { return []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()} }

func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		PostApplyPostRefresh: emptyPlan(),
	}
}

func holds(e *acctest.Emulator, wanted ...string) resource.TestCheckFunc {
	return acctest.Outside(func() error {
		_, repositories := e.Databases(emulator.DefaultOrganizationID)
		if len(repositories) != len(wanted) {
			return fmt.Errorf("there are %d repositories instead of %d", len(repositories), len(wanted))
		}
		for index, repository := range repositories {
			if repository.Name != wanted[index] {
				return fmt.Errorf("there is %s instead of %s", repository.Name, wanted[index])
			}
		}
		return nil
	})
}

func importID(state *terraform.State) (string, error) {
	return state.RootModule().Resources[address].Primary.Attributes["id"], nil
}

func test(t *testing.T, e *acctest.Emulator, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), CheckDestroy: holds(e), Steps: steps})
}

func dropAll(t *testing.T, e *acctest.Emulator) {
	t.Helper()
	_, repositories := e.Databases(emulator.DefaultOrganizationID)
	require.NotEmpty(t, repositories)
	for _, repository := range repositories {
		require.NoError(t, e.DropRepository(repository.ID))
	}
}

func TestAccRepositoryLifecycle(t *testing.T) {
	e := acctest.NewEmulator(t)
	protected := regexp.MustCompile(`(?s)Protected from replacement.*deletion_protection\s+=\s+false`)
	test(t, e,
		resource.TestStep{
			Config: e.ProviderHCL() + block("users", fields, "timeouts {\n create = \"1m\"\n}"), Check: holds(e, "users"),
			ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("status"), knownvalue.StringExact("Active")),
				statecheck.ExpectKnownValue(address, at("deletion_protection"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(address, at("id"), knownvalue.StringRegexp(regexp.MustCompile("^"+emulator.DefaultDatabaseID+"/repo_"))),
				statecheck.ExpectKnownValue(address, at("schema").AtMapKey("age").AtMapKey("min"), knownvalue.Float64Exact(0.1)),
			},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateIdFunc: importID, ImportStateVerifyIgnore: []string{
				"timeouts", // the configuration's alone
			},
		},
		// Another spelling of a schema is no change.
		resource.TestStep{
			Config: e.ProviderHCL() + block("users", regexp.MustCompile(`jsonencode\(18\)`).ReplaceAllString(fields, `" 18 "`),
				"timeouts {\n create = \"1m\"\n}"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		resource.TestStep{Config: e.ProviderHCL() + block("people", fields), PlanOnly: true, ExpectError: protected},
		resource.TestStep{Config: e.ProviderHCL() + block("users", free), PlanOnly: true, ExpectError: protected},
		resource.TestStep{
			Config: e.ProviderHCL() + block("users", fields), Destroy: true, ExpectError: regexp.MustCompile(`Protected from deletion`),
		},
		resource.TestStep{
			Config: e.ProviderHCL() + block("users", fields, free), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: holds(e, "users"),
		},
		resource.TestStep{
			Config: e.ProviderHCL() + block("users", `schema = { email = { type = "string" } }`, free), Check: holds(e, "users"),
			ConfigPlanChecks: plans(plancheck.ResourceActionReplace),
		},
		resource.TestStep{
			Config: e.ProviderHCL() + block("people", free), ConfigPlanChecks: plans(plancheck.ResourceActionReplace), Check: holds(e, "people"),
		},
		resource.TestStep{
			PreConfig: func() { dropAll(t, e) },
			Config:    e.ProviderHCL() + block("people", free), ConfigPlanChecks: plans(plancheck.ResourceActionCreate), Check: holds(e, "people"),
		},
	)
}

func TestAccRepositoryFailures(t *testing.T) {
	e := acctest.NewEmulator(t)
	test(t, e,
		resource.TestStep{
			PreConfig: func() { e.Inject(emulator.Fault{Operation: "createRepository", Status: http.StatusForbidden}) },
			Config:    e.ProviderHCL() + block("users", free), ExpectError: regexp.MustCompile(`(?s)Unable to create repository.*HTTP\s+403`),
		},
		// The answer is lost after the repository was made: it is found by its name.
		resource.TestStep{
			PreConfig: func() { e.Inject(emulator.Fault{Operation: "createRepository", DropAfter: true}) },
			Config:    e.ProviderHCL() + block("users", free), Check: holds(e, "users"), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
		},
		resource.TestStep{
			Config: e.ProviderHCL() + block("users", free) + regexp.MustCompile(`"test"`).ReplaceAllString(block("users", free), `"other"`),
			ExpectError: regexp.MustCompile(
				`(?s)HTTP\s+409.*Names\s+are\s+unique.*terraform\s+import\s+terrascale_repository\.<name>\s+<database\s+id>/<repository\s+id>`),
		},
		resource.TestStep{
			ResourceName: address, Config: e.ProviderHCL() + block("users", free), ImportState: true, ImportStateId: "repo_1",
			ExpectError: regexp.MustCompile(`is\s+not\s+database_id/repository_id`),
		},
	)
}

func TestAccRepositoryOfADatabaseOfTheSameApply(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := func(region string) string {
		return e.ProviderHCL() + fmt.Sprintf(`
resource "terrascale_database" "shop" {
  name                = "shop"
  region              = %q
  deletion_protection = false
}
resource %q "test" {
  database_id         = terrascale_database.shop.id
  name                = "users"
  entity_name         = "User"
  deletion_protection = false
}
`, region, repository.TypeName)
	}
	test(t, e,
		resource.TestStep{Config: config("us-east-1"), Check: holds(e, "users"), ConfigPlanChecks: plans(plancheck.ResourceActionCreate)},
		resource.TestStep{Config: config("eu-west-1"), Check: holds(e, "users"), ConfigPlanChecks: plans(plancheck.ResourceActionReplace)},
	)
}

func TestAccRepositoryMistakesAreNamed(t *testing.T) {
	e := acctest.NewEmulator(t)
	for name, step := range map[string]struct{ schema, want string }{
		"type":      {`f = { type = "text" }`, `(?s)must\s+be\s+one\s+of.*"string"`},
		"not JSON":  {`f = { type = "string", default = "new" }`, `(?s)Invalid JSON.*jsonencode`},
		"default":   {`f = { type = "number", default = jsonencode("7") }`, `(?s)Default of another type.*is\s+no\s+number`},
		"pattern":   {`f = { type = "string", pattern = "[a-" }`, `Invalid regular expression`},
		"bounds":    {`f = { type = "number", min = 2, max = 1 }`, `Bounds exclude every value`},
		"negative":  {`f = { type = "string", min_length = -1 }`, `at\s+least\s+0`},
		"attribute": {`f = { type = "number", max_length = 1 }`, `Not for a field of this type`},
		"deep": {
			`f = { type = "array", items = { type = "array", items = { type = "array", items_json = jsonencode({ type = "text" }) } } }`,
			`(?s)Unknown field type.*"text"\s+is\s+none\s+of`,
		},
		"unknown": {
			`f = { type = "array", items = { type = "array", items = { type = "array", items_json = jsonencode({ kind = "string" }) } } }`,
			`(?s)Invalid schema.*unknown\s+field\s+"kind"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			test(t, e, resource.TestStep{
				Config: e.ProviderHCL() + block("users", "schema = {\n"+step.schema+"\n}"), PlanOnly: true, ExpectError: regexp.MustCompile(step.want),
			})
		})
	}
}
