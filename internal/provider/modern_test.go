// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// modern gives a workspace, where the CLI is Terraform of a version or newer. The same is held to the protocol in protocol_test.go, whatever the CLI.
func modern(t *testing.T, oldest, configuration string) *acctest.Workspace {
	t.Helper()
	w := acctest.NewWorkspace(t, configuration)
	isModern, err := terraformcli.IsTerraform(t.Context(), w.CLI, oldest)
	require.NoError(t, err)
	if !isModern {
		t.Skipf("the CLI is older than Terraform %s, or OpenTofu (TF_ACC_TERRAFORM_PATH names another)", oldest)
	}
	return w
}

func (w *world) hcl() string {
	return w.service.ProviderHCL(block(w.database.ServerHCL()), block(w.mariaDB.ServerHCL()), block(w.redis.ServerHCL()))
}

var quiet = []string{"-input=false", "-no-color"}

func must(w *acctest.Workspace, arguments ...string) string {
	return w.Must(append(arguments, quiet...)...)
}

func TestAccImportByIdentity(t *testing.T) {
	s := newWorld(t, "by_identity")
	w := modern(t, "v1.12.0", s.hcl())
	key, _, err := s.service.CreateKey(emulator.DefaultOrganizationID, "by hand", []string{"database:read"}, nil)
	require.NoError(t, err)
	require.NoError(t, s.service.AddMember(emulator.DefaultOrganizationID, "ada@example.com", "readonly"))
	s.database.Exec("CREATE ROLE by_identity_reader LOGIN PASSWORD 'pw'", "GRANT SELECT ON orders TO by_identity_reader",
		"ALTER ROLE by_identity_reader SET default_transaction_read_only = on")
	imported := fmt.Sprintf(`
import {
  provider = terrascale
  to       = terrascale_api_key.by_hand
  identity = { key_id = %q }
}
import {
  provider = terrascale
  to       = terrascale_team_member.ada
  identity = { email = "ada@example.com" }
}
import {
  provider = terrascale
  to       = terrascale_postgresql_readonly_role.reader
  identity = { server = "main", name = "by_identity_reader" }
}
`, key.ID)
	w.Configure(s.hcl() + imported)
	require.Contains(t, must(w, "plan", "-generate-config-out=generated.tf"), "3 to import, 0 to add, 0 to change, 0 to destroy")
	w.Configure(s.hcl() + strings.ReplaceAll(imported, "  provider = terrascale\n", "")) // It is for what has no configuration yet.
	must(w, "apply", "-auto-approve")
	w.Configure(s.hcl())
	require.Contains(t, must(w, "plan"), "No changes")
	require.Contains(t, w.Must("show", "-json"), `"identity":{"email":"ada@example.com","organization_id":"`+emulator.DefaultOrganizationID+`"}`)
	must(w, "destroy", "-auto-approve")
}

func TestAccQuery(t *testing.T) {
	s := newWorld(t, "queried")
	w := modern(t, "v1.14.0", s.hcl())
	_, _, err := s.service.CreateKey(emulator.DefaultOrganizationID, "by hand", []string{"database:read"}, nil)
	require.NoError(t, err)
	require.NoError(t, s.service.AddMember(emulator.DefaultOrganizationID, "ada@example.com", "readonly"))
	require.NoError(t, s.service.SetAllowlist(emulator.DefaultOrganizationID, true, "127.0.0.0/8", "203.0.113.0/24"))
	s.database.Exec("CREATE ROLE queried_reader LOGIN PASSWORD 'pw'", "GRANT SELECT ON orders TO queried_reader",
		"ALTER ROLE queried_reader SET default_transaction_read_only = on",
		"CREATE ROLE queried_pair", "CREATE ROLE queried_pair_a LOGIN PASSWORD 'pw'", "GRANT queried_pair TO queried_pair_a", "GRANT SELECT ON users TO queried_pair",
		"ALTER ROLE queried_pair_a SET default_transaction_read_only = on")
	s.mariaDB.Exec("CREATE USER queried_reader IDENTIFIED BY 'pw'", "GRANT SELECT ON queried.* TO queried_reader")
	s.redis.Exec("ACL SETUSER queried_reader on >pw %R~app:* +get")
	require.NoError(t, os.WriteFile(filepath.Join(w.Dir, "config.terse"), []byte("adapters:\n  users_db:\n    connector: postgres\n    connection_string: \"{{ env.A }}\"\n"), 0o600))
	query := ""
	for typeName, config := range map[string]string{
		"terrascale_adapter":                  `config_file = "config.terse"`,
		"terrascale_api_key":                  ``,
		"terrascale_ip_allowlist_entry":       ``,
		"terrascale_mysql_readonly_user":      "server = \"main\"\nname_pattern = \"^queried_\"",
		"terrascale_postgresql_readonly_role": "server = \"main\"\nname_pattern = \"^queried_\"",
		"terrascale_redis_readonly_user":      `server = "main"`,
		"terrascale_team_member":              `role = "readonly"`,
	} {
		query += fmt.Sprintf("list %q \"all\" {\n  provider         = terrascale\n  include_resource = true\n  config {\n%s\n}\n}\n", typeName, config)
	}
	require.NoError(t, os.WriteFile(filepath.Join(w.Dir, "all.tfquery.hcl"), []byte(query), 0o600))
	found := w.Must("query", "-no-color", "-generate-config-out=generated.tf")
	for _, name := range []string{"by hand", "ada@example.com", "203.0.113.0/24", "queried_reader", "queried_pair", "queried_reader@%", "users_db"} {
		require.Contains(t, found, name)
	}
	require.NotContains(t, found, "queried_pair_a")
	require.NoError(t, os.Remove(filepath.Join(w.Dir, "all.tfquery.hcl")))
	w.Must("validate", "-no-color")
	require.Contains(t, must(w, "plan"), "9 to import, 0 to add, 0 to change, 0 to destroy")
	must(w, "apply", "-auto-approve")
	require.Contains(t, must(w, "plan"), "No changes")
	s.mariaDB.Exec("DROP USER queried_reader")
}

func TestAccActions(t *testing.T) {
	s := newWorld(t, "acted")
	w := modern(t, "v1.14.0", s.hcl())
	key, _, err := s.service.CreateKey(emulator.DefaultOrganizationID, "leaked", []string{"*"}, nil)
	require.NoError(t, err)
	s.database.Exec("CREATE ROLE acted_reader LOGIN PASSWORD 'pw'")
	isAlive := s.database.Session("acted_reader", pw)
	w.Configure(s.hcl() + fmt.Sprintf(`
action "terrascale_api_key_revoke" "leaked" {
  config { key_id = %q }
}
action "terrascale_postgresql_terminate_sessions" "reader" {
  config {
    server    = "main"
    usernames = ["acted_reader"]
  }
}
resource "terraform_data" "incident" {
  input = "2026-11"
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.terrascale_postgresql_terminate_sessions.reader]
    }
  }
}
`, key.ID))
	require.Contains(t, must(w, "apply", "-auto-approve", "-invoke=action.terrascale_api_key_revoke.leaked"), fmt.Sprintf("Key %s is revoked.", key.ID))
	require.True(t, s.service.APIKeys(emulator.DefaultOrganizationID)[0].Revoked)
	require.NoError(t, isAlive())
	require.Contains(t, must(w, "apply", "-auto-approve"), "Sessions of acted_reader that were told to end: 1.")
	require.Error(t, isAlive())
}
