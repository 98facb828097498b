// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"context"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// impatient is a server whose changes wait for others for two seconds.
func impatient(t *testing.T) *postgresql.Server {
	t.Helper()
	config := adminConfig()
	config.LockTimeout = 2 * time.Second
	server := postgresql.NewServer(config)
	t.Cleanup(server.Close)
	return server
}

// holding opens a session of somebody else that keeps what its statements locked until the test ends.
func holding(t *testing.T, database string, statements ...string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(cluster.AdminURL(database))
	require.NoError(t, err)
	config.RuntimeParams["application_name"] = "psql of a DBA"
	connection, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close(context.WithoutCancel(t.Context()))) })
	for _, sql := range append([]string{"BEGIN"}, statements...) {
		_, err := connection.Exec(t.Context(), sql)
		require.NoError(t, err, sql)
	}
	return connection
}

// A change that waits for another session ends, and says which session that is.
func TestChangeThatWaitsForAnotherSessionNamesIt(t *testing.T) {
	_, database := newServer(t, "waits")
	role := postgresql.Role{Name: "waiting", Grants: []postgresql.Grant{{Database: database, Schema: "public"}}}
	server := impatient(t)
	create(t, server, role, secret.New("first"))
	changed := role
	changed.Attributes.ConnectionLimit = 7

	for name, test := range map[string]struct{ statement, waits string }{
		"a transaction that altered the role": {
			"ALTER ROLE waiting PASSWORD 'nobody-may-see-it'", "another session's transaction that changed the same",
		},
		"the provider's own lock": {
			"SELECT pg_advisory_xact_lock(8387235716634207073), 'nobody-may-see-it'", "another run of this provider",
		},
		"a lock on the catalogue": {
			"LOCK TABLE pg_catalog.pg_authid IN SHARE MODE /* nobody-may-see-it */", "pg_authid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			holder := holding(t, database, test.statement)
			_, err := server.UpdateRole(t.Context(), role.Name, changed, secret.New("second"))
			require.ErrorIs(t, err, postgresql.ErrLockTimeout)
			require.ErrorContains(t, err, "waited 2s")
			require.ErrorContains(t, err, test.waits)
			require.ErrorContains(t, err, "process "+strconv.Itoa(int(holder.PgConn().PID())))
			require.ErrorContains(t, err, "user "+cluster.Admin)
			require.ErrorContains(t, err, `application "psql of a DBA"`)
			require.ErrorContains(t, err, "idle in transaction")
			require.ErrorContains(t, err, time.Now().UTC().Format("since 2006-01-02T15:"))
			require.ErrorContains(t, err, test.statement[:12])
			require.NotContains(t, err.Error(), "nobody-may-see-it")
			require.NotContains(t, postgresql.Explain(err), "nobody-may-see-it")
		})
	}
	t.Run("through PgBouncer", func(t *testing.T) {
		config := adminConfig()
		config.LockTimeout, config.Port = 2*time.Second, throughPgBouncer(t)
		pooled := postgresql.NewServer(config)
		t.Cleanup(pooled.Close)
		holder := holding(t, database, "SELECT pg_advisory_xact_lock(8387235716634207073)")
		_, err := pooled.UpdateRole(t.Context(), role.Name, changed, secret.New("second"))
		require.ErrorIs(t, err, postgresql.ErrLockTimeout)
		require.ErrorContains(t, err, "held by process "+strconv.Itoa(int(holder.PgConn().PID())))
		require.ErrorContains(t, err, `application "psql of a DBA"`)
	})
	update(t, server, role.Name, changed, secret.New("second"))
}

