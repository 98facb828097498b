// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// startProbed starts a MariaDB with a database, and gives what runs statements on it as its administrator.
func startProbed(t *testing.T) (server *devstack.MariaDB, run func(...string)) {
	t.Helper()
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	server, err = stack.MariaDB(t.Context(), devstack.MariaDBOptions{})
	require.NoError(t, err)
	config := driver.NewConfig()
	config.Net, config.Addr = "tcp", fmt.Sprintf("%s:%d", server.Host, server.Port)
	config.User, config.Passwd, config.TLS = server.Admin, server.AdminPassword.Reveal(), server.TLS()
	connector, err := driver.NewConnector(config)
	require.NoError(t, err)
	database := sql.OpenDB(connector)
	t.Cleanup(func() { _ = database.Close() })
	return server, func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			_, err := database.ExecContext(context.WithoutCancel(t.Context()), statement)
			require.NoError(t, err, statement)
		}
	}
}

func TestProbeTellsWhatALoginCanWriteAndThroughWhat(t *testing.T) {
	server, run := startProbed(t)
	run("CREATE DATABASE app", "CREATE TABLE app.orders (id int)", "CREATE TABLE app.users (id int, email text)",
		"CREATE USER probed@'%' IDENTIFIED BY 'pw'", "GRANT SELECT, SHOW VIEW ON app.* TO probed@'%'")
	look := func(parameters string) (probe.Report, error) {
		return mysql.Probe(t.Context(), secret.New(fmt.Sprintf("probed:pw@tcp(%s:%d)/app%s", server.Host, server.Port, parameters)), func() {})
	}
	report, err := look("?tls=skip-verify")
	require.NoError(t, err)
	require.NoError(t, report.Unknown)
	require.Equal(t, "probed@%", report.Username)
	require.Contains(t, report.ServerVersion, "MariaDB")
	require.Equal(t, &probe.TLS{Version: "TLS 1.3"}, report.TLS)
	require.Empty(t, report.Writable)

	for _, step := range []struct{ grant, revoke, want string }{
		{"GRANT INSERT ON app.orders TO probed@'%'", "REVOKE INSERT ON app.orders FROM probed@'%'", "INSERT on app.orders"},
		{"GRANT UPDATE (email) ON app.users TO probed@'%'", "REVOKE UPDATE (email) ON app.users FROM probed@'%'", "UPDATE (email) on app.users"},
		{"GRANT FILE ON *.* TO probed@'%'", "REVOKE FILE ON *.* FROM probed@'%'", "FILE on *.*"},
		{"CREATE ROLE inner_writer", "SELECT 1", ""},
		{"GRANT DELETE ON app.* TO inner_writer", "SELECT 1", ""},
		{"CREATE ROLE outer_role", "SELECT 1", ""},
		{"GRANT inner_writer TO outer_role", "SELECT 1", ""},
		{"GRANT outer_role TO probed@'%'", "REVOKE outer_role FROM probed@'%'", "DELETE on app.* via outer_role"},
		{"GRANT INSERT ON app.users TO PUBLIC", "REVOKE INSERT ON app.users FROM PUBLIC", "INSERT on app.users via PUBLIC"},
	} {
		run(step.grant)
		report, err := look("?tls=skip-verify")
		require.NoError(t, err)
		require.NoError(t, report.Unknown, step.grant)
		var want []string
		if step.want != "" {
			want = []string{step.want}
		}
		require.ElementsMatch(t, want, report.Writable, step.grant)
		run(step.revoke)
	}

	for parameters, words := range map[string]string{
		"?tls=true":            "certificate signed by unknown authority",
		"?tls=corporate":       "names a configuration that the gateway does not have",
		"?max_connections=10":  "max_connections",
		"?sslmode=verify-full": "sslmode",
		"?parseTime=perhaps":   "can't read the connection string",
	} {
		_, err := look(parameters)
		require.ErrorContains(t, err, words, parameters)
	}
	report, err = look("")
	require.NoError(t, err)
	require.Nil(t, report.TLS, "go-sql-driver encrypts where it is told to")
	_, err = mysql.Probe(t.Context(), secret.New(fmt.Sprintf("probed:wrong-hush@tcp(%s:%d)/app", server.Host, server.Port)), func() {})
	require.ErrorContains(t, err, "Access denied")
	require.NotContains(t, err.Error(), "hush")
	for _, dsn := range []string{"u:hush", "u:hu/sh@h", "::hush@tcp(/x"} {
		_, err := mysql.Probe(t.Context(), secret.New(dsn), func() {})
		require.ErrorIs(t, err, mysql.ErrDSN)
	}
}

