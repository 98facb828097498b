// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

const day = 24 * time.Hour

var begin = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// logins checks from outside who can log in and who can't.
func logins(database *acctest.Database, works, refused map[string]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		for username, password := range works {
			if err := database.TryAs(username, secret.New(password), "SELECT * FROM reporting.monthly"); err != nil {
				return fmt.Errorf("%s should work: %w", username, err)
			}
		}
		for username, password := range refused {
			if database.TryAs(username, secret.New(password)) == nil {
				return fmt.Errorf("%s should be refused", username)
			}
		}
		return nil
	}
}

func expect(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
}

func text(want string) knownvalue.Check { return knownvalue.StringExact(want) }

func TestAccRoleRotatesOnSchedule(t *testing.T) {
	database := newDatabase(t, "schedule")
	clock := acctest.NewClock(begin)
	// The password of each apply is another one: the version does not change, the rotation takes what there is.
	config := func(password string) string {
		return database.ServerHCL() + role(fmt.Sprintf(`
  name        = "schedule_reader"
  grants      = { "schedule.reporting" = {} }
  password_wo = %q
  rotation    = { every = "90d", overlap = "7d" }
`, password))
	}
	unchanged := resource.ConfigPlanChecks{PreApply: emptyPlan()}
	previous := func(username string, at time.Time) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"username": text(username), "disable_at": text(at.Format(time.RFC3339))})
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
		CheckDestroy:             gone(database, "schedule_reader_a"),
		Steps: []resource.TestStep{
			{
				Config: config("one"), Check: logins(database, map[string]string{"schedule_reader_a": "one"}, map[string]string{"schedule_reader": "one"}),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("username", text("schedule_reader_a")), expect("password_version", knownvalue.Int64Exact(1)),
					expect("previous", knownvalue.Null()), expect("password", knownvalue.Null()),
				},
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
			},
			{PreConfig: func() { clock.Advance(89 * day) }, Config: config("ignored"), ConfigPlanChecks: unchanged},
			{RefreshState: true},
			{
				// Day 93: due.
				PreConfig: func() { clock.Advance(4 * day) }, Config: config("two"),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
						plancheck.ExpectKnownValue(address, tfjsonpath.New("username"), text("schedule_reader_b")),
						plancheck.ExpectKnownValue(address, tfjsonpath.New("password_version"), knownvalue.Int64Exact(2)),
						plancheck.ExpectKnownValue(address, tfjsonpath.New("previous").AtMapKey("username"), text("schedule_reader_a")),
						plancheck.ExpectUnknownValue(address, tfjsonpath.New("previous").AtMapKey("disable_at")),
					},
					PostApplyPostRefresh: emptyPlan(),
				},
				Check: logins(database, map[string]string{"schedule_reader_a": "one", "schedule_reader_b": "two"}, nil),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("username", text("schedule_reader_b")), expect("previous", previous("schedule_reader_a", begin.Add(100*day))),
				},
			},
			{PreConfig: func() { clock.Advance(6 * day) }, Config: config("ignored"), ConfigPlanChecks: unchanged},
			{
				// Day 100: the overlap is over.
				PreConfig: func() { clock.Advance(day) }, Config: config("ignored"),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
						plancheck.ExpectKnownValue(address, tfjsonpath.New("previous"), knownvalue.Null()),
						plancheck.ExpectKnownValue(address, tfjsonpath.New("password_version"), knownvalue.Int64Exact(2)),
					},
					PostApplyPostRefresh: emptyPlan(),
				},
				Check: logins(database, map[string]string{"schedule_reader_b": "two"}, map[string]string{"schedule_reader_a": "one"}),
			},
			{
				PreConfig: func() { clock.Advance(90 * day) }, Config: config("three"), ConfigPlanChecks: updates(),
				Check:             logins(database, map[string]string{"schedule_reader_a": "three", "schedule_reader_b": "two"}, map[string]string{"schedule_reader_a": "one"}),
				ConfigStateChecks: []statecheck.StateCheck{expect("username", text("schedule_reader_a"))},
			},
		},
	})
	require.False(t, database.RoleExists("schedule_reader"))
	require.False(t, database.RoleExists("schedule_reader_b"))
}

// later lets time pass between a plan and its apply.
type later struct {
	clock *acctest.Clock
	by    time.Duration
}

// CheckPlan moves the clock.
func (l later) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	l.clock.Advance(l.by)
}

