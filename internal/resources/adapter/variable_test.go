// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/adapter"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// named gives the block of an adapter under a name of its own.
func (f files) named(label, body string) string {
	return strings.Replace(f.hcl(body), `"test"`, fmt.Sprintf("%q", label), 1)
}

func TestAccAdapterVariableGoesWithItsLastUser(t *testing.T) {
	f := newFiles(t, theirs)
	below := filepath.Join(filepath.Dir(f.terse), "below")
	require.NoError(t, os.Mkdir(below, 0o700))
	second := files{t: t, terse: filepath.Join(below, "other.terse"), dotenv: f.dotenv}
	second.write(second.terse, theirs)
	body := minimal + f.dotenvHCL("DATABASE_URL", "shared", 1)
	both := f.named("first", body) + second.named("second", body)
	shared := f.holds(map[string]string{"DATABASE_URL": "shared"})
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{Config: both, Check: shared},
		{Config: second.named("second", body), Check: shared},
		{Config: both, Check: shared},
		{Config: f.named("first", body), Check: shared},
	}})
	require.NoFileExists(t, f.dotenv, "the last user is gone")
	require.Equal(t, theirs, second.read(second.terse))
}

func TestAccAdapterTwoValuesForOneVariableAreRefused(t *testing.T) {
	f := newFiles(t, theirs)
	first := f.named("first", minimal+f.dotenvHCL("DATABASE_URL", "one-s3cret", 1))
	other := strings.Replace(minimal, "users_db", "people", 1)
	later := `resource "terraform_data" "later" { input = "two-s3cret" }` + "\n" + strings.Replace(
		f.named("second", other+f.dotenvHCL("DATABASE_URL", "later", 1)), `"later"`, "terraform_data.later.output", 1)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{
			Config:   first + f.named("second", other+f.dotenvHCL("DATABASE_URL", "two-s3cret", 1)),
			PlanOnly: true, ExpectError: words(`both set DATABASE_URL in`),
		},
		{Config: first + f.named("second", other+f.dotenvHCL("DATABASE_URL", "one-s3cret", 1))},
	}})
	// What is known only at apply is found there.
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{Config: first + later, ExpectError: words(`Two values for one variable`)},
	}})
}

func TestAccAdapterVariableThatIsSomebodyElses(t *testing.T) {
	f := newFiles(t, theirs)
	body := minimal + f.dotenvHCL("DATABASE_URL", "ours", 1)
	set := func(value string) func() { return func() { f.write(f.dotenv, "DATABASE_URL="+value+"\n") } }
	refused := `sets DATABASE_URL already, to another value than value_wo, and the provider does not overwrite what it did not write.`
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{PreConfig: set("theirs"), Config: f.hcl(body), PlanOnly: true, ExpectError: words(refused)},
		{Config: f.hcl(minimal)},
		{Config: f.hcl(body), PlanOnly: true, ExpectError: words(refused)},
		{PreConfig: set("ours"), Config: f.hcl(body), ConfigPlanChecks: updates(), Check: f.holds(map[string]string{"DATABASE_URL": "ours"})},
		// Somebody changes it, and the adapter is destroyed.
		{PreConfig: set("changed"), Config: f.hcl(body), Destroy: true},
	}})
	require.Equal(t, "DATABASE_URL=changed\n", f.read(f.dotenv))
	require.Equal(t, theirs, f.read(f.terse))
}

func TestAccAdapterImportTakesItsVariableOver(t *testing.T) {
	f := newFiles(t, "adapters:\n  users_db: {connector: postgres, connection_string: '{{ env.DATABASE_URL }}'}\n")
	f.write(f.dotenv, "DATABASE_URL=theirs\n")
	w := acctest.NewWorkspace(t, f.hcl(minimal+f.dotenvHCL("DATABASE_URL", "ours", 1))+fmt.Sprintf(
		"import {\n  to = %s\n  id = \"%s#users_db\"\n}\n", address, f.terse))
	require.Regexp(t, words(`sets DATABASE_URL to another value than value_wo. This apply replaces it: the adapter was imported.`),
		w.Must("plan", "-no-color", "-input=false"))
	w.Must("apply", "-auto-approve", "-no-color", "-input=false")
	require.Equal(t, "DATABASE_URL='ours'\n", f.read(f.dotenv))
	w.Must("destroy", "-auto-approve", "-no-color", "-input=false")
	require.Empty(t, f.read(f.dotenv))
}

