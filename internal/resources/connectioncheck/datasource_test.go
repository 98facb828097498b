// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package connectioncheck_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/connectioncheck"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const address = "data." + connectioncheck.DataSourceTypeName + ".test"

// hostile is a password that needs escaping everywhere, and looks like other things.
const hostile = `p@ss:w/o?r#d%2F'"\ $HOME {{ env.HOME }} é&x=1`

// hcl gives the data source.
func hcl(attributes ...string) string {
	return fmt.Sprintf("data %q \"test\" {\n  %s\n}\n", connectioncheck.DataSourceTypeName, strings.Join(attributes, "\n  "))
}

// dotenv writes a .env file and gives the attribute that names it.
func dotenv(t *testing.T, variables map[string]string) string {
	t.Helper()
	text, err := godotenv.Marshal(variables)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return fmt.Sprintf("dotenv_file = %q", path)
}

// words makes a pattern of a message that Terraform may wrap anywhere.
func words(text string) *regexp.Regexp {
	return regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(text), " ", `\s+`))
}

// sees is a step that reads the data source and checks attributes of it.
func sees(config string, want map[string]knownvalue.Check) resource.TestStep {
	step := resource.TestStep{Config: config}
	for name, check := range want {
		step.ConfigStateChecks = append(step.ConfigStateChecks, statecheck.ExpectKnownValue(address, tfjsonpath.New(name), check))
	}
	return step
}

func run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

var (
	yes, no, null = knownvalue.Bool(true), knownvalue.Bool(false), knownvalue.Null()
	number        = knownvalue.Int64Func(func(v int64) error {
		if v < 0 || v > 60000 {
			return fmt.Errorf("%d is no time that a connection takes", v)
		}
		return nil
	})
)

func text(want string) knownvalue.Check { return knownvalue.StringExact(want) }
func like(want string) knownvalue.Check { return knownvalue.StringRegexp(words(want)) }

func encrypted(verified bool) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{"version": text("TLS 1.3"), "verified": knownvalue.Bool(verified)})
}

func list(values ...string) knownvalue.Check {
	checks := []knownvalue.Check{}
	for _, value := range values {
		checks = append(checks, text(value))
	}
	return knownvalue.ListExact(checks)
}

// postgres gives a database with a role check_NAME, whose password is hostile, and the role's connection string.
func postgres(t *testing.T, name string) (database *acctest.Database, connection string) {
	t.Helper()
	role := "check_" + name
	database = acctest.NewDatabase(t, role, "CREATE TABLE public.orders (id int)")
	database.Exec(fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", role, strings.ReplaceAll(hostile, "'", "''")),
		"GRANT SELECT ON public.orders TO "+role)
	return database, database.URL(role, role, secret.New(hostile))
}

func TestAccConnectionCheckOfPostgreSQL(t *testing.T) {
	database, connection := postgres(t, "pg")
	config := hcl(`connector = "postgres"`, `connection_string = "{{ env.CHECK_PG_URL }}"`, dotenv(t, map[string]string{"CHECK_PG_URL": connection}))
	unverified := strings.Replace(connection, "verify-full", "require", 1)
	granted := sees(config, map[string]knownvalue.Check{
		"reachable": yes, "read_only": no, "writable": list("INSERT on public.orders via PUBLIC"),
	})
	granted.PreConfig = func() { database.Exec("GRANT INSERT ON public.orders TO PUBLIC") }
	run(t,
		sees(config, map[string]knownvalue.Check{
			"reachable": yes, "error": null, "tls": encrypted(true), "username": text("check_pg"), "read_only": yes, "writable": list(),
			"server_version": knownvalue.StringRegexp(regexp.MustCompile(`^1[0-9]`)), "connect_ms": number,
		}),
		resource.TestStep{Config: config, PlanOnly: true},
		granted,
		sees(hcl(`connector = "postgres"`, `connection_string = "{{ env.CHECK_PG_URL }}"`, dotenv(t, map[string]string{
			"CHECK_PG_URL": strings.Replace(unverified, "sslrootcert", "application_name", 1),
		})), map[string]knownvalue.Check{"reachable": yes, "tls": encrypted(false)}),
		// libpq's variables count where the gateway finds them.
		sees(hcl(`connector = "postgres"`, fmt.Sprintf(`connection_string = "host=localhost port=%d user=check_pg dbname=check_pg sslmode=verify-full"`, database.Port),
			dotenv(t, map[string]string{"PGPASSWORD": hostile, "PGSSLROOTCERT": database.Authority.CAFile})),
			map[string]knownvalue.Check{"reachable": yes, "username": text("check_pg"), "tls": encrypted(true)}),
	)
}

