// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlistentry_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/ipallowlistentry"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const (
	address = ipallowlistentry.TypeName + ".test"
	org     = emulator.DefaultOrganizationID
	// here is where the emulator sees the tests come from.
	here = "127.0.0.1/32"
)

// entry gives a resource block.
func entry(name, cidr string, attributes ...string) string {
	block := fmt.Sprintf("resource %q %q {\n  cidr = %q\n", ipallowlistentry.TypeName, name, cidr)
	for _, attribute := range attributes {
		block += "  " + attribute + "\n"
	}
	return block + "}\n"
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

// holds checks the list at the service.
func holds(e *acctest.Emulator, enabled bool, networks ...string) resource.TestCheckFunc {
	return acctest.Outside(func() error {
		if got := e.Networks(); !slices.Equal(got, networks) {
			return fmt.Errorf("the list is %v instead of %v", got, networks)
		}
		if got := e.Allowlist(org).Enabled; got != enabled {
			return fmt.Errorf("enabled is %t", got)
		}
		return nil
	})
}

// newShared makes an emulator whose list another team has begun.
func newShared(t *testing.T) *acctest.Emulator {
	t.Helper()
	e := acctest.NewEmulator(t)
	require.NoError(t, e.SetAllowlist(org, true, here))
	return e
}

// test runs steps, after which only what was there before is left.
func test(t *testing.T, e *acctest.Emulator, clock *acctest.Clock, steps ...resource.TestStep) {
	t.Helper()
	var options []provider.Option
	if clock != nil {
		options = append(options, provider.WithClock(clock.Now))
	}
	left := holds(e, e.Allowlist(org).Enabled, e.Networks()...)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(options...), CheckDestroy: left, Steps: steps})
}

func TestAccEntryLifecycle(t *testing.T) {
	e := newShared(t)
	test(t, e, nil,
		resource.TestStep{
			Config: e.ProviderHCL() + entry("test", "2001:DB8:0::/48", `description = "office"`, `organization_id = "`+org+`"`,
				`expires_at = "2100-01-01T00:00:00Z"`, "allow_lockout = true", "allow_open = true"),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
					plancheck.ExpectKnownValue(address, at("id"), knownvalue.StringExact(org+"/2001:db8::/48")),
				},
				PostApplyPostRefresh: emptyPlan(),
			},
			ConfigStateChecks: []statecheck.StateCheck{
				is("id", org+"/2001:db8::/48"), is("cidr", "2001:DB8:0::/48"), is("status", "active"), is("organization_id", org),
			},
			Check: holds(e, true, here, "2001:db8::/48"),
		},
		// Another spelling is no change.
		resource.TestStep{
			Config: e.ProviderHCL() + entry("test", "2001:db8::/48", `description = "office"`, `expires_at = "2100-01-01T01:00:00+01:00"`,
				"allow_lockout = true", "allow_open = true"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		resource.TestStep{
			Config:           e.ProviderHCL() + entry("test", "2001:db8::/48", `description = "lab"`),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			Check: acctest.Outside(func() error {
				if !slices.ContainsFunc(e.Allowlist(org).Entries, func(listed emulator.AllowlistEntry) bool { return listed.Description == "lab" }) {
					return fmt.Errorf("the description is not there")
				}
				return nil
			}),
		},
		// One network is swapped for another in one write.
		resource.TestStep{
			PreConfig: e.ResetRequests,
			Config:    e.ProviderHCL() + entry("test", "203.0.113.7"), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				is("id", org+"/203.0.113.7/32"), is("cidr", "203.0.113.7"),
				statecheck.ExpectKnownValue(address, at("description"), knownvalue.Null()),
			},
			Check: resource.ComposeTestCheckFunc(holds(e, true, here, "203.0.113.7/32"), wrote(e, 1)),
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: org + "/203.0.113.7/32", ImportStateVerify: true, ImportStateVerifyIgnore: []string{
			"cidr", // in canonical form
		}},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateId: "203.0.113.7", ImportStateVerify: true},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "203.0.113.7/40",
			ExpectError: regexp.MustCompile(`is\s+neither\s+organization_id/cidr\s+nor\s+a\s+CIDR`),
		},
	)
}

// wrote counts the writes of the list that succeeded since the last ResetRequests.
func wrote(e *acctest.Emulator, times int) resource.TestCheckFunc {
	return acctest.Outside(func() error {
		if got := count(e, "putIpAllowlist"); got != times {
			return fmt.Errorf("the list was written %d times instead of %d", got, times)
		}
		return nil
	})
}

func count(e *acctest.Emulator, operation string) int {
	times := 0
	for _, call := range e.Calls() {
		if call == operation {
			times++
		}
	}
	return times
}

