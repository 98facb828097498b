// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlcredential_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/postgresqlcredential"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

func TestMain(m *testing.M) { acctest.Run(m) }

// providers adds the testing library's provider that shows what is ephemeral.
func providers(options ...provider.Option) acctest.Factories {
	factories := acctest.Providers(options...)
	factories["echo"] = echoprovider.NewProviderServer()
	return factories
}

// newDatabase makes a database and a role that reads one of its tables.
func newDatabase(t *testing.T, name string) *acctest.Database {
	t.Helper()
	return acctest.NewDatabase(t, name,
		"CREATE TABLE public.users (id int)", "INSERT INTO public.users VALUES (1)",
		"CREATE ROLE "+name+"_reader", "GRANT SELECT ON public.users TO "+name+"_reader",
	)
}

func credential(body string) string {
	return fmt.Sprintf("ephemeral %q \"test\" {\n  server = \"main\"\n%s\n}\n", postgresqlcredential.TypeName, body)
}

// echo shows the credential to the test.
const echo = `
provider "echo" {
  data = ephemeral.terrascale_postgresql_credential.test
}
resource "echo" "test" {}
`

// shortLived lists the logins that the provider made in a role.
func shortLived(t *testing.T, database *acctest.Database, role string) []string {
	t.Helper()
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, database.AdminURL("postgres"))
	require.NoError(t, err)
	defer func() { _ = connection.Close(ctx) }()
	rows, err := connection.Query(ctx, "SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)", "tftmp_"+role)
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return names
}

// seen remembers a text of the state.
type seen struct{ text string }

func (s *seen) CheckValue(other any) error {
	text, ok := other.(string)
	if !ok {
		return fmt.Errorf("%v is no string", other)
	}
	s.text = text
	return nil
}

func (s *seen) String() string { return "any text" }

func TestAccCredentialOfOneRun(t *testing.T) {
	database := newDatabase(t, "onerun")
	clock := acctest.NewClock(time.Now().Truncate(time.Second))
	var username, password seen
	at := func(attribute string) tfjsonpath.Path { return tfjsonpath.New("data").AtMapKey(attribute) }
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(provider.WithClock(clock.Now)),
		Steps: []resource.TestStep{{
			Config: database.ServerHCL() + credential("  role = \"onerun_reader\"\n  ttl = \"0.5h\"") + echo,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("echo.test", at("username"), knownvalue.StringRegexp(regexp.MustCompile(`^tftmp_onerun_reader_[a-z2-7]{16}$`))),
				statecheck.ExpectKnownValue("echo.test", at("username"), &username),
				statecheck.ExpectKnownValue("echo.test", at("password"), &password),
				statecheck.ExpectKnownValue("echo.test", at("expires_at"),
					knownvalue.StringExact(clock.Now().Add(30*time.Minute).UTC().Format(time.RFC3339))),
			},
		}},
	})
	require.Regexp(t, "^[A-Za-z0-9]{40}$", password.text)
	require.Error(t, database.TryAs(username.text, secret.New(password.text), "SELECT 1"), "it is over with the run")
	require.Empty(t, shortLived(t, database, "onerun"), "plans and applies leave nothing")
	require.True(t, database.LogContains(`CREATE ROLE "`+username.text), "the log was looked at")
	require.False(t, database.LogContains(password.text))
}

// TestAccCredentialWorksInTheRun logs in while the run goes on: a second server of the provider takes the login.
func TestAccCredentialWorksInTheRun(t *testing.T) {
	database := newDatabase(t, "inrun")
	probe := &probe{database: database}
	factories := providers()
	factories["probe"] = probe.server()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: database.ServerHCL() + credential(`  role = "inrun_reader"`) + `
provider "probe" {
  username = ephemeral.terrascale_postgresql_credential.test.username
  password = ephemeral.terrascale_postgresql_credential.test.password
}
data "probe" "test" {}
`,
		}},
	})
	require.NotEmpty(t, probe.results)
	for _, result := range probe.results {
		require.NoError(t, result.read)
		require.ErrorContains(t, result.write, "read-only transaction")
		require.ErrorContains(t, result.forced, "permission denied")
	}
	require.Empty(t, shortLived(t, database, "inrun"))
}

