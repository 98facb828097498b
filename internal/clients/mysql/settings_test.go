// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// What somebody set on the server does not reach what the provider's sessions read and write.
func TestSettingsOfTheServerDoNotMatter(t *testing.T) {
	m, _ := newServer(t, "of `odd` settings", "settings_two")
	// An admin that is not all-powerful: init_connect and the like hold for it.
	const name, password = "odd_admin", "of-the-odd-admin"
	m.Exec("CREATE USER "+name+" IDENTIFIED BY '"+password+"' REQUIRE SSL", "GRANT CREATE USER, PROCESS, CONNECTION ADMIN ON *.* TO "+name,
		"GRANT SELECT ON *.* TO "+name+" WITH GRANT OPTION")
	for setting, value := range map[string]string{
		"sql_mode": "'ANSI_QUOTES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,NO_UNSIGNED_SUBTRACTION,ORACLE'", "time_zone": "'+05:45'",
		"sql_select_limit": "1", "max_statement_time": "0.0001", "sql_quote_show_create": "OFF", "sql_safe_updates": "ON",
		"autocommit": "OFF", "tx_read_only": "ON", "group_concat_max_len": "4", "max_join_size": "1", "lock_wait_timeout": "1",
		"sql_auto_is_null": "ON", "div_precision_increment": "0", "lc_messages": "'de_DE'", "character_set_client": "latin1",
		"collation_connection": "latin1_german1_ci", "character_set_results": "latin1", "init_connect": "'SET NAMES latin1'",
		"tx_isolation": "'READ-UNCOMMITTED'", "old_mode": "'ZERO_DATE_TIME_CAST'", "sql_big_selects": "OFF", "wait_timeout": "1",
	} {
		t.Run(setting, func(t *testing.T) {
			before := m.Texts("SELECT @@GLOBAL." + setting)[0]
			defer func() {
				restored := "'" + before + "'"
				if _, err := fmt.Sscan(before, new(float64)); err == nil {
					restored = before
				}
				m.Exec("SET GLOBAL " + setting + " = " + restored)
			}()
			m.Exec("SET GLOBAL " + setting + " = " + value)
			server := client(t, m, name, secret.New(password))
			user := reader("of odd '"+setting+"' é", mysql.DatabaseGrant{Database: "of `odd` settings"},
				mysql.DatabaseGrant{Database: "settings_two", Tables: []string{"t", "v"}})
			made, err := server.CreateUser(t.Context(), user, secret.New("first"))
			require.NoError(t, err)
			require.Equal(t, user.Grants, made.Grants())
			require.Empty(t, made.Excess())
			if setting == "wait_timeout" { // The server ends what the client keeps.
				require.Eventually(t, func() bool {
					return m.Texts("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = '" + name + "'")[0] == "0"
				}, 10*time.Second, 50*time.Millisecond)
			}
			_, err = server.UpdateUser(t.Context(), user, user, secret.New("second"))
			require.NoError(t, err)
			seen, err := client(t, m, name, secret.New(password)).ReadUser(t.Context(), user)
			require.NoError(t, err)
			require.Equal(t, user.Grants, seen.Grants())
			require.Empty(t, seen.Excess())
			require.True(t, *seen.RequiresTLS())
			adopted, err := server.ReadUser(t.Context(), mysql.User{Name: user.Name, Host: user.Host})
			require.NoError(t, err)
			require.Equal(t, user.Grants, adopted.Grants())
			require.NoError(t, server.DropUser(t.Context(), user))
			_, err = server.ReadUser(t.Context(), user)
			require.ErrorIs(t, err, mysql.ErrUserNotFound)
		})
	}
}

// A change that waits for another session's lock ends, and says what it waited for.
func TestChangeThatWaitsForAnotherSessionEnds(t *testing.T) {
	m, _ := newServer(t, "waits")
	config := mysql.Config{
		Host: m.Host, Port: m.Port, Username: m.Admin, Password: m.AdminPassword, TLS: mysql.TLSVerify, CAFile: m.Authority.CAFile,
		LockTimeout: 2 * time.Second,
	}
	server := mysql.NewServer(config)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	holder := m.Open(m.Admin, m.AdminPassword, m.TLS())
	holder.SetMaxOpenConns(1)
	lock := func(statement string) {
		t.Helper()
		_, err := holder.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	lock("FLUSH TABLES WITH READ LOCK")
	_, err := server.CreateUser(t.Context(), reader("waiting", mysql.DatabaseGrant{Database: "waits"}), secret.New("nobody-may-see-it"))
	require.ErrorIs(t, err, mysql.ErrLockTimeout)
	require.ErrorContains(t, err, "waited 2")
	require.NotContains(t, err.Error(), "nobody-may-see-it")

	// One that has less time than that gets an error of its own.
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = client(t, m, m.Admin, m.AdminPassword).CreateUser(ctx, reader("hurried", mysql.DatabaseGrant{Database: "waits"}), secret.New("first"))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "waited ")
	lock("UNLOCK TABLES")
	_, err = server.CreateUser(t.Context(), reader("waiting", mysql.DatabaseGrant{Database: "waits"}), secret.New("first"))
	require.NoError(t, err)
	require.NoError(t, server.DropUser(t.Context(), reader("waiting")))
	// What was given up may still have been done once the lock was gone.
	require.Eventually(t, func() bool {
		return m.Texts("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%hurried%' AND ID <> CONNECTION_ID()")[0] == "0"
	}, 30*time.Second, 10*time.Millisecond)
	m.Exec("DROP USER IF EXISTS hurried")
}