// Many views are looked at together. Those that can't be read keep no others from being found, and nothing is computed.
func TestProbeFindsTheViewsThatWriteAmongMany(t *testing.T) {
	server, run := startProbed(t)
	run("CREATE DATABASE app", "CREATE TABLE app.orders (id int)", "CREATE TABLE app.gone (id int)", "CREATE SEQUENCE app.numbers",
		"CREATE FUNCTION app.bump() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO app.orders VALUES (1); RETURN 1; END",
		"CREATE FUNCTION app.calls_it() RETURNS INT RETURN app.bump()", "CREATE FUNCTION app.reads_only() RETURNS INT RETURN 1",
		"CREATE USER definer@'%'", "GRANT SELECT ON app.* TO definer@'%'",
		"CREATE USER probed@'%' IDENTIFIED BY 'pw'", "GRANT SELECT ON app.* TO probed@'%'")
	for i := range 120 {
		text := "SELECT id FROM app.orders"
		switch i {
		case 3, 49, 50, 119:
			text = "SELECT app.bump() AS id"
		case 70:
			text = "SELECT app.calls_it() AS id"
		case 71:
			text = "SELECT app.reads_only() AS id"
		case 90:
			text = "SELECT NEXTVAL(app.numbers) AS id"
		case 60:
			text = "SELECT SLEEP(3600) AS id"
		case 20, 51:
			text = "SELECT id FROM app.gone"
		}
		definer := "CURRENT_USER"
		if i == 30 {
			definer = "definer@'%'"
		}
		run(fmt.Sprintf("CREATE DEFINER = %s SQL SECURITY DEFINER VIEW app.`view ``%03d` AS %s", definer, i, text))
	}
	run("DROP TABLE app.gone", "DROP USER definer@'%'")
	report, err := mysql.Probe(t.Context(), secret.New(fmt.Sprintf(
		"probed:pw@tcp(%s:%d)/app?tls=skip-verify&rejectReadOnly=true", server.Host, server.Port)), func() {})
	require.NoError(t, err)
	require.NoError(t, report.Unknown)
	var want []string
	for _, i := range []int{3, 49, 50, 70, 90, 119} {
		want = append(want, fmt.Sprintf("a write via view app.view `%03d, SQL SECURITY DEFINER of %s@127.0.0.1", i, server.Admin))
	}
	require.Equal(t, want, report.Writable)
}

func TestProbeOfServersThatLie(t *testing.T) {
	for name, say := range map[string]string{"nothing": "", "garbage": "SSH-2.0-OpenSSH_9.2\r\n\x00\xff"} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { _ = listener.Close() })
			go func() {
				for {
					connection, err := listener.Accept()
					if err != nil {
						return
					}
					_, _ = connection.Write([]byte(say))
				}
			}()
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err = mysql.Probe(ctx, secret.New("u:hush@tcp("+listener.Addr().String()+")/"), func() { t.Error("nothing answered as a server does") })
			require.Error(t, err)
			require.NotContains(t, err.Error(), "hush")
			require.Less(t, time.Since(began), 5*time.Second, "the caller's time was kept")
		})
	}
}
