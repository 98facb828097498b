// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/teammember"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const (
	address = teammember.TypeName + ".test"
	org     = emulator.DefaultOrganizationID
	grace   = "Grace@example.com"
)

// member gives a resource block.
func member(body string) string {
	return fmt.Sprintf("resource %q \"test\" {\n%s\n}\n", teammember.TypeName, body)
}

func withRole(role string) string {
	return member(fmt.Sprintf("email = %q\nrole = %q", grace, role))
}

func at(attribute string) tfjsonpath.Path { return tfjsonpath.New(attribute) }

func is(attribute, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, at(attribute), knownvalue.StringExact(value))
}

func isNull(attribute string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, at(attribute), knownvalue.Null())
}

func emptyPlan() []plancheck.PlanCheck { return []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()} }

func plans(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		PostApplyPostRefresh: emptyPlan(),
	}
}

// has checks a member's role at the service; "" means nobody.
func has(e *acctest.Emulator, email, role string) resource.TestCheckFunc {
	return acctest.Outside(func() error {
		if found, _ := e.Member(email); found.Role != role {
			return fmt.Errorf("the role of %s is %q instead of %q", email, found.Role, role)
		}
		return nil
	})
}

func test(t *testing.T, e *acctest.Emulator, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(), CheckDestroy: has(e, grace, ""), Steps: steps,
	})
}

func TestAccMemberLifecycle(t *testing.T) {
	e := acctest.NewEmulator(t)
	full := fmt.Sprintf(`
  email                      = %q
  role                       = "readonly"
  organization_id            = %q
  revoke_api_keys_on_removal = true`, grace, org)
	test(t, e,
		resource.TestStep{
			Config: e.ProviderHCL() + member(full), Check: has(e, grace, "readonly"),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
					plancheck.ExpectKnownValue(address, at("id"), knownvalue.StringExact(org+"/"+grace)),
				},
				PostApplyPostRefresh: emptyPlan(),
			},
			ConfigStateChecks: []statecheck.StateCheck{
				is("id", org+"/"+grace), is("status", "pending"), is("invited_by", emulator.DefaultOwnerUserID),
				isNull("user_id"), isNull("name"), isNull("joined_at"),
				statecheck.ExpectKnownValue(address, at("invited_at"), knownvalue.NotNull()),
			},
		},
		// The role of a pending member changes in place.
		resource.TestStep{
			Config: e.ProviderHCL() + withRole("member"), Check: has(e, grace, "member"),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(address, at("status"), knownvalue.StringExact("pending")),
					plancheck.ExpectKnownValue(address, at("user_id"), knownvalue.Null()),
				},
				PostApplyPostRefresh: emptyPlan(),
			},
		},
		// Case is nothing, and so is an accepted invitation.
		resource.TestStep{
			PreConfig:        func() { require.NoError(t, e.AcceptInvitation(org, grace)) },
			Config:           e.ProviderHCL() + member("email = \"grace@EXAMPLE.com\"\nrole = \"member\""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
			ConfigStateChecks: []statecheck.StateCheck{
				is("email", grace), is("status", "active"),
				statecheck.ExpectKnownValue(address, at("user_id"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(address, at("joined_at"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(address, at("mfa_enabled"), knownvalue.Bool(false)),
			},
		},
		resource.TestStep{Config: e.ProviderHCL() + withRole("admin"), Check: has(e, grace, "admin"), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate)},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateId: grace},
		resource.TestStep{
			Config:           e.ProviderHCL() + member("email = \"ada@example.com\"\nrole = \"admin\""),
			ConfigPlanChecks: plans(plancheck.ResourceActionReplace),
			Check:            resource.ComposeTestCheckFunc(has(e, grace, ""), has(e, "ada@example.com", "admin")),
		},
	)
	require.NoError(t, has(e, "ada@example.com", "")(nil))
}

func TestAccMemberThatChangedOutside(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := e.ProviderHCL() + withRole("readonly")
	test(t, e,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.SetMemberRole(org, grace, "owner")) },
			Config:    config, Check: has(e, grace, "readonly"), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.RemoveMember(org, grace)) },
			Config:    config, Check: has(e, grace, "readonly"), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
		},
	)
}

func TestAccMemberOfAnotherOrganization(t *testing.T) {
	e := acctest.NewEmulator(t, func(options *emulator.Options) {
		seed := emulator.DefaultSeed()
		seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{
			ID: "org_other", Name: "Other", Plan: "pro",
			Members: []emulator.SeedMember{{Email: emulator.DefaultOwnerEmail, Role: "owner"}},
		})
		options.Seed = &seed
	})
	other := func(revoke bool) string {
		return e.ProviderHCL() + member(fmt.Sprintf(
			"email = %q\nrole = \"member\"\norganization_id = \"org_other\"\nrevoke_api_keys_on_removal = %t", grace, revoke))
	}
	test(t, e,
		resource.TestStep{Config: e.ProviderHCL() + withRole("member"), Check: has(e, grace, "member")},
		resource.TestStep{
			Config: other(true), ConfigPlanChecks: plans(plancheck.ResourceActionReplace), Check: has(e, grace, ""),
			ConfigStateChecks: []statecheck.StateCheck{is("id", "org_other/"+grace)},
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.AcceptInvitation("org_other", grace)) },
			Config:    other(true), Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)Unable to revoke the team member's API keys.*organization_id\s+=\s+"org_other"`),
		},
		resource.TestStep{Config: other(false), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate)},
	)
	require.Len(t, e.Members("org_other"), 1)
}

