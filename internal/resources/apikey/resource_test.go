// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/apikey"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const address = apikey.TypeName + ".test"

var start = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// service is an emulator and a provider on one clock.
type service struct {
	*acctest.Emulator
	clock     *acctest.Clock
	providers acctest.Factories
}

func newService(t *testing.T) service {
	clock := acctest.NewClock(start)
	return service{
		Emulator:  acctest.NewEmulator(t, acctest.OnClock(clock)),
		clock:     clock,
		providers: acctest.Providers(provider.WithClock(clock.Now)),
	}
}

// test runs steps, after which no key works any more.
func (s service) test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: s.providers,
		CheckDestroy:             s.liveKeys(0),
		Steps:                    steps,
	})
}

// liveKeys checks how many keys work.
func (s service) liveKeys(want int) resource.TestCheckFunc {
	return acctest.Outside(func() error {
		if got := s.LiveKeys(s.clock.Now()); len(got) != want {
			return fmt.Errorf("%d keys work instead of %d: %v", len(got), want, got)
		}
		return nil
	})
}

// newest gives the id of the key that was made last.
func (s service) newest() string {
	keys := s.APIKeys(emulator.DefaultOrganizationID)
	return keys[len(keys)-1].ID
}

// key gives a resource block.
func key(body string) string {
	return fmt.Sprintf("resource %q \"test\" {\n%s\n}\n", apikey.TypeName, body)
}

func at(attribute string) tfjsonpath.Path { return tfjsonpath.New(attribute) }

func emptyPlan() []plancheck.PlanCheck { return []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()} }

// replaces expects an update in place that makes another key.
func replaces() resource.ConfigPlanChecks { return replacesWith("secret") }

func replacesWith(secret string) resource.ConfigPlanChecks {
	checks := []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}
	for _, attribute := range []string{"key_id", "key_prefix", secret, "created_at"} {
		checks = append(checks, plancheck.ExpectUnknownValue(address, at(attribute)))
	}
	checks = append(checks, plancheck.ExpectKnownValue(address, at("id"), knownvalue.NotNull()))
	return resource.ConfigPlanChecks{PreApply: checks, PostApplyPostRefresh: emptyPlan()}
}

// keeps expects an update that leaves the key alone.
func keeps() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			plancheck.ExpectKnownValue(address, at("key_id"), knownvalue.NotNull()),
			plancheck.ExpectKnownValue(address, at("expires_at"), knownvalue.NotNull()),
		},
		PostApplyPostRefresh: emptyPlan(),
	}
}

