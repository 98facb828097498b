// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack_test

import (
	"crypto/tls"
	"database/sql"
	"fmt"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

func TestRedisTakesItsAdminOverTLSOnly(t *testing.T) {
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	server, err := stack.Redis(t.Context(), devstack.RedisOptions{})
	require.NoError(t, err)
	address := fmt.Sprintf("%s:%d", server.Host, server.Port)
	connect := func(username, password string, config *tls.Config) error {
		client := redis.NewClient(&redis.Options{Addr: address, Username: username, Password: password, TLSConfig: config, MaxRetries: -1})
		defer func() { _ = client.Close() }()
		return client.Ping(t.Context()).Err()
	}
	require.NoError(t, connect(server.Admin, server.AdminPassword.Reveal(), server.TLS()))
	require.Error(t, connect(server.Admin, server.AdminPassword.Reveal(), nil), "in clear")
	require.ErrorContains(t, connect(server.Admin, "wrong", server.TLS()), "WRONGPASS")
	require.ErrorContains(t, connect("", "", server.TLS()), "NOAUTH")
	require.NoError(t, server.Restart(t.Context()))
	require.NoError(t, connect(server.Admin, server.AdminPassword.Reveal(), server.TLS()))
}

func TestMariaDBTakesItsAdminOverTLSOnly(t *testing.T) {
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	server, err := stack.MariaDB(t.Context(), devstack.MariaDBOptions{})
	require.NoError(t, err)
	connect := func(username, password string, secured bool) (*sql.DB, error) {
		config := mysql.NewConfig()
		config.Net, config.Addr, config.User, config.Passwd = "tcp", fmt.Sprintf("%s:%d", server.Host, server.Port), username, password
		if secured {
			config.TLS = server.TLS()
		}
		connector, err := mysql.NewConnector(config)
		require.NoError(t, err)
		database := sql.OpenDB(connector)
		t.Cleanup(func() { _ = database.Close() })
		return database, database.PingContext(t.Context())
	}
	database, err := connect(server.Admin, server.AdminPassword.Reveal(), true)
	require.NoError(t, err)
	var users int
	require.NoError(t, database.QueryRowContext(t.Context(), "SELECT count(*) FROM mysql.user WHERE user NOT IN ('mariadb.sys')").Scan(&users))
	require.Equal(t, 1, users)
	for _, login := range []struct {
		username, password string
		secured            bool
	}{{server.Admin, server.AdminPassword.Reveal(), false}, {server.Admin, "wrong", true}, {"root", "", true}, {"", "", true}} {
		_, err := connect(login.username, login.password, login.secured)
		require.ErrorContains(t, err, "Access denied", login.username)
	}
}

// A server that starts leaves the temporary tables of another one alone.
func TestMariaDBsDoNotShareTemporaryTables(t *testing.T) {
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	folder := func() string {
		server, err := stack.MariaDB(t.Context(), devstack.MariaDBOptions{})
		require.NoError(t, err)
		config := mysql.NewConfig()
		config.Net, config.Addr, config.User, config.Passwd = "tcp", fmt.Sprintf("%s:%d", server.Host, server.Port), server.Admin, server.AdminPassword.Reveal()
		config.TLS = server.TLS()
		connector, err := mysql.NewConnector(config)
		require.NoError(t, err)
		database := sql.OpenDB(connector)
		defer func() { _ = database.Close() }()
		var folder string
		require.NoError(t, database.QueryRowContext(t.Context(), "SELECT @@tmpdir").Scan(&folder))
		return folder
	}
	first, second := folder(), folder()
	require.NotEqual(t, first, second)
	require.Contains(t, first, stack.Dir())
	require.Contains(t, second, stack.Dir())
}
