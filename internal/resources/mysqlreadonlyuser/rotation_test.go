// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

const day = 24 * time.Hour

var begin = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// session opens a session that a test keeps, and alive tells whether it still is.
func session(t *testing.T, m *acctest.MariaDB, username, password string) (alive func() bool) {
	t.Helper()
	connection, err := m.Open(username, secret.New(password), m.TLS()).Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	return func() bool {
		return connection.Raw(func(any) error { return nil }) == nil && ping(connection)
	}
}

func ping(connection *sql.Conn) bool {
	_, err := connection.ExecContext(context.Background(), "SELECT 1")
	return err == nil
}

func TestAccUserRotatesOnSchedule(t *testing.T) {
	m := newDatabase(t, "schedule")
	clock := acctest.NewClock(begin)
	// The password of each apply is another one: the version does not change, the rotation takes what there is.
	config := func(password string) string {
		return m.ServerHCL() + user(fmt.Sprintf(`
  name        = "turner"
  grants      = { schedule = {} }
  password_wo = %q
  rotation    = { every = "90d", overlap = "7d" }`, password))
	}
	unchanged := resource.ConfigPlanChecks{PreApply: emptyPlan()}
	var first, second func() bool
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
		CheckDestroy:             gone(m, "turner"),
		Steps: []resource.TestStep{
			{
				Config: config("one"), Check: logins(m, "schedule", map[string]string{"turner_a": "one"}, map[string]string{"turner": "one"}),
				ConfigStateChecks: []statecheck.StateCheck{expect("username", text("turner_a")), expect("previous", knownvalue.Null())},
				ConfigPlanChecks:  resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
			},
			{
				ResourceName: address, ImportState: true, ImportStateId: "main/turner@%", ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "name", ImportStateVerifyIgnore: notKnownToTheServer("rotation"),
			},
			{PreConfig: func() { clock.Advance(89 * day) }, Config: config("ignored"), ConfigPlanChecks: unchanged},
			{
				// Day 93: due.
				PreConfig: func() { clock.Advance(4 * day); first = session(t, m, "turner_a", "one") }, Config: config("two"),
				ConfigPlanChecks: updates(
					plancheck.ExpectKnownValue(address, tfjsonpath.New("username"), text("turner_b")),
					plancheck.ExpectKnownValue(address, tfjsonpath.New("password_version"), knownvalue.Int64Exact(2)),
					plancheck.ExpectKnownValue(address, tfjsonpath.New("previous").AtMapKey("username"), text("turner_a")),
					plancheck.ExpectUnknownValue(address, tfjsonpath.New("previous").AtMapKey("disable_at")),
				),
				Check: logins(m, "schedule", map[string]string{"turner_a": "one", "turner_b": "two"}, nil),
				ConfigStateChecks: []statecheck.StateCheck{expect("previous", knownvalue.ObjectExact(map[string]knownvalue.Check{
					"username": text("turner_a"), "disable_at": text(begin.Add(100 * day).Format(time.RFC3339)),
				}))},
			},
			{
				PreConfig: func() { clock.Advance(6 * day); require.True(t, first(), "the overlap leaves it") },
				Config:    config("ignored"), ConfigPlanChecks: unchanged,
			},
			{
				// Day 100: the overlap is over.
				PreConfig: func() { clock.Advance(day); second = session(t, m, "turner_b", "two") }, Config: config("ignored"),
				ConfigPlanChecks: updates(plancheck.ExpectKnownValue(address, tfjsonpath.New("previous"), knownvalue.Null())),
				Check:            logins(m, "schedule", map[string]string{"turner_b": "two"}, map[string]string{"turner_a": "one"}),
			},
			{
				PreConfig: func() {
					require.False(t, first(), "the session is ended with its login")
					require.True(t, second())
					require.Equal(t, []string{"global_priv: turner_a@%"}, m.Traces("turner_a"), "a locked login holds nothing")
					clock.Advance(90 * day)
				},
				Config: config("three"), ConfigPlanChecks: updates(),
				Check: logins(m, "schedule", map[string]string{"turner_a": "three", "turner_b": "two"}, map[string]string{"turner_a": "one"}),
			},
			// What is taken from the previous login, or given to it, shows and is mended, too.
			{
				PreConfig: func() { m.Exec("REVOKE SELECT ON schedule.* FROM turner_b") }, Config: config("ignored"), ConfigPlanChecks: updates(),
				Check: logins(m, "schedule", map[string]string{"turner_a": "three", "turner_b": "two"}, nil),
			},
			{PreConfig: func() { m.Exec("GRANT INSERT ON schedule.* TO turner_b") }, Config: config("ignored"), ConfigPlanChecks: updates()},
			{PreConfig: func() { m.Exec("ALTER USER turner_b REQUIRE NONE") }, Config: config("ignored"), ConfigPlanChecks: updates()},
			{PreConfig: func() { m.Exec("ALTER USER turner_b WITH MAX_USER_CONNECTIONS 9") }, Config: config("ignored"), ConfigPlanChecks: updates()},
		},
	})
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

