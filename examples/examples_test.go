// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package examples_test applies every example with the real CLI and a provider built from this tree, and looks for
// secrets in all that the run leaves behind.
package examples_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

var (
	cli        string
	binaries   string
	playground *devstack.Playground
	redis      *devstack.Redis
	mariaDB    *devstack.MariaDB
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx := context.Background()
	var err error
	if cli, err = terraformcli.Find(ctx); err != nil {
		return fail(err)
	}
	if binaries, err = os.MkdirTemp("", "terrascale-examples"); err != nil {
		return fail(err)
	}
	defer func() { _ = os.RemoveAll(binaries) }()
	build := exec.CommandContext(ctx, "go", "build", "-o", binaries, "..")
	if output, err := build.CombinedOutput(); err != nil {
		return fail(fmt.Errorf("build the provider: %w: %s", err, output))
	}
	stack, err := devstack.Open()
	if err != nil {
		return fail(err)
	}
	defer func() { _ = stack.Close() }()
	if playground, err = stack.Playground(ctx); err != nil {
		return fail(err)
	}
	if redis, err = stack.Redis(ctx, devstack.RedisOptions{}); err != nil {
		return fail(err)
	}
	if mariaDB, err = stack.MariaDB(ctx, devstack.MariaDBOptions{
		Settings: map[string]string{"general-log": "ON"},
		Statements: []string{
			"CREATE DATABASE shop", "CREATE DATABASE crm", "CREATE TABLE crm.customers (id INT)", "CREATE TABLE crm.contacts (id INT)",
		},
	}); err != nil {
		return fail(err)
	}
	return m.Run()
}

// redisServer is what no environment variable says.
func redisServer() string {
	return fmt.Sprintf(`provider "terrascale" {
  redis = {
    default = { host = %q, port = %d, username = %q, password = %q, ca_file = %q }
  }
}
`, redis.Host, redis.Port, redis.Admin, redis.AdminPassword.Reveal(), redis.Authority.CAFile)
}

// mysqlServer is what no environment variable says, either.
func mysqlServer() string {
	return fmt.Sprintf(`provider "terrascale" {
  mysql = {
    default = { host = %q, port = %d, username = %q, password = %q, ca_file = %q }
  }
}
`, mariaDB.Host, mariaDB.Port, mariaDB.Admin, mariaDB.AdminPassword.Reveal(), mariaDB.Authority.CAFile)
}

// header makes a snippet a configuration of its own.
const header = `terraform {
  required_providers {
    terrascale = { source = "terrascale/terrascale" }
  }
}
`

// workspace copies an example to a folder of its own.
func workspace(t *testing.T, example string) terraformcli.Workspace {
	t.Helper()
	w := terraformcli.Workspace{CLI: cli, Dir: filepath.Join(t.TempDir(), "example")}
	require.NoError(t, os.CopyFS(w.Dir, os.DirFS(example)))
	// Older CLIs do not take it; internal/provider/modern_test.go has a newer one validate it.
	require.NoError(t, os.RemoveAll(filepath.Join(w.Dir, "import-by-identity.tf")))
	hasHeader := false
	sources, err := filepath.Glob(filepath.Join(w.Dir, "*.tf"))
	require.NoError(t, err)
	for _, source := range sources {
		content, err := os.ReadFile(source)
		require.NoError(t, err)
		hasHeader = hasHeader || strings.Contains(string(content), "required_providers")
	}
	if !hasHeader {
		content := header
		if strings.Contains(example, "redis") {
			content += redisServer()
		}
		if strings.Contains(example, "mysql") {
			content += mysqlServer()
		}
		require.NoError(t, os.WriteFile(filepath.Join(w.Dir, "terraform.tf"), []byte(content), 0o600))
	}
	require.NoError(t, w.Override(filepath.Join(t.TempDir(), "cli.tfrc"), binaries))
	for name, value := range playground.Environment {
		w.Environment = append(w.Environment, name+"="+value)
	}
	return w
}

// secrets collects what must not be found.
type secrets map[string]string

// expectNone looks for each secret.
func (s secrets) expectNone(t *testing.T, where, text string) {
	t.Helper()
	require.NotEmpty(t, text, "%s was looked at", where)
	for name, value := range s {
		require.NotContains(t, text, value, "%s is in %s", name, where)
	}
}

func TestExamplesApplyAndDestroy(t *testing.T) {
	var examples []string
	for _, pattern := range []string{"resources/*", "data-sources/*", "ephemeral-resources/*", "functions/*"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		examples = append(examples, found...)
	}
	examples = append(examples, "quickstart", "gateway", "hyperterse-2", "incident-response", "secret-manager/dotenv")
	for _, example := range examples {
		t.Run(example, func(t *testing.T) { applyAndDestroy(t, example) })
	}
}

