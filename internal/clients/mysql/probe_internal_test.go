// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// withoutTransactions is what a proxy that sends each statement to another connection makes of one.
type withoutTransactions struct{ *sql.Conn }

func (w withoutTransactions) ExecContext(ctx context.Context, query string, arguments ...any) (sql.Result, error) {
	if query == "START TRANSACTION READ ONLY" {
		return nil, nil
	}
	return w.Conn.ExecContext(ctx, query, arguments...)
}

// What is tried changes nothing, whatever the login may do; where nothing would keep it from writing, it is not tried.
func TestWhatIsTriedChangesNothing(t *testing.T) {
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	server, err := stack.MariaDB(t.Context(), devstack.MariaDBOptions{})
	require.NoError(t, err)
	connect := func(user, password string) *sql.Conn {
		config := driver.NewConfig()
		config.Net, config.Addr = "tcp", fmt.Sprintf("%s:%d", server.Host, server.Port)
		config.User, config.Passwd, config.TLS = user, password, server.TLS()
		connector, err := driver.NewConnector(config)
		require.NoError(t, err)
		database := sql.OpenDB(connector)
		t.Cleanup(func() { _ = database.Close() })
		connection, err := database.Conn(t.Context())
		require.NoError(t, err)
		return connection
	}
	admin := connect(server.Admin, server.AdminPassword.Reveal())
	for _, statement := range []string{
		"CREATE DATABASE app", "CREATE TABLE app.orders (id INT)", "INSERT INTO app.orders VALUES (1)",
		"CREATE FUNCTION app.bump() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO app.orders VALUES (2); RETURN 1; END",
		"CREATE SQL SECURITY DEFINER VIEW app.writing AS SELECT app.bump() AS one",
		"CREATE USER tried@'127.0.0.1' IDENTIFIED BY 'pw'", "GRANT SELECT ON app.* TO tried@'127.0.0.1'",
		"CREATE USER tried@'%'", "GRANT DELETE ON app.orders TO tried@'%'",
		"CREATE DATABASE other", "CREATE TABLE other.things (id INT)", "CREATE USER ''@'%'", "GRANT ALL ON other.* TO ''@'%' WITH GRANT OPTION",
	} {
		_, err := admin.ExecContext(t.Context(), statement)
		require.NoError(t, err, statement)
	}
	held := func() (things []string) {
		rows, err := rowsOf(t.Context(), admin, "SELECT CONCAT('row ', id) FROM app.orders UNION ALL SELECT CONCAT('table ', TABLE_NAME) FROM information_schema.TABLES "+
			"WHERE TABLE_SCHEMA IN ('app', 'other') UNION ALL SELECT CONCAT('routine ', ROUTINE_NAME) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN ('app', 'other')", 1)
		require.NoError(t, err)
		for _, row := range rows {
			things = append(things, row[0])
		}
		return things
	}
	before := held()
	require.ElementsMatch(t, []string{"row 1", "table orders", "table writing", "table things", "routine bump"}, before)
	_, err = grantsOfLogin(t.Context(), withoutTransactions{connect("tried", "pw")}, true)
	require.ErrorIs(t, err, errUntold)
	require.Equal(t, before, held())
	found, err := grantsOfLogin(t.Context(), connect("tried", "pw"), true)
	require.NoError(t, err)
	require.Equal(t, before, held())
	require.Contains(t, found, "DELETE on app.orders via "+lender)
	writing := fmt.Sprintf("a write via view app.writing, SQL SECURITY DEFINER of %s@127.0.0.1", server.Admin)
	require.Contains(t, found, writing)
	// As MySQL is asked.
	views, err := writingViews(t.Context(), connect("tried", "pw"), false)
	require.NoError(t, err)
	require.Equal(t, []string{writing}, views)
	require.Equal(t, before, held())
	for _, tried := range triesIn("other", false) {
		require.Contains(t, found, tried.privilege+" on other.* via "+lender)
	}
}