func TestAccConnectionCheckThatFailsIsData(t *testing.T) {
	_, connection := postgres(t, "failing")
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	at, err := url.Parse(connection)
	require.NoError(t, err)
	elsewhere := *at
	elsewhere.Host = silent.Addr().String()
	wrong := *at
	wrong.User = url.UserPassword("check_failing", hostile+"x")
	gone := *at
	gone.Host = "127.0.0.1:1"
	fails := func(connection, error string, more ...string) resource.TestStep {
		attributes := append([]string{
			`connector = "postgres"`, `connection_string = "{{ env.CHECK_FAILING_URL }}"`, dotenv(t, map[string]string{"CHECK_FAILING_URL": connection}),
		}, more...)
		return sees(hcl(attributes...), map[string]knownvalue.Check{
			"reachable": no, "error": like(error), "tls": null, "username": null, "read_only": null, "writable": null,
			"server_version": null, "connect_ms": null,
		})
	}
	missing := filepath.Join(t.TempDir(), "none.env")
	invalid := filepath.Join(t.TempDir(), "invalid.env")
	require.NoError(t, os.WriteFile(invalid, []byte("hush-hush"), 0o600))
	run(t,
		fails(elsewhere.String(), "no answer within 200ms", `timeout = "200ms"`),
		fails(wrong.String(), `password authentication failed for user "check_failing"`),
		fails(gone.String(), "connection refused"),
		fails(connection, `parameter "max_connections" cannot be changed without restarting the server`, `options = { max_connections = "10" }`),
		fails(connection, `unrecognized configuration parameter "ssl_mode"`, `options = { ssl_mode = "require" }`),
		fails(connection, "lib/pq knows disable, require, verify-ca and verify-full", `options = { sslmode = "prefer" }`),
		// The driver looks for a host "ss" and a database "w1@127.0.0.1:1/db".
		fails("postgres://u:p@ss/w1@127.0.0.1:1/db", "what the driver says is left out"),
		sees(hcl(`connector = "redis"`, fmt.Sprintf("connection_string = %q", "redis://"+silent.Addr().String()), `timeout = "200ms"`),
			map[string]knownvalue.Check{"reachable": no, "error": text("no answer within 200ms: i/o timeout")}),
		fails("postgres://u:p/w@h/db", "it is not a connection string of this connector"),
		fails("", "it is empty"),
		sees(hcl(`connector = "postgres"`, `connection_string = "{{ env.CHECK_NOWHERE }}"`),
			map[string]knownvalue.Check{"reachable": no, "error": text("the environment variable CHECK_NOWHERE is not set")}),
		sees(hcl(`connector = "postgres"`, `connection_string = "{{ env.CHECK_NOWHERE }}"`, dotenv(t, map[string]string{"OTHER": "x"})),
			map[string]knownvalue.Check{"reachable": no, "error": like("the environment variable CHECK_NOWHERE is not set, neither here nor in /")}),
		sees(hcl(`connector = "redis"`, `connection_string = "redis://h"`, fmt.Sprintf("dotenv_file = %q", missing)),
			map[string]knownvalue.Check{"reachable": no, "error": like("there is no such file")}),
		sees(hcl(`connector = "redis"`, `connection_string = "redis://h"`, fmt.Sprintf("dotenv_file = %q", invalid)),
			map[string]knownvalue.Check{"reachable": no, "error": like("line 1: there is no = after the name")}),
	)
}