// What was planned is what is applied, days later, too: neither a rotation nor an end that falls due meanwhile slips in.
func TestAccRolePlansAreAppliedAsTheyWereMade(t *testing.T) {
	database := newDatabase(t, "later")
	clock := acctest.NewClock(begin)
	config := func(password, limit string) string {
		return database.ServerHCL() + role(fmt.Sprintf(`
  name             = "later_reader"
  grants           = { "later.reporting" = {} }
  password_wo      = %q
  rotation         = { every = "90d", overlap = "7d" }
  connection_limit = %s
`, password, limit))
	}
	appliedAfter := func(by time.Duration, after ...plancheck.PlanCheck) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), later{clock, by},
			},
			PostApplyPostRefresh: after,
		}
	}
	stillDue := plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
		Steps: []resource.TestStep{
			{Config: config("one", "5")},
			{
				// Planned on day 80, applied on day 95: the limit changes, and nothing else.
				PreConfig: func() { clock.Advance(80 * day) }, Config: config("ignored", "6"), ConfigPlanChecks: appliedAfter(15*day, stillDue),
				Check: logins(database, map[string]string{"later_reader_a": "one"}, nil), ExpectNonEmptyPlan: true,
			},
			{
				// Planned on day 95, applied on day 99: the overlap counts from the apply.
				Config: config("two", "6"), ConfigPlanChecks: appliedAfter(4*day, plancheck.ExpectEmptyPlan()),
				Check: logins(database, map[string]string{"later_reader_a": "one", "later_reader_b": "two"}, nil),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address,
					tfjsonpath.New("previous").AtMapKey("disable_at"), text(begin.Add(106*day).Format(time.RFC3339)))},
			},
			{
				// Planned on day 104, applied on day 108: the old login's end was not planned.
				PreConfig: func() { clock.Advance(5 * day) }, Config: config("ignored", "7"), ConfigPlanChecks: appliedAfter(4*day, stillDue),
				Check: logins(database, map[string]string{"later_reader_a": "one", "later_reader_b": "two"}, nil), ExpectNonEmptyPlan: true,
			},
			{
				Config: config("ignored", "7"), ConfigPlanChecks: appliedAfter(30*day, plancheck.ExpectEmptyPlan()),
				Check: logins(database, map[string]string{"later_reader_b": "two"}, map[string]string{"later_reader_a": "one"}),
			},
		},
	})
}

// What the logins depend on may be known at the apply only: the plan leaves them open, and the apply is as it should be.
func TestAccRoleWhoseRotationIsKnownAtTheApply(t *testing.T) {
	database := newDatabase(t, "open")
	config := func(password, input string) string {
		return database.ServerHCL() + fmt.Sprintf(`
resource "terraform_data" "input" { input = %s }
`, input) + role(fmt.Sprintf(`
  name        = terraform_data.input.output.name
  grants      = { "open.reporting" = {} }
  password_wo = %q
  rotation    = { every = "90d", overlap = "7d", trigger = terraform_data.input.output.trigger }
`, password))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(database, "open_renamed"),
		Steps: []resource.TestStep{
			{
				Config: config("one", `{ name = "open_reader", trigger = "a" }`), Check: logins(database, map[string]string{"open_reader_a": "one"}, nil),
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
			},
			{
				Config: config("two", `{ name = "open_reader", trigger = "b" }`), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"open_reader_a": "one", "open_reader_b": "two"}, nil),
			},
			{
				Config: config("ignored", `{ name = "open_renamed", trigger = "b" }`), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"open_renamed_a": "one", "open_renamed_b": "two"}, nil),
			},
		},
	})
}

