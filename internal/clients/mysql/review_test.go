// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// reviewed gives what a review says of a login.
func reviewed(t *testing.T, found *inventory.Server, name string) inventory.Login {
	t.Helper()
	index := slices.IndexFunc(found.Logins, func(l inventory.Login) bool { return l.Name == name })
	require.GreaterOrEqual(t, index, 0, name)
	return found.Logins[index]
}

func TestAReviewFindsWhatEachLoginCanDo(t *testing.T) {
	m, server := newServer(t, "reviewshop", "reviewviews")
	const ends = " PASSWORD EXPIRE INTERVAL 90 DAY"
	m.Exec(
		"CREATE USER review_boss IDENTIFIED BY 'pw'"+ends, "GRANT ALL ON *.* TO review_boss WITH GRANT OPTION",
		"CREATE USER review_writer IDENTIFIED BY 'pw'"+ends, "GRANT SELECT, INSERT, UPDATE ON reviewshop.* TO review_writer",
		"CREATE ROLE review_clerks", "GRANT DELETE ON reviewshop.t TO review_clerks",
		"CREATE USER review_clerk IDENTIFIED BY 'pw'"+ends, "GRANT review_clerks TO review_clerk",
		"CREATE FUNCTION reviewshop.writes() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO reviewshop.t VALUES (2); RETURN 1; END",
		"CREATE VIEW reviewviews.calls AS SELECT reviewshop.writes() AS one",
		"CREATE USER review_caller IDENTIFIED BY 'pw'"+ends, "GRANT SELECT ON reviewviews.calls TO review_caller",
		"CREATE USER review_reader IDENTIFIED BY 'pw'", "GRANT SELECT ON reviewshop.* TO review_reader",
		"CREATE USER review_open"+ends, "CREATE USER review_locked ACCOUNT LOCK", "CREATE USER review_socket@localhost IDENTIFIED VIA unix_socket",
		"CREATE USER review_half@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING 'invalid'",
		"CREATE USER review_old IDENTIFIED VIA mysql_old_password USING '5d2e19393cc5ef67'"+ends,
	)
	t.Cleanup(func() {
		m.Exec("DROP USER review_old, review_open, review_boss, review_writer, review_clerk, review_caller, review_reader, review_locked, "+
			"review_socket@localhost, review_half@localhost, review_small@'127.0.0.1'", "DROP ROLE review_clerks")
	})
	found, err := server.ReviewLogins(t.Context())
	require.NoError(t, err)
	for _, want := range []inventory.Login{
		{Name: "review_writer@%", Writes: []string{"INSERT, UPDATE on reviewshop.*"}},
		{Name: "review_clerk@%", Writes: []string{"DELETE on reviewshop.t via role review_clerks"}},
		{Name: "review_caller@%", Writes: []string{
			"EXECUTE on function reviewshop.writes via view reviewviews.calls, SQL SECURITY DEFINER of " + m.Admin + "@127.0.0.1",
		}},
		{Name: "review_reader@%", NeverExpires: true},
		{Name: "review_open@%", Open: "has no password"},
		{Name: "review_old@%", OldPassword: "mysql_old_password"},
	} {
		got := reviewed(t, found, want.Name)
		require.ElementsMatch(t, want.Writes, got.Writes, want.Name)
		want.Writes, got.Writes = nil, nil
		require.Equal(t, want, got)
	}
	for name, isOwn := range map[string]bool{"review_boss@%": false, m.Admin + "@127.0.0.1": true} {
		got := reviewed(t, found, name)
		require.Equal(t, isOwn, got.Own, name)
		for _, privilege := range []string{"SUPER", "CREATE USER", "GRANT OPTION"} {
			require.Contains(t, got.Superuser, privilege, name)
		}
	}
	for _, login := range found.Logins {
		require.NotContains(t, []string{"review_clerks", "review_locked", "review_socket", "review_half", "mariadb.sys"}, strings.Split(login.Name, "@")[0])
	}
	require.Equal(t, []string{"general_log = ON"}, found.Logged)
	const off = "The server counts neither logins nor what sessions use: performance_schema is off."
	require.Equal(t, []inventory.Untold{{Question: inventory.LastUse, Reason: off}, {Question: inventory.Encryption, Reason: off}}, found.Untold)

	// The admin's rights end somewhere.
	m.Exec("CREATE USER review_small@'127.0.0.1' IDENTIFIED BY 'pw'", "GRANT SELECT ON reviewshop.* TO review_small@'127.0.0.1'")
	_, err = client(t, m, "review_small", secret.New("pw")).ReviewLogins(t.Context())
	require.ErrorIs(t, err, mysql.ErrNoRights)
}

func TestAReviewAsksThePerformanceSchema(t *testing.T) {
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	private, err := stack.MariaDB(t.Context(), devstack.MariaDBOptions{
		Settings: map[string]string{"performance-schema": "ON", "slow-query-log": "ON", "long-query-time": "0"},
		Statements: []string{
			"CREATE USER used IDENTIFIED BY 'pw'", "CREATE USER unused IDENTIFIED BY 'pw'",
		},
	})
	require.NoError(t, err)
	address := fmt.Sprintf("%s:%d", private.Host, private.Port)
	session := openInClear(t, address, "used", "pw")
	require.NoError(t, session.PingContext(t.Context()))

	server := mysql.NewServer(mysql.Config{
		Host: private.Host, Port: private.Port, Username: private.Admin, Password: private.AdminPassword, TLS: mysql.TLSVerify, CAFile: private.Authority.CAFile,
	})
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	found, err := server.ReviewLogins(t.Context())
	require.NoError(t, err)
	require.Equal(t, []inventory.Session{{Login: "used", Address: "127.0.0.1", Count: 1}}, found.InClear)
	require.Empty(t, found.Untold)
	require.Equal(t, []string{"slow_query_log = ON with long_query_time = 0"}, found.Logged)
	require.Zero(t, reviewed(t, found, "used@%").UnusedFor)
	require.Positive(t, reviewed(t, found, "unused@%").UnusedFor)
}

func TestAReviewAsksTheSameHoweverManyLoginsThereAre(t *testing.T) {
	m, _ := newServer(t, "review_cost")
	cost := func() int {
		t.Helper()
		server := client(t, m, m.Admin, m.AdminPassword)
		meter, err := m.NewMeter()
		require.NoError(t, err)
		_, err = server.ReviewLogins(t.Context())
		require.NoError(t, err)
		seen, err := meter.Read()
		require.NoError(t, err)
		return seen.Statements
	}
	few := cost()
	for i := range 50 {
		m.Exec(fmt.Sprintf("CREATE USER review_cost_%d", i), fmt.Sprintf("GRANT INSERT ON review_cost.* TO review_cost_%d", i))
	}
	require.Equal(t, few, cost())
	require.LessOrEqual(t, few, 16)
	m.Exec("DROP USER " + strings.Join(names("review_cost_%d", 50), ", "))
}

func names(format string, count int) []string {
	all := make([]string, count)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return all
}

// openInClear logs in without TLS, in one session.
func openInClear(t *testing.T, address, username, password string) *sql.DB {
	t.Helper()
	config := driver.NewConfig()
	config.Net, config.Addr, config.User, config.Passwd, config.Logger = "tcp", address, username, password, &driver.NopLogger{}
	connector, err := driver.NewConnector(config)
	require.NoError(t, err)
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}
