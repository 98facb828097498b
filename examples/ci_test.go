// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// ci is a pipeline: each run has a fresh folder with what is in source control, and the state is in a database.
type ci struct {
	t           *testing.T
	environment []string
	identity    string
	// committed is the config.terse of source control.
	committed []byte
	// printed is what the runs printed.
	printed strings.Builder
}

const stateDatabase = "states"

// connect opens a session of the administrator.
func connect(t *testing.T, database string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), adminURL(database))
	require.NoError(t, err)
	return connection
}

func adminURL(database string) string {
	environment := playground.Environment
	return (&url.URL{
		Scheme: "postgres", User: url.UserPassword(environment["PGUSER"], environment["PGPASSWORD"]),
		Host: environment["PGHOST"] + ":" + environment["PGPORT"], Path: "/" + database,
		RawQuery: url.Values{"sslmode": {"verify-full"}, "sslrootcert": {environment["PGSSLROOTCERT"]}}.Encode(),
	}).String()
}

func newCI(t *testing.T) *ci {
	t.Helper()
	connection := connect(t, "postgres")
	_, err := connection.Exec(t.Context(), "CREATE DATABASE "+stateDatabase)
	require.NoError(t, err)
	require.NoError(t, connection.Close(t.Context()))
	identity, readers := newReader(t)
	p := &ci{t: t, identity: identity, committed: []byte("adapters: {}\n"), environment: append(readers, "PG_CONN_STR="+adminURL(stateDatabase))}
	for name, value := range playground.Environment {
		p.environment = append(p.environment, name+"="+value)
	}
	return p
}

// checkout gives a runner that has nothing but the example, and init'ed it.
func (p *ci) checkout() *terraformcli.Workspace {
	p.t.Helper()
	folder := p.t.TempDir()
	w := &terraformcli.Workspace{CLI: cli, Dir: filepath.Join(folder, "rotation"), Environment: p.environment}
	require.NoError(p.t, os.CopyFS(w.Dir, os.DirFS("rotation")))
	require.NoError(p.t, os.Remove(filepath.Join(w.Dir, "rotate.yml")))
	require.NoError(p.t, os.WriteFile(filepath.Join(w.Dir, "config.terse"), p.committed, 0o600))
	require.NoError(p.t, w.Mirror(filepath.Join(folder, "cli.tfrc"), binaries, filepath.Join(folder, "mirror"), "0.0.1"))
	mustRun(p.t, w, 0, "init", "-input=false", "-no-color")
	return w
}

// run does what rotate.yml does, and gives what it printed.
func (p *ci) run(w *terraformcli.Workspace) (string, error) {
	var printed strings.Builder
	for _, arguments := range [][]string{
		{"plan", "-input=false", "-no-color", "-lock-timeout=2m", "-out=rotation.plan"}, {"apply", "-input=false", "-no-color", "-lock-timeout=2m", "rotation.plan"},
	} {
		result, err := w.Run(p.t.Context(), arguments...)
		printed.WriteString(result.Output)
		if err == nil && result.ExitCode != 0 {
			err = fmt.Errorf("%s ended with %d:\n%s", arguments[0], result.ExitCode, result.Output)
		}
		if err != nil {
			return printed.String(), err
		}
	}
	return printed.String(), nil
}

// password gives what the .env of a checkout logs in with, once it has.
func (p *ci) password(w *terraformcli.Workspace) string {
	p.t.Helper()
	variables, err := godotenv.Read(filepath.Join(w.Dir, ".env"))
	require.NoError(p.t, err)
	address, err := url.Parse(variables["REPORTS_URL"])
	require.NoError(p.t, err)
	address.Host = playground.Environment["PGHOST"] + ":" + playground.Environment["PGPORT"]
	address.RawQuery += "&sslrootcert=" + url.QueryEscape(playground.Environment["PGSSLROOTCERT"])
	connection, err := pgx.Connect(p.t.Context(), address.String())
	require.NoError(p.t, err, ".env holds a login that works")
	require.NoError(p.t, connection.Close(p.t.Context()))
	password, _ := address.User.Password()
	return password
}

// The example for CI, from fresh folders and with the state in a database: two runs at once wait for each other, and each leaves a .env that
// logs in.
func TestRunsOfThePipelineStartEmptyAndShareTheState(t *testing.T) {
	p := newCI(t)
	// Somebody changes roles in the same database, so that the first run is busy for a while.
	busy := connect(t, "app")
	_, err := busy.Exec(t.Context(), "BEGIN; SELECT pg_advisory_xact_lock(8387235716634207073)")
	require.NoError(t, err)
	type outcome struct {
		printed string
		err     error
	}
	outcomes := make(chan outcome, 2)
	first, second := p.checkout(), p.checkout()
	start := func(w *terraformcli.Workspace) {
		go func() {
			printed, err := p.run(w)
			outcomes <- outcome{printed, err}
		}()
	}
	start(first)
	looking := connect(t, "app") // A transaction sees what others do as it was at first.
	defer func() { require.NoError(t, looking.Close(t.Context())) }()
	waiting := func(query string) func() bool {
		return func() bool {
			var count int
			err := looking.QueryRow(t.Context(), query).Scan(&count)
			return err == nil && count > 0
		}
	}
	require.Eventually(t, waiting("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"), time.Minute, 20*time.Millisecond,
		"the first run waits for who is busy, and holds the state's lock")
	start(second)
	require.Eventually(t, waiting("SELECT count(*) FROM pg_stat_activity WHERE datname = '"+stateDatabase+"' AND query LIKE '%pg_try_advisory_lock%'"),
		time.Minute, 20*time.Millisecond, "the second run asks for the state's lock")
	require.Empty(t, outcomes, "neither is done")
	_, err = busy.Exec(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, busy.Close(t.Context()))
	for range 2 {
		done := <-outcomes
		require.NoError(t, done.err)
		p.printed.WriteString(done.printed)
	}
	hidden := secrets{"the age identity": p.identity, "the role's password": p.password(first)}
	require.Equal(t, p.password(first), p.password(second), "the second run found what the first had made")

	p.committed, err = os.ReadFile(filepath.Join(first.Dir, "config.terse"))
	require.NoError(t, err)
	third := p.checkout()
	printed, err := p.run(third)
	require.NoError(t, err)
	require.Contains(t, printed, "0 added, 1 changed, 0 destroyed", "only .env is written again")
	require.Equal(t, p.password(first), p.password(third))
	mustRun(t, third, 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")
	p.printed.WriteString(printed)

	state := mustRun(t, third, 0, "state", "pull")
	require.Contains(t, state, "BEGIN AGE ENCRYPTED FILE")
	hidden.expectNone(t, "the state", state)
	hidden.expectNone(t, "what the CLI printed", p.printed.String())
	plan, err := os.ReadFile(filepath.Join(third.Dir, "rotation.plan"))
	require.NoError(t, err)
	require.NotEmpty(t, plan)
	hidden.expectNone(t, "the plan", mustRun(t, third, 0, "show", "-json", "rotation.plan"))
	for _, left := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		require.NoFileExists(t, filepath.Join(third.Dir, left))
	}
	mustRun(t, third, 0, "destroy", "-input=false", "-auto-approve", "-no-color")
}