func TestAccRoleRotatesByTrigger(t *testing.T) {
	database := newDatabase(t, "trigger")
	clock := acctest.NewClock(begin)
	config := func(password, rotation string) string {
		return database.ServerHCL() + role(fmt.Sprintf(`
  name        = "trigger_reader"
  grants      = { "trigger.reporting" = {} }
  password_wo = %q
  rotation    = { %s }
`, password, rotation))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
		Steps: []resource.TestStep{
			{Config: config("one", `every = "90d", overlap = "7d", trigger = "a"`)},
			{
				Config: config("two", `every = "90d", overlap = "7d", trigger = "b"`), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"trigger_reader_a": "one", "trigger_reader_b": "two"}, nil),
			},
			{
				// A leak within the overlap: the login before it ends first, the leaked one in the same apply.
				Config: config("three", `every = "90d", overlap = "0s", trigger = "c"`), ConfigPlanChecks: updates(),
				Check:             logins(database, map[string]string{"trigger_reader_a": "three"}, map[string]string{"trigger_reader_a": "one", "trigger_reader_b": "two"}),
				ConfigStateChecks: []statecheck.StateCheck{expect("previous", knownvalue.Null())},
			},
			// Without a trigger nothing rotates, and the login in use stays.
			{
				Config: config("ignored", `every = "90d"`), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"trigger_reader_a": "three"}, nil),
			},
			// A login that is gone, or was disabled outside, is replaced by one with another password.
			{
				PreConfig: func() { database.Exec("ALTER ROLE trigger_reader_a NOLOGIN") },
				Config:    config("four", `every = "90d"`), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"trigger_reader_a": "four"}, map[string]string{"trigger_reader_a": "three"}),
			},
			{
				PreConfig: func() { database.Exec("DROP ROLE trigger_reader_a") },
				Config:    config("five", `every = "90d"`), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"trigger_reader_a": "five"}, nil),
			},
			{
				// Somebody wakes the idle login with a password of their own.
				PreConfig: func() { database.Exec("ALTER ROLE trigger_reader_b LOGIN PASSWORD 'mine'") },
				Config:    config("ignored", `every = "90d"`), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"trigger_reader_a": "five"}, map[string]string{"trigger_reader_b": "mine"}),
			},
		},
	})
}

func TestAccRoleRotationIsTurnedOnAndOff(t *testing.T) {
	database := newDatabase(t, "onoff")
	clock := acctest.NewClock(begin)
	config := func(password, more string) string {
		return database.ServerHCL() + role(fmt.Sprintf(`
  name                = "onoff_reader"
  grants              = { "onoff.reporting" = {} }
  password_wo         = %q
  password_wo_version = 1
  %s
`, password, more))
	}
	const rotation = `rotation = { every = "90d", overlap = "7d" }`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
		CheckDestroy:             gone(database, "onoff_reader"),
		Steps: []resource.TestStep{
			{Config: config("one", ""), Check: logins(database, map[string]string{"onoff_reader": "one"}, nil)},
			{
				Config: config("two", rotation), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"onoff_reader": "one", "onoff_reader_a": "two"}, nil),
			},
			{
				PreConfig: func() { clock.Advance(7 * day) }, Config: config("ignored", rotation), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"onoff_reader_a": "two"}, map[string]string{"onoff_reader": "one"}),
			},
			{
				Config: config("three", ""), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"onoff_reader": "three", "onoff_reader_a": "two"}, nil),
			},
			{
				PreConfig: func() { clock.Advance(7 * day) }, Config: config("ignored", ""), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"onoff_reader": "three"}, map[string]string{"onoff_reader_a": "two"}),
			},
			{
				// A rename takes the role's logins along.
				Config: strings.ReplaceAll(config("four", rotation), "onoff_reader", "onoff_renamed"), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"onoff_renamed": "three", "onoff_renamed_a": "four"}, nil),
			},
			{
				Config: config("ignored", rotation), ConfigPlanChecks: updates(),
				Check: logins(database, map[string]string{"onoff_reader": "three", "onoff_reader_a": "four"}, nil),
			},
			{
				ResourceName: address, ImportState: true, ImportStateId: "main/onoff_reader", ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "name",
				// What the server does not know: the policy, how often a password was set, and what is to end when.
				ImportStateVerifyIgnore: []string{"rotation", "password_wo_version", "password_version", "previous", "excess_privileges", "password_set_at", "password_fingerprint"},
			},
		},
	})
}

