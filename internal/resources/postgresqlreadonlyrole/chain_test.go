// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// chain is the way of a password from where it is made to the role and to both who keep it, and what the runs leave behind.
type chain struct {
	// name begins what the chain has on the server; identity reads what the state holds, or is empty where that holds nothing.
	name, identity string
	database       *acctest.Database
	sink           *acctest.Sink
	// dotenv is the .env file, workspaces the folder under which Terraform works, trace its log and the provider's.
	dotenv, workspaces, trace string
	plans, states             strings.Builder
}

// keeper is the name under which the sink keeps the password.
const keeper = "prod/reader"

func newChain(t *testing.T, name string) *chain {
	t.Helper()
	c := &chain{name: name, database: newDatabase(t, name), sink: acctest.NewSink(), workspaces: t.TempDir()}
	folder := t.TempDir()
	c.dotenv, c.trace = filepath.Join(folder, ".env"), filepath.Join(folder, "trace.log")
	t.Setenv("TF_ACC_TEMP_DIR", c.workspaces)
	t.Setenv("TF_ACC_LOG_PATH", c.trace)
	return c
}

// config is the same at every step: nothing but time rotates.
func (c *chain) config() string {
	head := c.database.ServerHCL() + "ephemeral \"terrascale_password\" \"reader\" {}\n"
	value, taken := "ephemeral.terrascale_password.reader.result", "password_wo = ephemeral.terrascale_password.reader.result"
	if c.identity != "" {
		head = c.database.ServerHCL() + "variable \"age_identity\" {\n  type      = string\n  ephemeral = true\n}\n"
		value, taken = "provider::terrascale::age_decrypt("+address+".password_encrypted, var.age_identity)",
			fmt.Sprintf("age_recipients = [%q]", c.recipient())
	}
	return head + role(fmt.Sprintf(`
  name     = "%[1]s_reader"
  grants   = { "%[1]s.reporting" = {} }
  rotation = { every = "90d", overlap = "7d" }
  %[2]s
`, c.name, taken)) + fmt.Sprintf(`
resource "terrascale_adapter" "reader" {
  config_file       = %q
  name              = "reader_db"
  connector         = "postgres"
  connection_string = "{{ env.READER_URL }}"
  dotenv = {
    file     = %q
    variable = "READER_URL"
    value_wo = provider::terrascale::connection_string("postgres", {
      host     = %q
      port     = %d
      database = %q
      username = %s.username
      password = %s
      sslmode  = "verify-full"
    })
    value_wo_version = %[6]s.password_version
  }
}
resource "sink_secret" "reader" {
  name             = %[8]q
  value_wo         = %[7]s
  value_wo_version = %[6]s.password_version
}
`, filepath.Join(filepath.Dir(c.dotenv), "config.terse"), c.dotenv, c.database.Host, c.database.Port, c.name, address, value, keeper)
}

// recipient is the public half of the identity.
func (c *chain) recipient() string {
	identity, err := age.ParseX25519Identity(c.identity)
	if err != nil {
		panic(err)
	}
	return identity.Recipient().String()
}

// login is what one rotation left: whom to log in as, and with what.
type login struct {
	username string
	password secret.String
}

func (c *chain) logsIn(l login) error {
	return c.database.TryAs(l.username, l.password, "SELECT * FROM reporting.monthly")
}

// history gives who logged in after each rotation, by what the sink received: the names take turns.
func (c *chain) history() []login {
	var found []login
	for i, write := range c.sink.Received(keeper) {
		found = append(found, login{username: c.name + []string{"_reader_a", "_reader_b"}[i%2], password: write.Value})
	}
	return found
}

// agrees checks after an apply that both keepers hold the one password that the role has had since its last rotation.
func (c *chain) agrees(rotations int) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		writes, history := c.sink.Received(keeper), c.history()
		if len(writes) != rotations+1 {
			return fmt.Errorf("after %d rotations the sink received %d values", rotations, len(writes))
		}
		if version := writes[rotations].Version; version != int64(rotations+1) {
			return fmt.Errorf("the sink received version %d after %d rotations", version, rotations)
		}
		current := history[rotations]
		if got := state.RootModule().Resources[address].Primary.Attributes["username"]; got != current.username {
			return fmt.Errorf("username is %s instead of %s", got, current.username)
		}
		if err := c.logsIn(current); err != nil {
			return fmt.Errorf("%s logs in with what the sink received: %w", current.username, err)
		}
		variables, err := godotenv.Read(c.dotenv)
		if err != nil {
			return err
		}
		connection, err := url.Parse(variables["READER_URL"])
		if err != nil {
			return errors.New(".env holds no connection string")
		}
		if password, _ := connection.User.Password(); connection.User.Username() != current.username || password != current.password.Reveal() {
			return errors.New(".env and the sink hold different logins")
		}
		return c.readStates()
	}
}

