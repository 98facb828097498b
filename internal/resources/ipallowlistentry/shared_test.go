// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlistentry_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/ipallowlistentry"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
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

func TestAccEntriesOfOthersSurviveConcurrentChanges(t *testing.T) {
	e := newShared(t)
	others := func(networks ...string) meanwhile {
		return func() error { return e.SetAllowlist(org, true, append([]string{here}, networks...)...) }
	}
	first := e.ProviderHCL() + entry("test", "203.0.113.0/24")
	test(t, e, nil,
		resource.TestStep{
			Config: first, ConfigPlanChecks: beforeApply(others("192.0.2.0/24")), Check: holds(e, true, here, "192.0.2.0/24", "203.0.113.0/24"),
		},
		// Somebody else listed the network since the plan: it is theirs.
		resource.TestStep{
			Config:           e.ProviderHCL() + entry("test", "198.51.100.0/24"),
			ConfigPlanChecks: beforeApply(others("198.51.100.0/24", "203.0.113.0/24")),
			ExpectError:      regexp.MustCompile(`in\s+the\s+list\s+already:\s+198\.51\.100\.0/24`),
		},
		resource.TestStep{
			Config:           e.ProviderHCL() + entry("test", "198.51.101.0/24"),
			ConfigPlanChecks: beforeApply(others("192.0.2.0/24")),
			ExpectError:      regexp.MustCompile(`(?s)changed\s+by\s+somebody\s+else:\s+203\.0\.113\.0/24\s+was\s+removed.*Plan\s+again`),
		},
		resource.TestStep{Config: first, Check: holds(e, true, here, "192.0.2.0/24", "203.0.113.0/24")},
		// What is gone already is what the removal wanted.
		resource.TestStep{Config: e.ProviderHCL(), ConfigPlanChecks: beforeApply(others()), Check: holds(e, true, here)},
	)
}

// The precondition of a write fails while it is under way, not only before it.
func TestAccEntryIsWrittenAgainAfterAFailedPrecondition(t *testing.T) {
	e := newShared(t)
	refused := emulator.Fault{Operation: "putIpAllowlist", Status: http.StatusPreconditionFailed}
	test(t, e, nil,
		resource.TestStep{
			PreConfig: func() {
				e.ResetRequests()
				e.Inject(refused)
			},
			Config: e.ProviderHCL() + entry("test", "203.0.113.0/24"), Check: resource.ComposeTestCheckFunc(holds(e, true, here, "203.0.113.0/24"), wrote(e, 1)),
		},
		resource.TestStep{
			PreConfig: func() { e.Inject(emulator.Fault{Operation: "putIpAllowlist", DropAfter: true}) },
			Config:    e.ProviderHCL() + entry("test", "203.0.114.0/24"), Check: holds(e, true, here, "203.0.114.0/24"),
		},
		resource.TestStep{
			PreConfig: func() {
				endless := refused
				endless.Times = 5
				e.Inject(endless)
			},
			Config:      e.ProviderHCL() + entry("test", "203.0.115.0/24"),
			ExpectError: regexp.MustCompile(`(?s)Unable to update IP allowlist entry.*HTTP\s+412`),
		},
	)
}

func TestAccEntriesTurnTheListOn(t *testing.T) {
	e := acctest.NewEmulator(t)
	k := acctest.NewWorkspace(t, e.ProviderHCL()+entry("office", "203.0.113.0/24"))
	apply := []string{"apply", "-auto-approve", "-input=false", "-no-color"}
	require.Contains(t, k.Must(apply...), "The IP allowlist is off")
	require.NoError(t, holds(e, false, "203.0.113.0/24")(nil))

	both := e.ProviderHCL() + entry("office", "203.0.113.0/24") + entry("runner", "127.0.0.0/8")
	k.Configure(both)
	require.Contains(t, k.Must(apply...), "The IP allowlist will be turned on")
	require.NoError(t, holds(e, true, "127.0.0.0/8", "203.0.113.0/24")(nil))

	// The run's own address stays while there are others, and the last one stays unless that is allowed.
	k.Configure(e.ProviderHCL() + entry("office", "203.0.113.0/24"))
	require.Contains(t, k.Must("plan", "-input=false", "-no-color"), "The IP allowlist may lock you out")
	refuses(t, k, "would not contain the address that this run comes from, 127.0.0.1", apply...)
	k.Configure(e.ProviderHCL() + entry("runner", "127.0.0.0/8"))
	k.Must(apply...)
	require.Contains(t, k.Must("plan", "-destroy", "-input=false", "-no-color"), "The IP allowlist would let everybody in")
	refuses(t, k, "would be empty, and let every address in", "destroy", "-auto-approve", "-input=false", "-no-color")
	k.Configure(e.ProviderHCL() + entry("runner", "198.51.100.0/24"))
	refuses(t, k, "The IP allowlist would lock you out", "plan", "-input=false", "-no-color")
	require.NoError(t, holds(e, true, "127.0.0.0/8")(nil))

	k.Configure(e.ProviderHCL() + entry("runner", "127.0.0.0/8", "allow_open = true"))
	k.Must(apply...)
	k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, holds(e, false)(nil))
}