func TestAccEntryThatChangedOutside(t *testing.T) {
	e := newShared(t)
	config := e.ProviderHCL() + entry("test", "203.0.113.0/24", `description = "office"`)
	mended := holds(e, true, here, "203.0.113.0/24")
	test(t, e, nil,
		resource.TestStep{Config: config, Check: mended},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.SetAllowlist(org, true, here, "203.0.113.0/24")) },
			Config:    config, ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: mended,
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.SetAllowlist(org, true, here)) },
			Config:    config, ConfigPlanChecks: plans(plancheck.ResourceActionCreate), Check: mended,
		},
		// The entries of others are none of its business.
		resource.TestStep{
			PreConfig: func() {
				list := e.Allowlist(org)
				require.Len(t, list.Entries, 2)
				require.NoError(t, e.SetAllowlist(org, true, here, "198.51.100.0/24"))
			},
			Config: config, ConfigPlanChecks: plans(plancheck.ResourceActionCreate), Check: holds(e, true, here, "198.51.100.0/24", "203.0.113.0/24"),
		},
		resource.TestStep{
			Config: e.ProviderHCL() + entry("test", "198.51.100.0/24"), PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)exists already.*198\.51\.100\.0/24.*terraform\s+import\s+terrascale_ip_allowlist_entry\.<name>\s+'org_emulator/198\.51\.100\.0/24'`),
		},
		resource.TestStep{
			PreConfig: func() {
				require.NoError(t, e.SetAllowlist(org, true, here))
			},
			Config: config, ConfigPlanChecks: plans(plancheck.ResourceActionCreate), Check: mended,
		},
	)
}

func TestAccEntryEnds(t *testing.T) {
	clock := acctest.NewClock(time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC))
	e := newShared(t)
	config := e.ProviderHCL() + entry("test", "203.0.113.0/24", `expires_at = "2030-01-02T00:00:00Z"`)
	gone := holds(e, true, here)
	test(t, e, clock,
		resource.TestStep{
			Config: config, Check: holds(e, true, here, "203.0.113.0/24"), ConfigStateChecks: []statecheck.StateCheck{is("status", "active")},
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
		resource.TestStep{
			PreConfig: func() { clock.Advance(24 * time.Hour) },
			Config:    config, Check: gone, ConfigStateChecks: []statecheck.StateCheck{is("status", "expired")},
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig: func() { clock.Advance(24 * time.Hour) },
			Config:    config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		// Another team lists the network: it is theirs.
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.SetAllowlist(org, true, here, "203.0.113.0/24")) },
			Config:    config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		resource.TestStep{Config: e.ProviderHCL(), Check: holds(e, true, here, "203.0.113.0/24")},
		// What is over before it begins is never listed.
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.SetAllowlist(org, true, here)) },
			Config:    config, Check: gone, ConfigStateChecks: []statecheck.StateCheck{is("status", "expired")},
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
		resource.TestStep{
			Config:            e.ProviderHCL() + entry("test", "203.0.113.0/24", `expires_at = "2031-01-02T00:00:00Z"`),
			ConfigStateChecks: []statecheck.StateCheck{is("status", "active")}, ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			Check: holds(e, true, here, "203.0.113.0/24"),
		},
		// One that somebody removed after its end does not come back.
		resource.TestStep{
			PreConfig: func() {
				clock.Advance(2 * 365 * 24 * time.Hour)
				require.NoError(t, e.SetAllowlist(org, true, here))
			},
			Config:           e.ProviderHCL() + entry("test", "203.0.113.0/24", `expires_at = "2031-01-02T00:00:00Z"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}},
			Check:            gone,
		},
	)
}

func TestAccEntryMistakesAreNamed(t *testing.T) {
	e := newShared(t)
	whole := "resource \"terrascale_ip_allowlist\" \"all\" {\n  entries = { \"127.0.0.1/32\" = {} }\n}\n"
	for name, step := range map[string]struct{ config, want string }{
		"host bits": {entry("test", "10.0.0.1/24"), `(?s)"10\.0\.0\.1/24"\s+has\s+host\s+bits\s+set:\s+write\s+"10\.0\.0\.0/24"`},
		"time":      {entry("test", "10.0.0.0/24", `expires_at = "tomorrow"`), `"tomorrow"\s+is\s+not\s+an\s+RFC\s+3339\s+time`},
		"duplicate": {
			entry("test", "2001:db8::1") + entry("other", "2001:DB8:0::1/128"),
			`(?s)Duplicate IP allowlist entry.*"2001:(db8|DB8).*and.*"2001:(db8|DB8).*same\s+network`,
		},
		"covered": {entry("test", "10.0.0.0/8") + entry("other", "10.1.0.0/16"), `(?s)IP allowlist entry within another.*"10\.1\.0\.0/16"\s+lies\s+within\s+"10\.0\.0\.0/8"`},
		"listed":  {entry("test", "127.0.0.1"), `(?s)exists already.*import\s+terrascale_ip_allowlist_entry\.<name>\s+'org_emulator/127\.0\.0\.1/32'`},
		"open":    {entry("test", "::/0"), `Least privilege: open-allowlist`},
		"both":    {entry("test", "10.0.0.0/8") + whole, `(?s)managed twice.*terrascale_ip_allowlist_entry\s+for\s+organization\s+org_emulator`},
	} {
		t.Run(name, func(t *testing.T) {
			test(t, e, nil, resource.TestStep{
				Config: e.ProviderHCL(`least_privilege = "enforce"`) + step.config, PlanOnly: true, ExpectError: regexp.MustCompile(step.want),
			})
		})
	}
}
