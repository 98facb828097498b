// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func secretOf(text string) secret.String { return secret.New(text) }

const noRetries = `max_retries = 0`

// named gives a configuration of one key.
func named(s service, name string, attributes ...string) string {
	return s.ProviderHCL(append(attributes, noRetries)...) +
		key(fmt.Sprintf("name = %q\nscopes = [\"database:read\"]\nexpires_in = \"90d\"", name))
}

func TestAccKeyWhoseOldOneCouldNotBeRevoked(t *testing.T) {
	s := newService(t)
	newKey, otherKey := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
	fails := func() { s.Inject(emulator.Fault{Operation: "revokeApiKey", Status: http.StatusServiceUnavailable}) }
	s.test(t,
		resource.TestStep{
			Config:            named(s, "a"),
			ConfigStateChecks: []statecheck.StateCheck{otherKey.AddStateValue(address, at("secret"))},
		},
		resource.TestStep{
			PreConfig: fails, Config: named(s, "b"),
			ExpectError: regexp.MustCompile(`(?s)Unable to revoke the rotated API key.*HTTP\s+503.*old\s+key\s+key_\S+\s+still\s+works`),
		},
		// Both work; the new one is in the state, and the next plan ends the old one.
		resource.TestStep{
			RefreshState: true, ExpectNonEmptyPlan: true, Check: s.liveKeys(2),
		},
		resource.TestStep{
			PreConfig: s.ResetRequests, Config: named(s, "b"),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
					plancheck.ExpectKnownValue(address, at("previous"), knownvalue.Null()),
				},
				PostApplyPostRefresh: emptyPlan(),
			},
			ConfigStateChecks: []statecheck.StateCheck{
				otherKey.AddStateValue(address, at("secret")), newKey.AddStateValue(address, at("secret")),
			},
			Check: resource.ComposeTestCheckFunc(s.liveKeys(1), acctest.Outside(func() error {
				for _, call := range s.Calls() {
					if call == "createApiKey" {
						return fmt.Errorf("another key was made")
					}
				}
				return nil
			})),
		},
		// Somebody else may end it, too: then nothing is left to do.
		resource.TestStep{
			PreConfig: fails, Config: named(s, "c"), ExpectError: regexp.MustCompile(`still\s+works`),
		},
		resource.TestStep{
			PreConfig: func() {
				if err := s.RevokeKey(s.LiveKeys(s.clock.Now())[0]); err != nil {
					t.Fatal(err)
				}
			},
			Config: named(s, "c"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		// Two failures in a row leave no third key: the old one ends first.
		resource.TestStep{PreConfig: fails, Config: named(s, "d"), ExpectError: regexp.MustCompile(`still\s+works`)},
		resource.TestStep{
			PreConfig: fails, Config: named(s, "e"), Check: s.liveKeys(2),
			ExpectError: regexp.MustCompile(`(?s)Unable to revoke the previous API key.*Nothing\s+was\s+changed`),
		},
		// It ends too when the new one is lost meanwhile.
		resource.TestStep{
			PreConfig: func() {
				if err := s.DeleteKeyRecord(s.newest()); err != nil {
					t.Fatal(err)
				}
			},
			Config: named(s, "d"), ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
				PostApplyPostRefresh: emptyPlan(),
			},
			Check: s.liveKeys(1),
		},
		// What is still to be revoked is revoked by destroy.
		resource.TestStep{PreConfig: fails, Config: named(s, "e"), ExpectError: regexp.MustCompile(`still\s+works`)},
	)
}

