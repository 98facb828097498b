// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package database_test

import (
	"fmt"
	"net/http"
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

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/database"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const (
	address = database.TypeName + ".test"
	org     = emulator.DefaultOrganizationID
	free    = "deletion_protection = false"
)

// block gives a resource block.
func block(name string, attributes ...string) string {
	text := fmt.Sprintf("resource %q \"test\" {\n  name = %q\n  region = \"us-east-1\"\n", database.TypeName, name)
	for _, attribute := range attributes {
		text += "  " + attribute + "\n"
	}
	return text + "}\n"
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

// names lists the databases at the service, besides the one that was there.
func names(e *acctest.Emulator) []string {
	found := []string{}
	databases, _ := e.Databases(org)
	for _, database := range databases {
		if database.ID != emulator.DefaultDatabaseID {
			found = append(found, database.Name)
		}
	}
	return found
}

func id(e *acctest.Emulator, name string) string {
	databases, _ := e.Databases(org)
	index := slices.IndexFunc(databases, func(d emulator.Database) bool { return d.Name == name })
	if index < 0 {
		return ""
	}
	return databases[index].ID
}

func holds(e *acctest.Emulator, wanted ...string) resource.TestCheckFunc {
	return acctest.Outside(func() error {
		if got := names(e); !slices.Equal(got, wanted) {
			return fmt.Errorf("the databases are %v instead of %v", got, wanted)
		}
		return nil
	})
}

func test(t *testing.T, e *acctest.Emulator, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), CheckDestroy: holds(e), Steps: steps})
}

