// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist_test

import (
	"context"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// meanwhile is somebody else, who acts between a plan and its apply.
type meanwhile func() error

// CheckPlan implements plancheck.PlanCheck.
func (m meanwhile) CheckPlan(_ context.Context, _ plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = m()
}

func beforeApply(act meanwhile) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{act}}
}

func TestAccAllowlistConcurrentChangesAreNotOverwritten(t *testing.T) {
	e := acctest.NewEmulator(t)
	first := e.ProviderHCL() + allowlist("", here, `"203.0.113.0/24" = {}`)
	second := e.ProviderHCL() + allowlist("", here, `"198.51.100.0/24" = {}`)
	const refused = `changed\s+by\s+somebody\s+else:\s+added\s+192\.0\.2\.0/24;\s+removed\s+203\.0\.113\.0/24.*Nothing\s+was\s+overwritten`
	test(t, e,
		resource.TestStep{Config: first},
		resource.TestStep{
			Config:           second,
			ConfigPlanChecks: beforeApply(func() error { return e.SetAllowlist(org, true, "127.0.0.1/32", "192.0.2.0/24") }),
			ExpectError:      regexp.MustCompile(`(?s)Unable to update IP allowlist.*` + refused),
		},
		resource.TestStep{
			RefreshState: true, ExpectNonEmptyPlan: true, Check: holds(e, true, "127.0.0.1/32", "192.0.2.0/24"),
		},
		// A new plan shows the other change; applying that is a decision.
		resource.TestStep{Config: first, ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: holds(e, true, "127.0.0.1/32", "203.0.113.0/24")},
		// Another version of the same list is no other list.
		resource.TestStep{
			Config:           second,
			ConfigPlanChecks: beforeApply(func() error { return e.SetAllowlist(org, true, "203.0.113.0/24", "127.0.0.1/32") }),
			Check:            holds(e, true, "127.0.0.1/32", "198.51.100.0/24"),
		},
		resource.TestStep{Config: first},
		resource.TestStep{
			Config: first, Destroy: true,
			ConfigPlanChecks: beforeApply(func() error { return e.SetAllowlist(org, true, "127.0.0.1/32", "192.0.2.0/24") }),
			ExpectError:      regexp.MustCompile(`(?s)Unable to disable IP allowlist.*` + refused),
		},
		resource.TestStep{
			RefreshState: true, ExpectNonEmptyPlan: true, Check: holds(e, true, "127.0.0.1/32", "192.0.2.0/24"),
		},
	)
}
