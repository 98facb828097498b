// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package functions_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

func TestMain(m *testing.M) { acctest.Run(m) }

func TestAccFunctions(t *testing.T) {
	output := func(name string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownOutputValue(name, want)
	}
	exact := knownvalue.StringExact
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{{
			Config: `
locals {
  password = "a@b:c/d?e#f%g&h=i'j\"k\\l m{}"
}
output "postgres" {
  value = provider::terrascale::connection_string("postgres", {
    host = "db.example.com", port = 6000, database = "app", username = "u", password = local.password, sslmode = "verify-full",
    connect_timeout = null
  })
}
output "mysql" {
  value = provider::terrascale::connection_string("mysql", { host = "::1", username = "u", password = local.password, parseTime = true })
}
output "redis" {
  value = provider::terrascale::connection_string("redis", tomap({ host = "h", password = "x", tls = "true" }))
}
output "redacted" {
  value = provider::terrascale::redact(provider::terrascale::connection_string("mysql", { host = "h", username = "u", password = local.password }))
}
output "reference" {
  value = provider::terrascale::connection_string("postgres", { host = "h", username = "u", password = provider::terrascale::env_ref("PW") })
}
output "networks" {
  value = provider::terrascale::cidr_collapse(toset(["10.0.1.0/24", "10.0.0.0/24", "10.0.0.1"]))
}
output "covered" {
  value = provider::terrascale::scopes_cover(["database:*"], ["database:read"])
}
output "due" {
  value = provider::terrascale::add_duration("2027-03-01T00:00:00Z", "90d")
}
`,
			ConfigStateChecks: []statecheck.StateCheck{
				output("postgres", exact("postgres://u:a%40b%3Ac%2Fd%3Fe%23f%25g%26h%3Di%27j%22k%5Cl%20m%7B%7D@db.example.com:6000/app?sslmode=verify-full")),
				output("mysql", exact(`u:a@b:c/d?e#f%g&h=i'j"k\l m{}@tcp([::1]:3306)/?parseTime=true`)),
				output("redis", exact("rediss://:x@h:6379/")),
				output("redacted", exact("u:(redacted)@tcp(h:3306)/")),
				output("reference", exact("postgres://u:{{ env.PW }}@h:5432/")),
				output("networks", knownvalue.ListExact([]knownvalue.Check{exact("10.0.0.0/23")})),
				output("covered", knownvalue.Bool(true)),
				output("due", exact("2027-05-30T00:00:00Z")),
			},
		}},
	})
}

func TestAccFunctionErrors(t *testing.T) {
	nothingToDecrypt := `ciphertext" parameter.*set\s+age_recipients`
	if terraformcli.IsOpenTofu(os.Getenv("TF_ACC_TERRAFORM_PATH")) {
		nothingToDecrypt = `ciphertext" parameter` // OpenTofu 1.12 sends null as no value at all, which the framework refuses first.
	}
	step := func(expression, want string) resource.TestStep {
		return resource.TestStep{
			Config: `output "x" { value = provider::terrascale::` + expression + ` }`, PlanOnly: true,
			ExpectError: regexp.MustCompile(`(?s)Invalid value for "` + want),
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			step(`connection_string("oracle", { host = "h" })`, `connector" parameter.*write\s+one\s+of`),
			step(`connection_string("postgres", { username = "u" })`, `parts" parameter.*host: it is missing`),
			step(`connection_string("postgres", { host = "h:5432" })`, `parts" parameter.*it\s+holds\s+a\s+port`),
			step(`env_ref("NOT-A-NAME")`, `name" parameter`),
			step(`cidr_collapse(["10.0.0.1/24"])`, `cidrs" parameter.*write\s+"10\.0\.0\.0/24"`),
			step(`scopes_cover(["database:read"], ["everything"])`, `needed" parameter`),
			step(`age_decrypt(null, "AGE-SECRET-KEY-1")`, nothingToDecrypt),
			step(`age_decrypt("x", "age1abc")`, `identity" parameter.*public\s+half`),
			step(`add_duration("2027-03-01T00:00:00Z", "90")`, `duration" parameter`),
		},
	})
}

// TestAccConnectionStringOfWhatIsNotKnownYet has a part that only the apply knows.
func TestAccConnectionStringOfWhatIsNotKnownYet(t *testing.T) {
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{{
			Config: `
resource "terraform_data" "server" { input = "db.example.com" }
output "x" { value = provider::terrascale::connection_string("postgres", { host = terraform_data.server.output, username = "u" }) }
`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownOutputValue("x")}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("x", knownvalue.StringExact("postgres://u@db.example.com:5432/")),
			},
		}},
	})
}

// TestAccEphemeralInEphemeralOut writes a connection string of an ephemeral password: it goes where ephemeral values may
// go, and nowhere else.
func TestAccEphemeralInEphemeralOut(t *testing.T) {
	factories := acctest.Providers()
	factories["echo"] = echoprovider.NewProviderServer()
	const config = `
ephemeral "terrascale_password" "test" {}
locals {
  url = provider::terrascale::connection_string("postgres", { host = "h", username = "u", password = ephemeral.terrascale_password.test.result })
}
`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      config + `output "x" { value = local.url }`,
				ExpectError: regexp.MustCompile(`(?i)ephemeral value`),
			},
			{
				Config: config + "provider \"echo\" { data = local.url }\nresource \"echo\" \"test\" {}",
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data"),
					knownvalue.StringRegexp(regexp.MustCompile(`^postgres://u:[A-Za-z0-9]{40}@h:5432/$`)))},
			},
		},
	})
}

func TestAccExamples(t *testing.T) {
	examples, err := filepath.Glob("../../examples/functions/*/function.tf")
	require.NoError(t, err)
	require.NotEmpty(t, examples)
	identity, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	for _, example := range examples {
		content, err := os.ReadFile(example)
		require.NoError(t, err)
		step := resource.TestStep{Config: string(content)}
		if strings.Contains(step.Config, "age_identity") {
			service := acctest.NewEmulator(t)
			t.Setenv("TERRASCALE_ENDPOINT", service.URL())
			t.Setenv("TERRASCALE_ACCESS_TOKEN", service.Token.Reveal())
			t.Setenv("TERRASCALE_ORGANIZATION_ID", emulator.DefaultOrganizationID)
			step.ConfigVariables = config.Variables{
				"age_recipients": config.SetVariable(config.StringVariable(identity.Recipient().String())), "age_identity": config.StringVariable(identity.String()),
			}
			step.Config = strings.ReplaceAll(step.Config, "${path.root}", t.TempDir())
		}
		resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: []resource.TestStep{step}})
	}
}
