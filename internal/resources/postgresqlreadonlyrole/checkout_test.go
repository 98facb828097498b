// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// checkouts are folders that one configuration is applied from, each with the state of the one before, as a CI runner that is thrown
// away does: what is in source control and the state are there, and nothing else.
type checkouts struct {
	t             *testing.T
	database      *acctest.Database
	configuration string
	environment   []string
	current       *acctest.Workspace
	trace         string
	// texts are what the runs left: states, plans, logs and what the CLI printed.
	texts map[string]*strings.Builder
}

// committed is the configuration file as it is in source control.
const committed = "adapters: {}\n"

// fresh goes on in a new folder.
func (c *checkouts) fresh() {
	c.t.Helper()
	next := acctest.NewWorkspace(c.t, c.configuration)
	next.Environment = append(next.Environment, c.environment...)
	c.trace = filepath.Join(c.t.TempDir(), "trace.log")
	next.Environment = append(next.Environment, "TF_LOG=TRACE", "TF_LOG_PATH="+c.trace)
	terse := committed
	if c.current != nil {
		state, err := os.ReadFile(filepath.Join(c.current.Dir, "terraform.tfstate"))
		require.NoError(c.t, err)
		require.NoError(c.t, os.WriteFile(filepath.Join(next.Dir, "terraform.tfstate"), state, 0o600))
		content, err := os.ReadFile(filepath.Join(c.current.Dir, "config.terse"))
		require.NoError(c.t, err)
		terse = string(content)
	}
	require.NoError(c.t, os.WriteFile(filepath.Join(next.Dir, "config.terse"), []byte(terse), 0o600))
	c.current = next
}

// apply plans with arguments and applies that plan. It gives the exit code and what was printed.
func (c *checkouts) apply(arguments ...string) (code int, output string) {
	c.t.Helper()
	usual := []string{"-no-color", "-input=false"}
	code, output = c.run(append(append([]string{"plan", "-out=plan"}, usual...), arguments...)...)
	if code == 0 {
		shown, err := c.current.Run(c.t.Context(), "show", "-json", "plan")
		require.NoError(c.t, err)
		c.keep("the plans", shown.Output)
		applied, more := c.run(append(append([]string{"apply"}, usual...), "plan")...)
		code, output = applied, output+more
	}
	for where, path := range map[string]string{"the states": filepath.Join(c.current.Dir, "terraform.tfstate"), "the TRACE log": c.trace} {
		content, err := os.ReadFile(path)
		if err == nil {
			c.keep(where, string(content))
		}
	}
	return code, output
}

func (c *checkouts) run(arguments ...string) (code int, output string) {
	c.t.Helper()
	result, err := c.current.Run(c.t.Context(), arguments...)
	require.NoError(c.t, err)
	c.keep("what was printed", result.Output)
	return result.ExitCode, result.Output
}

// breakKeeper has the next rotation end before its keeper is done: once the role has the new password, .env is a folder.
func (c *checkouts) breakKeeper(arguments ...string) {
	c.t.Helper()
	require.NoError(c.t, os.WriteFile(filepath.Join(c.current.Dir, "break"), nil, 0o600))
	code, output := c.apply(arguments...)
	require.Equal(c.t, 1, code, output)
	require.Contains(c.t, acctest.Plain(output), "is not a regular file")
	require.NoError(c.t, os.Remove(filepath.Join(c.current.Dir, ".env")))
}

func (c *checkouts) keep(where, text string) {
	if c.texts == nil {
		c.texts = map[string]*strings.Builder{}
	}
	if c.texts[where] == nil {
		c.texts[where] = &strings.Builder{}
	}
	c.texts[where].WriteString(text)
}

// must applies with success, and checks that the .env file logs in.
func (c *checkouts) must(arguments ...string) {
	c.t.Helper()
	code, output := c.apply(arguments...)
	require.Zero(c.t, code, output)
	require.NoError(c.t, c.logsIn())
}

// variables gives the .env file.
func (c *checkouts) variables() map[string]string {
	c.t.Helper()
	variables, err := godotenv.Read(filepath.Join(c.current.Dir, ".env"))
	require.NoError(c.t, err)
	return variables
}

// logsIn logs in with what the .env file says.
func (c *checkouts) logsIn() error {
	connection, err := url.Parse(c.variables()["READER_URL"])
	if err != nil {
		return err
	}
	password, _ := connection.User.Password()
	return c.database.TryAs(connection.User.Username(), secret.New(password), "SELECT * FROM reporting.monthly")
}

func checkoutHCL(database *acctest.Database, name, password, passwordOfRole string) string {
	return fmt.Sprintf(`
resource "terrascale_postgresql_readonly_role" "test" {
  server   = "main"
  name     = %[1]q
  grants   = { "%[2]s.reporting" = {} }
  rotation = { every = "90d", overlap = "7d", trigger = var.rotate }
  %[3]s
}
variable "rotate" {
  type    = string
  default = "no"
}
resource "terraform_data" "gate" {
  triggers_replace = terrascale_postgresql_readonly_role.test.password_version
  provisioner "local-exec" {
    command = "if [ -e break ]; then rm -f break .env && mkdir .env; fi"
  }
}
resource "terrascale_adapter" "reader" {
  depends_on        = [terraform_data.gate]
  config_file       = "${path.root}/config.terse"
  name              = "reader_db"
  connector         = "postgres"
  connection_string = "{{ env.READER_URL }}"
  dotenv = {
    file     = "${path.root}/.env"
    variable = "READER_URL"
    value_wo = provider::terrascale::connection_string("postgres", {
      host     = %[4]q
      port     = %[5]d
      database = %[2]q
      username = terrascale_postgresql_readonly_role.test.username
      password = %[6]s
      sslmode  = "verify-full"
    })
    value_wo_version = terrascale_postgresql_readonly_role.test.password_version
  }
}
`, name, database.Name, passwordOfRole, database.Host, database.Port, password)
}

