// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

const day = 24 * time.Hour

// seen remembers the secrets that a test has met, by the names that it gives them.
type seen map[string]string

// take remembers the secret in the state.
func (s seen) take(name string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		s[name] = state.RootModule().Resources[address].Primary.Attributes["secret"]
		if s[name] == "" {
			return fmt.Errorf("no secret for %s", name)
		}
		return nil
	}
}

// only checks on the data plane that the named keys work, and that all others that the test has met are refused.
func (s seen) only(service service, working ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		for _, name := range slices.Sorted(maps.Keys(s)) {
			want := http.StatusUnauthorized
			if slices.Contains(working, name) {
				want = http.StatusOK
			}
			got, err := service.Read(secretOf(s[name]))
			if err != nil {
				return err
			}
			if got != want {
				return fmt.Errorf("key %s: HTTP %d instead of %d", name, got, want)
			}
		}
		return service.liveKeys(len(working))(nil)
	}
}

// scheduled gives a configuration with a rotation block.
func scheduled(s service, rotation string, attributes ...string) string {
	body := "name = \"prod-backend\"\nscopes = [\"database:read\"]\n"
	if rotation != "" {
		body += "rotation = { " + rotation + " }\n"
	}
	for _, attribute := range attributes {
		body += attribute + "\n"
	}
	return s.ProviderHCL() + key(body)
}

func unchanged() resource.ConfigPlanChecks { return resource.ConfigPlanChecks{PreApply: emptyPlan()} }

func expect(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, at(attribute), want)
}

var notARecipient = regexp.MustCompile(`not\s+an\s+age\s+recipient`)

// previousEnds checks when the previous key is to end.
func previousEnds(when time.Time) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, at("previous").AtMapKey("revoke_at"), knownvalue.StringExact(when.Format(time.RFC3339)))
}

// overlaps expects a rotation that keeps the current key for a while.
func overlaps() resource.ConfigPlanChecks { return overlapping("secret") }

// overlapsHidden is overlaps with a secret that is kept as ciphertext.
func overlapsHidden() resource.ConfigPlanChecks { return overlapping("secret_encrypted") }

func overlapping(secret string) resource.ConfigPlanChecks {
	checks := replacesWith(secret)
	checks.PreApply = append(checks.PreApply,
		plancheck.ExpectKnownValue(address, at("previous").AtMapKey("key_id"), knownvalue.NotNull()),
		plancheck.ExpectUnknownValue(address, at("previous").AtMapKey("revoke_at")))
	return checks
}

// ends expects an update that takes the previous key away and leaves the current one alone.
func ends() resource.ConfigPlanChecks {
	checks := keepsKey()
	checks.PreApply = append(checks.PreApply, plancheck.ExpectKnownValue(address, at("previous"), knownvalue.Null()))
	return checks
}

// keepsKey expects an update that makes no other key.
func keepsKey() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			plancheck.ExpectKnownValue(address, at("key_id"), knownvalue.NotNull()),
		},
		PostApplyPostRefresh: emptyPlan(),
	}
}

func (s service) later(d time.Duration) func() { return func() { s.clock.Advance(d) } }

// later lets time pass between a plan and its apply.
type later struct {
	service service
	by      time.Duration
}

// CheckPlan moves the clock.
func (l later) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	l.service.clock.Advance(l.by)
}

// appliedLater adds time between the plan and its apply. What falls due meanwhile shows in the plan after it.
func appliedLater(checks resource.ConfigPlanChecks, s service, by time.Duration, after ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	checks.PreApply = append(checks.PreApply, later{s, by})
	checks.PostApplyPostRefresh = after
	return checks
}

