// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/adapter"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const address = adapter.TypeName + ".test"

// theirs is a file as its owner wrote it.
const theirs = `# Our gateway.
name: gateway

adapters:
  # Not Terraform's.
  cache: {connector: redis, connection_string: "{{ env.REDIS_URL }}"}   # fast

queries:
  get-user: { use: users_db, statement: 'SELECT 1' }
`

// files are a .terse file and the .env file beside it.
type files struct {
	t             *testing.T
	terse, dotenv string
}

// newFiles makes a folder with a .terse file of a text.
func newFiles(t *testing.T, text string) files {
	t.Helper()
	folder := t.TempDir()
	f := files{t: t, terse: filepath.Join(folder, "config.terse"), dotenv: filepath.Join(folder, ".env")}
	f.write(f.terse, text)
	return f
}

func (f files) write(path, text string) {
	require.NoError(f.t, os.WriteFile(path, []byte(text), 0o600))
}

func (f files) read(path string) string {
	text, err := os.ReadFile(path)
	require.NoError(f.t, err)
	return string(text)
}

// replace changes a text in the .terse file behind Terraform's back.
func (f files) replace(old, text string) func() {
	return func() {
		before := f.read(f.terse)
		require.Contains(f.t, before, old)
		f.write(f.terse, strings.Replace(before, old, text, 1))
	}
}

// hcl gives a resource block for the .terse file.
func (f files) hcl(body string) string {
	return fmt.Sprintf("resource %q \"test\" {\n  config_file = %q\n%s\n}\n", adapter.TypeName, f.terse, body)
}

// dotenvHCL gives the attribute dotenv.
func (f files) dotenvHCL(variable, value string, version int) string {
	return fmt.Sprintf("dotenv = {\n  file = %q\n  variable = %q\n  value_wo = %q\n  value_wo_version = %d\n}\n", f.dotenv, variable, value, version)
}

// holds checks that the .env file gives just these variables.
func (f files) holds(want map[string]string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got, err := godotenv.Read(f.dotenv)
		if err == nil {
			require.Equal(f.t, want, got)
		}
		return err
	}
}

// contains checks that the .terse file holds a text.
func (f files) contains(want string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		require.Contains(f.t, f.read(f.terse), want)
		return nil
	}
}

// stateWithout checks that a text is nowhere in the state.
type stateWithout struct {
	t    *testing.T
	text string
}

// CheckState looks through the whole state.
func (s stateWithout) CheckState(_ context.Context, req statecheck.CheckStateRequest, _ *statecheck.CheckStateResponse) {
	state, err := json.Marshal(req.State)
	require.NoError(s.t, err)
	require.Contains(s.t, string(state), "users_db", "the state was looked at")
	require.NotContains(s.t, string(state), s.text)
}

func emptyPlan() []plancheck.PlanCheck { return []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()} }

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		PostApplyPostRefresh: emptyPlan(),
	}
}

func updates() resource.ConfigPlanChecks { return does(plancheck.ResourceActionUpdate) }

// run runs steps, and checks that the destroy at their end leaves nothing in the folder but the .terse file as it was.
func (f files) run(steps ...resource.TestStep) {
	before := f.read(f.terse)
	entries, err := os.ReadDir(filepath.Dir(f.terse))
	require.NoError(f.t, err)
	resource.Test(f.t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
	require.Equal(f.t, before, f.read(f.terse))
	left, err := os.ReadDir(filepath.Dir(f.terse))
	require.NoError(f.t, err)
	require.Len(f.t, left, len(entries), "the .env file that was made and all locks are gone: %v", left)
}

const minimal = `
  name              = "users_db"
  connector         = "postgres"
  connection_string = "{{ env.DATABASE_URL }}"
`

func TestAccAdapterLifecycle(t *testing.T) {
	f := newFiles(t, theirs)
	full := minimal + `options = { connect_timeout = "10", application_name = "it's" }` + "\n" + f.dotenvHCL("DATABASE_URL", "s3cret-of-lifecycle", 1)
	f.run(
		resource.TestStep{
			// An empty provider block and no credentials are enough.
			Config: `provider "terrascale" {}` + "\n" + f.hcl(full), ConfigPlanChecks: does(plancheck.ResourceActionCreate),
			Check: resource.ComposeAggregateTestCheckFunc(
				f.holds(map[string]string{"DATABASE_URL": "s3cret-of-lifecycle"}),
				func(*terraform.State) error {
					require.Equal(t, strings.Replace(theirs, "# fast\n", `# fast
  users_db:
    connector: postgres
    connection_string: '{{ env.DATABASE_URL }}'
    options:
      application_name: 'it''s'
      connect_timeout: '10'
`, 1), f.read(f.terse))
					return nil
				}),
			ConfigStateChecks: []statecheck.StateCheck{
				stateWithout{t, "s3cret"},
				statecheck.ExpectKnownValue(address, tfjsonpath.New("connection_string"), knownvalue.StringExact("{{ env.DATABASE_URL }}")),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("options"), knownvalue.MapExact(map[string]knownvalue.Check{
					"connect_timeout": knownvalue.StringExact("10"), "application_name": knownvalue.StringExact("it's"),
				})),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("dotenv"), knownvalue.ObjectExact(map[string]knownvalue.Check{
					"file": knownvalue.StringExact(f.dotenv), "variable": knownvalue.StringExact("DATABASE_URL"),
					"value_wo": knownvalue.Null(), "value_wo_version": knownvalue.Int64Exact(1),
				})),
			},
		},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: f.terse + "#users_db", ImportStateVerify: true,
			ImportStateVerifyIdentifierAttribute: "name",
			// Which variable is filled in where is a choice, not a fact of the file.
			ImportStateVerifyIgnore: []string{"dotenv"},
		},
		resource.TestStep{
			Config: f.hcl(`
  name              = "people"
  connector         = "mysql"
  connection_string = "{{ env.U }}:{{ env.P }}@tcp(db:3306)/people?tls=true"
`), ConfigPlanChecks: updates(),
			Check: resource.ComposeAggregateTestCheckFunc(
				f.contains("  people:\n    connector: mysql\n    connection_string: '{{ env.U }}:{{ env.P }}@tcp(db:3306)/people?tls=true'\n\nqueries"),
				func(*terraform.State) error {
					require.NoFileExists(t, f.dotenv, "the variable is no longer ours, and nothing else was in the file")
					return nil
				}),
		},
	)
}

