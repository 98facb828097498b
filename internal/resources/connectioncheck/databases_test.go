// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package connectioncheck_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// TestAccConnectionCheckOfRedisAndMySQL runs the CLI itself: the roots of a process's system are read once.
func TestAccConnectionCheckOfRedisAndMySQL(t *testing.T) {
	cache := acctest.NewRedis(t, devstack.RedisOptions{})
	cache.Exec("ACL SETUSER reader reset on >pw ~* +@read +@connection -@dangerous")
	shop, run := startMariaDB(t)
	run("CREATE DATABASE app", "CREATE TABLE app.orders (id int)", "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'pw'", "GRANT SELECT ON app.* TO reader@'127.0.0.1'")
	roots := filepath.Join(t.TempDir(), "roots.pem")
	var content []byte
	for _, file := range []string{cache.Authority.CAFile, shop.Authority.CAFile} {
		one, err := os.ReadFile(file)
		require.NoError(t, err)
		content = append(content, one...)
	}
	require.NoError(t, os.WriteFile(roots, content, 0o600))
	named := func(name string, attributes ...string) string {
		return strings.Replace(hcl(attributes...), `"test"`, fmt.Sprintf("%q", name), 1) +
			fmt.Sprintf("output %q { value = data.terrascale_connection_check.%s }\n", name, name)
	}
	w := acctest.NewWorkspace(t, named("redis", `connector = "redis"`,
		fmt.Sprintf(`connection_string = "rediss://reader:{{ env.CHECK_PW }}@localhost:%d/0"`, cache.Port), `options = { pool_size = "10" }`)+
		named("mysql", `connector = "mysql"`, fmt.Sprintf(`connection_string = "reader:{{ env.CHECK_PW }}@tcp(127.0.0.1:%d)/app"`, shop.Port), `options = { tls = "true" }`)+
		named("bad", `connector = "mysql"`, fmt.Sprintf(`connection_string = "reader:{{ env.CHECK_PW }}@tcp(127.0.0.1:%d)/app?tls=true"`, shop.Port), `options = { max_connections = "10" }`))
	w.Environment = append(w.Environment, "CHECK_PW=pw", "SSL_CERT_FILE="+roots)
	seen := func() map[string]struct{ Value map[string]any } {
		w.Must("apply", "-auto-approve", "-input=false", "-no-color")
		var outputs map[string]struct{ Value map[string]any }
		require.NoError(t, json.Unmarshal([]byte(w.Must("output", "-json")), &outputs))
		return outputs
	}
	found := seen()
	for name, username := range map[string]string{"redis": "reader", "mysql": "reader@127.0.0.1"} {
		value := found[name].Value
		require.Equal(t, true, value["reachable"], value)
		require.Equal(t, true, value["read_only"], value)
		require.Equal(t, map[string]any{"version": "TLS 1.3", "verified": true}, value["tls"], value)
		require.Equal(t, username, value["username"], value)
		require.NotEmpty(t, value["server_version"], value)
	}
	require.Equal(t, false, found["bad"].Value["reachable"])
	require.Contains(t, found["bad"].Value["error"], "Variable 'max_connections' is a GLOBAL variable")

	run("GRANT INSERT ON app.orders TO PUBLIC")
	cache.Exec("ACL SETUSER reader +set")
	found = seen()
	require.Equal(t, []any{"INSERT on app.orders via PUBLIC"}, found["mysql"].Value["writable"])
	require.Equal(t, []any{"SET"}, found["redis"].Value["writable"])
	require.Equal(t, false, found["redis"].Value["read_only"])
}

// startMariaDB starts a server of the test's own, and gives what runs statements on it as its administrator.
func startMariaDB(t *testing.T) (server *devstack.MariaDB, run func(...string)) {
	t.Helper()
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	server, err = stack.MariaDB(t.Context(), devstack.MariaDBOptions{})
	require.NoError(t, err)
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", fmt.Sprintf("%s:%d", server.Host, server.Port)
	config.User, config.Passwd, config.TLS = server.Admin, server.AdminPassword.Reveal(), server.TLS()
	connector, err := mysql.NewConnector(config)
	require.NoError(t, err)
	database := sql.OpenDB(connector)
	t.Cleanup(func() { _ = database.Close() })
	return server, func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			_, err := database.ExecContext(t.Context(), statement)
			require.NoError(t, err, statement)
		}
	}
}