func TestAccKeyWhoseCreationFails(t *testing.T) {
	s := newService(t)
	oneFault := func(fault emulator.Fault) func() {
		return func() {
			fault.Operation = "createApiKey"
			s.Inject(fault)
		}
	}
	otherKey := statecheck.CompareValue(compare.ValuesDiffer())
	s.test(t,
		resource.TestStep{
			PreConfig: oneFault(emulator.Fault{Status: http.StatusForbidden}), Config: named(s, "a"),
			ExpectError: regexp.MustCompile(`(?s)Unable to create API key.*HTTP\s+403.*higher\s+role`),
		},
		resource.TestStep{
			Config:            named(s, "a"),
			ConfigStateChecks: []statecheck.StateCheck{otherKey.AddStateValue(address, at("secret"))},
		},
		// One lost answer is made good; what came of it is revoked.
		resource.TestStep{
			PreConfig: oneFault(emulator.Fault{DropAfter: true}), Config: named(s, "b"), ConfigPlanChecks: replaces(), Check: s.liveKeys(1),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("secret"), s.KeyAnswers(http.StatusOK, http.StatusForbidden)),
				otherKey.AddStateValue(address, at("secret")),
			},
		},
		resource.TestStep{
			PreConfig: oneFault(emulator.Fault{Truncate: true, Times: 2}), Config: named(s, "c"), Check: s.liveKeys(1),
			ExpectError: regexp.MustCompile(`(?s)Unable to rotate API key.*Nothing\s+is\s+left.*revoked\s+what\s+it\s+found`),
		},
		// The old key is still the one in the state, and works.
		resource.TestStep{
			Config: named(s, "b"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()}, Check: s.liveKeys(1),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("secret"), s.KeyAnswers(http.StatusOK, http.StatusForbidden)),
			},
		},
		// What can't be cleaned up is named.
		resource.TestStep{
			PreConfig: func() {
				oneFault(emulator.Fault{DropAfter: true})()
				s.Inject(emulator.Fault{Operation: "revokeApiKey", Status: http.StatusServiceUnavailable})
			},
			Config:      named(s, "c"),
			ExpectError: regexp.MustCompile(`(?s)key\s+key_\S+\s+\(created\s+2030-01-01T12:00:00Z\)\s+came\s+of\s+it.*Revoke\s+the\s+one`),
		},
		resource.TestStep{
			PreConfig: func() {
				if err := s.RevokeKey(s.newest()); err != nil {
					t.Fatal(err)
				}
			},
			Config: named(s, "b"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()}, Check: s.liveKeys(1),
		},
	)
}

