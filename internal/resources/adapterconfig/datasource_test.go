// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapterconfig_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/adapterconfig"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const address = "data." + adapterconfig.DataSourceTypeName + ".test"

func hcl(adapters string) string {
	return fmt.Sprintf("data %q \"test\" {\n  adapters = {\n%s\n  }\n}\n", adapterconfig.DataSourceTypeName, adapters)
}

func words(text string) *regexp.Regexp {
	return regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(text), " ", `\s+`))
}

func renders(config, want string) resource.TestStep {
	return resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("content"), knownvalue.StringExact(want)),
	}}
}

func TestAccAdapterConfig(t *testing.T) {
	const first, second = `b = { connector = "redis", connection_string = "{{ env.B }}" }`, `
a = {
  connector         = "postgres"
  connection_string = "postgres://u:{{ env.PW }}@127.0.0.1/it's?sslmode=verify-full"
  options           = { search_path = "a: \"b\"\n# c", connect_timeout = 10 }
}`
	const want = "adapters:\n  a:\n    connector: postgres\n    connection_string: 'postgres://u:{{ env.PW }}@127.0.0.1/it''s?sslmode=verify-full'\n" +
		"    options:\n      connect_timeout: '10'\n      search_path: \"a: \\\"b\\\"\\n# c\"\n" +
		"  b:\n    connector: redis\n    connection_string: '{{ env.B }}'\n"
	later := renders(`resource "terraform_data" "host" { input = "127.0.0.1" }
`+hcl(`a = { connector = "redis", connection_string = "redis://${terraform_data.host.output}" }`),
		"adapters:\n  a:\n    connector: redis\n    connection_string: 'redis://127.0.0.1'\n")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			renders(hcl(first+"\n"+second), want),
			renders(hcl(second+"\n"+first), want),
			{Config: hcl(second + "\n" + first), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
			later,
		},
	})
}

func TestAccAdapterConfigOfVersion2(t *testing.T) {
	config := func(adapters string) string {
		return strings.Replace(hcl(adapters), "adapters =", "version = 2\n  adapters =", 1)
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		Steps: []resource.TestStep{
			{Config: strings.Replace(config(`a = { connector = "redis", connection_string = "{{ env.A }}" }`), "version = 2", "version = 3", 1), ExpectError: words("version")},
			{
				Config: config("a = { connector = \"redis\", connection_string = \"{{ env.A }}\" }\nb = { connector = \"mysql\", connection_string = \"{{ env.B }}\", options = { timeout = 5 } }\n" +
					"B = { connector = \"redis\", connection_string = \"it's\" }"),
				ExpectError: words("it is not a connection string"),
			},
			{
				Config: config("a = { connector = \"redis\", connection_string = \"{{ env.A }}\" }\nb = { connector = \"mysql\", connection_string = \"{{ env.B }}\", options = { timeout = 5 } }\n" +
					"B = { connector = \"redis\", connection_string = \"{{ env.A }}\" }"),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("content"), knownvalue.Null()),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("files"), knownvalue.MapExact(map[string]knownvalue.Check{
						"app/adapters/a.terse":   knownvalue.StringExact("connector: redis\nconnection_string: '{{ env.A }}'\n"),
						"app/adapters/B.terse":   knownvalue.StringExact("connector: redis\nconnection_string: '{{ env.A }}'\n"),
						"app/adapters/b-2.terse": knownvalue.StringExact("name: b\nconnector: mysql\nconnection_string: '{{ env.B }}'\noptions:\n  timeout: '5'\n"),
					})),
				},
			},
		},
	})
}

func TestAccAdapterConfigRefusesWhatAnAdapterRefuses(t *testing.T) {
	var steps []resource.TestStep
	for adapters, want := range map[string]string{
		`"1a" = { connector = "redis", connection_string = "{{ env.X }}" }`:                                     `"1a" is not a name for an adapter`,
		`a = { connector = "oracle", connection_string = "{{ env.X }}" }`:                                       `Unknown connector`,
		`a = { connector = "redis", connection_string = "redis://:hush@h" }`:                                    `Adapter "a": A password here can be read by everyone who reads the configuration`,
		`a = { connector = "redis", connection_string = "h" }`:                                                  `Adapter "a": For the connector "redis": it is not a connection string`,
		`a = { connector = "postgres", connection_string = "{{ env.X }}", options = { sslpassword = "hush" } }`: `Password in the configuration`,
		`a = { connector = "postgres", connection_string = "{{ env.X }}", options = { a = null } }`:             `null`,
		``: `at least 1`,
	} {
		steps = append(steps, resource.TestStep{Config: hcl(adapters), PlanOnly: true, ExpectError: words(want)})
	}
	steps = append(steps, resource.TestStep{
		Config:   `provider "terrascale" { least_privilege = "enforce" }` + "\n" + hcl(`a = { connector = "redis", connection_string = "redis://cache" }`),
		PlanOnly: true, ExpectError: words("Least privilege: unverified-tls"),
	})
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

func TestAccAdapterConfigWarnsAsAnAdapterDoes(t *testing.T) {
	w := acctest.NewWorkspace(t, hcl(`a = { connector = "redis", connection_string = "redis://cache" }
b = { connector = "postgres", connection_string = "{{ env.X }}", options = { max_connections = "10", ssl_mode = "require" } }
c = { connector = "redis", connection_string = "redis://localhost" }`))
	output := w.Must("plan", "-no-color", "-input=false")
	require.Regexp(t, words(`The connection of adapter a does not verify the server's certificate in full.`), output)
	require.Regexp(t, words(`Instead: rediss:// in connection_string`), output)
	require.Regexp(t, words(`Adapter "b": Connector "postgres", option "max_connections": The driver (lib/pq) does not know it`), output)
	require.Regexp(t, words(`Instead: sslmode = "verify-full".`), output)
	require.NotRegexp(t, words(`Adapter "c"`), output)
}