func TestAccKeyLifecycle(t *testing.T) {
	s := newService(t)
	config := s.ProviderHCL() + key(`
  name       = "prod-backend"
  scopes     = ["database:read", "repository:read"]
  expires_in = "48h"`)
	sameKey, sameID := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesSame())
	s.test(t,
		resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate),
					plancheck.ExpectUnknownValue(address, at("secret")),
					plancheck.ExpectSensitiveValue(address, at("secret")),
					plancheck.ExpectUnknownValue(address, at("expires_at")),
					plancheck.ExpectKnownValue(address, at("status"), knownvalue.StringExact("active")),
				},
				PostApplyPostRefresh: emptyPlan(),
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("key_id"), knownvalue.StringRegexp(regexp.MustCompile("^key_"))),
				statecheck.ExpectKnownValue(address, at("key_prefix"), knownvalue.StringRegexp(regexp.MustCompile("^ts_live_"))),
				statecheck.ExpectKnownValue(address, at("created_at"), knownvalue.StringExact("2030-01-01T12:00:00Z")),
				statecheck.ExpectKnownValue(address, at("expires_at"), knownvalue.StringExact("2030-01-03T12:00:00Z")),
				statecheck.ExpectKnownValue(address, at("secret"), s.KeyAnswers(http.StatusOK, http.StatusForbidden)),
				statecheck.CompareValuePairs(address, at("id"), address, at("key_id"), compare.ValuesSame()),
				sameKey.AddStateValue(address, at("secret")), sameID.AddStateValue(address, at("id")),
			},
		},
		resource.TestStep{
			Config: s.ProviderHCL() + key(`
  name       = "prod-backend"
  scopes     = ["repository:read", "database:read"]
  expires_in = "2d"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		// The same expiry, named otherwise: the key stays.
		resource.TestStep{
			Config: s.ProviderHCL() + key(`
  name       = "prod-backend"
  scopes     = ["repository:read", "database:read"]
  expires_at = "2030-01-03T13:00:00+01:00"`),
			ConfigPlanChecks: keeps(),
			ConfigStateChecks: []statecheck.StateCheck{
				sameKey.AddStateValue(address, at("secret")), sameID.AddStateValue(address, at("id")),
			},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateVerify: true,
			// The service never shows a secret again.
			ImportStateVerifyIgnore: []string{"secret"},
		},
	)
}

func TestAccKeyIsReplacedInPlaceByEachChange(t *testing.T) {
	s := newService(t)
	sameID, otherKey := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	var steps []resource.TestStep
	for index, change := range []struct {
		body        string
		read, write int
	}{
		{`name = "a"` + "\n" + `scopes = ["database:read"]`, http.StatusOK, http.StatusForbidden},
		{`name = "b"` + "\n" + `scopes = ["database:read"]`, http.StatusOK, http.StatusForbidden},
		{`name = "b"` + "\n" + `scopes = ["database:write"]`, http.StatusForbidden, http.StatusOK},
		{`name = "b"` + "\n" + `scopes = ["*"]` + "\n" + `expires_in = "90d"`, http.StatusOK, http.StatusOK},
		{`name = "b"` + "\n" + `scopes = ["*"]` + "\n" + `expires_in = "30d"`, http.StatusOK, http.StatusOK},
		{`name = "b"` + "\n" + `scopes = ["*"]` + "\n" + `expires_at = "2031-01-01T00:00:00Z"`, http.StatusOK, http.StatusOK},
		{`name = "b"` + "\n" + `scopes = ["*"]` + "\n" + `expires_at = "2031-01-01T00:00:01Z"`, http.StatusOK, http.StatusOK},
		{`name = "b"` + "\n" + `scopes = ["*"]`, http.StatusOK, http.StatusOK},
	} {
		step := resource.TestStep{
			PreConfig: s.ResetRequests, Config: s.ProviderHCL() + key(change.body), ConfigPlanChecks: replaces(),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("secret"), s.KeyAnswers(change.read, change.write)),
				sameID.AddStateValue(address, at("id")), otherKey.AddStateValue(address, at("secret")),
			},
			Check: resource.ComposeTestCheckFunc(s.liveKeys(1), s.changed("createApiKey", "revokeApiKey")),
		}
		if index == 0 {
			step.ConfigPlanChecks = resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()}
			step.Check = s.liveKeys(1)
		}
		steps = append(steps, step)
	}
	s.test(t, steps...)
}

func TestAccKeyThatChangedOutsideIsReplaced(t *testing.T) {
	s := newService(t)
	config := s.ProviderHCL() + key(`
  name       = "a"
  scopes     = ["database:read"]
  expires_in = "10d"`)
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	works := []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, at("secret"), s.KeyAnswers(http.StatusOK, http.StatusForbidden)),
		statecheck.ExpectKnownValue(address, at("status"), knownvalue.StringExact("active")),
	}
	s.test(t,
		resource.TestStep{Config: config, ConfigStateChecks: works},
		resource.TestStep{
			PreConfig: func() { must(s.RevokeKey(s.newest())) },
			Config:    config, ConfigPlanChecks: replaces(), ConfigStateChecks: works, Check: s.liveKeys(1),
		},
		resource.TestStep{
			PreConfig: func() { s.clock.Advance(10 * 24 * time.Hour) },
			Config:    config, ConfigPlanChecks: replaces(),
			ConfigStateChecks: append(works,
				statecheck.ExpectKnownValue(address, at("expires_at"), knownvalue.StringExact("2030-01-21T12:00:00Z"))),
			Check: s.liveKeys(1),
		},
		resource.TestStep{
			PreConfig: func() { must(s.DeleteKeyRecord(s.newest())) },
			Config:    config, ConfigStateChecks: works, Check: s.liveKeys(1),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)},
				PostApplyPostRefresh: emptyPlan(),
			},
		},
	)
}

func TestAccKeyImportAdoptsItsLife(t *testing.T) {
	s := newService(t)
	expiry := start.Add(90*24*time.Hour - 3*time.Second)
	existing, _, err := s.CreateKey(emulator.DefaultOrganizationID, "old", []string{"database:read"}, &expiry)
	if err != nil {
		t.Fatal(err)
	}
	config := func(life string) string {
		return s.ProviderHCL() + fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, existing.ID) +
			key(fmt.Sprintf("name = \"old\"\nscopes = [\"database:read\"]\nexpires_in = %q", life))
	}
	s.test(t,
		resource.TestStep{
			Config: config("90d"), ConfigPlanChecks: keeps(),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("key_id"), knownvalue.StringExact(existing.ID)),
				statecheck.ExpectKnownValue(address, at("secret"), knownvalue.Null()),
			},
		},
		resource.TestStep{Config: config("89d"), ConfigPlanChecks: replaces(), Check: s.liveKeys(1)},
	)
}

func TestAccKeyImportRefusesWhatIsNoID(t *testing.T) {
	s := newService(t)
	config := s.ProviderHCL() + key("name = \"a\"\nscopes = [\"database:read\"]")
	s.test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			Config: config, ResourceName: address, ImportState: true, ImportStateId: "ts_live_something",
			ExpectError: regexp.MustCompile(`That\s+is\s+a\s+key's\s+secret`),
		},
		resource.TestStep{
			Config: config, ResourceName: address, ImportState: true, ImportStateId: "key_none",
			ExpectError: regexp.MustCompile(`Cannot import non-existent remote object`),
		},
	)
}