// TestAccRoleNeverHandsOnAFreshPasswordThatItDidNotTake applies an ephemeral password from a folder that has the state and no .env.
func TestAccRoleNeverHandsOnAFreshPasswordThatItDidNotTake(t *testing.T) {
	database := newDatabase(t, "offered")
	c := &checkouts{t: t, database: database, configuration: database.ServerHCL() + `ephemeral "terrascale_password" "reader" {}` + "\n" +
		checkoutHCL(database, "offered_reader", "ephemeral.terrascale_password.reader.result",
			"password_wo = ephemeral.terrascale_password.reader.result")}
	c.fresh()
	c.must()
	refused := func(arguments ...string) {
		t.Helper()
		code, output := c.apply(arguments...)
		require.Equal(t, 1, code, output)
		require.Contains(t, acctest.Plain(output), `PostgreSQL role "offered_reader" keeps the one that it has`)
		require.Contains(t, acctest.Plain(output), "Change rotation.trigger")
		require.NotContains(t, output, "Apply complete")
	}

	c.fresh()
	refused()
	require.NoFileExists(t, filepath.Join(c.current.Dir, ".env"))
	c.must("-var=rotate=now")

	c.breakKeeper("-var=rotate=again")
	refused("-var=rotate=again")
	require.NoFileExists(t, filepath.Join(c.current.Dir, ".env"))
	c.must("-var=rotate=once more")
}

// TestAccRoleHandsItsPasswordOnFromAnyCheckout keeps a generated password and a key for an age identity: each run can write them.
func TestAccRoleHandsItsPasswordOnFromAnyCheckout(t *testing.T) {
	database, service := newDatabase(t, "anywhere"), acctest.NewEmulator(t)
	identity, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	configuration := database.ServerHCL(
		fmt.Sprintf("endpoint = %q", service.URL()), fmt.Sprintf("access_token = %q", service.Token.Reveal()),
		fmt.Sprintf("organization_id = %q", emulator.DefaultOrganizationID), fmt.Sprintf("age_recipients = [%q]", identity.Recipient()),
	) + `
variable "age_identity" {
  type      = string
  ephemeral = true
}
` + checkoutHCL(database, "anywhere_reader",
		"provider::terrascale::age_decrypt(terrascale_postgresql_readonly_role.test.password_encrypted, var.age_identity)", "") + `
resource "terrascale_api_key" "backend" {
  name       = "anywhere"
  scopes     = ["database:read"]
  expires_in = "100d"
  rotation   = { every = "90d", overlap = "7d", trigger = var.rotate }
}
resource "terrascale_adapter" "service" {
  config_file       = "${path.root}/config.terse"
  name              = "service"
  connector         = "redis"
  connection_string = "{{ env.SERVICE_KEY }}"
  dotenv = {
    file             = "${path.root}/.env"
    variable         = "SERVICE_KEY"
    value_wo         = provider::terrascale::age_decrypt(terrascale_api_key.backend.secret_encrypted, var.age_identity)
    value_wo_version = parseint(substr(sha256(terrascale_api_key.backend.key_id), 0, 8), 16)
  }
}
`
	c := &checkouts{t: t, database: database, configuration: configuration, environment: []string{"TF_VAR_age_identity=" + identity.String()}}
	var secrets []string
	works := func() {
		t.Helper()
		variables := c.variables()
		require.NoError(t, service.CheckKey(secret.New(variables["SERVICE_KEY"]), 200, 403))
		connection, err := url.Parse(variables["READER_URL"])
		require.NoError(t, err)
		password, _ := connection.User.Password()
		secrets = append(secrets, variables["SERVICE_KEY"], password)
	}
	c.fresh()
	c.must("-var=rotate=0")
	works()
	for rotation := 1; rotation <= 3; rotation++ {
		rotate := fmt.Sprintf("-var=rotate=%d", rotation)
		c.fresh()
		if rotation == 2 {
			c.breakKeeper(rotate)
			c.fresh()
		}
		c.must(rotate)
		works()
		c.fresh()
		c.must(rotate)
		works()
		require.Equal(t, secrets[len(secrets)-4:len(secrets)-2], secrets[len(secrets)-2:], "nothing was due")
	}

	statements, err := database.Log()
	require.NoError(t, err)
	c.keep("PostgreSQL's log", statements)
	require.Contains(t, c.texts["the states"].String(), "BEGIN AGE ENCRYPTED FILE")
	require.Contains(t, c.texts["the TRACE log"].String(), "[TRACE]")
	require.Contains(t, c.texts["the plans"].String(), "anywhere_reader")
	require.Contains(t, c.texts["PostgreSQL's log"].String(), "anywhere_reader")
	for _, s := range append(secrets, identity.String()) {
		require.Greater(t, len(s), 20)
		for where, text := range c.texts {
			if strings.Contains(text.String(), s) {
				t.Errorf("a secret is in %s", where)
			}
		}
	}
}