// refuses runs the CLI, which has to fail with words that it may wrap.
func refuses(t *testing.T, k *acctest.Workspace, words string, arguments ...string) {
	t.Helper()
	result, err := k.Run(t.Context(), arguments...)
	require.NoError(t, err)
	require.NotZero(t, result.ExitCode, result.Output)
	wrapped := acctest.Plain(result.Output)
	require.Contains(t, wrapped, words)
}

func TestAccTheEndOfTheLastEntryIsRefused(t *testing.T) {
	clock := acctest.NewClock(time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC))
	e := acctest.NewEmulator(t)
	config := func(attributes ...string) string {
		return e.ProviderHCL() + entry("test", here, append(attributes, `expires_at = "2030-01-02T00:00:00Z"`)...)
	}
	test(t, e, clock,
		resource.TestStep{Config: config(), Check: holds(e, true, here)},
		resource.TestStep{
			PreConfig: func() { clock.Advance(24 * time.Hour) }, Config: config(), PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)would let everybody in.*allow_open`),
		},
		resource.TestStep{Config: config("allow_open = true"), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: holds(e, false)},
	)
}

func TestAccEntryOfAProviderThatIsNotKnownYet(t *testing.T) {
	e := newShared(t)
	whole := "resource \"terrascale_ip_allowlist\" \"all\" {\n  entries = { \"127.0.0.1/32\" = {} }\n}\n"
	test(t, e, nil,
		resource.TestStep{
			Config: e.UnknownProviderHCL() + entry("test", "203.0.113.0/24"), Check: holds(e, true, here, "203.0.113.0/24"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
		// The other kind shows as soon as the service can be asked.
		resource.TestStep{
			Config: e.UnknownProviderHCL() + entry("test", "203.0.113.0/24") + whole, PlanOnly: true, ExpectError: regexp.MustCompile(`managed twice`),
		},
	)
}

func TestAccEntryThatIsReplacedIsNoDuplicateOfItself(t *testing.T) {
	e := newShared(t)
	k := acctest.NewWorkspace(t, e.ProviderHCL()+entry("test", "203.0.113.0/24"))
	k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	k.Must("apply", "-auto-approve", "-input=false", "-no-color", "-replace="+address)
	k.Must("taint", address)
	k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, holds(e, true, here, "203.0.113.0/24")(nil))
	k.Configure(e.ProviderHCL() + entry("test", "203.0.113.0/24") + entry("other", "203.0.113.0/25"))
	refuses(t, k, `"203.0.113.0/25" lies within "203.0.113.0/24"`, "plan", "-input=false", "-no-color")
	k.Configure(e.ProviderHCL() + entry("test", "203.0.113.0/24") + entry("other", "127.0.0.0/8"))
	require.Contains(t, k.Must("plan", "-input=false", "-no-color"), "IP allowlist entries overlap")
}

func TestAccEntriesOnAnotherPlan(t *testing.T) {
	e := newShared(t)
	require.NoError(t, e.SetPlan(org, "pro"))
	test(t, e, nil, resource.TestStep{
		Config: e.ProviderHCL() + entry("test", "203.0.113.0/24"), PlanOnly: true,
		ExpectError: regexp.MustCompile(`(?s)HTTP\s+403.*feature\s+of\s+the\s+plan\s+Enterprise`),
	})
}

// A thousand entries: one reading for a plan, and a write for as many as Terraform handles at a time.
func TestAccAThousandEntries(t *testing.T) {
	const entries = 1000
	e := newShared(t)
	config := e.ProviderHCL() + fmt.Sprintf(`
resource %q "many" {
  count = %d
  cidr  = "10.${floor(count.index / 200)}.${count.index %% 200}.0/24"
}
`, ipallowlistentry.TypeName, entries)
	k := acctest.NewWorkspace(t, config)
	k.Must("apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=100")
	require.Len(t, e.Networks(), entries+1)
	t.Logf("%d writes add %d entries at a parallelism of 100", count(e, "putIpAllowlist"), entries)
	// A busy machine begins them slowly, so that some writes hold fewer.
	require.LessOrEqual(t, count(e, "putIpAllowlist"), entries/100*10)
	require.LessOrEqual(t, count(e, "getIpAllowlist"), 2)

	e.ResetRequests()
	k.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	require.Equal(t, 1, len(e.Calls())-count(e, "switchOrganization"), e.Calls())

	e.ResetRequests()
	k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	require.Equal(t, []string{here}, e.Networks())
	t.Logf("%d writes remove %d entries at Terraform's usual parallelism of 10", count(e, "putIpAllowlist"), entries)
	require.LessOrEqual(t, count(e, "putIpAllowlist"), entries/10*3)
}

// TestAccEntriesGoInOneRun destroys more entries than Terraform removes at once: the one that lets the run in waits for the others.
func TestAccEntriesGoInOneRun(t *testing.T) {
	const many = 12
	for name, theirs := range map[string][]string{"all entries": nil, "beside those of others": {"192.0.2.0/24", "127.0.0.0/8"}} {
		t.Run(name, func(t *testing.T) {
			e := acctest.NewEmulator(t)
			configuration := e.ProviderHCL() + entry("runner", here, "allow_open = true") +
				strings.Replace(entry("other", "${count.index}"), `"${count.index}"`, fmt.Sprintf("\"203.0.113.${count.index}/32\"\n count = %d\n allow_open = true", many), 1)
			k := acctest.NewWorkspace(t, configuration)
			k.Must("apply", "-auto-approve", "-input=false", "-no-color")
			if theirs != nil {
				require.NoError(t, e.SetAllowlist(org, true, append(e.Networks(), theirs...)...))
			}
			// With two at a time, the runner's own soon waits while the others go one by one.
			k.Must("destroy", "-auto-approve", "-input=false", "-no-color", "-parallelism=2")
			slices.Sort(theirs)
			require.Equal(t, append([]string{}, theirs...), e.Networks())
		})
	}
	// Where nothing else goes, the wait ends, and the error says why it stays.
	e := acctest.NewEmulator(t)
	k := acctest.NewWorkspace(t, e.ProviderHCL()+entry("runner", here))
	k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, e.SetAllowlist(org, true, here, "192.0.2.0/24"))
	refuses(t, k, "would not contain the address that this run comes from, 127.0.0.1", "destroy", "-auto-approve", "-input=false", "-no-color")
	require.Equal(t, []string{here, "192.0.2.0/24"}, e.Networks())
}

// TestAccEntryOfAKilledRunIsTakenOver applies where an earlier run was killed before its state was saved.
func TestAccEntryOfAKilledRunIsTakenOver(t *testing.T) {
	apply := []string{"apply", "-auto-approve", "-input=false", "-no-color"}
	const network = "203.0.113.0/24"
	for name, test := range map[string]struct {
		next    string // the entry's description in the next run
		changed bool   // by somebody else, since the kill
		refused bool
	}{
		"as it was":                {next: "office"},
		"with another description": {next: "headquarters"},
		"changed by somebody else": {next: "office", changed: true, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			e := newShared(t)
			k := acctest.NewWorkspace(t, e.ProviderHCL()+entry("test", network, `description = "office"`, acctest.Provisioner))
			k.ApplyAndLose()
			if test.changed {
				require.NoError(t, e.SetAllowlist(org, true, here, network)) // That leaves no description.
			}
			k.Configure(e.ProviderHCL() + entry("test", network, fmt.Sprintf("description = %q", test.next)))
			if test.refused {
				refuses(t, k, "in the list already", apply...)
				return
			}
			k.Must(apply...)
			require.Contains(t, k.Must("plan", "-input=false", "-no-color"), "No changes.")
			k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
			require.Equal(t, []string{here}, e.Networks())
		})
	}
}