// What was planned is what is applied, days later, too.
func TestAccUserPlansAreAppliedAsTheyWereMade(t *testing.T) {
	m := newDatabase(t, "later")
	clock := acctest.NewClock(begin)
	config := func(password, limit string) string {
		return m.ServerHCL() + user(fmt.Sprintf(`
  name                 = "later"
  grants               = { later = {} }
  password_wo          = %q
  rotation             = { every = "90d", overlap = "7d" }
  max_user_connections = %s`, password, limit))
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
				Check: logins(m, "later", map[string]string{"later_a": "one"}, nil), ExpectNonEmptyPlan: true,
			},
			{
				// Planned on day 95, applied on day 99: the overlap counts from the apply.
				Config: config("two", "6"), ConfigPlanChecks: appliedAfter(4*day, plancheck.ExpectEmptyPlan()),
				Check: logins(m, "later", map[string]string{"later_a": "one", "later_b": "two"}, nil),
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address,
					tfjsonpath.New("previous").AtMapKey("disable_at"), text(begin.Add(106*day).Format(time.RFC3339)))},
			},
		},
	})
}

func TestAccUserRotatesByTriggerAndAfterWhatHappensOutside(t *testing.T) {
	m := newDatabase(t, "trig")
	clock := acctest.NewClock(begin)
	config := func(password, rotation string) string {
		return m.ServerHCL() + user(fmt.Sprintf(`
  name        = "trig"
  grants      = { trig = {} }
  password_wo = %q
  rotation    = { %s }`, password, rotation))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
		CheckDestroy:             gone(m, "trig"),
		Steps: []resource.TestStep{
			{Config: config("one", `every = "90d", overlap = "7d", trigger = "a"`)},
			{
				Config: config("two", `every = "90d", overlap = "7d", trigger = "b"`), ConfigPlanChecks: updates(),
				Check: logins(m, "trig", map[string]string{"trig_a": "one", "trig_b": "two"}, nil),
			},
			{
				// A leak within the overlap: the login before it ends first, the leaked one in the same apply.
				Config: config("three", `every = "90d", overlap = "0s", trigger = "c"`), ConfigPlanChecks: updates(),
				Check:             logins(m, "trig", map[string]string{"trig_a": "three"}, map[string]string{"trig_a": "one", "trig_b": "two"}),
				ConfigStateChecks: []statecheck.StateCheck{expect("previous", knownvalue.Null())},
			},
			// Without a trigger nothing rotates, and the login in use stays.
			{
				Config: config("ignored", `every = "90d"`), ConfigPlanChecks: updates(),
				Check: logins(m, "trig", map[string]string{"trig_a": "three"}, nil),
			},
			// A login that is gone, or was locked outside, is replaced by one with another password.
			{
				PreConfig: func() { m.Exec("ALTER USER trig_a ACCOUNT LOCK") },
				Config:    config("four", `every = "90d"`), ConfigPlanChecks: updates(),
				Check: logins(m, "trig", map[string]string{"trig_a": "four"}, map[string]string{"trig_a": "three"}),
			},
			{
				PreConfig: func() { m.Exec("DROP USER trig_a") },
				Config:    config("five", `every = "90d"`), ConfigPlanChecks: updates(),
				Check: logins(m, "trig", map[string]string{"trig_a": "five"}, nil),
			},
			{
				// Somebody wakes the idle login with a password of their own.
				PreConfig: func() {
					m.Exec("ALTER USER trig_b IDENTIFIED BY 'mine' ACCOUNT UNLOCK", "GRANT ALL ON trig.* TO trig_b")
				},
				Config: config("ignored", `every = "90d"`), ConfigPlanChecks: updates(),
				Check: logins(m, "trig", map[string]string{"trig_a": "five"}, map[string]string{"trig_b": "mine"}),
			},
			{
				PreConfig: func() { m.Exec("ALTER USER trig_a IDENTIFIED BY 'mine'") },
				Config:    config("six", `every = "90d"`), ConfigPlanChecks: updates(),
				Check: logins(m, "trig", map[string]string{"trig_b": "six"}, map[string]string{"trig_a": "mine"}),
			},
		},
	})
}

// A user that bears the name of a login to be is not taken over.
// Sessions from where the user may not come any more are ended, and no others.
func TestAccUserEndsSessionsFromElsewhere(t *testing.T) {
	m := newDatabase(t, "moves")
	config := func(host string) string {
		return m.ServerHCL() + user(fmt.Sprintf("name = \"moves\"\nhost = %q\ngrants = { moves = {} }\npassword_wo = \"one\"\npassword_wo_version = 1", host))
	}
	var alive func() bool
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: config("%")},
			{PreConfig: func() { alive = session(t, m, "moves", "one") }, Config: config("127.0.0.0/8"), ConfigPlanChecks: updates()},
			{PreConfig: func() { require.True(t, alive()) }, Config: config("10.0.0.0/8"), ConfigPlanChecks: updates()},
			{PreConfig: func() { require.False(t, alive()) }, Config: config("%"), ConfigPlanChecks: updates()},
		},
	})
}
