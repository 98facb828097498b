// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/ipallowlist"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const (
	address = ipallowlist.TypeName + ".test"
	org     = emulator.DefaultOrganizationID
	// here is where the emulator sees the tests come from.
	here = `"127.0.0.1/32" = {}`
)

// allowlist gives a resource block.
func allowlist(attributes string, entries ...string) string {
	return fmt.Sprintf("resource %q \"test\" {\n  %s\n  entries = { %s }\n}\n", ipallowlist.TypeName, attributes, strings.Join(entries, ", "))
}

func at(attribute string) tfjsonpath.Path { return tfjsonpath.New(attribute) }

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

func test(t *testing.T, e *acctest.Emulator, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(), CheckDestroy: holds(e, false), Steps: steps,
	})
}

func TestAccAllowlistLifecycle(t *testing.T) {
	e := acctest.NewEmulator(t)
	full := allowlist(`
  organization_id = "`+org+`"
  enabled         = true
  allow_lockout   = true`,
		`"127.0.0.0/8" = { description = "tests" }`, `"2001:db8::/48" = {}`,
		`"203.0.113.7/32" = { description = "", expires_at = "2100-01-01T00:00:00Z" }`)
	test(t, e,
		resource.TestStep{
			Config: e.ProviderHCL() + full, Check: holds(e, true, "127.0.0.0/8", "2001:db8::/48", "203.0.113.7/32"),
			ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("caller_ip"), knownvalue.StringExact("127.0.0.1")),
				statecheck.ExpectKnownValue(address, at("expired_entries"), knownvalue.ListExact(nil)),
				statecheck.ExpectKnownValue(address, at("entries").AtMapKey("127.0.0.0/8"), knownvalue.ObjectExact(map[string]knownvalue.Check{
					"description": knownvalue.StringExact("tests"), "expires_at": knownvalue.Null(),
				})),
			},
		},
		// Other spellings and another order are the same list.
		resource.TestStep{
			Config: e.ProviderHCL() + allowlist("allow_lockout = true",
				`"203.0.113.7/32" = { expires_at = "2100-01-01T01:00:00+01:00" }`, `"2001:db8::/48" = { description = "" }`,
				`"127.0.0.0/8" = { description = "tests" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		// allow_lockout alone is a matter of the state.
		resource.TestStep{
			PreConfig: e.ResetRequests,
			Config: e.ProviderHCL() + allowlist("",
				`"203.0.113.7/32" = { expires_at = "2100-01-01T00:00:00Z" }`, `"2001:db8::/48" = {}`,
				`"127.0.0.0/8" = { description = "tests" }`),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			Check: acctest.Outside(func() error {
				if slices.Contains(e.Calls(), "putIpAllowlist") {
					return fmt.Errorf("the list was written")
				}
				return nil
			}),
		},
		resource.TestStep{
			Config: e.ProviderHCL() + allowlist("", here, `"203.0.113.0/24" = {}`), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			Check: holds(e, true, "127.0.0.1/32", "203.0.113.0/24"),
		},
		resource.TestStep{
			Config:           e.ProviderHCL() + allowlist("", `"127.0.0.1/32" = {}`, `"203.0.113.0/24" = { description = "office" }`),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
			Check: acctest.Outside(func() error {
				if !slices.ContainsFunc(e.Allowlist(org).Entries, func(entry emulator.AllowlistEntry) bool { return entry.Description == "office" }) {
					return fmt.Errorf("the description is not there")
				}
				return nil
			}),
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: org, ImportStateVerify: true,
			ImportStateVerifyIdentifierAttribute: "organization_id",
		},
		resource.TestStep{
			Config:           e.ProviderHCL() + allowlist("enabled = false", here),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: holds(e, false, "127.0.0.1/32"),
		},
		resource.TestStep{
			Config:           e.ProviderHCL() + allowlist("enabled = false"),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: holds(e, false),
		},
		resource.TestStep{
			Config:           e.ProviderHCL() + allowlist("", here),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: holds(e, true, "127.0.0.1/32"),
		},
	)
}

func TestAccAllowlistImportShowsEachChange(t *testing.T) {
	e := acctest.NewEmulator(t)
	require.NoError(t, e.SetAllowlist(org, true, "127.0.0.1/32", "2001:db8::/48"))
	imported := fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, org)
	test(t, e,
		resource.TestStep{
			Config:           e.ProviderHCL() + imported + allowlist("", here, `"2001:db8::/48" = {}`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}},
		},
		resource.TestStep{
			ResourceName: address, Config: e.ProviderHCL() + allowlist("", here), ImportState: true, ImportStateId: org + "/x",
			ExpectError: regexp.MustCompile(`is\s+not\s+an\s+organization's\s+id`),
		},
	)
}