func TestAccKeyOfAProviderThatIsNotKnownYet(t *testing.T) {
	s := newService(t)
	s.test(t, resource.TestStep{
		Config:           s.UnknownProviderHCL() + key("name = \"a\"\nscopes = [\"database:read\"]"),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, at("secret"), s.KeyAnswers(http.StatusOK, http.StatusForbidden)),
		},
	})
}

func TestAccKeyWithValuesThatAreKnownAtApply(t *testing.T) {
	s := newService(t)
	config := func(input string) string {
		return s.ProviderHCL() + fmt.Sprintf(`
resource "terraform_data" "wanted" {
  input            = %s
  triggers_replace = [%[1]q]
}
`, input) + key(`
  name       = terraform_data.wanted.output.name
  scopes     = terraform_data.wanted.output.scopes
  expires_at = terraform_data.wanted.output.expires_at`)
	}
	const same = `{ name = "a", scopes = ["database:read"], expires_at = "2030-06-01T00:00:00Z" }`
	sameKey := statecheck.CompareValue(compare.ValuesSame())
	s.test(t,
		resource.TestStep{
			Config: config(same), Check: s.liveKeys(1),
			ConfigStateChecks: []statecheck.StateCheck{sameKey.AddStateValue(address, at("secret"))},
		},
		// What turns out to be no change at apply makes no new key.
		resource.TestStep{
			Config:           config(`{ name = "a", scopes = ["database:read"], expires_at = "2030-06-01T00:00:00Z", other = 1 }`),
			ConfigPlanChecks: replaces(), Check: s.liveKeys(1),
			ConfigStateChecks: []statecheck.StateCheck{sameKey.AddStateValue(address, at("secret"))},
		},
	)
}

func TestAccKeyIsRefusedAfterDestroy(t *testing.T) {
	s := newService(t)
	var taken string
	config := s.ProviderHCL() + key("name = \"a\"\nscopes = [\"database:*\"]")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: s.providers,
		CheckDestroy: func(*terraform.State) error {
			return s.CheckKey(secretOf(taken), http.StatusUnauthorized, http.StatusUnauthorized)
		},
		Steps: []resource.TestStep{{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("secret"), s.KeyAnswers(http.StatusOK, http.StatusOK)),
				statecheck.ExpectKnownValue(address, at("secret"), knownvalue.StringFunc(func(value string) error {
					taken = value
					return nil
				})),
			},
		}},
	})
}
