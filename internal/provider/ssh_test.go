// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// behind gives a provider block whose server "main" is a database's, behind a bastion; the values are HCL.
func behind(database *acctest.Database, bastion *devstack.Bastion, user, privateKey, hostKey string) string {
	return fmt.Sprintf(`
provider "terrascale" {
  least_privilege = "enforce"
  postgresql = {
    main = {
      host            = %q
      port            = %d
      username        = %q
      password        = %q
      sslrootcert     = %q
      connect_timeout = "5s"
      ssh = {
        host        = %q
        port        = %d
        user        = %s
        private_key = %s
        host_key    = %s
      }
    }
  }
}
`, database.Host, database.Port, database.Admin, database.AdminPassword.Reveal(), database.Authority.CAFile,
		bastion.Host, bastion.Port, user, privateKey, hostKey)
}

func heredoc(key secret.String) string { return "<<KEY\n" + key.Reveal() + "KEY\n" }

func quoted(text string) string { return fmt.Sprintf("%q", text) }

// Everything about the bastion may be ephemeral, or known only at the apply.
func TestAccProviderBastion(t *testing.T) {
	database := acctest.NewDatabase(t, "bastion", "CREATE TABLE public.users (id int)")
	bastion := acctest.NewBastion(t)
	ephemeral := fmt.Sprintf(`
variable "private_key" {
  ephemeral = true
  default   = %s
}
resource "terraform_data" "bastion" {
  input = { user = %q, host_key = %q }
}
`, heredoc(bastion.PrivateKey), bastion.User, bastion.HostKey) + behind(database, bastion,
		"terraform_data.bastion.output.user", "var.private_key", "terraform_data.bastion.output.host_key")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{
				Config: ephemeral + reader("main", "bastion"),
				ConfigPlanChecks: resource.ConfigPlanChecks{
					PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
				},
			},
			// A bastion that was started anew between two runs.
			{PreConfig: bastion.Drop, RefreshState: true},
			{Config: ephemeral, Check: acctest.NoRole(database, "bastion_reader")},
		},
	})
	require.NotEmpty(t, bastion.Targets())
	for _, target := range bastion.Targets() {
		require.True(t, strings.HasPrefix(target, "localhost:"), "the bastion resolves the name: %s", target)
	}
}

func TestAccProviderBastionMistakes(t *testing.T) {
	database := acctest.NewDatabase(t, "bastionmistakes")
	bastion, other := acctest.NewBastion(t), acctest.NewBastion(t)
	user, key, hostKey := quoted(bastion.User), heredoc(bastion.PrivateKey), quoted(bastion.HostKey)
	for name, test := range map[string]struct{ block, want string }{
		"not a private key": {
			behind(database, bastion, user, `"hunter2-is-no-key"`, hostKey),
			`(?s)Invalid\s+SSH\s+private\s+key.*neither\s+in\s+OpenSSH's\s+form\s+nor\s+PEM`,
		},
		"not a host key": {
			behind(database, bastion, user, key, `"SHA256:AAAA"`), `(?s)Invalid\s+SSH\s+host\s+key.*ssh_host_ed25519_key\.pub`,
		},
		"no user": {behind(database, bastion, `""`, key, hostKey), `(?s)ssh\.user.*at\s+least\s+1`},
		"another host key": {
			behind(database, bastion, user, key, quoted(other.HostKey)),
			`(?s)another\s+host\s+key.*showed\s+` + regexp.QuoteMeta(bastion.Fingerprint),
		},
		"refused": {behind(database, bastion, `"mallory"`, key, hostKey), `(?s)SSH\s+bastion.*as\s+mallory.*unable\s+to\s+authenticate`},
	} {
		t.Run(name, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps: []resource.TestStep{{
					Config: test.block + reader("main", "bastionmistakes"), ExpectError: regexp.MustCompile(test.want),
				}},
			})
		})
	}
	require.False(t, database.RoleExists("bastionmistakes_reader"))
}

// A workspace's output is all that a user sees, errors included.
func TestAccProviderBastionErrorsHoldNoKey(t *testing.T) {
	database := acctest.NewDatabase(t, "bastionhidden")
	bastion, other := acctest.NewBastion(t), acctest.NewBastion(t)
	truncated := secret.New(strings.Join(strings.SplitAfter(bastion.PrivateKey.Reveal(), "\n")[:3], ""))
	for _, block := range []string{
		behind(database, bastion, quoted(bastion.User), heredoc(truncated), quoted(bastion.HostKey)),
		behind(database, bastion, quoted(bastion.User), heredoc(bastion.PrivateKey), quoted(other.HostKey)),
	} {
		w := acctest.NewWorkspace(t, block+reader("main", "bastionhidden"))
		result, err := w.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
		require.NoError(t, err)
		require.Equal(t, 1, result.ExitCode)
		for _, line := range strings.Fields(bastion.PrivateKey.Reveal())[3:] {
			if len(line) > 20 {
				require.NotContains(t, result.Output, line)
			}
		}
		require.NotContains(t, result.Output, database.AdminPassword.Reveal())
	}
}