func TestAccKeyIsTriedAgainAndMissedReadsAreNoLoss(t *testing.T) {
	s := newService(t)
	config := s.ProviderHCL() + key("name = \"a\"\nscopes = [\"database:read\"]")
	s.test(t,
		// The list fails once while the new key is read back, and is asked again.
		resource.TestStep{
			PreConfig: func() { s.Inject(emulator.Fault{Operation: "listApiKeys", Status: http.StatusInternalServerError}) },
			Config:    config, Check: s.liveKeys(1), ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
	)
	// Without retries the prefix is missed until the next refresh, and the key is in the state all the same. It is the first key of the
	// organization: where there are others, they tell how much of a secret is listed.
	s = newService(t)
	s.test(t,
		resource.TestStep{
			PreConfig: func() {
				s.Inject(emulator.Fault{Operation: "listApiKeys", Skip: 1, Status: http.StatusInternalServerError})
			},
			Config: named(s, "b"), Check: s.liveKeys(1),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(address, at("key_prefix"), knownvalue.Null()),
				statecheck.ExpectKnownValue(address, at("secret"), s.KeyAnswers(http.StatusOK, http.StatusForbidden)),
			},
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
	)
}

func TestAccKeyOfAnotherOrganizationIsNotForgotten(t *testing.T) {
	clock := acctest.NewClock(start)
	s := service{
		Emulator: acctest.NewEmulator(t, acctest.OnClock(clock), func(options *emulator.Options) {
			seed := emulator.DefaultSeed()
			seed.Organizations = append(seed.Organizations, emulator.SeedOrganization{
				ID: "org_other", Name: "Other", Plan: "pro",
				Members: []emulator.SeedMember{{Email: emulator.DefaultOwnerEmail, Role: "owner"}},
			})
			options.Seed = &seed
		}),
		clock: clock, providers: acctest.Providers(provider.WithClock(clock.Now)),
	}
	elsewhere := strings.ReplaceAll(named(s, "a"), emulator.DefaultOrganizationID, "org_other")
	belongs := regexp.MustCompile(`(?s)belongs to another organization.*made\s+in\s+organization\s+org_emulator,\s+and\s+the\s+provider\s+works\s+in\s+organization\s+org_other`)
	s.test(t,
		resource.TestStep{Config: named(s, "a"), Check: s.liveKeys(1)},
		resource.TestStep{Config: elsewhere, ExpectError: belongs},
		resource.TestStep{Config: elsewhere, Destroy: true, ExpectError: belongs},
		resource.TestStep{Config: named(s, "a"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()}, Check: s.liveKeys(1)},
	)
}

func TestAccKeyWithoutCredentials(t *testing.T) {
	s := newService(t)
	s.test(t, resource.TestStep{
		Config:      fmt.Sprintf("provider \"terrascale\" {\n endpoint = %q\n}\n", s.URL()) + key("name = \"a\"\nscopes = [\"database:read\"]"),
		ExpectError: regexp.MustCompile(`(?s)Unable to create API key.*access_token\s+\(environment\s+variable\s+TERRASCALE_ACCESS_TOKEN\)`),
	})
}

func TestAccKeyMistakesAreNamed(t *testing.T) {
	s := newService(t)
	const name, scopes = `name = "a"` + "\n", `scopes = ["database:read"]` + "\n"
	for test, step := range map[string]struct{ body, want string }{
		"blank name":     {`name = " "` + "\n" + scopes, `(?s)Attribute\s+name\s+the\s+name\s+must\s+not\s+be\s+blank`},
		"unknown scope":  {name + `scopes = ["database:admin"]`, `(?s)Attribute\s+scopes\[Value\("database:admin"\)\]\s+value\s+must\s+be\s+one\s+of.*"repository:write"`},
		"no scopes":      {name + `scopes = []`, `(?s)Attribute\s+scopes\s+set\s+must\s+contain\s+at\s+least\s+1`},
		"two expiries":   {name + scopes + `expires_in = "90d"` + "\n" + `expires_at = "2031-01-01T00:00:00Z"`, `(?s)"expires_in"\s+cannot\s+be\s+specified\s+when\s+"expires_at"`},
		"past":           {name + scopes + `expires_at = "2030-01-01T12:00:00Z"`, `(?s)Expiry in the past.*2030-01-01T12:00:00Z\s+has\s+passed`},
		"no time":        {name + scopes + `expires_at = "2031-01-01"`, `not\s+an\s+RFC\s+3339\s+time`},
		"no duration":    {name + scopes + `expires_in = "90"`, `"90"\s+is\s+not\s+a\s+duration`},
		"short duration": {name + scopes + `expires_in = "0s"`, `"0s"\s+is\s+too\s+short`},
	} {
		t.Run(test, func(t *testing.T) {
			s.test(t, resource.TestStep{
				Config: s.ProviderHCL() + key(step.body), PlanOnly: true, ExpectError: regexp.MustCompile(step.want),
			})
		})
	}
}

func TestAccKeyLeastPrivilege(t *testing.T) {
	s := newService(t)
	for test, step := range map[string]struct{ environment, body, want string }{
		"everything":           {"dev", `scopes = ["*"]` + "\n" + `expires_in = "30d"`, `wildcard-scope`},
		"wildcard":             {"prod", `scopes = ["database:*"]` + "\n" + `expires_in = "30d"`, `wildcard-scope`},
		"no expiry":            {"dev", `scopes = ["database:read"]`, `unbounded-key`},
		"long life":            {"prod", `scopes = ["database:read"]` + "\n" + `expires_in = "180d"`, `slow-rotation`},
		"slow":                 {"dev", `scopes = ["database:read"]` + "\n" + `rotation = { every = "181d" }`, `slow-rotation`},
		"slow in production":   {"prod", `scopes = ["database:read"]` + "\n" + `rotation = { every = "91d" }`, `slow-rotation`},
		"by trigger only":      {"dev", `scopes = ["database:read"]` + "\n" + `rotation = { trigger = "a" }`, `unbounded-key`},
		"secret in state":      {"prod", `scopes = ["database:read"]` + "\n" + `rotation = { every = "90d" }`, `secret-in-state`},
		"expiry far in future": {"dev", `scopes = ["database:read"]` + "\n" + `expires_at = "2031-01-01T00:00:00Z"`, `slow-rotation`},
	} {
		t.Run(test, func(t *testing.T) {
			s.test(t, resource.TestStep{
				Config: s.ProviderHCL(`least_privilege = "enforce"`, fmt.Sprintf("environment = %q", step.environment)) +
					key(`name = "a"`+"\n"+step.body),
				PlanOnly: true, ExpectError: regexp.MustCompile("Least privilege: " + step.want),
			})
		})
	}
	s.test(t, resource.TestStep{Config: named(s, "a", `least_privilege = "enforce"`, `environment = "dev"`)})
}
