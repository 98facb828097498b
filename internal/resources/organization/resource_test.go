// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/organization"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const address = organization.TypeName + ".test"

// org gives a resource block.
func org(body string) string {
	return fmt.Sprintf("resource %q \"test\" {\n%s\n}\n", organization.TypeName, body)
}

// acme gives an organization that can be destroyed.
func acme(attributes string) string {
	return org("name = \"Acme\"\nslug = \"acme\"\ndeletion_protection = false\n" + attributes)
}

func at(attribute string) tfjsonpath.Path { return tfjsonpath.New(attribute) }

func is(attribute, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, at(attribute), knownvalue.StringExact(value))
}

func emptyPlan() []plancheck.PlanCheck { return []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()} }

func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		PostApplyPostRefresh: emptyPlan(),
	}
}

// holds checks an organization at the service.
func holds(e *acctest.Emulator, slug string, check func(emulator.Organization) error) resource.TestCheckFunc {
	return acctest.Outside(func() error {
		found, ok := e.OrganizationBySlug(slug)
		if !ok {
			return fmt.Errorf("there is no organization %q", slug)
		}
		return check(found)
	})
}

// gone checks that organizations are not at the service.
func gone(e *acctest.Emulator, slugs ...string) resource.TestCheckFunc {
	return acctest.Outside(func() error {
		for _, slug := range slugs {
			if found, ok := e.OrganizationBySlug(slug); ok {
				return fmt.Errorf("organization %s (%s) is there", found.ID, slug)
			}
		}
		return nil
	})
}

func test(t *testing.T, e *acctest.Emulator, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(), CheckDestroy: gone(e, "acme", "acme-analytics", "acme-2"), Steps: steps,
	})
}

// made counts the calls that make an organization.
func made(e *acctest.Emulator) int {
	count := 0
	for _, request := range e.Requests() {
		if request.Operation == "createOrganization" {
			count++
		}
	}
	return count
}

func TestAccOrganizationLifecycle(t *testing.T) {
	e := acctest.NewEmulator(t)
	full := func(name, billing string, mfa bool) string {
		return e.ProviderHCL() + org(fmt.Sprintf(
			"name = %q\nslug = \"acme\"\nbilling_email = %q\nrequire_mfa = %t\ndeletion_protection = false", name, billing, mfa))
	}
	has := func(name, billing string, mfa bool) resource.TestCheckFunc {
		return holds(e, "acme", func(o emulator.Organization) error {
			if o.Name != name || o.BillingEmail == nil || *o.BillingEmail != billing || o.RequireMFA != mfa {
				return fmt.Errorf("it is %+v", o)
			}
			return nil
		})
	}
	sameID := statecheck.CompareValue(compare.ValuesSame())
	same := func() statecheck.StateCheck { return sameID.AddStateValue(address, at("id")) }
	test(t, e,
		resource.TestStep{
			Config: full("Acme Ltd", "Billing@example.com", true), Check: has("Acme Ltd", "Billing@example.com", true),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate), plancheck.ExpectUnknownValue(address, at("id")),
				},
				PostApplyPostRefresh: emptyPlan(),
			},
			ConfigStateChecks: []statecheck.StateCheck{
				is("plan", "free"), is("status", "active"), is("owner_user_id", emulator.DefaultOwnerUserID), same(),
				statecheck.ExpectKnownValue(address, at("limits"), knownvalue.ObjectExact(map[string]knownvalue.Check{
					"databases": knownvalue.Int64Exact(3), "api_keys": knownvalue.Int64Exact(10), "members": knownvalue.Int64Exact(5),
				})),
			},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true,
			// The service does not keep it: an import protects.
			ImportStateVerifyIgnore: []string{"deletion_protection"},
		},
		resource.TestStep{Config: full("Acme Ltd", "billing@EXAMPLE.com", true), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()}},
		resource.TestStep{
			Config: full("Acme", "Billing@example.com", true), Check: has("Acme", "Billing@example.com", true),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{same()},
		},
		resource.TestStep{
			Config: full("Acme", "other@example.com", true), Check: has("Acme", "other@example.com", true),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{same()},
		},
		resource.TestStep{
			Config: full("Acme", "other@example.com", false), Check: has("Acme", "other@example.com", false),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{same()},
		},
		// Without the address there is none; without require_mfa it stays as it is.
		resource.TestStep{
			Config: e.ProviderHCL() + acme(""), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			Check: holds(e, "acme", func(o emulator.Organization) error {
				if o.BillingEmail != nil {
					return fmt.Errorf("the billing address is %s", *o.BillingEmail)
				}
				return nil
			}),
			ConfigStateChecks: []statecheck.StateCheck{
				same(), statecheck.ExpectKnownValue(address, at("require_mfa"), knownvalue.Bool(false)),
			},
		},
	)
}

func TestAccOrganizationSlugReplaces(t *testing.T) {
	e := acctest.NewEmulator(t)
	ids := statecheck.CompareValue(compare.ValuesDiffer())
	test(t, e,
		// The service makes the slug, and another name leaves it as it is.
		resource.TestStep{
			Config:            e.ProviderHCL() + org("name = \"Acme\"\ndeletion_protection = false"),
			ConfigStateChecks: []statecheck.StateCheck{is("slug", "acme"), ids.AddStateValue(address, at("id"))},
		},
		resource.TestStep{
			Config:           e.ProviderHCL() + org("name = \"Acme Analytics\"\ndeletion_protection = false"),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{is("slug", "acme")},
		},
		resource.TestStep{
			Config:            e.ProviderHCL() + org("name = \"Acme Analytics\"\nslug = \"acme-2\"\ndeletion_protection = false"),
			ConfigPlanChecks:  plans(plancheck.ResourceActionReplace),
			Check:             resource.ComposeTestCheckFunc(gone(e, "acme"), holds(e, "acme-2", func(emulator.Organization) error { return nil })),
			ConfigStateChecks: []statecheck.StateCheck{ids.AddStateValue(address, at("id"))},
		},
	)
}