func TestAccAllowlistThatChangedOutside(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := e.ProviderHCL() + allowlist("", here, `"203.0.113.0/24" = {}`)
	mended := holds(e, true, "127.0.0.1/32", "203.0.113.0/24")
	steps := []resource.TestStep{{Config: config, Check: mended}}
	for _, change := range []struct {
		enabled  bool
		networks []string
	}{
		{true, []string{"127.0.0.1/32", "198.51.100.0/24", "203.0.113.0/24"}},
		{true, []string{"127.0.0.1/32"}},
		{false, []string{"127.0.0.1/32", "203.0.113.0/24"}},
		{false, nil}, // which is all of it that can be deleted
	} {
		steps = append(steps, resource.TestStep{
			PreConfig: func() { require.NoError(t, e.SetAllowlist(org, change.enabled, change.networks...)) },
			Config:    config, ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: mended,
		})
	}
	test(t, e, steps...)
}

func TestAccAllowlistOfAnotherOrganization(t *testing.T) {
	e := acctest.NewEmulator(t, func(options *emulator.Options) {
		seed := emulator.DefaultSeed()
		seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{
			ID: "org_other", Name: "Other", Plan: "enterprise",
			Members: []emulator.SeedMember{{Email: emulator.DefaultOwnerEmail, Role: "owner"}},
		})
		options.Seed = &seed
	})
	test(t, e,
		resource.TestStep{Config: e.ProviderHCL() + allowlist("", here), Check: holds(e, true, "127.0.0.1/32")},
		resource.TestStep{
			Config: e.ProviderHCL() + allowlist(`organization_id = "org_other"`, here), Check: holds(e, false),
			ConfigPlanChecks: plans(plancheck.ResourceActionReplace),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.DeleteOrganization("org_other")) },
			Config:    e.ProviderHCL() + allowlist("", here), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
		},
	)
}

