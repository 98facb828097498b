// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/redisreadonlyuser"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const address = redisreadonlyuser.TypeName + ".test"

func user(body string) string {
	return fmt.Sprintf("resource %q \"test\" {\n  server = \"main\"\n%s\n}\n", redisreadonlyuser.TypeName, body)
}

func emptyPlan() []plancheck.PlanCheck { return []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()} }

func updates() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
		PostApplyPostRefresh: emptyPlan(),
	}
}

func expect(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
}

// logsIn checks from outside whose passwords work, and whose don't.
func logsIn(r *acctest.Redis, name string, works, refused []string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		for _, password := range works {
			if err := r.TryAs(name, secret.New(password), "GET", "app:nothing"); err != nil && !errors.Is(err, redis.Nil) {
				return fmt.Errorf("%s: %w", password, err)
			}
		}
		for _, password := range refused {
			if err := r.TryAs(name, secret.New(password), "PING"); err == nil || !strings.Contains(err.Error(), "WRONGPASS") {
				return fmt.Errorf("%s should be refused: %w", password, err)
			}
		}
		return nil
	}
}

func gone(r *acctest.Redis, name string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if err := r.TryAs(r.Admin, r.AdminPassword, "ACL", "GETUSER", name); !errors.Is(err, redis.Nil) {
			return fmt.Errorf("user %s is still there: %w", name, err)
		}
		return nil
	}
}

func TestAccUserLifecycle(t *testing.T) {
	r := acctest.NewRedis(t, devstack.RedisOptions{})
	own := func(body, password string, version int) string {
		return r.ServerHCL() + user(fmt.Sprintf("  name = \"gateway\"\n%s\n  password_wo = %q\n  password_wo_version = %d", body, password, version))
	}
	const patterns = `key_patterns = ["app:*", "cache:*"]`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(r, "gateway"),
		Steps: []resource.TestStep{
			{
				Config: own(patterns, "first", 1), Check: logsIn(r, "gateway", []string{"first"}, nil),
				ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
				ConfigStateChecks: []statecheck.StateCheck{
					expect("password", knownvalue.Null()), expect("password_version", knownvalue.Int64Exact(1)),
					expect("excess_privileges", knownvalue.ListSizeExact(0)), expect("commands", knownvalue.ListSizeExact(3)),
				},
			},
			// Without another version nothing is seen, and nothing is set.
			{Config: own(patterns, "second", 1), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()}},
			{
				Config: own(patterns, "second", 2), ConfigPlanChecks: updates(),
				Check: logsIn(r, "gateway", []string{"second"}, []string{"first"}),
			},
			{Config: own(`key_patterns = ["app:*"]`, "second", 2), ConfigPlanChecks: updates()},
			{Config: own(`key_patterns = ["app:*"]`+"\n"+`channel_patterns = ["news.*"]`, "second", 2), ConfigPlanChecks: updates()},
			{
				Config:           own(`key_patterns = ["app:*"]`+"\n"+`commands = ["+get", "+mget", "+@connection", "-@dangerous"]`, "second", 2),
				ConfigPlanChecks: updates(), Check: logsIn(r, "gateway", []string{"second"}, nil),
			},
			{
				ResourceName: address, ImportState: true, ImportStateId: "main/gateway", ImportStateVerify: true,
				ImportStateVerifyIdentifierAttribute: "name",
				// The server keeps neither a write-only value's version, the password's age, nor, in version 7.0, the rules as they were
				// written; a fingerprint has a salt of its own.
				ImportStateVerifyIgnore: []string{
					"password_wo_version", "password_version", "password_set_at", "password_fingerprint", "commands",
				},
			},
			// A generated password, kept in the state.
			{
				Config:           r.ServerHCL() + user(`name = "gateway"`+"\n"+`key_patterns = ["app:*"]`),
				ConfigPlanChecks: updates(),
				ConfigStateChecks: []statecheck.StateCheck{
					expect("password", knownvalue.StringRegexp(regexp.MustCompile("^.{40}$"))), expect("password_version", knownvalue.Int64Exact(3)),
				},
				Check: logsIn(r, "gateway", nil, []string{"second"}),
			},
		},
	})
}