func TestAccKeyRotatesOnSchedule(t *testing.T) {
	s, keys := newService(t), seen{}
	config := scheduled(s, `every = "90d", overlap = "7d"`, `expires_in = "120d"`)
	sameID := statecheck.CompareValue(compare.ValuesSame())
	s.test(t,
		resource.TestStep{
			Config: config, Check: resource.ComposeTestCheckFunc(keys.take("one"), keys.only(s, "one")),
			ConfigStateChecks: []statecheck.StateCheck{
				expect("previous", knownvalue.Null()), expect("secret_encrypted", knownvalue.Null()),
				sameID.AddStateValue(address, at("id")),
			},
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
		resource.TestStep{PreConfig: s.later(89 * day), Config: config, ConfigPlanChecks: unchanged()},
		// Day 93: due. Looking alone changes nothing.
		resource.TestStep{PreConfig: s.later(4 * day), RefreshState: true, ExpectNonEmptyPlan: true, Check: keys.only(s, "one")},
		resource.TestStep{
			Config: config, ConfigPlanChecks: overlaps(),
			Check: resource.ComposeTestCheckFunc(keys.take("two"), keys.only(s, "one", "two")),
			ConfigStateChecks: []statecheck.StateCheck{
				previousEnds(start.Add(100 * day)), sameID.AddStateValue(address, at("id")),
				// The expiry counts anew.
				expect("expires_at", knownvalue.StringExact(start.Add(213*day).Format(time.RFC3339))),
			},
		},
		resource.TestStep{PreConfig: s.later(7*day - time.Second), Config: config, ConfigPlanChecks: unchanged(), Check: keys.only(s, "one", "two")},
		resource.TestStep{PreConfig: s.later(time.Second), Config: config, ConfigPlanChecks: ends(), Check: keys.only(s, "two")},
		resource.TestStep{
			PreConfig: s.later(90 * day), Config: config, ConfigPlanChecks: overlaps(),
			Check: resource.ComposeTestCheckFunc(keys.take("three"), keys.only(s, "two", "three")),
		},
		// Nobody looks for longer than the expiry: all are dead, and one is made.
		resource.TestStep{
			PreConfig: s.later(200 * day), Config: config, ConfigPlanChecks: replaces(),
			Check:             resource.ComposeTestCheckFunc(keys.take("four"), keys.only(s, "four")),
			ConfigStateChecks: []statecheck.StateCheck{expect("previous", knownvalue.Null())},
		},
	)
}

func TestAccKeyRotatesBeforeItExpires(t *testing.T) {
	s, keys := newService(t), seen{}
	config := scheduled(s, `before_expiry = "10d", overlap = "5d"`, `expires_in = "100d"`)
	s.test(t,
		resource.TestStep{Config: config, Check: keys.take("one")},
		resource.TestStep{PreConfig: s.later(90*day - time.Second), Config: config, ConfigPlanChecks: unchanged()},
		resource.TestStep{
			PreConfig: s.later(time.Second), Config: config, ConfigPlanChecks: overlaps(),
			Check: resource.ComposeTestCheckFunc(keys.take("two"), keys.only(s, "one", "two")),
		},
		// The previous key's end is quiet when it came about by itself, or outside.
		resource.TestStep{
			PreConfig: func() {
				if err := s.RevokeKey(s.LiveKeys(s.clock.Now())[0]); err != nil {
					t.Fatal(err)
				}
			},
			Config: config, ConfigPlanChecks: unchanged(), Check: keys.only(s, "two"),
			ConfigStateChecks: []statecheck.StateCheck{expect("previous", knownvalue.Null())},
		},
		// One that was revoked outside is replaced without an overlap.
		resource.TestStep{
			PreConfig: func() {
				if err := s.RevokeKey(s.newest()); err != nil {
					t.Fatal(err)
				}
			},
			Config: config, ConfigPlanChecks: replaces(),
			Check:             resource.ComposeTestCheckFunc(keys.take("three"), keys.only(s, "three")),
			ConfigStateChecks: []statecheck.StateCheck{expect("previous", knownvalue.Null())},
		},
	)
}

func TestAccKeyRotatesByTrigger(t *testing.T) {
	s, keys := newService(t), seen{}
	config := func(overlap, trigger string) string {
		return scheduled(s, fmt.Sprintf("every = \"90d\", overlap = %q, trigger = %q", overlap, trigger))
	}
	s.test(t,
		resource.TestStep{Config: scheduled(s, ""), Check: keys.take("one")},
		// Rotation is turned on: the key stays.
		resource.TestStep{Config: config("7d", "a"), ConfigPlanChecks: keepsKey(), Check: keys.only(s, "one")},
		resource.TestStep{
			Config: config("7d", "b"), ConfigPlanChecks: overlaps(),
			Check: resource.ComposeTestCheckFunc(keys.take("two"), keys.only(s, "one", "two")),
		},
		// Another one within the overlap ends the first key before it makes the third.
		resource.TestStep{
			PreConfig: s.ResetRequests, Config: config("7d", "c"), ConfigPlanChecks: overlaps(),
			Check: resource.ComposeTestCheckFunc(keys.take("three"), keys.only(s, "two", "three"), s.changed("revokeApiKey", "createApiKey")),
			ConfigStateChecks: []statecheck.StateCheck{
				previousEnds(start.Add(7 * day)),
			},
		},
		// A leak: none of the old ones is left, and the new one comes before the leaked one goes.
		resource.TestStep{
			PreConfig: s.ResetRequests, Config: config("0s", "leaked"), ConfigPlanChecks: replaces(),
			Check: resource.ComposeTestCheckFunc(keys.take("four"), keys.only(s, "four"),
				s.changed("revokeApiKey", "createApiKey", "revokeApiKey")),
			ConfigStateChecks: []statecheck.StateCheck{expect("previous", knownvalue.Null())},
		},
		// What the plan does not know yet, and turns out to be no change, makes no key.
		resource.TestStep{
			Config: scheduled(s, `every = "90d", overlap = "7d", trigger = terraform_data.incident.output`) +
				"resource \"terraform_data\" \"incident\" {\n input = \"leaked\"\n}\n",
			ConfigPlanChecks: replaces(), Check: keys.only(s, "four"),
		},
		// A change of the key keeps the old one for the overlap, also when rotation is turned off meanwhile.
		resource.TestStep{
			Config: scheduled(s, `every = "90d", overlap = "7d"`, `expires_in = "300d"`), ConfigPlanChecks: overlaps(),
			Check: resource.ComposeTestCheckFunc(keys.take("five"), keys.only(s, "four", "five")),
		},
		resource.TestStep{Config: scheduled(s, "", `expires_in = "300d"`), ConfigPlanChecks: keepsKey(), Check: keys.only(s, "four", "five")},
		resource.TestStep{
			PreConfig: s.later(7 * day), Config: scheduled(s, "", `expires_in = "300d"`), ConfigPlanChecks: ends(), Check: keys.only(s, "five"),
		},
		resource.TestStep{PreConfig: s.later(200 * day), Config: scheduled(s, "", `expires_in = "300d"`), ConfigPlanChecks: unchanged()},
		// destroy ends both of these.
		resource.TestStep{
			Config: scheduled(s, `every = "90d", overlap = "7d"`, `expires_in = "300d"`), ConfigPlanChecks: overlaps(),
			Check: resource.ComposeTestCheckFunc(keys.take("six"), keys.only(s, "five", "six")),
		},
	)
	if err := keys.only(s)(nil); err != nil {
		t.Fatal(err)
	}
}

// changed checks the calls that changed keys, in order.
func (s service) changed(want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		changes := slices.DeleteFunc(s.Calls(), func(call string) bool { return call != "createApiKey" && call != "revokeApiKey" })
		if !slices.Equal(changes, want) {
			return fmt.Errorf("the service was changed by %v instead of %v", changes, want)
		}
		return nil
	}
}

