// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/jackc/pgx/v5"
	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// reads gives what the data plane answers to a key.
func reads(t *testing.T, key string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, playground.DataPlane, nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// mirrored gives a folder of its own with an example, and the provider as terraform init installs it.
func mirrored(t *testing.T, example string, environment ...string) *terraformcli.Workspace {
	t.Helper()
	folder := t.TempDir()
	w := &terraformcli.Workspace{CLI: cli, Dir: filepath.Join(folder, "example"), Environment: environment}
	require.NoError(t, os.CopyFS(w.Dir, os.DirFS(example)))
	require.NoError(t, w.Mirror(filepath.Join(folder, "cli.tfrc"), binaries, filepath.Join(folder, "mirror"), "0.0.1"))
	tools := t.TempDir()
	require.NoError(t, os.Symlink(cli, filepath.Join(tools, "terraform")))
	for name, value := range playground.Environment {
		w.Environment = append(w.Environment, name+"="+value)
	}
	w.Environment = append(w.Environment, "PATH="+tools+":"+os.Getenv("PATH"))
	return w
}

// script runs a script of an example as people do.
func script(t *testing.T, w *terraformcli.Workspace, environment []string, name string) (printed string, exitCode int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "./"+name)
	command.Dir = w.Dir
	command.Env = slices.Concat(os.Environ(), w.Environment, environment)
	output, err := command.CombinedOutput()
	if err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError), string(output))
	}
	return string(output), command.ProcessState.ExitCode()
}

// decrypted gives what a secret in the state is to who may read it.
func decrypted(t *testing.T, identity, text string) string {
	t.Helper()
	reader, err := age.ParseX25519Identity(identity)
	require.NoError(t, err)
	plain, err := age.Decrypt(armor.NewReader(strings.NewReader(text)), reader)
	require.NoError(t, err)
	content, err := io.ReadAll(plain)
	require.NoError(t, err)
	return string(content)
}

// An incident as one run: what leaked dies alone and at once, the list is tightened, and the record says all of it.
func TestAnIncidentIsOneRun(t *testing.T) {
	identity, environment := newReader(t)
	w := mirrored(t, "incident-response", environment...)
	secretsNow := func() map[string]string {
		var found map[string]string
		require.NoError(t, json.Unmarshal([]byte(mustRun(t, w, 0, "output", "-json", "secrets")), &found))
		for name, text := range found {
			found[name] = decrypted(t, identity, text)
		}
		return found
	}
	mustRun(t, w, 0, "init", "-input=false", "-no-color")
	mustRun(t, w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
	before := secretsNow()
	require.Len(t, before, 3)
	session := connect(t, "app")
	defer func() { require.NoError(t, session.Close(t.Context())) }()
	logins := func() (names []string) {
		rows, err := session.Query(t.Context(), "SELECT rolname::text FROM pg_roles WHERE rolcanlogin AND rolname LIKE 'gateway\\_%' ORDER BY 1")
		require.NoError(t, err)
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		return names
	}
	require.Equal(t, []string{"gateway_a"}, logins())

	incident := []string{`TF_VAR_leaked={"prod-backend"="today","gateway"="today"}`, "TF_VAR_lockdown=true"}
	printed, exitCode := script(t, w, incident, "record.sh")
	require.Zero(t, exitCode, printed)
	record, err := os.ReadFile(filepath.Join(w.Dir, "incident.md"))
	require.NoError(t, err)
	for _, words := range []string{
		"API key `prod-backend` is rotated", "`gateway_a`", "`198.51.100.0/24` (`the office`) may no longer call the service",
	} {
		require.Contains(t, string(record), words)
	}
	require.NotContains(t, string(record), "prod-reports")
	for name, secret := range before {
		require.NotContains(t, string(record)+printed, secret, name)
	}
	mustRun(t, w, 0, "apply", "-input=false", "-no-color", "incident.plan")
	var leaked []struct {
		Name, KeyID string
		Scopes      []string
	}
	require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(mustRun(t, w, 0, "output", "-json", "leaked_keys"), "key_id", "keyid")), &leaked))
	require.Len(t, leaked, 1)
	require.Equal(t, "prod-backend", leaked[0].Name)
	require.NotEmpty(t, leaked[0].KeyID)
	require.Equal(t, []string{"database:read", "database:write"}, leaked[0].Scopes)
	others := mustRun(t, w, 0, "output", "-json", "other_keys_of_the_same_people")
	require.Contains(t, others, "prod-reports")
	require.Contains(t, others, "ci-tests")
	require.Equal(t, []string{"gateway_b"}, logins(), "the leaked login is disabled")

	after := secretsNow()
	require.Equal(t, http.StatusUnauthorized, reads(t, before["prod-backend"]), "the leaked key is dead")
	require.Equal(t, http.StatusOK, reads(t, after["prod-backend"]))
	for _, name := range []string{"prod-reports", "ci-tests"} {
		require.Equal(t, before[name], after[name], "another key is left alone")
		require.Equal(t, http.StatusOK, reads(t, after[name]))
	}

	// Once it is over, the office may call again. Taking the entries out again is no incident.
	mustRun(t, w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
	require.Equal(t, after, secretsNow())
	require.Equal(t, []string{"gateway_b"}, logins())
	mustRun(t, w, 0, "destroy", "-input=false", "-auto-approve", "-no-color", `-var=networks={}`)
}