func TestAccAdapterEachAttribute(t *testing.T) {
	f := newFiles(t, theirs)
	steps := []resource.TestStep{{Config: f.hcl(minimal)}}
	for _, body := range []string{
		strings.Replace(minimal, "users_db", "people", 1),
		strings.Replace(minimal, `"postgres"`, `"mysql"`, 1),
		strings.Replace(minimal, "DATABASE_URL", "URL", 1),
		minimal + `options = { connect_timeout = "5" }`,
		minimal + `options = { connect_timeout = "6", sslmode = "verify-full" }`,
		minimal + `options = { sslmode = "verify-full" }`,
	} {
		steps = append(steps, resource.TestStep{Config: f.hcl(body), ConfigPlanChecks: updates()})
	}
	steps = append(steps,
		resource.TestStep{Config: f.hcl(minimal), ConfigPlanChecks: updates()},
		// An empty map is none.
		resource.TestStep{Config: f.hcl(minimal + `options = {}`), ConfigPlanChecks: updates()},
	)
	f.run(steps...)
}

func TestAccAdapterMovesToAnotherFile(t *testing.T) {
	from, to := newFiles(t, theirs), newFiles(t, "adapters: {}")
	to.run(
		resource.TestStep{Config: from.hcl(minimal + to.dotenvHCL("DATABASE_URL", "kept", 1))},
		resource.TestStep{
			Config: to.hcl(strings.Replace(minimal, "users_db", "people", 1) + to.dotenvHCL("DATABASE_URL", "another", 1)),
			// The variable is needed all the time, and its version is the same.
			ConfigPlanChecks: updates(), Check: to.holds(map[string]string{"DATABASE_URL": "kept"}),
		},
	)
	require.Equal(t, theirs, from.read(from.terse))
}