func TestAccAdapterMovesUnderCreateBeforeDestroy(t *testing.T) {
	f := newFiles(t, theirs)
	renamed := files{t: t, terse: filepath.Join(filepath.Dir(f.terse), "renamed.terse"), dotenv: f.dotenv}
	body := minimal + f.dotenvHCL("DATABASE_URL", "kept", 1) + "lifecycle { create_before_destroy = true }\n"
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{
		{Config: f.hcl(body)},
		{Config: renamed.hcl(body), ConfigPlanChecks: updates(), Check: resource.ComposeAggregateTestCheckFunc(
			f.holds(map[string]string{"DATABASE_URL": "kept"}), renamed.contains("users_db"), func(*terraform.State) error {
				require.Equal(t, theirs, f.read(f.terse))
				return nil
			})},
		// Another instance takes the place of the one that is destroyed.
		{
			Config: renamed.named("again", strings.Replace(body, "users_db", "people", 1)), Check: f.holds(map[string]string{"DATABASE_URL": "kept"}),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
		},
	}})
	require.NoFileExists(t, f.dotenv)
	require.NoFileExists(t, renamed.terse)
}

// TestAccAdapterInAnotherCheckout applies from one folder and then, with its state, from another, as CI does.
func TestAccAdapterInAnotherCheckout(t *testing.T) {
	configuration := fmt.Sprintf(`
resource %q "test" {
  config_file       = abspath("${path.root}/gateway/config.terse")
  name              = "users_db"
  connector         = "postgres"
  connection_string = "{{ env.DATABASE_URL }}"
  options           = var.options
  dotenv = {
    file             = "${path.cwd}/gateway/.env"
    variable         = "DATABASE_URL"
    value_wo         = "the same in each run"
    value_wo_version = 1
  }
}
variable "options" {
  type    = map(string)
  default = {}
}
`, adapter.TypeName)
	newCheckout := func() (*acctest.Workspace, files) {
		w := acctest.NewWorkspace(t, configuration)
		folder := filepath.Join(w.Dir, "gateway")
		require.NoError(t, os.Mkdir(folder, 0o700))
		f := files{t: t, terse: filepath.Join(folder, "config.terse"), dotenv: filepath.Join(folder, ".env")}
		f.write(f.terse, theirs)
		return w, f
	}
	handOver := func(from, to *acctest.Workspace) {
		state, err := os.ReadFile(filepath.Join(from.Dir, "terraform.tfstate"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to.Dir, "terraform.tfstate"), state, 0o600))
	}
	apply := []string{"apply", "-auto-approve", "-no-color", "-input=false"}
	first, firstFiles := newCheckout()
	first.Must(apply...)
	asFirst := firstFiles.read(firstFiles.terse)
	require.Contains(t, asFirst, "users_db:")

	// What is in source control is there, .env is not.
	second, secondFiles := newCheckout()
	handOver(first, second)
	secondFiles.write(secondFiles.terse, asFirst)
	second.Must(apply...)
	require.Equal(t, asFirst, secondFiles.read(secondFiles.terse))
	require.NoError(t, secondFiles.holds(map[string]string{"DATABASE_URL": "the same in each run"})(nil))
	require.Contains(t, second.Must("plan", "-no-color", "-input=false"), "No changes.")
	second.Must(append(apply, `-var=options={connect_timeout="7"}`)...)
	require.Contains(t, secondFiles.read(secondFiles.terse), "connect_timeout")

	// Neither file is there.
	third, thirdFiles := newCheckout()
	handOver(second, third)
	third.Must(append(apply, `-var=options={connect_timeout="7"}`)...)
	require.Equal(t, secondFiles.read(secondFiles.terse), thirdFiles.read(thirdFiles.terse))
	require.NoError(t, thirdFiles.holds(map[string]string{"DATABASE_URL": "the same in each run"})(nil))
	third.Must("destroy", "-auto-approve", "-no-color", "-input=false")
	require.Equal(t, theirs, thirdFiles.read(thirdFiles.terse))
	require.NoFileExists(t, thirdFiles.dotenv)

	require.Equal(t, asFirst, firstFiles.read(firstFiles.terse), "the first checkout is as its own apply left it")
	require.FileExists(t, firstFiles.dotenv)
}

// TestAccAdapterPathsOfOneFile writes the path of one file in several ways.
func TestAccAdapterPathsOfOneFile(t *testing.T) {
	f := newFiles(t, theirs)
	t.Chdir(filepath.Dir(f.terse))
	relative := files{t: t, terse: "config.terse", dotenv: ".env"}
	body := minimal + f.dotenvHCL("DATABASE_URL", "x", 1)
	f.run(
		resource.TestStep{Config: relative.hcl(body)},
		resource.TestStep{Config: f.hcl(body), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{
			Config: f.hcl(strings.Replace(body, f.dotenv, "./.env", 1)), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()},
		},
	)
}