// A server is closed while a change of it waits: both end.
func TestCloseWhileAChangeWaits(t *testing.T) {
	_, database := newServer(t, "closed")
	role := postgresql.Role{Name: "closed", Grants: []postgresql.Grant{{Database: database, Schema: "public"}}}
	server := impatient(t)
	create(t, server, role, secret.New("first"))
	other := holding(t, database, "SELECT pg_advisory_xact_lock(8387235716634207073)")
	changed := role
	changed.Attributes.ConnectionLimit = 7
	update := make(chan error, 1)
	go func() {
		_, err := server.UpdateRole(t.Context(), role.Name, changed, secret.String{})
		update <- err
	}()
	require.Eventually(t, func() bool {
		var waiting int
		err := other.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").Scan(&waiting)
		return err == nil && waiting == 1
	}, 10*time.Second, time.Millisecond)
	closed := make(chan struct{})
	go func() {
		server.Close()
		close(closed)
	}()
	for _, ended := range []func() bool{
		func() bool { return len(update) == 1 },
		func() bool {
			select {
			case <-closed:
				return true
			default:
				return false
			}
		},
	} {
		require.Eventually(t, ended, 30*time.Second, 10*time.Millisecond)
	}
	require.ErrorIs(t, <-update, postgresql.ErrLockTimeout)
}

// A prepared transaction has no session, and holds its locks for ever.
func TestChangeThatWaitsForAPreparedTransactionSaysSo(t *testing.T) {
	_, database := newServer(t, "prepared")
	role := postgresql.Role{Name: "prepared", Grants: []postgresql.Grant{{Database: database, Schema: "public"}}}
	server := impatient(t)
	create(t, server, role, secret.New("first"))
	holding(t, database, "ALTER ROLE prepared CONNECTION LIMIT 3", "PREPARE TRANSACTION 'forgotten'")
	defer admin(t, database, "ROLLBACK PREPARED 'forgotten'")
	_, err := server.UpdateRole(t.Context(), role.Name, role, secret.New("second"))
	require.ErrorIs(t, err, postgresql.ErrLockTimeout)
	require.ErrorContains(t, err, "pg_prepared_xacts")
}

// A server whose process stops in the middle of a statement never answers, and takes no signal: the caller's time ends the wait.
func TestProcessThatStopsIsGivenUp(t *testing.T) {
	_, database := newServer(t, "stops")
	holder := holding(t, database, "SELECT pg_advisory_xact_lock(8387235716634207073)")
	server := postgresql.NewServer(adminConfig())
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	stopped := make(chan int, 1)
	go func() {
		defer close(stopped)
		const waiting = `SELECT a.pid::int FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
			WHERE a.application_name = 'terraform-provider-terrascale' AND a.datname = current_database() AND NOT l.granted`
		for ctx.Err() == nil {
			var pid int
			if holder.QueryRow(ctx, waiting).Scan(&pid) == nil && syscall.Kill(pid, syscall.SIGSTOP) == nil {
				_, _ = holder.Exec(ctx, "ROLLBACK")
				stopped <- pid
				return
			}
		}
	}()
	role := postgresql.Role{Name: "stopped", Grants: []postgresql.Grant{{Database: database, Schema: "public"}}}
	_, err := server.CreateRole(ctx, role, secret.New("first"))
	pid, ok := <-stopped
	require.True(t, ok, "no process was stopped")
	t.Cleanup(func() { require.NoError(t, syscall.Kill(pid, syscall.SIGCONT)) })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "process "+strconv.Itoa(pid))
	require.ErrorContains(t, err, "did not answer")
	require.ErrorContains(t, err, "database "+database)
}

// Another run of the provider may itself wait: who is behind it all is named, too.
func TestWaitNamesWhoIsBehindIt(t *testing.T) {
	other, database := newServer(t, "behind")
	holder := holding(t, database, "LOCK TABLE public.users IN ACCESS EXCLUSIVE MODE", "GRANT SELECT ON public.orders TO CURRENT_USER")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := other.CreateRole(ctx, reader("behind other", database), secret.New("x"))
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
	const waiting = `SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE a.datname = current_database() AND a.application_name = 'terraform-provider-terrascale' AND NOT l.granted`
	require.Eventually(t, func() bool {
		var number int
		require.NoError(t, holder.QueryRow(t.Context(), waiting).Scan(&number))
		return number > 0
	}, 10*time.Second, 10*time.Millisecond)
	_, err := impatient(t).CreateRole(t.Context(), reader("behind", database), secret.New("x"))
	require.ErrorIs(t, err, postgresql.ErrLockTimeout)
	require.ErrorContains(t, err, "another run of this provider")
	require.ErrorContains(t, err, "process "+strconv.Itoa(int(holder.PgConn().PID())))
	require.ErrorContains(t, err, `application "psql of a DBA"`)
}
