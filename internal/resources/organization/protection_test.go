// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestAccOrganizationIsProtectedWhilePlanning(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := func(slug string) string {
		return e.ProviderHCL() + org(fmt.Sprintf("name = \"Acme\"\nslug = %q", slug))
	}
	refused := regexp.MustCompile(`(?s)Protected\s+from\s+deletion.*deletion_protection\s+=\s+false,\s+apply`)
	unknown := e.ProviderHCL() + "resource \"terraform_data\" \"slug\" {\n  input = \"acme\"\n}\n" +
		org("name = \"Acme\"\nslug = terraform_data.slug.output")
	test(t, e,
		resource.TestStep{Config: config("acme"), ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()}},
		resource.TestStep{Config: config("acme"), Destroy: true, PlanOnly: true, ExpectError: refused},
		resource.TestStep{Config: e.ProviderHCL(), PlanOnly: true, ExpectError: refused},
		resource.TestStep{Config: config("acme-2"), PlanOnly: true, ExpectError: refused},
		resource.TestStep{Config: unknown, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)Protected\s+from\s+deletion.*known\s+only\s+at\s+apply`)},
		// Turning it off and destroying are two applies: what counts is what was applied.
		resource.TestStep{
			Config: e.ProviderHCL() + acme(""), Destroy: true, PlanOnly: true, ExpectError: refused,
		},
		resource.TestStep{Config: e.ProviderHCL() + acme(""), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate)},
	)
}

// Terraform does not show the provider these ends while it plans: they are refused when they are applied.
func TestAccOrganizationIsProtectedFromReplaceAndTaint(t *testing.T) {
	e := acctest.NewEmulator(t)
	w := acctest.NewWorkspace(t, e.ProviderHCL()+org("name = \"Acme\"\nslug = \"acme\""))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	refuse := func(arguments ...string) {
		t.Helper()
		result, err := w.Run(t.Context(), append([]string{"apply", "-auto-approve", "-input=false", "-no-color"}, arguments...)...)
		require.NoError(t, err)
		require.NotZero(t, result.ExitCode)
		require.Regexp(t, `(?s)Protected from deletion.*It\s+was\s+not\s+deleted`, result.Output)
	}
	refuse("-replace=" + address)
	w.Must("taint", address)
	refuse()
	w.Must("untaint", address)
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")

	w.Configure(e.ProviderHCL() + acme(""))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Configure(e.ProviderHCL())
	printed := w.Must("plan", "-input=false", "-no-color")
	require.Regexp(t, `(?s)An organization will be deleted.*databases and API keys become\s+unreachable`, printed)
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, gone(e, "acme")(nil))
}

// What is made in a second call may fail: the organization stays, and is finished by the next apply.
func TestAccOrganizationThatIsHalfMadeIsKept(t *testing.T) {
	e := acctest.NewEmulator(t)
	w := acctest.NewWorkspace(t, e.ProviderHCL()+org("name = \"Acme\"\nslug = \"acme\"\nrequire_mfa = true"))
	e.Inject(emulator.Fault{Operation: "updateOrganization", Status: http.StatusForbidden})
	result, err := w.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.NotZero(t, result.ExitCode)
	first, found := e.OrganizationBySlug("acme")
	require.True(t, found)
	require.Regexp(t, `(?s)Unable to set up the new organization.*`+first.ID+`\s+was\s+made.*terraform\s+untaint`, result.Output)

	w.Must("untaint", address)
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	second, _ := e.OrganizationBySlug("acme")
	require.Equal(t, first.ID, second.ID)
	require.True(t, second.RequireMFA)
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
}

func TestAccOrganizationThatIsSuspendedOrGoneIsWarnedOf(t *testing.T) {
	e := acctest.NewEmulator(t)
	w := acctest.NewWorkspace(t, e.ProviderHCL()+acme(""))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	found, _ := e.OrganizationBySlug("acme")

	require.NoError(t, e.SuspendOrganization(found.ID))
	require.Regexp(t, `(?s)The organization is suspended.*refuses\s+every\s+change`, w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode"))
	w.Configure(e.ProviderHCL() + acme("billing_email = \"a@example.com\""))
	result, err := w.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.Regexp(t, `(?s)Unable to update organization.*HTTP\s+403.*has\s+the\s+role\s+owner.*which\s+is\s+enough.*suspended`, result.Output)

	require.NoError(t, e.DeleteOrganization(found.ID))
	require.Regexp(t, `(?s)1 to add.*The organization is gone.*no\s+longer\s+a\s+member`, w.Must("plan", "-input=false", "-no-color"))
}

// The service may answer with the record of a deleted organization instead of 404.
func TestAccOrganizationWithTheStatusDeletedIsGone(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := e.ProviderHCL() + acme("")
	body := func(id string) string {
		return fmt.Sprintf(`{"organizationId":%q,"name":"Acme","slug":"acme","ownerUserId":"usr_owner","plan":"free","status":"deleted",`+
			`"createdAt":"2026-01-01T00:00:00Z","settings":{"maxDatabases":3,"maxApiKeys":10,"maxMembers":5,"allowedRegions":null,`+
			`"requireMfa":false,"ssoEnabled":false}}`, id)
	}
	test(t, e,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				found, _ := e.OrganizationBySlug("acme")
				require.NoError(t, e.DeleteOrganization(found.ID))
				e.Inject(emulator.Fault{
					Operation: "getOrganization", Path: "/api/v1/organizations/" + found.ID, Times: -1,
					Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: body(found.ID),
				})
			},
			Config: config, ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
		},
	)
}

func TestAccOrganizationRefusalsNameTheRole(t *testing.T) {
	e := acctest.NewEmulator(t)
	as := func(email string) string {
		token, err := e.IssueToken(email, emulator.DefaultOrganizationID)
		require.NoError(t, err)
		return fmt.Sprintf("provider \"terrascale\" {\n  endpoint = %q\n  access_token = %q\n  organization_id = %q\n}\n",
			e.URL(), token.Reveal(), emulator.DefaultOrganizationID)
	}
	require.NoError(t, e.AddMember(emulator.DefaultOrganizationID, "reader@example.com", "readonly"))
	body := func(name string) string {
		return org(fmt.Sprintf("name = %q\nbilling_email = \"billing@example.com\"\ndeletion_protection = false", name))
	}
	taken := fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, emulator.DefaultOrganizationID)
	test(t, e,
		resource.TestStep{
			Config: as(emulator.DefaultAdminEmail) + taken + body("Emulated organization"),
		},
		resource.TestStep{
			Config:      as("reader@example.com") + body("Renamed"),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+update\s+organization.*has\s+the\s+role\s+readonly.*needs\s+the\s+role\s+owner\s+or\s+admin`),
		},
		resource.TestStep{Config: as(emulator.DefaultAdminEmail) + body("Renamed"), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate)},
		resource.TestStep{
			Config: as(emulator.DefaultAdminEmail) + body("Renamed"), Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+delete\s+organization.*has\s+the\s+role\s+admin.*needs\s+the\s+role\s+owner`),
		},
		resource.TestStep{Config: e.ProviderHCL() + body("Renamed"), PlanOnly: true},
	)
}

// A service that takes a change and does not do it is an error, not a diff that comes back.
func TestAccOrganizationWhoseServiceDoesSomethingElse(t *testing.T) {
	e := acctest.NewEmulator(t)
	full := e.ProviderHCL() + acme("billing_email = \"billing@example.com\"")
	test(t, e,
		resource.TestStep{Config: full},
		resource.TestStep{
			PreConfig: func() {
				found, _ := e.OrganizationBySlug("acme")
				e.Inject(emulator.Fault{
					Operation: "updateOrganization", Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
					Body: fmt.Sprintf(`{"organizationId":%q,"name":"Acme","slug":"acme","ownerUserId":"usr_owner","plan":"free","status":"active",`+
						`"billingEmail":"billing@example.com","createdAt":"2026-01-01T00:00:00Z","settings":{"maxDatabases":3,"maxApiKeys":10,`+
						`"maxMembers":5,"allowedRegions":null,"requireMfa":false,"ssoEnabled":false}}`, found.ID),
				})
			},
			Config:      e.ProviderHCL() + acme(""),
			ExpectError: regexp.MustCompile(`(?s)The\s+service\s+did\s+not\s+do\s+what\s+was\s+asked.*billing_email\s+is\s+"billing@example\.com"\s+instead\s+of\s+""`),
		},
		resource.TestStep{Config: full, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()}},
	)
}
