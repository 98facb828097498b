// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// words matches a text wherever the CLI wraps it.
func words(text string) *regexp.Regexp {
	parts := strings.Fields(text)
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(parts, `[\s│╷╵|]+`))
}

// connection gives an adapter's attributes with a connector and a connection string.
func connection(connector, connectionString string) string {
	return fmt.Sprintf("name = \"users_db\"\nconnector = %q\nconnection_string = %q\n", connector, connectionString)
}

func TestAccAdapterMistakesAreNamedWhilePlanning(t *testing.T) {
	f := newFiles(t, theirs)
	broken, block, aliased, openQuote := newFiles(t, "adapters:\n\ta: {}\n"), newFiles(t, "adapter a {\n  connector: redis\n}\n"),
		newFiles(t, "x: &x {}\nadapters: *x\n"), newFiles(t, theirs)
	openQuote.write(openQuote.dotenv, "A=1\nB='hush\n")
	for name, step := range map[string]struct{ config, want string }{
		"bad name":        {f.hcl(strings.Replace(minimal, "users_db", "users db", 1)), `"users db" is not a name for an adapter: write a letter, then letters, digits, _ and -, such as "users_db".`},
		"connector":       {f.hcl(connection("oracle", "x")), `There is no connector "oracle": write one of postgres, mysql, redis, mongodb.`},
		"no file":         {strings.Replace(f.hcl(minimal), f.terse, "", 1), `config_file string length must be at least 1`},
		"inline password": {f.hcl(connection("postgres", "postgresql://u:hush@h/d")), `Let Hyperterse take it from its environment; write instead: connection_string = "{{ env.DATABASE_URL }}" and set DATABASE_URL where the gateway runs`},
		"inline password, own variable": {
			f.hcl(connection("redis", "redis://:hush@h") + f.dotenvHCL("CACHE", "x", 1)), `connection_string = "{{ env.CACHE }}" and set CACHE where`,
		},
		"inline password in options": {f.hcl(minimal + `options = { password = "hush" }`), `options = { password = "hush" } A password here can be read`},
		"malformed":                  {f.hcl(connection("mysql", "u@h:3306")), `For the connector "mysql": it is not a connection string of this connector: there is no / before the database`},
		"another scheme":             {f.hcl(connection("mongodb", "postgres://h/d")), `it starts with none of mongodb://, mongodb+srv://.`},
		"empty":                      {f.hcl(connection("mysql", "")), `it is empty`},
		"bad reference":              {f.hcl(connection("postgres", "{{ env.A-B }}")), `write {{ env.NAME }}, with letters, digits and _ in the name`},
		"null option":                {f.hcl(minimal + `options = { a = null }`), `null value`},
		"bad variable":               {f.hcl(minimal + f.dotenvHCL("DATABASE-URL", "x", 1)), `"DATABASE-URL" is not a name for a variable: write letters, digits and _, such as "DATABASE_URL".`},
		"no version":                 {f.hcl(minimal + fmt.Sprintf("dotenv = { file = %q, variable = \"A\", value_wo = \"x\" }", f.dotenv)), `"value_wo_version" is required`},
		"does not parse":             {broken.hcl(minimal), broken.terse + `: the file is not valid: line 2: a tab indents it; YAML takes spaces only The file was left as it is. Correct it first`},
		"block syntax":               {block.hcl(minimal), `the file is written in the block syntax (adapter NAME { … }) The file was left as it is. The provider edits YAML only`},
		"alias":                      {aliased.hcl(minimal), `line 2: adapters: an anchor, an alias or a merge key is part of it`},
		".env does not parse":        {openQuote.hcl(minimal + openQuote.dotenvHCL("DATABASE_URL", "x", 1)), `line 2: the quote before the value of B is not closed`},
		"unverified, enforced": {
			"provider \"terrascale\" {\n  least_privilege = \"enforce\"\n}\n" + f.hcl(connection("postgres", "postgres://u@db/d?sslmode=require")),
			`Least privilege: unverified-tls`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				Steps:                    []resource.TestStep{{Config: step.config, PlanOnly: true, ExpectError: words(step.want)}},
			})
		})
	}
	require.Equal(t, theirs, f.read(f.terse))
	require.Equal(t, "adapters:\n\ta: {}\n", broken.read(broken.terse))
	require.Equal(t, "A=1\nB='hush\n", openQuote.read(openQuote.dotenv))
}

