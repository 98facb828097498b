// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/teammember"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// newAddress is where grace is reached once the service has changed her address.
const newAddress = "grace.hopper@example.com"

var cli = []string{"-auto-approve", "-input=false", "-no-color"}

// TestAccMemberWhoseAddressChanged has the service know a member by another address: it is the same person, who is neither forgotten
// nor invited again.
func TestAccMemberWhoseAddressChanged(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := func(email string) string {
		return e.ProviderHCL() + member(fmt.Sprintf("email = %q\nrole = \"admin\"\nrevoke_api_keys_on_removal = true", email))
	}
	joined := func() *acctest.Workspace {
		w := acctest.NewWorkspace(t, config(grace))
		w.Must(append([]string{"apply"}, cli...)...)
		require.NoError(t, e.AcceptInvitation(org, grace))
		w.Must(append([]string{"apply"}, cli...)...)
		token, err := e.IssueToken(grace, org)
		require.NoError(t, err)
		require.NoError(t, e.MakeKey(token, "hers"))
		require.NoError(t, e.ChangeEmail(org, grace, newAddress))
		return w
	}

	w := joined()
	output := acctest.Plain(w.Must("plan", "-input=false", "-no-color"))
	require.Contains(t, output, `by the address `+newAddress+` now`)
	require.Contains(t, output, `email = "`+newAddress+`"`)
	require.NotContains(t, output, "to add")
	w.Must(append([]string{"apply"}, cli...)...)
	require.NoError(t, has(e, newAddress, "admin")(nil))
	require.NoError(t, has(e, grace, "")(nil))
	w.Configure(strings.Replace(config(grace), `"admin"`, `"readonly"`, 1))
	w.Must(append([]string{"apply"}, cli...)...)
	require.NoError(t, has(e, newAddress, "readonly")(nil))
	w.Configure(strings.Replace(config(newAddress), `"admin"`, `"readonly"`, 1))
	output = acctest.Plain(w.Must("plan", "-input=false", "-no-color"))
	require.Contains(t, output, "No changes.")
	require.NotContains(t, output, "address changed")
	w.Must(append([]string{"destroy"}, cli...)...)
	require.NoError(t, has(e, newAddress, "")(nil))

	// Without a refresh in between, the destroy finds her, and her keys.
	w = joined()
	w.Must(append([]string{"destroy", "-refresh=false"}, cli...)...)
	require.NoError(t, has(e, newAddress, "")(nil))
	for _, key := range e.APIKeys(org) {
		require.True(t, key.Revoked, key.Name)
	}

	// Somebody else has the address by now: that is nobody whom Terraform invited.
	w = joined()
	require.NoError(t, e.RemoveMember(org, newAddress))
	require.NoError(t, e.AddMember(org, grace, "readonly"))
	w.Must(append([]string{"destroy"}, cli...)...)
	require.NoError(t, has(e, grace, "readonly")(nil))
	require.NoError(t, e.RemoveMember(org, grace))

	// Another address in the configuration is still somebody else.
	w = joined()
	w.Configure(config("ada@example.com"))
	w.Must(append([]string{"apply"}, cli...)...)
	require.NoError(t, has(e, newAddress, "")(nil))
	require.NoError(t, has(e, "ada@example.com", "admin")(nil))
}

// TestAccMemberRespelledKey gives the instance of a member another key of for_each.
func TestAccMemberRespelledKey(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := func(emails ...string) string {
		return e.ProviderHCL() + fmt.Sprintf(`
resource %q "test" {
  for_each = toset(["%s"])
  email    = each.key
  role     = "admin"
}
`, teammember.TypeName, strings.Join(emails, `", "`))
	}
	moved := fmt.Sprintf("moved {\n  from = %[1]s[\"Grace@Example.com\"]\n  to = %[1]s[\"grace@example.com\"]\n}\n", address)
	w := acctest.NewWorkspace(t, config("Grace@Example.com", "ada@example.com"))
	w.Must(append([]string{"apply"}, cli...)...)
	require.NoError(t, e.AcceptInvitation(org, "grace@example.com"))

	w.Configure(config("grace@example.com", "ada@example.com"))
	for range 5 { // Whichever of the two is planned first.
		result, err := w.Run(t.Context(), append([]string{"apply"}, cli...)...)
		require.NoError(t, err)
		require.NotZero(t, result.ExitCode, result.Output)
		require.Contains(t, acctest.Plain(result.Output), `from = terrascale_team_member.<name>["Grace@Example.com"] to = terrascale_team_member.<name>["grace@example.com"]`)
		require.NoError(t, has(e, "grace@example.com", "admin")(nil))
	}
	w.Configure(config("grace@example.com", "ada@example.com") + moved)
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "0 to add, 0 to change, 0 to destroy")
	w.Must(append([]string{"apply"}, cli...)...)

	// A replacement that somebody asks for is planned twice by Terraform, and is no second resource.
	require.Contains(t, w.Must("plan", "-input=false", "-no-color", `-replace=`+address+`["grace@example.com"]`), "1 to add, 0 to change, 1 to destroy")
	w.Must(append([]string{"destroy"}, cli...)...)
	require.NoError(t, has(e, "grace@example.com", "")(nil))
}

func TestAccMemberTwoResourcesForOne(t *testing.T) {
	e := acctest.NewEmulator(t)
	second := fmt.Sprintf("resource %q \"second\" {\n  email = %q\n  role = \"admin\"\n}\n", teammember.TypeName, strings.ToUpper(grace))
	twice := regexp.MustCompile(`(?s)Two resources for one team member.*Remove\s+one`)
	test(t, e,
		resource.TestStep{Config: e.ProviderHCL() + withRole("member") + second, PlanOnly: true, ExpectError: twice},
		resource.TestStep{Config: e.ProviderHCL() + withRole("member")},
		resource.TestStep{Config: e.ProviderHCL() + withRole("member") + second, PlanOnly: true, ExpectError: twice},
	)
}
