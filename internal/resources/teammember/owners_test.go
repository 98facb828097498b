// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember_test

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

// imported gives a configuration that takes somebody over who is a member already.
func imported(provider, email, role string) string {
	return provider + fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, email) +
		member(fmt.Sprintf("email = %q\nrole = %q", email, role))
}

func forgotten(provider string) string {
	return provider + fmt.Sprintf("removed {\n  from = %s\n  lifecycle {\n    destroy = false\n  }\n}\n", address)
}

// providerAs gives a provider block that works as somebody else.
func providerAs(t *testing.T, e *acctest.Emulator, email string) string {
	t.Helper()
	token, err := e.IssueToken(email, org)
	require.NoError(t, err)
	return fmt.Sprintf("provider \"terrascale\" {\n  endpoint = %q\n  access_token = %q\n  organization_id = %q\n}\n",
		e.URL(), token.Reveal(), org)
}

func TestAccMemberLastOwnerIsKeptWhilePlanning(t *testing.T) {
	e := acctest.NewEmulator(t)
	// An invitation is no second owner yet.
	require.NoError(t, e.InviteMember(org, "second@example.com", "owner"))
	owner := func(role string) string { return imported(e.ProviderHCL(), "OWNER@example.com", role) }
	refused := regexp.MustCompile(`(?s)An\s+organization\s+keeps\s+at\s+least\s+one\s+owner.*Make\s+somebody\s+else\s+an\s+owner`)
	test(t, e,
		resource.TestStep{Config: owner("owner"), ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()}},
		resource.TestStep{Config: owner("admin"), PlanOnly: true, ExpectError: refused},
		resource.TestStep{Config: e.ProviderHCL() + withRole("member"), PlanOnly: true, ExpectError: refused},
		resource.TestStep{
			Config: owner("owner"), Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+remove\s+team\s+member.*HTTP\s+409.*make\s+somebody\s+else\s+an\s+owner`),
		},
		// With another one there, the service decides: it does not let an owner remove itself.
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.AcceptInvitation(org, "second@example.com")) },
			Config:    owner("owner"), Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+remove\s+team\s+member.*HTTP\s+409.*make\s+somebody\s+else\s+an\s+owner`),
		},
		resource.TestStep{
			Config: owner("admin"), Check: has(e, emulator.DefaultOwnerEmail, "admin"),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{Config: forgotten(e.ProviderHCL())},
	)
}

// Where the members can't be read while planning, the service's words come at apply.
func TestAccMemberLastOwnerIsKeptByTheService(t *testing.T) {
	e := acctest.NewEmulator(t)
	w := acctest.NewWorkspace(t, imported(e.ProviderHCL(), emulator.DefaultOwnerEmail, "owner"))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Configure(imported(e.ProviderHCL(), emulator.DefaultOwnerEmail, "admin"))
	// The check while planning, and that of the plan that Terraform makes once more while it applies.
	e.Inject(emulator.Fault{Operation: "listMembers", Status: http.StatusForbidden, Times: 2})
	result, err := w.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color", "-refresh=false")
	require.NoError(t, err)
	require.NotZero(t, result.ExitCode)
	require.Regexp(t, `(?s)Unable to change the team member's role.*HTTP\s+409.*keeps\s+at\s+least\s+one\s+owner`, result.Output)
	require.NoError(t, has(e, emulator.DefaultOwnerEmail, "owner")(nil))
}

func TestAccMemberOnlyAnOwnerMakesAndUnmakesOne(t *testing.T) {
	e := acctest.NewEmulator(t)
	admin := providerAs(t, e, emulator.DefaultAdminEmail)
	refused := regexp.MustCompile(`(?s)Only\s+an\s+owner\s+can\s+do\s+this.*has\s+the\s+role\s+admin`)
	test(t, e,
		resource.TestStep{Config: admin + withRole("owner"), PlanOnly: true, ExpectError: refused},
		resource.TestStep{Config: admin + withRole("member"), Check: has(e, grace, "member")},
		resource.TestStep{Config: admin + withRole("owner"), PlanOnly: true, ExpectError: refused},
		// The owner can, and then the admin can't take it back.
		resource.TestStep{Config: e.ProviderHCL() + withRole("owner"), Check: has(e, grace, "owner")},
		resource.TestStep{Config: admin + withRole("member"), PlanOnly: true, ExpectError: refused},
		// A destroy is tried: what the service says of one member holds up no other.
		resource.TestStep{
			Config: admin + withRole("owner"), Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+remove.*has\s+the\s+role\s+admin.*needs\s+the\s+role\s+owner`),
		},
		resource.TestStep{Config: e.ProviderHCL() + withRole("owner"), PlanOnly: true},
	)
}

func TestAccMemberRefusalsNameTheRoleOrTheLimit(t *testing.T) {
	e := acctest.NewEmulator(t)
	require.NoError(t, e.AddMember(org, "reader@example.com", "readonly"))
	reader := providerAs(t, e, "reader@example.com")
	needed := `(?s)HTTP\s+403.*has\s+the\s+role\s+readonly\s+in\s+the\s+organization,\s+and\s+this\s+needs\s+the\s+role\s+owner\s+or\s+admin`
	test(t, e,
		resource.TestStep{Config: reader + withRole("member"), ExpectError: regexp.MustCompile(`Unable\s+to\s+invite.*` + needed)},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.SetLimits(org, emulator.Limits{Members: 3})) },
			Config:    e.ProviderHCL() + withRole("member"),
			ExpectError: regexp.MustCompile(
				`(?s)HTTP\s+403.*has\s+3\s+members,\s+invitations\s+included,\s+and\s+its\s+plan\s+\(enterprise\)\s+allows\s+3`),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.SetLimits(org, emulator.Limits{Members: 4})) },
			Config:    e.ProviderHCL() + withRole("member"),
		},
		resource.TestStep{Config: reader + withRole("admin"), ExpectError: regexp.MustCompile(`Unable\s+to\s+change.*` + needed)},
		resource.TestStep{Config: reader + withRole("member"), Destroy: true, ExpectError: regexp.MustCompile(`Unable\s+to\s+remove.*` + needed)},
		resource.TestStep{Config: e.ProviderHCL() + withRole("member"), PlanOnly: true},
	)
}