func TestAccConnectionCheckRefusesWhatAnAdapterRefuses(t *testing.T) {
	refused := func(want string, attributes ...string) resource.TestStep {
		return resource.TestStep{Config: hcl(attributes...), PlanOnly: true, ExpectError: words(want)}
	}
	run(t,
		refused(`A password here can be read by everyone who reads the configuration`,
			`connector = "postgres"`, `connection_string = "postgres://u:hush@h/db"`),
		refused(`connection_string = "{{ env.DATABASE_URL }}"`, `connector = "mysql"`, `connection_string = "u:hush@tcp(h)/db"`),
		refused(`options = { password`, `connector = "postgres"`, `connection_string = "{{ env.X }}"`, `options = { password = "hush" }`),
		refused(`Unknown connector`, `connector = "oracle"`, `connection_string = "{{ env.X }}"`),
		refused(`Invalid connection string`, `connector = "redis"`, `connection_string = "http://h"`),
		refused(`"5" is not a duration`, `connector = "redis"`, `connection_string = "{{ env.X }}"`, `timeout = "5"`),
		refused(`"1ms" is too short. The duration must be 100ms or more.`, `connector = "redis"`, `connection_string = "{{ env.X }}"`, `timeout = "1ms"`),
	)
}

// TestAccConnectionCheckTakesTheRunsVariablesFirst is what godotenv does: it overrides nothing.
func TestAccConnectionCheckTakesTheRunsVariablesFirst(t *testing.T) {
	_, connection := postgres(t, "first")
	t.Setenv("CHECK_FIRST_URL", connection)
	config := hcl(`connector = "postgres"`, `connection_string = "{{ env.CHECK_FIRST_URL }}"`, dotenv(t, map[string]string{"CHECK_FIRST_URL": "redis://nowhere"}))
	run(t, sees(config, map[string]knownvalue.Check{"reachable": yes}))
}

func TestAccConnectionCheckWaitsForWhatIsNotKnownYet(t *testing.T) {
	_, connection := postgres(t, "later")
	path := filepath.Join(t.TempDir(), ".env")
	require.NoError(t, os.WriteFile(path, []byte("CHECK_LATER_URL='"+strings.ReplaceAll(connection, "'", "%27")+"'\n"), 0o600))
	run(t, sees(fmt.Sprintf("resource \"terraform_data\" \"file\" { input = %q }\n", path)+
		hcl(`connector = "postgres"`, `connection_string = "{{ env.CHECK_LATER_URL }}"`, "dotenv_file = terraform_data.file.output"),
		map[string]knownvalue.Check{"reachable": yes}))
}

// TestAnInterruptIsNoOutcome has a run that was ended: what it did not wait for is not data.
func TestAnInterruptIsNoOutcome(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	checked := connectioncheck.NewDataSource()
	var described datasource.SchemaResponse
	checked.Schema(ctx, datasource.SchemaRequest{}, &described)
	object, ok := described.Schema.Type().TerraformType(ctx).(tftypes.Object)
	require.True(t, ok)
	values := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		values[name] = tftypes.NewValue(kind, nil)
	}
	values["connector"] = tftypes.NewValue(tftypes.String, "redis")
	values["connection_string"] = tftypes.NewValue(tftypes.String, "redis://127.0.0.1:1")
	configured, ok := checked.(datasource.DataSourceWithConfigure)
	require.True(t, ok)
	configured.Configure(ctx, datasource.ConfigureRequest{ProviderData: &providerdata.Data{Clock: time.Now}}, &datasource.ConfigureResponse{})
	response := datasource.ReadResponse{State: tfsdk.State{Schema: described.Schema}}
	checked.Read(ctx, datasource.ReadRequest{Config: tfsdk.Config{Schema: described.Schema, Raw: tftypes.NewValue(object, values)}}, &response)
	require.True(t, response.Diagnostics.HasError())
	require.Equal(t, "Connection check interrupted", response.Diagnostics[0].Summary())
}