func applyAndDestroy(t *testing.T, example string) {
	w := workspace(t, example)
	hidden := secrets{
		"the role's password":    rand.Text(),
		"the admin's password":   playground.Environment["PGPASSWORD"],
		"Redis' admin password":  redis.AdminPassword.Reveal(),
		"MySQL's admin password": mariaDB.AdminPassword.Reveal(),
		"the service's token":    playground.Environment["TERRASCALE_ACCESS_TOKEN"],
		"the adapter's password": rand.Text(),
	}
	identity, readers := newReader(t)
	hidden["the age identity"] = identity
	trace := filepath.Join(t.TempDir(), "trace.log")
	w.Environment = append(w.Environment,
		"TF_LOG=TRACE", "TF_LOG_PATH="+trace,
		"TF_VAR_gateway_password="+hidden["the role's password"],
		"TF_VAR_database_url=postgresql://gateway:"+hidden["the adapter's password"]+"@db.example.com/app?sslmode=verify-full",
		fmt.Sprintf(`TF_VAR_database={"host": %q, "port": %s, "ca_file": %q}`,
			playground.Environment["PGHOST"], playground.Environment["PGPORT"], playground.Environment["PGSSLROOTCERT"]),
		"TF_VAR_runner_address=127.0.0.1",
	)
	w.Environment = append(w.Environment, readers...)
	var printed strings.Builder
	step := func(wantExit int, arguments ...string) {
		t.Helper()
		printed.WriteString(mustRun(t, &w, wantExit, arguments...))
	}
	// An ephemeral resource alone changes nothing.
	changes := 2
	if strings.HasPrefix(example, "ephemeral-resources/") && !declaresResources(t, w.Dir) {
		changes = 0
	}
	step(changes, "plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=first.plan")
	step(0, "show", "-no-color", "first.plan")
	step(0, "apply", "-input=false", "-no-color", "-auto-approve")
	step(0, "plan", "-input=false", "-no-color", "-detailed-exitcode")
	state, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate"))
	require.NoError(t, err)
	hidden.expectNone(t, "the state", string(state))
	for name, value := range chosenSecrets(t, state) {
		hidden[name] = value
	}
	if unprotect(t, w.Dir, state) {
		step(1, "destroy", "-input=false", "-no-color", "-auto-approve")
		step(0, "apply", "-input=false", "-no-color", "-auto-approve")
	}
	step(0, "destroy", "-input=false", "-no-color", "-auto-approve")

	hidden.expectNone(t, "what the CLI printed", printed.String())
	log, err := os.ReadFile(trace)
	require.NoError(t, err)
	require.Contains(t, string(log), "[TRACE]", "the log is at TRACE")
	hidden.expectNone(t, "the TRACE log", string(log))
	statements, err := os.ReadFile(playground.PostgreSQLLog)
	require.NoError(t, err)
	hidden.expectNone(t, "PostgreSQL's log", string(statements))
	statements, err = os.ReadFile(mariaDB.GeneralLog)
	require.NoError(t, err)
	hidden.expectNone(t, "MariaDB's general log", string(statements))
}

// newReader makes somebody who reads the secrets of a state, and what tells an example.
func newReader(t *testing.T) (identity string, environment []string) {
	t.Helper()
	reader, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	return reader.String(), []string{
		fmt.Sprintf(`TF_VAR_age_recipients=[%q]`, reader.Recipient()), "TF_VAR_age_recipient=" + reader.Recipient().String(),
		"TF_VAR_age_identity=" + reader.String(),
	}
}

// mustRun runs the CLI and gives what it printed.
func mustRun(t *testing.T, w *terraformcli.Workspace, wantExit int, arguments ...string) string {
	t.Helper()
	result, err := w.Run(t.Context(), arguments...)
	require.NoError(t, err)
	require.Equal(t, wantExit, result.ExitCode, result.Output)
	return result.Output
}

// declaresResources reports whether a configuration has a managed resource or an output.
func declaresResources(t *testing.T, dir string) bool {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	require.NoError(t, err)
	for _, source := range sources {
		content, err := os.ReadFile(source)
		require.NoError(t, err)
		if regexp.MustCompile(`(?m)^(resource|output) `).Match(content) {
			return true
		}
	}
	return false
}

// unprotect writes a file that takes the protection from deletion off what a state holds, and reports whether there is any.
func unprotect(t *testing.T, dir string, state []byte) bool {
	t.Helper()
	var override strings.Builder
	for _, resource := range readState(t, state) {
		for _, instance := range resource.Instances {
			if instance.Attributes["deletion_protection"] == true {
				fmt.Fprintf(&override, "resource %q %q {\n  deletion_protection = false\n}\n", resource.Type, resource.Name)
			}
		}
	}
	if override.Len() == 0 {
		return false
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "unprotected_override.tf"), []byte(override.String()), 0o600))
	return true
}

// stateResource is one resource of a state file.
type stateResource struct {
	Type, Name string
	Instances  []struct{ Attributes map[string]any }
}

func readState(t *testing.T, state []byte) []stateResource {
	t.Helper()
	var parsed struct{ Resources []stateResource }
	require.NoError(t, json.Unmarshal(state, &parsed))
	return parsed.Resources
}

// chosenSecrets gives the generated secrets that a state holds on purpose: API keys, and role passwords without
// password_wo. They must be nowhere else.
func chosenSecrets(t *testing.T, state []byte) secrets {
	t.Helper()
	found := secrets{}
	for _, resource := range readState(t, state) {
		for _, instance := range resource.Instances {
			for _, attribute := range []string{"secret", "password"} {
				if value, ok := instance.Attributes[attribute].(string); ok && value != "" {
					found[resource.Type+"."+resource.Name+"."+attribute] = value
				}
			}
		}
	}
	return found
}

func TestProviderExampleIsValid(t *testing.T) {
	w := workspace(t, "provider")
	result, err := w.Run(t.Context(), "validate", "-no-color")
	require.NoError(t, err)
	require.Zero(t, result.ExitCode, result.Output)
}

func TestExamplesAreFormatted(t *testing.T) {
	w := terraformcli.Workspace{CLI: cli, Dir: "."}
	result, err := w.Run(t.Context(), "fmt", "-check", "-recursive", "-diff", ".")
	require.NoError(t, err)
	require.Zero(t, result.ExitCode, result.Output)
}
