// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// Whatever becomes of an invitation, there is nothing to do; only one that vanished is sent again, and once.
func TestAccMemberInvitationsMakeNoDiff(t *testing.T) {
	e := acctest.NewEmulator(t, func(options *emulator.Options) { options.OmitMFAEnabled = true })
	config := e.ProviderHCL() + withRole("member")
	nothing := resource.ConfigPlanChecks{PreApply: emptyPlan(), PostApplyPostRefresh: emptyPlan()}
	sent := statecheck.CompareValue(compare.ValuesDiffer())
	test(t, e,
		resource.TestStep{
			Config:            config,
			ConfigStateChecks: []statecheck.StateCheck{is("status", "pending"), sent.AddStateValue(address, at("invited_at"))},
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.ExpireInvitation(org, grace)) },
			Config:    config, ConfigPlanChecks: nothing, ConfigStateChecks: []statecheck.StateCheck{is("status", "expired")},
		},
		// The role of an expired invitation changes, too.
		resource.TestStep{
			Config: e.ProviderHCL() + withRole("readonly"), Check: has(e, grace, "readonly"),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{Config: config, Check: has(e, grace, "member"), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate)},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.ResendInvitation(org, grace, emulator.DefaultAdminUserID)) },
			Config:    config, ConfigPlanChecks: nothing,
			ConfigStateChecks: []statecheck.StateCheck{
				is("status", "pending"), is("invited_by", emulator.DefaultAdminUserID), sent.AddStateValue(address, at("invited_at")),
			},
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.RemoveMember(org, grace)) },
			Config:    config, Check: has(e, grace, "member"), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.AcceptInvitation(org, grace)) },
			Config:    config, ConfigPlanChecks: nothing,
			ConfigStateChecks: []statecheck.StateCheck{
				is("status", "active"), statecheck.ExpectKnownValue(address, at("user_id"), knownvalue.NotNull()), isNull("mfa_enabled"),
			},
		},
	)
}

func TestAccMemberExpiredInvitationIsWarnedOf(t *testing.T) {
	e := acctest.NewEmulator(t)
	w := acctest.NewWorkspace(t, e.ProviderHCL()+withRole("member"))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, e.ExpireInvitation(org, grace))
	printed := w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	require.Regexp(t, `(?s)An invitation is no longer open: Grace@example.com.*The service calls it expired.*-replace`, printed)

	w.Must("apply", "-auto-approve", "-input=false", "-no-color", "-replace="+address)
	found, _ := e.Member(grace)
	require.Equal(t, "pending", found.Status)
	w.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	_, there := e.Member(grace)
	require.False(t, there)
}