// TestAccConnectionCheckLeaksNothing looks for a hostile password in all that a run leaves.
func TestAccConnectionCheckLeaksNothing(t *testing.T) {
	_, connection := postgres(t, "leaks")
	cache := acctest.NewRedis(t, devstack.RedisOptions{})
	escaped := url.QueryEscape(hostile)
	variables := map[string]string{
		"RIGHT": connection, "OPTION": connection,
		"WRONG": strings.Replace(connection, "check_leaks:", "nobody:", 1),
		"REDIS": fmt.Sprintf("rediss://u:%s@localhost:%d/0?skip_verify=true", strings.ReplaceAll(escaped, "+", "%20"), cache.Port),
		"MYSQL": "u:" + hostile + "@tcp(127.0.0.1:1)/db",
		"BAD":   "postgres://u:" + hostile + "@h/db",
		"PAIRS": "host=127.0.0.1 port=1 user=u password='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(hostile) + "'",
		"MONGO": "mongodb://u:" + strings.ReplaceAll(escaped, "+", "%20") + "@127.0.0.1:1/db",
	}
	file := dotenv(t, variables)
	config := ""
	for name, connector := range map[string]string{
		"RIGHT": "postgres", "OPTION": "postgres", "WRONG": "postgres", "REDIS": "redis", "MYSQL": "mysql", "BAD": "postgres", "PAIRS": "postgres", "MONGO": "mongodb",
	} {
		options := ""
		if name == "OPTION" {
			options = `options = { no_such_setting = "x" }`
		}
		block := strings.Replace(hcl(fmt.Sprintf("connector = %q", connector), fmt.Sprintf(`connection_string = "{{ env.%s }}"`, name), file, options, `timeout = "1s"`), `"test"`, fmt.Sprintf("%q", name), 1)
		config += block + fmt.Sprintf("output %q { value = data.terrascale_connection_check.%s }\n", name, name)
	}
	w := acctest.NewWorkspace(t, config)
	trace := filepath.Join(t.TempDir(), "trace.log")
	w.Environment = append(w.Environment, "TF_LOG=TRACE", "TF_LOG_PATH="+trace, "MONGODB_LOG_ALL=trace", "MONGODB_LOG_PATH=stderr")
	output := w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	_, outputs, _ := strings.Cut(output, "\nOutputs:")
	require.Len(t, regexp.MustCompile(`reachable += true`).FindAllString(strings.ReplaceAll(outputs, `"`, ""), -1), 1, output)
	require.Equal(t, 7, strings.Count(strings.Join(strings.Fields(strings.ReplaceAll(outputs, `"`, "")), " "), "reachable = false"), output)
	log, err := os.ReadFile(trace)
	require.NoError(t, err)
	state, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate"))
	require.NoError(t, err)
	require.Contains(t, string(log), "[TRACE]")
	for place, content := range map[string]string{"output": output, "log": string(log), "state": string(state)} {
		for _, spelling := range []string{hostile, escaped, strings.ReplaceAll(escaped, "+", "%20"), url.PathEscape(hostile), `p@ss`, `p%40ss`, `w/o?r`} {
			require.NotContains(t, content, spelling, place)
		}
	}
}

// TestAccCheckOfAProject fills in from the file that Hyperterse 2 reads, and says what is no project.
func TestAccCheckOfAProject(t *testing.T) {
	folder := t.TempDir()
	put := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	config := hcl(`connector = "redis"`, `connection_string = "{{ env.CHECK_PROJECT_URL }}"`, fmt.Sprintf("project = %q", folder))
	check := func(want string) resource.TestStep {
		return sees(config, map[string]knownvalue.Check{"reachable": no, "error": like(want)})
	}
	after := func(name, content string, step resource.TestStep) resource.TestStep {
		step.PreConfig = func() { put(name, content) }
		return step
	}
	run(t,
		resource.TestStep{Config: strings.Replace(config, "project =", "dotenv_file = \"x\"\n  project =", 1), ExpectError: words("dotenv_file")},
		check("there is no .hyperterse"),
		after(".hyperterse", "name: it\n", check("the environment variable CHECK_PROJECT_URL is not set")),
		after(".env", "CHECK_PROJECT_URL=redis://127.0.0.1:1/7\n", check("127.0.0.1:1: connect: connection refused")),
		after(".env.local", "CHECK_PROJECT_URL=redis://127.0.0.1:2/7\n", check("127.0.0.1:2: connect: connection refused")),
	)
}