func TestAccAllowlistOfAProviderThatIsNotKnownYet(t *testing.T) {
	e := acctest.NewEmulator(t)
	test(t, e,
		// What the plan could not see, the apply sees before it writes.
		resource.TestStep{
			Config:      e.UnknownProviderHCL() + allowlist("", `"203.0.113.0/24" = {}`),
			ExpectError: regexp.MustCompile(`(?s)would lock you out.*127\.0\.0\.1`),
		},
		resource.TestStep{
			Config: e.UnknownProviderHCL() + allowlist("", here), Check: holds(e, true, "127.0.0.1/32"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
	)
}

func TestAccAllowlistWithValuesThatAreKnownAtApply(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := func(network string) string {
		return e.ProviderHCL() + fmt.Sprintf("resource \"terraform_data\" \"office\" {\n  input = %q\n}\n", network) +
			allowlist("", here, `(terraform_data.office.output) = {}`)
	}
	test(t, e,
		resource.TestStep{
			Config: config("203.0.113.0/24"), Check: holds(e, true, "127.0.0.1/32", "203.0.113.0/24"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
		resource.TestStep{
			Config: config("203.0.114.0/24"), Check: holds(e, true, "127.0.0.1/32", "203.0.114.0/24"),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
		},
	)
}

func TestAccAllowlistFailures(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := allowlist("", here)
	test(t, e,
		resource.TestStep{
			Config:      fmt.Sprintf("provider \"terrascale\" {\n endpoint = %q\n}\n", e.URL()) + config,
			ExpectError: regexp.MustCompile(`(?s)Unable to read IP allowlist.*access_token\s+\(environment\s+variable\s+TERRASCALE_ACCESS_TOKEN\)`),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.SetPlan(org, "pro")) },
			Config:    e.ProviderHCL() + config, PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)HTTP\s+403.*org_emulator\s+is\s+on\s+pro.*feature\s+of\s+the\s+plan\s+Enterprise`),
		},
		resource.TestStep{
			PreConfig: func() {
				require.NoError(t, e.SetPlan(org, "enterprise"))
				e.Inject(emulator.Fault{Operation: "putIpAllowlist", Status: http.StatusBadGateway})
			},
			Config: e.ProviderHCL(`max_retries = 0`) + config, ExpectError: regexp.MustCompile(`(?s)Unable to create IP allowlist.*HTTP\s+502`),
		},
		resource.TestStep{
			PreConfig: func() { e.Inject(emulator.Fault{Operation: "putIpAllowlist", Status: http.StatusBadGateway}) },
			Config:    e.ProviderHCL() + config, Check: holds(e, true, "127.0.0.1/32"),
		},
		// An answer that was lost after the list was written is not taken for somebody else's change.
		resource.TestStep{
			PreConfig: func() { e.Inject(emulator.Fault{Operation: "putIpAllowlist", DropAfter: true}) },
			Config:    e.ProviderHCL() + allowlist("", `"127.0.0.0/8" = {}`), Check: holds(e, true, "127.0.0.0/8"),
			ConfigPlanChecks: plans(plancheck.ResourceActionUpdate),
		},
	)
}

func TestAccAllowlistMistakesAreNamed(t *testing.T) {
	e := acctest.NewEmulator(t)
	for name, step := range map[string]struct {
		entries []string
		want    string
	}{
		"host bits":      {[]string{here, `"10.0.0.1/24" = {}`}, `(?s)"10\.0\.0\.1/24"\s+has\s+host\s+bits\s+set:\s+write\s+"10\.0\.0\.0/24"`},
		"no CIDR":        {[]string{here, `"office" = {}`}, `"office"\s+is\s+not\s+a\s+CIDR`},
		"bare address":   {[]string{here, `"203.0.113.7" = {}`}, `(?s)not in canonical form.*Write\s+"203\.0\.113\.7/32"\s+instead\s+of\s+"203\.0\.113\.7"`},
		"other spelling": {[]string{here, `"2001:DB8:0::/48" = {}`}, `(?s)not in canonical form.*Write\s+"2001:db8::/48"`},
		"null":           {[]string{here, `"203.0.113.0/24" = null`}, `IP allowlist entry is null`},
		"time":           {[]string{here, `"203.0.113.0/24" = { expires_at = "tomorrow" }`}, `"tomorrow"\s+is\s+not\s+an\s+RFC\s+3339\s+time`},
		"covered":        {[]string{here, `"10.0.0.0/8" = {}`, `"10.1.0.0/16" = {}`}, `(?s)IP allowlist entry within another.*"10\.1\.0\.0/16"\s+lies\s+within\s+"10\.0\.0\.0/8"`},
		"lock-out":       {[]string{`"10.0.0.0/8" = {}`}, `(?s)would lock you out.*127\.0\.0\.1,\s+which\s+no\s+entry.*"127\.0\.0\.1/32" = {`},
		"open":           {[]string{here, `"::/0" = {}`}, `Least privilege: open-allowlist`},
		"nearly open":    {[]string{`"64.0.0.0/2" = {}`}, `Least privilege: open-allowlist`},
	} {
		t.Run(name, func(t *testing.T) {
			test(t, e, resource.TestStep{
				Config: e.ProviderHCL(`least_privilege = "enforce"`) + allowlist("", step.entries...), PlanOnly: true,
				ExpectError: regexp.MustCompile(step.want),
			})
		})
	}
	require.NoError(t, holds(e, false)(nil))
}

func TestAccAllowlistLockoutCanBeAllowed(t *testing.T) {
	e := acctest.NewEmulator(t)
	test(t, e,
		// A list that is off shuts nobody out.
		resource.TestStep{Config: e.ProviderHCL() + allowlist("enabled = false", `"10.0.0.0/8" = {}`), Check: holds(e, false, "10.0.0.0/8")},
		// The plan lets it pass; the service still has a say.
		resource.TestStep{
			Config: e.ProviderHCL() + allowlist("allow_lockout = true", `"10.0.0.0/8" = {}`), PlanOnly: true, ExpectNonEmptyPlan: true,
		},
		resource.TestStep{
			Config:      e.ProviderHCL() + allowlist("allow_lockout = true", `"10.0.0.0/8" = {}`),
			ExpectError: regexp.MustCompile(`(?s)Unable to update IP allowlist.*whatever\s+allow_lockout\s+says`),
		},
	)
}