func TestAccUserRotatesOnSchedule(t *testing.T) {
	const day = 24 * time.Hour
	r := acctest.NewRedis(t, devstack.RedisOptions{})
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	clock := acctest.NewClock(begin)
	config := func(password string) string {
		return r.ServerHCL() + user(fmt.Sprintf(`
  name         = "turner"
  key_patterns = ["app:*"]
  password_wo  = %q
  rotation     = { every = "90d", overlap = "7d" }`, password))
	}
	unchanged := resource.ConfigPlanChecks{PreApply: emptyPlan()}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
		Steps: []resource.TestStep{
			{Config: config("one"), Check: logsIn(r, "turner", []string{"one"}, nil)},
			{PreConfig: func() { clock.Advance(89 * day) }, Config: config("ignored"), ConfigPlanChecks: unchanged},
			{
				PreConfig: func() { clock.Advance(4 * day) }, Config: config("two"),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
						plancheck.ExpectKnownValue(address, tfjsonpath.New("password_version"), knownvalue.Int64Exact(2)),
						plancheck.ExpectUnknownValue(address, tfjsonpath.New("previous").AtMapKey("disable_at")),
					},
					PostApplyPostRefresh: emptyPlan(),
				},
				Check: logsIn(r, "turner", []string{"one", "two"}, nil),
				ConfigStateChecks: []statecheck.StateCheck{expect("previous", knownvalue.ObjectExact(map[string]knownvalue.Check{
					"disable_at":           knownvalue.StringExact(begin.Add(100 * day).Format(time.RFC3339)),
					"password_fingerprint": knownvalue.NotNull(),
				}))},
			},
			{PreConfig: func() { clock.Advance(6 * day) }, Config: config("ignored"), ConfigPlanChecks: unchanged},
			{
				PreConfig: func() { clock.Advance(day) }, Config: config("ignored"), ConfigPlanChecks: updates(),
				Check:             logsIn(r, "turner", []string{"two"}, []string{"one", "ignored"}),
				ConfigStateChecks: []statecheck.StateCheck{expect("previous", knownvalue.Null())},
			},
			// Somebody takes the password away: the next apply sets one again.
			{
				PreConfig: func() { r.Exec("ACL SETUSER turner resetpass") }, Config: config("three"), ConfigPlanChecks: updates(),
				Check: logsIn(r, "turner", []string{"three"}, []string{"two"}),
			},
		},
	})
}

func TestAccUserDriftIsShownAndMended(t *testing.T) {
	r := acctest.NewRedis(t, devstack.RedisOptions{})
	config := r.ServerHCL() + user(`
  name                = "drifter"
  key_patterns        = ["app:*"]
  channel_patterns    = ["news.*"]
  password_wo         = "one"
  password_wo_version = 1`)
	steps := []resource.TestStep{{Config: config}}
	for _, change := range []string{
		"ACL SETUSER drifter ~*", "ACL SETUSER drifter %R~other:*", "ACL SETUSER drifter resetkeys", "ACL SETUSER drifter &*",
		"ACL SETUSER drifter resetchannels", "ACL SETUSER drifter +@write", "ACL SETUSER drifter allcommands", "ACL SETUSER drifter +keys",
		"ACL SETUSER drifter -get", "ACL SETUSER drifter off", "ACL SETUSER drifter nopass", "ACL SETUSER drifter >another",
		"ACL SETUSER drifter resetpass", "ACL SETUSER drifter (+set)",
	} {
		steps = append(steps, resource.TestStep{
			PreConfig: func() { r.Exec(change) }, Config: config, ConfigPlanChecks: updates(),
			Check: logsIn(r, "drifter", []string{"one"}, []string{"another"}),
		})
	}
	steps = append(steps, resource.TestStep{
		PreConfig: func() { r.Exec("ACL DELUSER drifter") }, Config: config,
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)},
		},
		Check: logsIn(r, "drifter", []string{"one"}, nil),
	})
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

