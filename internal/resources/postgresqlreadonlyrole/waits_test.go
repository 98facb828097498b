// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"context"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// blocking opens a session of a DBA that holds what its statement locked.
func blocking(t *testing.T, database *acctest.Database, statement string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(database.AdminURL(database.Name))
	require.NoError(t, err)
	config.RuntimeParams["application_name"] = "psql of a DBA"
	connection, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close(context.WithoutCancel(t.Context()))) })
	_, err = connection.Exec(t.Context(), "BEGIN; "+statement)
	require.NoError(t, err)
	return connection
}

// An apply that meets another session's lock ends after lock_timeout, and says whose lock it is; once that is gone, it comes through.
func TestAccApplyThatWaitsForASessionEnds(t *testing.T) {
	database := newDatabase(t, "waits")
	configuration := func(more string) string {
		return strings.Replace(database.ServerHCL(), "main = {", "main = {\n      lock_timeout = \"2s\"", 1) + role(`
  name   = "waits_reader"
  grants = { "waits.public" = {} }
`+more)
	}
	w := acctest.NewWorkspace(t, configuration(""))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Configure(configuration("  connection_limit = 3"))

	holder := blocking(t, database, "ALTER ROLE waits_reader PASSWORD 'nobody-may-see-it'")
	result, err := w.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.Equal(t, 1, result.ExitCode)
	said := acctest.Plain(result.Output)
	require.Contains(t, said, "waited 2s in database waits for the end of another session's transaction")
	require.Contains(t, said, `user postgres, application "psql of a DBA"`)
	if !acctest.IsManagedAdmin() { // That one may not see what others do.
		require.Contains(t, said, "last statement: BEGIN; ALTER ROLE waits_reader PASSWORD …")
	}
	require.Contains(t, said, "raise lock_timeout")
	require.NotContains(t, said, "nobody-may-see-it")
	_, err = holder.Exec(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
}

// A process of the server that stops in the middle of a statement: the time limit of the resource ends the apply.
func TestAccApplyWhoseServerStopsEnds(t *testing.T) {
	database := newDatabase(t, "stops")
	holder := blocking(t, database, "SELECT pg_advisory_xact_lock(8387235716634207073)")
	w := acctest.NewWorkspace(t, database.ServerHCL()+role(`
  name   = "stops_reader"
  grants = { "stops.public" = {} }
  timeouts { create = "5s" }
`))
	waiting := make(chan int, 1)
	go func() {
		defer close(waiting)
		const query = `SELECT a.pid::int FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
			WHERE a.application_name LIKE 'terraform%' AND a.datname = current_database() AND NOT l.granted`
		for t.Context().Err() == nil {
			var pid int
			if holder.QueryRow(t.Context(), query).Scan(&pid) == nil {
				waiting <- pid
				return
			}
		}
	}()
	ended := make(chan string, 1)
	go func() {
		result, err := w.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
		if err != nil {
			result.Output = err.Error()
		}
		ended <- result.Output
	}()
	pid := <-waiting
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	_, err := holder.Exec(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	said := acctest.Plain(<-ended)
	require.NoError(t, syscall.Kill(pid, syscall.SIGCONT))
	require.Contains(t, said, "for the server, which did not answer: process ")
	require.Contains(t, said, "raise the limit in the resource's timeouts block")
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
}