func TestAccMemberKeysEndWithTheMember(t *testing.T) {
	for name, omit := range map[string]bool{"the service names creators": false, "the service does not": true} {
		t.Run(name, func(t *testing.T) {
			e := acctest.NewEmulator(t, func(options *emulator.Options) { options.OmitCreatedBy = omit })
			config := e.ProviderHCL() + member(fmt.Sprintf("email = %q\nrole = \"member\"\nrevoke_api_keys_on_removal = true", grace))
			test(t, e,
				resource.TestStep{Config: config},
				resource.TestStep{
					PreConfig: func() {
						require.NoError(t, e.AcceptInvitation(org, grace))
						token, err := e.IssueToken(grace, org)
						require.NoError(t, err)
						require.NoError(t, e.MakeKey(token, "hers"))
						require.NoError(t, e.MakeKey(e.Token, "the owner's"))
						// A failure in the middle leaves the member, so that the next try finds the rest.
						e.Inject(emulator.Fault{Operation: "removeMember", Status: http.StatusForbidden})
					},
					Config: config, Destroy: true, ExpectError: regexp.MustCompile(`Unable to remove team member`),
				},
				resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()}},
			)
			keys := e.APIKeys(org)
			require.Len(t, keys, 2)
			require.Equal(t, !omit, keys[0].Revoked, keys[0].Name)
			require.False(t, keys[1].Revoked, keys[1].Name)
		})
	}
}

func TestAccMemberFailures(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := e.ProviderHCL(`max_retries = 0`) + withRole("member")
	test(t, e,
		resource.TestStep{
			PreConfig:   func() { e.Inject(emulator.Fault{Operation: "inviteMember", Status: http.StatusForbidden}) },
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)Unable to invite team member.*HTTP\s+403`),
		},
		resource.TestStep{
			PreConfig: func() {
				e.Inject(emulator.Fault{Operation: "inviteMember", DropAfter: true})
				e.Inject(emulator.Fault{Operation: "listMembers", Status: http.StatusForbidden})
			},
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)Unable to invite team member.*may\s+have\s+been\s+invited`),
		},
		// Now she is invited already, to another role.
		resource.TestStep{
			Config: e.ProviderHCL(`max_retries = 0`) + withRole("readonly"),
			ExpectError: regexp.MustCompile(
				`(?s)HTTP\s+409.*terraform\s+import\s+terrascale_team_member\.<name>\s+'org_emulator/Grace@example\.com'`),
		},
		resource.TestStep{
			ResourceName: address, Config: config, ImportState: true, ImportStateId: "GRACE", ExpectError: regexp.MustCompile(`neither\s+organization_id/email\s+nor`),
		},
		resource.TestStep{
			ResourceName: address, Config: config, ImportState: true, ImportStateId: "nobody@example.com",
			ExpectError: regexp.MustCompile(`Cannot import non-existent remote object`),
		},
		resource.TestStep{
			ResourceName: address, Config: config, ImportState: true, ImportStateId: "grace@example.com", ImportStatePersist: true,
		},
		// A failure of the list is no reason to take anybody for gone.
		resource.TestStep{
			PreConfig:   func() { e.Inject(emulator.Fault{Operation: "listMembers", Status: http.StatusBadGateway}) },
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)Unable to read team member.*HTTP\s+502.*service\s+failed`),
		},
		// With retries it is not even noticed.
		resource.TestStep{
			PreConfig:        func() { e.Inject(emulator.Fault{Operation: "listMembers", Status: http.StatusBadGateway}) },
			Config:           e.ProviderHCL() + withRole("member"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
	)
}

func TestAccMemberWithoutCredentials(t *testing.T) {
	e := acctest.NewEmulator(t)
	test(t, e, resource.TestStep{
		Config:      fmt.Sprintf("provider \"terrascale\" {\n endpoint = %q\n}\n", e.URL()) + withRole("member"),
		ExpectError: regexp.MustCompile(`(?s)Unable to invite team member.*access_token\s+\(environment\s+variable\s+TERRASCALE_ACCESS_TOKEN\)`),
	})
}

func TestAccMemberOfAProviderThatIsNotKnownYet(t *testing.T) {
	e := acctest.NewEmulator(t)
	test(t, e, resource.TestStep{
		Config: e.UnknownProviderHCL() + withRole("member"), Check: has(e, grace, "member"),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
	})
}

func TestAccMemberMistakesAreNamed(t *testing.T) {
	e := acctest.NewEmulator(t)
	for name, step := range map[string]struct{ body, want string }{
		"no e-mail":       {`email = "grace"` + "\n" + `role = "member"`, `"grace"\s+is\s+not\s+an\s+e-mail`},
		"unknown role":    {`email = "grace@example.com"` + "\n" + `role = "viewer"`, `(?s)Attribute\s+role\s+value\s+must\s+be\s+one\s+of.*"readonly".*"viewer"`},
		"no organization": {`email = "grace@example.com"` + "\n" + `role = "member"` + "\n" + `organization_id = ""`, `(?s)Attribute\s+organization_id\s+string\s+length`},
		"extra owner":     {`email = "grace@example.com"` + "\n" + `role = "owner"`, `Least privilege: extra-owner`},
	} {
		t.Run(name, func(t *testing.T) {
			test(t, e, resource.TestStep{
				Config: e.ProviderHCL(`least_privilege = "enforce"`) + member(step.body), PlanOnly: true,
				ExpectError: regexp.MustCompile(step.want),
			})
		})
	}
}

func TestAccMemberExample(t *testing.T) {
	e := acctest.NewEmulator(t)
	example, err := os.ReadFile("../../../examples/resources/" + teammember.TypeName + "/resource.tf")
	require.NoError(t, err)
	test(t, e, resource.TestStep{
		Config:           e.ProviderHCL(`least_privilege = "enforce"`, `environment = "prod"`) + string(example),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		Check:            resource.ComposeTestCheckFunc(has(e, grace, "readonly"), has(e, "contractor@example.com", "member")),
	})
}