func TestAccCredentialSweepsWhatAKilledRunLeft(t *testing.T) {
	database := newDatabase(t, "killed")
	server := postgresql.NewServer(postgresql.Config{
		Host: database.Host, Port: database.Port, Username: database.Admin, Password: database.AdminPassword,
		SSLRootCert: database.Authority.CAFile,
	})
	t.Cleanup(server.Close)
	expired, err := server.OpenCredential(t.Context(), "killed_reader", time.Now().Add(-time.Second))
	require.NoError(t, err)
	live, err := server.OpenCredential(t.Context(), "killed_reader", time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Error(t, database.TryAs(expired.Username, expired.Password, "SELECT 1"), "nobody can log in after the ttl")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(),
		Steps:                    []resource.TestStep{{Config: database.ServerHCL() + credential(`  role = "killed_reader"`) + echo}},
	})
	require.Equal(t, []string{live.Username}, shortLived(t, database, "killed"), "another run's login stays")
	require.NoError(t, server.CloseCredential(t.Context(), live.Username))
}

func TestAccCredentialBadInput(t *testing.T) {
	database := newDatabase(t, "badinput")
	database.Exec("CREATE ROLE badinput_admin CREATEROLE", "CREATE ROLE badinput_writer", "GRANT INSERT ON public.users TO badinput_writer")
	step := func(server, body, want string) resource.TestStep {
		return resource.TestStep{Config: server + credential(body) + echo, ExpectError: regexp.MustCompile(want)}
	}
	main := database.ServerHCL()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: providers(),
		Steps: []resource.TestStep{
			step(main, `role = "badinput_nobody"`, `(?s)the role does not exist: badinput_nobody.*Create the role first`),
			step(main, `role = "badinput_admin"`, `(?s)can\s+do\s+more\s+than\s+read:\s+it\s+is\s+CREATEROLE.*Name\s+a\s+role\s+that\s+holds\s+read`),
			step(database.ServerHCL(`least_privilege = "enforce"`), `role = "badinput_writer"`, `(?s)excess-privilege.*INSERT on\s+public\.users`),
			step(main, "role = \"badinput_reader\"\n  ttl = \"59s\"", `The duration must be 1m or more`),
			step(main, "role = \"badinput_reader\"\n  ttl = \"soon\"", `"soon" is not a duration`),
			step(main, `role = ""`, `string\s+length\s+must\s+be\s+between\s+1\s+and\s+63`),
			step("provider \"terrascale\" {}\n", `role = "badinput_reader"`, `(?s)no\s+server\s+"main".*none\s+is\s+configured`),
		},
	})
	require.Empty(t, shortLived(t, database, "badinput"), "nothing was made")
}

// TestAccCredentialOfAServerThatIsNotKnownYet has settings that only the apply knows.
func TestAccCredentialOfAServerThatIsNotKnownYet(t *testing.T) {
	database := newDatabase(t, "unknown")
	step := resource.TestStep{
		Config: fmt.Sprintf(`
resource "terraform_data" "host" { input = %q }
provider "terrascale" {
  postgresql = {
    main = { host = terraform_data.host.output, port = %d, username = %q, password = %q, sslrootcert = %q }
  }
}
`, database.Host, database.Port, database.Admin, database.AdminPassword.Reveal(), database.Authority.CAFile) +
			credential(`  role = "unknown_reader"`) + echo,
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("echo.test",
			tfjsonpath.New("data").AtMapKey("username"), knownvalue.StringRegexp(regexp.MustCompile("^tftmp_unknown_reader_")))},
	}
	if terraformcli.IsOpenTofu(os.Getenv("TF_ACC_TERRAFORM_PATH")) {
		step.ExpectError, step.ConfigStateChecks = regexp.MustCompile(`not\s+wholly\s+known`), nil
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: providers(), Steps: []resource.TestStep{step}})
	require.Empty(t, shortLived(t, database, "unknown"))
}
