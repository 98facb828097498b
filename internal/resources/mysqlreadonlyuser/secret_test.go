// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// The password is in no plan, no state that was not chosen, no log of Terraform's and, with every statement logged, in no log of
// the server's.
func TestAccUserLeavesNoSecret(t *testing.T) {
	m := newDatabase(t, "discreet")
	const password = "a-Passw0rd-that-must-not-leak"
	generated := strings.Replace(user("name = \"discreet_generated\"\ngrants = { discreet = {} }"), `"test"`, `"generated"`, 1)
	k := acctest.NewWorkspace(t, m.ServerHCL()+`
variable "password" {
  type      = string
  ephemeral = true
}
variable "trigger" {
  default = "first"
}
`+user(`
  name        = "discreet"
  grants      = { discreet = {} }
  password_wo = var.password
  rotation    = { every = "90d", overlap = "7d", trigger = var.trigger }`)+generated)
	log := filepath.Join(t.TempDir(), "trace.log")
	k.Environment = append(k.Environment, "TF_VAR_password="+password, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	printed := k.Must("plan", "-input=false", "-no-color", "-out=first.plan") + k.Must("show", "-json", "first.plan") +
		k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	state := k.Must("state", "pull")
	k.Environment = append(k.Environment, "TF_VAR_trigger=second")
	printed += k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	state += k.Must("state", "pull")
	require.NoError(t, logins(m, "discreet", map[string]string{"discreet_a": password, "discreet_b": password}, nil)(nil))

	chosen := generatedPassword(t, k.Must("state", "pull"))
	require.NoError(t, m.TryAs("discreet_generated", secret.New(chosen)))
	trace, err := os.ReadFile(log)
	require.NoError(t, err)
	for where, content := range map[string]string{"the TRACE log": string(trace), "the server's logs": m.Logs(), "what was printed": printed} {
		if where != "what was printed" { // The plan's JSON holds the configuration, which here holds that.
			require.NotContains(t, content, m.AdminPassword.Reveal(), where)
		}
		require.NotContains(t, content, password, where)
		require.NotContains(t, content, chosen, where)
		require.Contains(t, content, "discreet", where)
	}
	require.NotContains(t, state, password)
	require.NotContains(t, state, m.AdminPassword.Reveal())
	// A verifier can be tried against, too.
	require.NotRegexp(t, `\*[0-9A-F]{40}`, string(trace)+printed+state)
	require.Regexp(t, `CREATE USER 'discreet_a'@'%' IDENTIFIED VIA mysql_native_password USING '\*[0-9A-F]{40}'`, m.Logs())
}

func generatedPassword(t *testing.T, state string) string {
	t.Helper()
	var parsed struct {
		Resources []struct {
			Name      string
			Instances []struct{ Attributes struct{ Password string } }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(state), &parsed))
	for _, found := range parsed.Resources {
		if found.Name == "generated" {
			return found.Instances[0].Attributes.Password
		}
	}
	t.Fatal("no generated password is in the state")
	return ""
}

func TestAccUserAgeRecipients(t *testing.T) {
	m := newDatabase(t, "aged")
	alice, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	bob, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	config := func(more string) string {
		return m.ServerHCL(`environment = "prod"`, `least_privilege = "enforce"`) + user("name = \"aged\"\ngrants = { aged = {} }\n"+more)
	}
	to := func(identity *age.X25519Identity) string {
		return fmt.Sprintf("age_recipients = [%q]", identity.Recipient())
	}
	// opens decrypts what the state holds and logs in with it.
	opens := func(identity age.Identity, username string) resource.TestCheckFunc {
		return func(state *terraform.State) error {
			encrypted := state.RootModule().Resources[address].Primary.Attributes["password_encrypted"]
			reader, err := age.Decrypt(armor.NewReader(strings.NewReader(encrypted)), identity)
			if err != nil {
				return err
			}
			content, err := io.ReadAll(reader)
			if err != nil {
				return err
			}
			return m.TryAs(username, secret.New(string(content)), "SELECT * FROM aged.users")
		}
	}
	hidden := []statecheck.StateCheck{expect("password", knownvalue.Null()), expect("password_encrypted", knownvalue.NotNull())}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(m, "aged"),
		Steps: []resource.TestStep{
			{Config: config(""), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)secret-in-state.*generated\s+password\s+of\s+MySQL\s+user\s+aged`)},
			{Config: config(to(alice)), ConfigStateChecks: hidden, Check: opens(alice, "aged")},
			// Only alice can read it, so bob needs another one.
			{
				Config: config(to(bob)), ConfigStateChecks: append(hidden, expect("password_version", knownvalue.Int64Exact(2))),
				Check: opens(bob, "aged"), ConfigPlanChecks: updates(),
			},
			{
				Config: config(to(bob) + "\n" + `rotation = { every = "30d", overlap = "1d" }`), ConfigStateChecks: hidden,
				Check: opens(bob, "aged_a"), ConfigPlanChecks: updates(),
			},
		},
	})
}