// previousWorks checks whether the login before the current one still works.
func (c *chain) previousWorks(want bool) resource.TestCheckFunc {
	return acctest.Outside(func() error {
		history := c.history()
		previous := history[len(history)-2]
		err := c.logsIn(previous)
		if !want && err == nil {
			return fmt.Errorf("%s still logs in with the password before", previous.username)
		}
		if want {
			return err
		}
		return nil
	})
}

// CheckPlan keeps the plan's JSON.
func (c *chain) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	plan, err := json.Marshal(req.Plan)
	if err != nil {
		resp.Error = err
		return
	}
	c.plans.Write(plan)
}

// readStates keeps the state files, as Terraform wrote them.
func (c *chain) readStates() error {
	return filepath.WalkDir(c.workspaces, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasPrefix(entry.Name(), "terraform.tfstate") {
			return err
		}
		content, err := os.ReadFile(path)
		c.states.Write(content)
		return err
	})
}

func TestAccRoleAndItsKeepersShareOnePassword(t *testing.T) {
	t.Run("fresh in each run", func(t *testing.T) { newChain(t, "chain").rotates(t) })
	t.Run("generated, for an age identity", func(t *testing.T) {
		c := newChain(t, "chain_age")
		identity, err := age.GenerateX25519Identity()
		require.NoError(t, err)
		c.identity = identity.String()
		t.Setenv("TF_VAR_age_identity", c.identity)
		c.rotates(t)
	})
}

// rotates has three rotations, and looks for each password in what the runs left.
func (c *chain) rotates(t *testing.T) {
	clock := acctest.NewClock(begin)
	providers := acctest.Providers(provider.WithClock(clock.Now))
	maps.Copy(providers, c.sink.Providers())
	step := func(days int, action, sinkAction plancheck.ResourceActionType, checks ...resource.TestCheckFunc) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() { clock.Advance(time.Duration(days) * day) },
			Config:    c.config(),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					c, plancheck.ExpectResourceAction(address, action), plancheck.ExpectResourceAction("sink_secret.reader", sinkAction),
				},
				PostApplyPostRefresh: append(emptyPlan(), c),
			},
			Check: resource.ComposeTestCheckFunc(checks...),
		}
	}
	const create, update, none = plancheck.ResourceActionCreate, plancheck.ResourceActionUpdate, plancheck.ResourceActionNoop
	steps := []resource.TestStep{step(0, create, create, c.agrees(0)), step(7, none, none, c.agrees(0))}
	for rotation := 1; rotation <= 3; rotation++ {
		steps = append(steps,
			step(83, update, update, c.agrees(rotation), c.previousWorks(true)),
			// The overlap's end is a change of the role alone.
			step(7, update, none, c.agrees(rotation), c.previousWorks(false)),
		)
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: providers, Steps: steps})

	trace, err := os.ReadFile(c.trace)
	require.NoError(t, err)
	statements, err := c.database.Log()
	require.NoError(t, err)
	left := map[string]string{
		"the plans": c.plans.String(), "the states": c.states.String(), "the TRACE log": string(trace), "PostgreSQL's log": statements,
	}
	require.Contains(t, left["the plans"], keeper)
	require.Contains(t, left["the states"], keeper)
	require.Contains(t, left["the TRACE log"], "[TRACE]")
	require.Contains(t, left["PostgreSQL's log"], c.name+"_reader_b")
	distinct := map[string]bool{}
	for _, write := range c.sink.Received(keeper) {
		password := write.Value.Reveal()
		require.Len(t, password, secret.DefaultLength)
		distinct[password] = true
		for where, text := range left {
			if strings.Contains(text, password) {
				t.Errorf("version %d is in %s", write.Version, where)
			}
		}
	}
	require.Len(t, distinct, 4, "each rotation has a password of its own")
	if c.identity == "" {
		return
	}
	require.Contains(t, left["the states"], "BEGIN AGE ENCRYPTED FILE")
	for where, text := range left {
		require.NotContains(t, text, c.identity, where)
	}
}