func TestAccDatabaseLifecycle(t *testing.T) {
	e := acctest.NewEmulator(t, func(options *emulator.Options) { options.ProvisioningDelay = time.Second })
	settings := `settings = jsonencode({ tier = "small", replicas = 2 })`
	protectedFromReplacement := regexp.MustCompile(`(?s)Protected from replacement.*can't\s+change\s+(name|settings).*deletion_protection\s+=\s+false`)
	test(t, e,
		resource.TestStep{
			Config: e.ProviderHCL() + block("orders", settings, "timeouts {\n create = \"2m\"\n delete = \"1m\"\n}"), Check: holds(e, "orders"),
			ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				is("status", "Active"), is("region", "us-east-1"),
				statecheck.ExpectKnownValue(address, at("deletion_protection"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(address, at("created_at"), knownvalue.NotNull()),
			},
		},
		resource.TestStep{
			Config:           e.ProviderHCL() + block("orders", `settings = "{ \"replicas\": 2, \"tier\": \"small\" }"`, "timeouts {\n create = \"2m\"\n delete = \"1m\"\n}"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{
				"timeouts", // the configuration's alone
			},
		},
		resource.TestStep{Config: e.ProviderHCL() + block("invoices", settings), PlanOnly: true, ExpectError: protectedFromReplacement},
		resource.TestStep{Config: e.ProviderHCL() + block("orders", `settings = "{}"`, free), PlanOnly: true, ExpectError: protectedFromReplacement},
		resource.TestStep{
			Config: e.ProviderHCL() + block("orders", settings), Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)Protected from deletion.*set\s+deletion_protection\s+=\s+false`),
		},
		resource.TestStep{
			Config: e.ProviderHCL() + block("orders", settings, free), ConfigPlanChecks: plans(plancheck.ResourceActionUpdate), Check: holds(e, "orders"),
		},
		resource.TestStep{
			Config: e.ProviderHCL() + block("invoices", free), ConfigPlanChecks: plans(plancheck.ResourceActionReplace), Check: holds(e, "invoices"),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, e.DropDatabase(id(e, "invoices"))) },
			Config:    e.ProviderHCL() + block("invoices", free), ConfigPlanChecks: plans(plancheck.ResourceActionCreate), Check: holds(e, "invoices"),
		},
	)
}

func TestAccReplacementIsExplained(t *testing.T) {
	e := acctest.NewEmulator(t)
	k := acctest.NewWorkspace(t, e.ProviderHCL()+block("orders", free))
	apply := []string{"apply", "-auto-approve", "-input=false", "-no-color"}
	k.Must(apply...)
	k.Configure(e.ProviderHCL() + block("invoices", free))
	output := k.Must("plan", "-input=false", "-no-color")
	require.Contains(t, output, "Replacement loses data")
	require.Regexp(t, `can't\s+change\s+name\s+of\s+a\s+database`, output)

	// A failed database is pointed out at each refresh.
	k.Configure(e.ProviderHCL() + block("orders", free))
	require.NoError(t, e.SetDatabaseStatus(id(e, "orders"), "Error"))
	require.Contains(t, k.Must("plan", "-input=false", "-no-color"), "Database has failed")
	k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	require.Empty(t, names(e))
}

func TestAccDatabaseThatDoesNotBecomeActive(t *testing.T) {
	e := acctest.NewEmulator(t, func(options *emulator.Options) { options.ProvisioningDelay = time.Hour })
	slow := e.ProviderHCL() + block("orders", "timeouts {\n create = \"2s\"\n}")
	k := acctest.NewWorkspace(t, slow)
	apply := []string{"apply", "-auto-approve", "-input=false", "-no-color"}
	fails := func(words string) {
		t.Helper()
		result, err := k.Run(t.Context(), apply...)
		require.NoError(t, err)
		require.NotZero(t, result.ExitCode, result.Output)
		require.Regexp(t, words, result.Output)
	}
	fails(`(?s)Database is not active.*is\s+Creating\s+after\s+2s.*terraform\s+untaint.*raise\s+create\s+in\s+the\s+timeouts\s+block`)
	first := id(e, "orders")
	require.NotEmpty(t, first)

	// One that never could be used is replaced in spite of its protection.
	require.NoError(t, e.SetDatabaseStatus(first, "Error"))
	fails(`(?s)is\s+Creating\s+after\s+2s`)
	second := id(e, "orders")
	require.NotEqual(t, first, second)

	// This one became active since, and holds data perhaps: it is not replaced, and can be kept.
	require.NoError(t, e.SetDatabaseStatus(second, "Active"))
	fails(`(?s)Protected from deletion.*terraform\s+untaint`)
	k.Must("untaint", address)
	k.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	require.NoError(t, e.SetDatabaseStatus(second, "Error"))
	k.Must("taint", address)
	fails(`(?s)Protected from deletion`)
	require.Equal(t, second, id(e, "orders"))
}

func TestAccDatabaseFailures(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := e.ProviderHCL() + block("orders", free)
	test(t, e,
		resource.TestStep{
			PreConfig:   func() { e.Inject(emulator.Fault{Operation: "createDatabase", Status: http.StatusForbidden}) },
			Config:      config,
			ExpectError: regexp.MustCompile(`(?s)Unable to create database.*HTTP\s+403`),
		},
		resource.TestStep{
			Config:      e.ProviderHCL() + block("emulated", free),
			ExpectError: regexp.MustCompile(`(?s)HTTP\s+409.*Names\s+are\s+unique.*terraform\s+import\s+terrascale_database\.<name>\s+<id>`),
		},
		// The answer is lost after the database was made: it is found by its name.
		resource.TestStep{
			PreConfig: func() { e.Inject(emulator.Fault{Operation: "createDatabase", DropAfter: true}) },
			Config:    config, Check: holds(e, "orders"), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
		},
		resource.TestStep{Config: e.ProviderHCL(), Check: holds(e)},
		// The call is lost before it arrives: it is made once more.
		resource.TestStep{
			PreConfig: func() { e.Inject(emulator.Fault{Operation: "createDatabase", DropBefore: true}) },
			Config:    config, Check: holds(e, "orders"), ConfigPlanChecks: plans(plancheck.ResourceActionCreate),
		},
	)
}

func TestAccDatabaseMistakesAreNamed(t *testing.T) {
	e := acctest.NewEmulator(t)
	for name, step := range map[string]struct{ config, want string }{
		"short":    {block("ab"), `between\s+3\s+and\s+63`},
		"letters":  {block("Orders"), `only\s+a–z`},
		"settings": {block("orders", `settings = "small"`), `(?s)Not a JSON object.*jsonencode`},
		"null":     {block("orders", `settings = "null"`), `(?s)Not a JSON object.*it\s+is\s+null`},
		"timeout":  {block("orders", "timeouts {\n create = \"soon\"\n}"), `soon`},
	} {
		t.Run(name, func(t *testing.T) {
			test(t, e, resource.TestStep{Config: e.ProviderHCL() + step.config, PlanOnly: true, ExpectError: regexp.MustCompile(step.want)})
		})
	}
	test(t, e, resource.TestStep{
		ResourceName: address, Config: e.ProviderHCL() + block("orders"), ImportState: true, ImportStateId: "a/b",
		ExpectError: regexp.MustCompile(`is\s+not\s+a\s+database's\s+id`),
	})
}