func TestAccOrganizationThatChangedOutside(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := e.ProviderHCL() + acme("billing_email = \"billing@example.com\"\nrequire_mfa = true")
	id := func() string {
		found, ok := e.OrganizationBySlug("acme")
		require.True(t, ok)
		return found.ID
	}
	test(t, e,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				require.NoError(t, e.ChangeOrganization(id(), func(o *emulator.Organization) {
					other := "other@example.com"
					o.Name, o.BillingEmail, o.RequireMFA = "Other", &other, false
				}))
			},
			Config: config, ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			Check: holds(e, "acme", func(o emulator.Organization) error {
				if o.Name != "Acme" || *o.BillingEmail != "billing@example.com" || !o.RequireMFA {
					return fmt.Errorf("it is %+v", o)
				}
				return nil
			}),
		},
		// Another plan is news, not a change.
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.SetPlan(id(), "pro")) },
			Config:    config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
			ConfigStateChecks: []statecheck.StateCheck{
				is("plan", "pro"),
				statecheck.ExpectKnownValue(address, at("limits").AtMapKey("api_keys"), knownvalue.Int64Exact(50)),
			},
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.DeleteOrganization(id())) },
			Config:    config, ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
		},
	)
}

func TestAccOrganizationFailures(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := e.ProviderHCL(`max_retries = 0`) + acme("")
	test(t, e,
		resource.TestStep{
			Config:      e.ProviderHCL() + org("name = \"Twin\"\nslug = \"emulated\""),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+create\s+organization.*HTTP\s+409.*Choose\s+another\s+slug\s+than\s+"emulated".*terraform\s+import`),
		},
		resource.TestStep{
			Config:      e.ProviderHCL() + org("name = \"Emulated\""),
			ExpectError: regexp.MustCompile(`(?s)HTTP\s+409.*makes\s+one\s+from\s+the\s+name.*Write\s+slug\s+=`),
		},
		resource.TestStep{
			PreConfig:   func() { e.Inject(emulator.Fault{Operation: "createOrganization", Status: http.StatusForbidden}) },
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)HTTP\s+403.*limit\s+on\s+how\s+many\s+organizations`),
		},
		resource.TestStep{
			PreConfig:   func() { e.Inject(emulator.Fault{Operation: "createOrganization", Status: http.StatusBadGateway}) },
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)HTTP\s+502.*The\s+service\s+lists\s+no\s+such\s+organization`),
		},
		resource.TestStep{
			PreConfig: func() {
				e.Inject(emulator.Fault{Operation: "createOrganization", Status: http.StatusBadGateway})
				e.Inject(emulator.Fault{Operation: "listOrganizations", Skip: 1, Status: http.StatusForbidden})
			},
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)can't\s+be\s+listed.*Look\s+for\s+one\s+called\s+"Acme".*terraform\s+import`),
		},
		// The answer is lost, and the organization is found.
		resource.TestStep{
			PreConfig: func() {
				e.ResetRequests()
				e.Inject(emulator.Fault{Operation: "createOrganization", DropAfter: true})
			},
			Config: config, ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
			Check: acctest.Outside(func() error {
				if count := made(e); count != 1 {
					return fmt.Errorf("%d organizations were made", count)
				}
				return nil
			}),
		},
		resource.TestStep{
			PreConfig:   func() { e.Inject(emulator.Fault{Operation: "getOrganization", Status: http.StatusBadGateway}) },
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+read\s+organization.*HTTP\s+502`),
		},
		resource.TestStep{ResourceName: address, Config: config, ImportState: true, ImportStateId: "a@b", ExpectError: regexp.MustCompile(`Invalid\s+import\s+id`)},
		resource.TestStep{
			ResourceName: address, Config: config, ImportState: true, ImportStateId: "org_nothing",
			ExpectError: regexp.MustCompile(`Cannot import non-existent remote object`),
		},
	)
}

func TestAccOrganizationMistakesAreNamed(t *testing.T) {
	e := acctest.NewEmulator(t)
	for name, step := range map[string]struct{ body, want string }{
		"short name":   {`name = "A"`, `(?s)name\s+UTF-8\s+character\s+count\s+must\s+be\s+between\s+2\s+and\s+100`},
		"empty slug":   {"name = \"Acme\"\nslug = \"\"", `(?s)slug\s+string\s+length`},
		"bad address":  {"name = \"Acme\"\nbilling_email = \"nobody\"", `"nobody"\s+is\s+not\s+an\s+e-mail`},
		"without name": {``, `"name"\s+is\s+required`},
	} {
		t.Run(name, func(t *testing.T) {
			test(t, e, resource.TestStep{Config: e.ProviderHCL() + org(step.body), PlanOnly: true, ExpectError: regexp.MustCompile(step.want)})
		})
	}
}

func TestAccOrganizationOfAProviderThatIsNotKnownYet(t *testing.T) {
	e := acctest.NewEmulator(t)
	test(t, e, resource.TestStep{
		Config: e.UnknownProviderHCL() + acme(""), ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
	})
}