func TestOnePasswordTwoKeepersOverThreeRotations(t *testing.T) {
	w := workspace(t, "secret-manager/dotenv")
	identity, readers := newReader(t)
	w.Environment = append(append(w.Environment, readers...),
		fmt.Sprintf(`TF_VAR_database={"host": %q, "port": %s}`, playground.Environment["PGHOST"], playground.Environment["PGPORT"]))
	passwords := secrets{"the age identity": identity}
	printed := ""
	for rotation := range 4 {
		environment := append(w.Environment, fmt.Sprintf("TF_VAR_rotate=%d", rotation))
		w := w
		w.Environment = environment
		printed += mustRun(t, &w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
		mustRun(t, &w, 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")
		// A runner that starts empty writes .env again, with the same password.
		require.NoError(t, os.Remove(filepath.Join(w.Dir, ".env")))
		printed += mustRun(t, &w, 0, "apply", "-input=false", "-auto-approve", "-no-color")

		variables, err := godotenv.Read(filepath.Join(w.Dir, ".env"))
		require.NoError(t, err)
		address, err := url.Parse(variables["GATEWAY_URL"])
		require.NoError(t, err)
		password, _ := address.User.Password()
		require.Len(t, password, 40)
		passwords[fmt.Sprintf("password %d", rotation)] = password
		connection, err := pgx.Connect(t.Context(), address.String()+"&sslrootcert="+playground.Environment["PGSSLROOTCERT"])
		require.NoError(t, err, ".env holds a login that works")
		_, err = connection.Exec(t.Context(), "SELECT * FROM reporting.monthly")
		require.NoError(t, err)
		require.NoError(t, connection.Close(t.Context()))
	}
	distinct := map[string]bool{}
	for _, password := range passwords {
		distinct[password] = true
	}
	require.Len(t, distinct, 5, "each rotation has a password of its own, beside the identity")
	for _, file := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		state, err := os.ReadFile(filepath.Join(w.Dir, file))
		require.NoError(t, err)
		passwords.expectNone(t, file, string(state))
	}
	passwords.expectNone(t, "what the CLI printed", printed)
	statements, err := os.ReadFile(playground.PostgreSQLLog)
	require.NoError(t, err)
	passwords.expectNone(t, "PostgreSQL's log", string(statements))
	mustRun(t, &w, 0, "destroy", "-input=false", "-auto-approve", "-no-color")
}