func TestAccRoleAgeRecipients(t *testing.T) {
	database := newDatabase(t, "age")
	clock := acctest.NewClock(begin)
	alice, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	bob, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	config := func(more string) string {
		return database.ServerHCL(`environment = "prod"`) + role(fmt.Sprintf(`
  name   = "age_reader"
  grants = { "age.reporting" = {} }
  %s
`, more))
	}
	to := func(identities ...*age.X25519Identity) string {
		var quoted []string
		for _, identity := range identities {
			quoted = append(quoted, fmt.Sprintf("%q", identity.Recipient().String()))
		}
		return "age_recipients = [" + strings.Join(quoted, ", ") + "]"
	}
	var clear string
	// opens decrypts what the state holds and logs in with it.
	opens := func(identity age.Identity, username string) resource.TestCheckFunc {
		return func(state *terraform.State) error {
			attributes := state.RootModule().Resources[address].Primary.Attributes
			reader, err := age.Decrypt(armor.NewReader(strings.NewReader(attributes["password_encrypted"])), identity)
			if err != nil {
				return err
			}
			content, err := io.ReadAll(reader)
			if err != nil {
				return err
			}
			clear = string(content)
			return database.TryAs(username, secret.New(clear), "SELECT * FROM reporting.monthly")
		}
	}
	inClear := []statecheck.StateCheck{expect("password", knownvalue.StringRegexp(regexp.MustCompile("^.{40}$"))), expect("password_encrypted", knownvalue.Null())}
	hidden := []statecheck.StateCheck{expect("password", knownvalue.Null()), expect("password_encrypted", knownvalue.NotNull())}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
		Steps: []resource.TestStep{
			{Config: config(""), ConfigStateChecks: inClear},
			{
				// What is known is encrypted: no other password is needed.
				Config: config(to(alice)), ConfigStateChecks: append(hidden, expect("password_version", knownvalue.Int64Exact(1))),
				Check: opens(alice, "age_reader"), ConfigPlanChecks: updates(),
			},
			{
				// Only alice can read it, so bob needs another one.
				Config: config(to(bob)), ConfigStateChecks: append(hidden, expect("password_version", knownvalue.Int64Exact(2))),
				Check: opens(bob, "age_reader"), ConfigPlanChecks: updates(),
			},
			{
				Config: config(to(bob) + "\n" + `rotation = { every = "30d", overlap = "1d" }`), ConfigStateChecks: hidden,
				Check: opens(bob, "age_reader_a"), ConfigPlanChecks: updates(),
			},
			{
				PreConfig: func() { clock.Advance(30 * day) },
				Config:    config(to(alice, bob) + "\n" + `rotation = { every = "30d", overlap = "1d" }`), ConfigStateChecks: hidden,
				Check: opens(alice, "age_reader_b"), ConfigPlanChecks: updates(),
			},
			{Config: config(""), ConfigStateChecks: inClear, ConfigPlanChecks: updates()},
		},
	})
	require.NotEmpty(t, clear)
	require.False(t, database.LogContains(clear))
}

func TestAccRoleRotationMistakesAreNamed(t *testing.T) {
	database := newDatabase(t, "rotmistakes")
	const grants = `grants = { "rotmistakes.reporting" = {} }`
	for name, test := range map[string]struct{ body, want string }{
		"negative":        {`rotation = { every = "-1d" }`, `"-1d"\s+is\s+not\s+a\s+duration`},
		"zero":            {`rotation = { every = "0s" }`, `can't\s+be\s+rotated\s+every\s+0s`},
		"nothing to do":   {`rotation = { overlap = "1d" }`, `Nothing\s+says\s+when\s+to\s+rotate`},
		"long overlap":    {`rotation = { every = "1d", overlap = "2d" }`, `outlive\s+its\s+successor`},
		"before_expiry":   {`rotation = { before_expiry = "1d" }`, `before_expiry`},
		"no version":      {`password_wo = "x"`, `password_wo_version\s+=\s+1`},
		"recipient":       {`age_recipients = ["alice"]`, `not\s+an\s+age\s+recipient`},
		"no recipients":   {`age_recipients = []`, `at\s+least\s+1`},
		"nothing to hide": {"password_wo = \"x\"\npassword_wo_version = 1\nage_recipients = [\"age1cy0su9fwf3gf9mw868g5yut09p6nytfmmnktexz2ya5uqg9vl9sss4euqm\"]", `Nothing\s+to\s+encrypt`},
	} {
		t.Run(name, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{{
					Config: database.ServerHCL() + role("name = \"a\"\n"+grants+"\n"+test.body), PlanOnly: true,
					ExpectError: regexp.MustCompile(test.want),
				}},
			})
		})
	}
	t.Run("long name", func(t *testing.T) {
		resource.Test(t, resource.TestCase{
			ProtoV6ProviderFactories: acctest.Providers(),
			Steps: []resource.TestStep{{
				Config:      database.ServerHCL() + role("name = \""+strings.Repeat("x", 62)+"\"\n"+grants+"\nrotation = { every = \"1d\" }"),
				PlanOnly:    true,
				ExpectError: regexp.MustCompile(`has\s+64\s+bytes`),
			}},
		})
	})
}