func TestAccAdapterThatIsThereAlreadyIsImported(t *testing.T) {
	const taken = "adapters:\n  users_db: {connector: postgres, connection_string: '{{ env.URL }}'} # mine\n  b: {connector: redis}\n"
	mine := strings.Replace(minimal, "DATABASE_URL", "URL", 1)
	f := newFiles(t, taken)
	factories := acctest.Providers()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config:      f.hcl(minimal + f.dotenvHCL("DATABASE_URL", "x", 1)),
				ExpectError: words(`has an adapter "users_db" already, and the provider does not take over what it did not make. Nothing was changed. To manage that adapter from now on, import it: terraform import terrascale_adapter.<name> '` + f.terse + `#users_db'`),
			},
			{
				Config: f.hcl(mine), ResourceName: address, ImportState: true, ImportStateId: f.terse + "#users_db", ImportStatePersist: true,
			},
			{Config: f.hcl(mine), PlanOnly: true},
			{Config: f.hcl(strings.Replace(minimal, "users_db", "b", 1)), ExpectError: words(`has an adapter "b" already`)},
			{Config: f.hcl(minimal), ResourceName: address, ImportState: true, ImportStateId: f.terse, ExpectError: words(`is neither project#name nor config_file#name`)},
			{Config: f.hcl(minimal), ResourceName: address, ImportState: true, ImportStateId: f.terse + "#nobody", ExpectError: words(`Cannot import non-existent remote object`)},
		},
	})
	require.NoFileExists(t, f.dotenv)
	require.Equal(t, "adapters:\n  b: {connector: redis}\n", f.read(f.terse))
}

// TestAccAdapterWarnings runs the CLI itself, since a test case does not show warnings.
func TestAccAdapterWarnings(t *testing.T) {
	for name, test := range map[string]struct {
		body func(f files) string
		want []string
		none string
	}{
		"options": {
			func(files) string { return minimal + `options = { max_connections = "10", ssl_mode = "require" }` },
			[]string{`Connector "postgres", option "max_connections": The driver (lib/pq) does not know it`, `Instead: sslmode = "verify-full".`}, "",
		},
		"parameters of the connection string": {
			func(files) string {
				return connection("postgres", "postgres://u:{{ env.P }}@h/d?sslmode=verify-full&ssl_mode=require&max_connections=10")
			},
			[]string{
				`Parameter unknown to the driver`, `Connector "postgres", parameter "ssl_mode": The driver (lib/pq) does not know it`,
				`parameter "max_connections"`, `Instead: sslmode = "verify-full".`,
			}, "Least",
		},
		"a reference in an option": {
			func(files) string { return minimal + `options = { sslrootcert = "{{ env.CA }}" }` },
			[]string{
				`option "sslrootcert": Hyperterse fills in references in connection_string only, version 2 too, though its documentation names options: the driver gets the braces as they are.`,
				`Instead: sslrootcert={{ env.CA }}, in connection_string.`,
			}, "",
		},
		"pool_size": {
			func(files) string {
				return connection("mongodb", "{{ env.MONGODB_URL }}") + `options = { pool_size = "10" }`
			},
			[]string{`Connector "mongodb", option "pool_size": The driver does not know it and ignores it.`, `Instead: maxPoolSize = "10".`}, "",
		},
		"variable without a use": {
			func(f files) string { return minimal + f.dotenvHCL("OTHER", "hush", 1) },
			[]string{`The adapter refers to DATABASE_URL, so that Hyperterse does not use OTHER for it.`}, "",
		},
		"unverified": {
			func(files) string { return connection("redis", "redis://:{{ env.P }}@cache:6379") },
			[]string{`Least privilege: unverified-tls`, `Instead: rediss:// in connection_string`}, "",
		},
		"loopback": {func(files) string { return connection("redis", "redis://127.0.0.1:6379") }, nil, "Warning: Least"},
		"nothing":  {func(f files) string { return minimal + f.dotenvHCL("DATABASE_URL", "hush", 1) }, nil, "Least"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t, theirs)
			w := acctest.NewWorkspace(t, f.hcl(test.body(f)))
			result, err := w.Run(t.Context(), "plan", "-no-color", "-input=false")
			require.NoError(t, err)
			require.Zero(t, result.ExitCode, result.Output)
			for _, want := range test.want {
				require.Regexp(t, words(want), result.Output)
			}
			if test.none != "" {
				require.NotContains(t, result.Output, test.none)
			}
			require.NotContains(t, result.Output, "hush")
		})
	}
}
