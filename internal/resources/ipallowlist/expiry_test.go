// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func expired(cidrs ...string) []statecheck.StateCheck {
	checks := make([]knownvalue.Check, len(cidrs))
	for i, cidr := range cidrs {
		checks[i] = knownvalue.StringExact(cidr)
	}
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, at("expired_entries"), knownvalue.ListExact(checks))}
}

func TestAccAllowlistEntryEnds(t *testing.T) {
	clock := acctest.NewClock(time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC))
	e := acctest.NewEmulator(t)
	config := func(until string) string {
		return e.ProviderHCL() + allowlist("", here, `"203.0.113.0/24" = { description = "partner", expires_at = "`+until+`" }`)
	}
	until := config("2030-01-02T00:00:00Z")
	gone, there := holds(e, true, "127.0.0.1/32"), holds(e, true, "127.0.0.1/32", "203.0.113.0/24")
	noop := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)), CheckDestroy: holds(e, false),
		Steps: []resource.TestStep{
			{Config: until, Check: there, ConfigStateChecks: expired(), ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()}},
			{
				PreConfig: func() { clock.Advance(24 * time.Hour) },
				Config:    until, Check: gone, ConfigStateChecks: expired("203.0.113.0/24"),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply:             []plancheck.PlanCheck{acctest.ExpectChangesOnly(address, "expired_entries")},
					PostApplyPostRefresh: emptyPlan(),
				},
			},
			{
				PreConfig: func() { clock.Advance(24 * time.Hour) },
				Config:    until, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
			},
			// The list is this resource's alone: what somebody lists again goes again.
			{
				PreConfig: func() { require.NoError(t, e.SetAllowlist(org, true, "127.0.0.1/32", "203.0.113.0/24")) },
				Config:    until, ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: gone,
			},
			{Config: config("2031-01-02T00:00:00Z"), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: there, ConfigStateChecks: expired()},
			// One that somebody removed after its end does not come back.
			{
				PreConfig: func() {
					clock.Advance(2 * 365 * 24 * time.Hour)
					require.NoError(t, e.SetAllowlist(org, true, "127.0.0.1/32"))
				},
				Config: config("2031-01-02T00:00:00Z"), ConfigPlanChecks: noop, Check: gone, ConfigStateChecks: expired("203.0.113.0/24"),
			},
			{Config: e.ProviderHCL(), Check: holds(e, false)},
			// What is over before it begins is never listed.
			{
				Config: until, Check: gone, ConfigStateChecks: expired("203.0.113.0/24"),
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
			},
		},
	})
}

func TestAccAllowlistPlanNamesTheEntryThatChanges(t *testing.T) {
	e := acctest.NewEmulator(t)
	others := []string{here, `"198.51.100.0/24" = { description = "lab" }`}
	config := func(office string) string { return e.ProviderHCL() + allowlist("", append(others, office)...) }
	changes := func(paths ...string) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{acctest.ExpectChangesOnly(address, paths...)}}
	}
	test(t, e,
		resource.TestStep{Config: config(`"203.0.113.0/24" = { description = "office" }`)},
		resource.TestStep{
			Config:           config(`"203.0.113.0/24" = { description = "head office" }`),
			ConfigPlanChecks: changes("entries/203.0.113.0/24/description"),
		},
		resource.TestStep{Config: config(`"203.0.114.0/24" = {}`), ConfigPlanChecks: changes("entries/203.0.113.0/24", "entries/203.0.114.0/24")},
	)
}