func TestAccKeyPlanIsAppliedAsItWasMade(t *testing.T) {
	s, keys := newService(t), seen{}
	config := func(rotation string, attributes ...string) string {
		return scheduled(s, rotation, append(attributes, `expires_in = "100d"`)...)
	}
	const schedule = `every = "90d", overlap = "7d"`
	s.test(t,
		resource.TestStep{Config: config(schedule), Check: keys.take("one")},
		// Planned on day 89 for another reason, applied on day 94: the key stays, and is rotated by the next plan.
		resource.TestStep{
			PreConfig: s.later(89 * day), Config: config(`every = "90d", overlap = "6d"`),
			ConfigPlanChecks: appliedLater(resource.ConfigPlanChecks{PreApply: keepsKey().PreApply}, s, 5*day,
				plancheck.ExpectUnknownValue(address, at("key_id"))),
			ExpectNonEmptyPlan: true, Check: keys.only(s, "one"),
		},
		// Planned on day 94, applied on day 102, when the old key has expired by itself.
		resource.TestStep{
			Config:           config(`every = "90d", overlap = "6d"`),
			ConfigPlanChecks: appliedLater(overlaps(), s, 8*day, plancheck.ExpectEmptyPlan()),
			Check:            resource.ComposeTestCheckFunc(keys.take("two"), keys.only(s, "two")),
		},
		resource.TestStep{
			Config: config(`every = "90d", overlap = "6d", trigger = "a"`), ConfigPlanChecks: overlaps(),
			Check: resource.ComposeTestCheckFunc(keys.take("three"), keys.only(s, "two", "three")),
		},
		// The end of the previous key is planned, and applied when a rotation is due: only what was planned is done.
		resource.TestStep{
			PreConfig: s.later(6 * day), Config: config(`every = "90d", overlap = "6d", trigger = "a"`),
			ConfigPlanChecks: appliedLater(resource.ConfigPlanChecks{PreApply: ends().PreApply}, s, 90*day,
				plancheck.ExpectUnknownValue(address, at("key_id"))),
			ExpectNonEmptyPlan: true, Check: keys.only(s, "three"),
		},
	)
}

func TestAccKeyRotationMistakesAreNamed(t *testing.T) {
	s := newService(t)
	for name, test := range map[string]struct{ rotation, expiry, want string }{
		"negative":             {`every = "-1d"`, "", `"-1d"\s+is\s+not\s+a\s+duration`},
		"zero":                 {`every = "0s"`, "", `can't\s+be\s+rotated\s+every\s+0s`},
		"zero before_expiry":   {`before_expiry = "0s"`, `expires_in = "10d"`, `too\s+late`},
		"nothing to do":        {`overlap = "1d"`, "", `Nothing\s+says\s+when\s+to\s+rotate`},
		"long overlap":         {`every = "1d", overlap = "2d"`, "", `outlive\s+its\s+successor`},
		"no expiry":            {`before_expiry = "1d"`, "", `never\s+expires`},
		"expires first":        {`every = "11d"`, `expires_in = "10d"`, `expires\s+after\s+10\s+days`},
		"expires first, fixed": {`every = "11d"`, `expires_at = "2030-01-11T12:00:00Z"`, `expires\s+after\s+10\s+days`},
		"always due":           {`before_expiry = "10d"`, `expires_at = "2030-01-11T12:00:00Z"`, `rotated\s+at\s+each\s+apply`},
		"recipient":            {`every = "1d"`, `age_recipients = ["alice"]`, `not\s+an\s+age\s+recipient`},
	} {
		t.Run(name, func(t *testing.T) {
			s.test(t, resource.TestStep{
				Config: scheduled(s, test.rotation, test.expiry), PlanOnly: true, ExpectError: regexp.MustCompile(test.want),
			})
		})
	}
}
