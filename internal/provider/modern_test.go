// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// modern skips a test where the CLI is not Terraform of a version or newer. The same is held to the protocol in protocol_test.go, whatever the CLI.
func modern(t *testing.T, oldest string) {
	t.Helper()
	cli, err := terraformcli.Find(t.Context())
	require.NoError(t, err)
	isModern, err := terraformcli.IsTerraform(t.Context(), cli, oldest)
	require.NoError(t, err)
	if !isModern {
		t.Skipf("the CLI is older than Terraform %s, or OpenTofu (TF_ACC_TERRAFORM_PATH names another)", oldest)
	}
}

func (w *world) hcl() string {
	return w.service.ProviderHCL(block(w.database.ServerHCL()), block(w.mariaDB.ServerHCL()), block(w.redis.ServerHCL()))
}

var quiet = []string{"-input=false", "-no-color"}

func must(w *acctest.Workspace, arguments ...string) string {
	return w.Must(append(arguments, quiet...)...)
}

func TestAccImportByIdentity(t *testing.T) {
	modern(t, "v1.12.0")
	s := newWorld(t, "by_identity")
	w := acctest.NewWorkspace(t, s.hcl())
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
	modern(t, "v1.14.0")
	s := newWorld(t, "queried")
	w := acctest.NewWorkspace(t, s.hcl())
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
	modern(t, "v1.14.0")
	s := newWorld(t, "acted")
	w := acctest.NewWorkspace(t, s.hcl())
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

// The examples of what older CLIs do not know are examples that a newer one takes.
func TestAccNewExamplesAreValid(t *testing.T) {
	modern(t, "v1.14.0")
	examples, err := filepath.Glob("../../examples/list-resources/*/*.tfquery.hcl")
	require.NoError(t, err)
	actions, err := filepath.Glob("../../examples/actions/*/*.tf")
	require.NoError(t, err)
	imports, err := filepath.Glob("../../examples/resources/*/import-by-identity.tf")
	require.NoError(t, err)
	require.NotEmpty(t, examples)
	require.NotEmpty(t, actions)
	require.NotEmpty(t, imports)
	for _, example := range slices.Concat(examples, actions, imports) {
		w := acctest.NewWorkspace(t, "provider \"terrascale\" {}\n")
		content, err := os.ReadFile(example)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(w.Dir, filepath.Base(example)), content, 0o600))
		if resource := filepath.Join(filepath.Dir(example), "resource.tf"); filepath.Base(example) == "import-by-identity.tf" {
			content, err := os.ReadFile(resource)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(w.Dir, "resource.tf"), content, 0o600))
		}
		w.Must("validate", "-query", "-no-color")
	}
}

// What the documentation is made from is what such a CLI prints itself.
func TestAccSchemasAreThoseOfTheCLI(t *testing.T) {
	modern(t, "v1.14.0")
	w := acctest.NewWorkspace(t, "")
	printed := w.Must("providers", "schema", "-json")
	var older struct {
		FormatVersion   string                                `json:"format_version"`
		ProviderSchemas map[string]map[string]json.RawMessage `json:"provider_schemas"`
	}
	require.NoError(t, json.Unmarshal([]byte(printed), &older))
	for _, sections := range older.ProviderSchemas {
		for _, section := range []string{"list_resource_schemas", "action_schemas", "resource_identity_schemas"} {
			require.NotEmpty(t, sections[section])
			delete(sections, section)
		}
	}
	without, err := json.Marshal(older)
	require.NoError(t, err)
	complete := exec.CommandContext(t.Context(), "go", "run", "../cmd/schemas")
	complete.Stdin = bytes.NewReader(without)
	completed, err := complete.Output()
	require.NoError(t, err)
	require.JSONEq(t, printed, string(completed))
}