func TestAccUserMistakesAreNamed(t *testing.T) {
	r := acctest.NewRedis(t, devstack.RedisOptions{})
	r.Exec("ACL SETUSER taken on nopass")
	for name, step := range map[string]struct {
		config, want string
		apply        bool
	}{
		"spaces in a name":      {user(`name = "a b"`), `holds a space`, false},
		"an empty pattern":      {user(`name = "a"` + "\n" + `key_patterns = [""]`), `is empty`, false},
		"no patterns":           {user(`name = "a"` + "\n" + `key_patterns = []`), `(?s)key_patterns.*at least 1`, false},
		"everything":            {user(`name = "a"` + "\n" + `commands = ["+@all"]`), `category "all" holds commands`, false},
		"a rule of keys":        {user(`name = "a"` + "\n" + `commands = ["~*"]`), `neither \+command`, false},
		"no version":            {user(`name = "a"` + "\n" + `password_wo = "x"`), `password_wo_version`, false},
		"nothing to encrypt":    {user(`name = "a"` + "\n" + `password_wo = "x"` + "\n" + `password_wo_version = 1` + "\n" + `age_recipients = ["age1"]`), `age_recipients`, false},
		"a negative overlap":    {user(`name = "a"` + "\n" + `rotation = { every = "90d", overlap = "-1d" }`), `"-1d" is not a duration`, false},
		"an unknown server":     {strings.Replace(user(`name = "a"`), "main", "other", 1), `no\s+server\s+"other"`, false},
		"a command that writes": {user(`name = "a"` + "\n" + `commands = ["+set"]`), `"set"\s+in\s+category\s+"write"`, true},
		"the default user":      {user(`name = "default"`), `everybody\s+is\s+without\s+a\s+name`, true},
		"the provider's own":    {user(fmt.Sprintf(`name = %q`, r.Admin)), `logs\s+in\s+as`, true},
		"one that is there":     {user(`name = "taken"`), `terraform\s+import\s+terrascale_redis_readonly_user\.<name>\s+'main/taken'`, true},
	} {
		t.Run(name, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{{
					Config: r.ServerHCL() + step.config, PlanOnly: !step.apply, ExpectError: regexp.MustCompile(step.want),
				}},
			})
		})
	}
	require.ErrorContains(t, r.TryAs("taken", secret.New("anything"), "GET", "a"), "NOPERM", "it logs in as before")
}

func TestAccUserIsSavedOrWarnedOf(t *testing.T) {
	r := acctest.NewRedis(t, devstack.RedisOptions{WithoutFiles: true})
	body := user(`name = "forgotten"` + "\n" + `key_patterns = ["app:*"]`)
	k := acctest.NewWorkspace(t, r.ServerHCL()+body)
	applied := k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.Contains(t, applied, "Redis user is lost when the server restarts")
	k.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
}

// The password is in no plan, no state that was not chosen, no log, and reaches the server as a digest.
func TestAccUserLeavesNoSecret(t *testing.T) {
	r := acctest.NewRedis(t, devstack.RedisOptions{})
	const password = "a-Passw0rd-that-must-not-leak"
	k := acctest.NewWorkspace(t, r.ServerHCL()+`
variable "password" {
  type      = string
  ephemeral = true
}
`+user(`
  name         = "discreet"
  key_patterns = ["app:*"]
  password_wo  = var.password
  rotation     = { every = "90d", overlap = "7d" }`))
	k.Environment = append(k.Environment, "TF_VAR_password="+password)
	log := filepath.Join(t.TempDir(), "trace.log")
	k.Environment = append(k.Environment, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	printed := k.Must("plan", "-input=false", "-no-color", "-out=first.plan") + k.Must("show", "-json", "first.plan") +
		k.Must("apply", "-auto-approve", "-input=false", "-no-color") + k.Must("state", "pull")
	for where, path := range map[string]string{"the TRACE log": log, "the server's log": r.LogFile} {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotContains(t, string(content), r.AdminPassword.Reveal(), where)
		require.NotContains(t, string(content), password, where)
	}
	require.NotContains(t, printed, password)
	require.NoError(t, logsIn(r, "discreet", []string{password}, nil)(nil))
}