func TestAccAdapterVariable(t *testing.T) {
	f := newFiles(t, theirs)
	const first, second = "postgresql://u:first-s3cret@db/app?a='b'", `second-s3cret$"#\`
	other := filepath.Join(filepath.Dir(f.dotenv), "other.env")
	inOther := func(body string) string { return strings.Replace(body, f.dotenv, other, 1) }
	renamed := strings.Replace(minimal, "DATABASE_URL", "URL", 1)
	f.run(
		resource.TestStep{Config: f.hcl(minimal + f.dotenvHCL("DATABASE_URL", first, 1)), Check: f.holds(map[string]string{"DATABASE_URL": first})},
		// Without another version nothing is seen, and nothing is written.
		resource.TestStep{
			Config: f.hcl(minimal + f.dotenvHCL("DATABASE_URL", second, 1)), Check: f.holds(map[string]string{"DATABASE_URL": first}),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		resource.TestStep{
			Config: f.hcl(minimal + f.dotenvHCL("DATABASE_URL", second, 2)), Check: f.holds(map[string]string{"DATABASE_URL": second}),
			ConfigPlanChecks: updates(),
		},
		resource.TestStep{
			Config: f.hcl(renamed + f.dotenvHCL("URL", first, 2)), Check: f.holds(map[string]string{"URL": first}), ConfigPlanChecks: updates(),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, os.Remove(f.dotenv)) },
			Config:    f.hcl(renamed + f.dotenvHCL("URL", second, 2)), Check: f.holds(map[string]string{"URL": second}), ConfigPlanChecks: updates(),
		},
		resource.TestStep{
			Config: f.hcl(inOther(renamed + f.dotenvHCL("URL", first, 2))), ConfigPlanChecks: updates(),
			Check: resource.ComposeAggregateTestCheckFunc(files{t: t, dotenv: other}.holds(map[string]string{"URL": first}), func(*terraform.State) error {
				require.NoFileExists(t, f.dotenv)
				return nil
			}),
		},
		resource.TestStep{Config: f.hcl(inOther(renamed + f.dotenvHCL("URL", first, 2))), PlanOnly: true},
	)
}

func TestAccAdapterDriftIsShownAndMended(t *testing.T) {
	f := newFiles(t, theirs)
	hcl := f.hcl(minimal + `options = { connect_timeout = "10" }`)
	steps := []resource.TestStep{{Config: hcl}}
	for _, change := range [][2]string{
		{"connector: postgres", "connector: mysql"},
		{"'{{ env.DATABASE_URL }}'", "'{{ env.OTHER }}'"},
		{"connect_timeout: '10'", "connect_timeout: 11"},
		{"connect_timeout: '10'", "connect_timeout: '10'\n      sslmode: disable"},
		{"    options:\n      connect_timeout: '10'\n", ""},
		{"    connector: postgres\n", ""},
	} {
		steps = append(steps, resource.TestStep{PreConfig: f.replace(change[0], change[1]), Config: hcl, ConfigPlanChecks: updates()})
	}
	steps = append(steps,
		// Another spelling of the same is no drift.
		resource.TestStep{
			PreConfig: f.replace("connect_timeout: '10'", "connect_timeout: 10 # seconds"), Config: hcl,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
		// A password that somebody wrote into the file is not shown, and is replaced.
		resource.TestStep{
			PreConfig:    f.replace("'{{ env.DATABASE_URL }}'", "'postgres://u:hush@h/d'"),
			RefreshState: true, ExpectNonEmptyPlan: true,
			RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
			Check: func(state *terraform.State) error {
				require.NotContains(t, state.String(), "hush")
				require.Contains(t, state.String(), "(redacted)")
				return nil
			},
		},
		resource.TestStep{Config: hcl, ConfigPlanChecks: updates()},
		resource.TestStep{
			PreConfig: func() { f.write(f.terse, theirs) }, Config: hcl, ConfigPlanChecks: does(plancheck.ResourceActionCreate),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, os.Remove(f.terse)) }, Config: hcl, ConfigPlanChecks: does(plancheck.ResourceActionCreate),
		},
	)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
	require.NoFileExists(t, f.terse, "the file that was made anew is gone")
}

func TestAccAdapterManyInOneFile(t *testing.T) {
	f := newFiles(t, theirs)
	many := func(names string) string {
		return fmt.Sprintf(`
locals { names = [%s] }
resource %q "test" {
  count             = length(local.names)
  config_file       = %q
  name              = local.names[count.index]
  connector         = "redis"
  connection_string = "{{ env.${local.names[count.index]} }}"
  dotenv            = { file = %q, variable = local.names[count.index], value_wo = "v", value_wo_version = 1 }
}`, names, adapter.TypeName, f.terse, f.dotenv)
	}
	f.run(
		resource.TestStep{
			Config:           many(`"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
		resource.TestStep{
			Config: many(`"a", "b", "x"`), Check: f.holds(map[string]string{"a": "v", "b": "v", "x": "v"}),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
	)
}

func TestAccAdapterOfWhatIsNotKnownYet(t *testing.T) {
	f := newFiles(t, theirs)
	f.run(resource.TestStep{
		Config: fmt.Sprintf(`
resource "terraform_data" "later" {
  input = { file = %q, name = "users_db", connector = "postgres", variable = "DATABASE_URL", dotenv = %q, timeout = "10" }
}
resource %q "test" {
  config_file       = terraform_data.later.output.file
  name              = terraform_data.later.output.name
  connector         = terraform_data.later.output.connector
  connection_string = "{{ env.${terraform_data.later.output.variable} }}"
  options           = { connect_timeout = terraform_data.later.output.timeout }
  dotenv = {
    file             = terraform_data.later.output.dotenv
    variable         = terraform_data.later.output.variable
    value_wo         = "later"
    value_wo_version = 1
  }
}`, f.terse, f.dotenv, adapter.TypeName),
		Check:            f.holds(map[string]string{"DATABASE_URL": "later"}),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
	})
}

func TestAccAdapterExample(t *testing.T) {
	example, err := os.ReadFile("../../../examples/resources/" + adapter.TypeName + "/resource.tf")
	require.NoError(t, err)
	f := newFiles(t, theirs)
	t.Chdir(filepath.Dir(f.terse)) // The example's paths count from where Terraform runs.
	require.NoError(t, os.Mkdir("gateway", 0o700))
	f.write(filepath.Join("gateway", ".hyperterse"), "name: my-api\n")
	f.run(resource.TestStep{
		Config:           string(example),
		ConfigVariables:  config.Variables{"database_url": config.StringVariable("postgresql://u:p@db/app")},
		Check:            f.holds(map[string]string{"DATABASE_URL": "postgresql://u:p@db/app"}),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
	})
}
