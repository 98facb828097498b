// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// ownerVariable makes the test binary start a stack, print its URL and wait to be killed.
const ownerVariable = "DEVSTACK_TEST_OWNER"

func TestMain(m *testing.M) {
	if os.Getenv(ownerVariable) != "" {
		owner()
		return
	}
	os.Exit(m.Run())
}

func TestPostgreSQL(t *testing.T) {
	stack, err := devstack.Open()
	require.NoError(t, err)
	server, err := stack.PostgreSQL(t.Context(), devstack.PostgreSQLOptions{Settings: map[string]string{"log_statement": "all"}})
	require.NoError(t, err)

	connection, err := pgx.Connect(t.Context(), server.AdminURL("postgres"))
	require.NoError(t, err)
	var tls bool
	require.NoError(t, connection.QueryRow(t.Context(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&tls))
	require.True(t, tls, "the connection is encrypted")
	require.NoError(t, connection.Close(t.Context()))

	_, err = pgx.Connect(t.Context(), server.URL("postgres", server.Admin, secret.New("wrong")))
	require.ErrorContains(t, err, "password authentication failed")

	plain := strings.Replace(server.AdminURL("postgres"), "verify-full", "disable", 1)
	_, err = pgx.Connect(t.Context(), plain)
	require.ErrorContains(t, err, "no pg_hba.conf entry", "a connection without TLS is refused")

	log, err := server.Log()
	require.NoError(t, err)
	require.Contains(t, log, "pg_stat_ssl")
	require.NotContains(t, log, server.AdminPassword.Reveal())

	require.NoError(t, stack.Close())
	require.NoDirExists(t, stack.Dir())
	_, err = pgx.Connect(t.Context(), server.AdminURL("postgres"))
	require.Error(t, err, "the server has ended")
}

func TestStandby(t *testing.T) {
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	primary, err := stack.PostgreSQL(t.Context(), devstack.PostgreSQLOptions{})
	require.NoError(t, err)
	standby, err := stack.Standby(t.Context(), primary)
	require.NoError(t, err)
	connection, err := pgx.Connect(t.Context(), primary.AdminURL("postgres"))
	require.NoError(t, err)
	defer func() { _ = connection.Close(t.Context()) }()
	_, err = connection.Exec(t.Context(), "CREATE ROLE followed")
	require.NoError(t, err)
	follower, err := pgx.Connect(t.Context(), standby.AdminURL("postgres"))
	require.NoError(t, err)
	defer func() { _ = follower.Close(t.Context()) }()
	require.Eventually(t, func() bool {
		var found int
		return follower.QueryRow(t.Context(), "SELECT count(*) FROM pg_roles WHERE rolname = 'followed'").Scan(&found) == nil && found == 1
	}, time.Minute, 50*time.Millisecond)
	_, err = follower.Exec(t.Context(), "CREATE ROLE more")
	require.ErrorContains(t, err, "read-only")
	require.NoError(t, standby.Promote(t.Context()))
	_, err = follower.Exec(t.Context(), "CREATE ROLE more")
	require.NoError(t, err)
}

// TestPgBouncer takes what the server takes, over TLS, and gives two clients' transactions to the same few sessions.
func TestPgBouncer(t *testing.T) {
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	server, err := stack.PostgreSQL(t.Context(), devstack.PostgreSQLOptions{})
	require.NoError(t, err)
	pooler, err := stack.PgBouncer(t.Context(), server)
	require.NoError(t, err)
	pooled := *server
	pooled.Port = pooler.Port

	pids := map[uint32]bool{}
	for range 9 {
		connection, err := pgx.Connect(t.Context(), pooled.AdminURL("postgres"))
		require.NoError(t, err)
		defer func() { _ = connection.Close(t.Context()) }()
		var pid uint32
		require.NoError(t, connection.QueryRow(t.Context(), "SELECT pg_backend_pid()", pgx.QueryExecModeExec).Scan(&pid))
		pids[pid] = true
	}
	require.Less(t, len(pids), 9, "sessions are shared")
	connection, err := pgx.Connect(t.Context(), server.AdminURL("postgres"))
	require.NoError(t, err)
	defer func() { _ = connection.Close(t.Context()) }()
	_, err = connection.Exec(t.Context(), "CREATE ROLE reader LOGIN PASSWORD 'of-the-reader'")
	require.NoError(t, err)
	reader, err := pgx.Connect(t.Context(), pooled.URL("postgres", "reader", secret.New("of-the-reader")))
	require.NoError(t, err)
	require.NoError(t, reader.Close(t.Context()))
	_, err = pgx.Connect(t.Context(), pooled.URL("postgres", "reader", secret.New("wrong")))
	require.ErrorContains(t, err, "SASL authentication failed")
	_, err = pgx.Connect(t.Context(), strings.Replace(pooled.AdminURL("postgres"), "verify-full", "disable", 1))
	require.Error(t, err, "in clear")
}

func TestKilledOwnerLeavesNothing(t *testing.T) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), ownerVariable+"=1")
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	buffer := make([]byte, 4096)
	n, err := output.Read(buffer)
	require.NoError(t, err)
	dir, url, _ := strings.Cut(strings.TrimSpace(string(buffer[:n])), "\n")
	require.DirExists(t, dir)

	require.NoError(t, command.Process.Kill())
	_ = command.Wait()
	require.Eventually(t, func() bool {
		_, err := pgx.Connect(t.Context(), url)
		return err != nil
	}, 20*time.Second, 100*time.Millisecond, "the server ends with its owner")

	stack, err := devstack.Open()
	require.NoError(t, err)
	require.NoDirExists(t, dir, "the next stack sweeps the dead one's folder")
	require.NoError(t, stack.Close())
}

func TestSweepSparesTheLiving(t *testing.T) {
	first, err := devstack.Open()
	require.NoError(t, err)
	second, err := devstack.Open()
	require.NoError(t, err)
	require.DirExists(t, first.Dir())
	require.NoError(t, second.Close())
	require.NoError(t, first.Close())
}

func owner() {
	stack, err := devstack.Open()
	if err != nil {
		panic(err)
	}
	server, err := stack.PostgreSQL(context.Background(), devstack.PostgreSQLOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n%s\n", stack.Dir(), server.AdminURL("postgres"))
	select {}
}
