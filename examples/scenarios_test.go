// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"
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

func TestALeakedKeyDiesAloneAndAtOnce(t *testing.T) {
	w := workspace(t, "incident-response")
	secretsNow := func() map[string]string {
		var found map[string]string
		require.NoError(t, json.Unmarshal([]byte(mustRun(t, &w, 0, "output", "-json", "secrets")), &found))
		return found
	}
	mustRun(t, &w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
	before := secretsNow()
	require.Len(t, before, 3)

	w.Environment = append(w.Environment, `TF_VAR_leaked={"prod-backend"="today"}`)
	plan := mustRun(t, &w, 2, "plan", "-input=false", "-no-color", "-detailed-exitcode")
	require.Contains(t, plan, "0 to add, 1 to change, 0 to destroy")
	require.Contains(t, plan, `"prod-backend" will be rotated`)
	mustRun(t, &w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
	after := secretsNow()
	require.Equal(t, http.StatusUnauthorized, reads(t, before["prod-backend"]), "the leaked key is dead")
	require.Equal(t, http.StatusOK, reads(t, after["prod-backend"]))
	for _, name := range []string{"prod-reports", "ci-tests"} {
		require.Equal(t, before[name], after[name], "another key is left alone")
		require.Equal(t, http.StatusOK, reads(t, after[name]))
	}

	// Taking the entry out again is no incident.
	w.Environment = append(w.Environment, "TF_VAR_leaked={}")
	mustRun(t, &w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
	require.Equal(t, after, secretsNow())
	mustRun(t, &w, 0, "destroy", "-input=false", "-auto-approve", "-no-color")
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
