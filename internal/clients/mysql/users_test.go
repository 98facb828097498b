// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/extraroots"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestMain(m *testing.M) { acctest.Run(m) }

// newServer makes databases, each with a table t of one row and a view v of it, and a client.
func newServer(t *testing.T, databases ...string) (*acctest.MariaDB, *mysql.Server) {
	t.Helper()
	m := acctest.NewMariaDB(t)
	for _, database := range databases {
		quoted := "`" + strings.ReplaceAll(database, "`", "``") + "`"
		m.Exec("CREATE DATABASE "+quoted, "CREATE TABLE "+quoted+".t (id INT)", "INSERT INTO "+quoted+".t VALUES (1)",
			"CREATE VIEW "+quoted+".v AS SELECT id FROM "+quoted+".t", "CREATE TABLE "+quoted+".other (id INT)")
	}
	return m, client(t, m, m.Admin, m.AdminPassword)
}

func client(t *testing.T, m *acctest.MariaDB, username string, password secret.String) *mysql.Server {
	t.Helper()
	server := mysql.NewServer(mysql.Config{
		Host: m.Host, Port: m.Port, Username: username, Password: password, TLS: mysql.TLSVerify, CAFile: m.Authority.CAFile,
	})
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

func reader(name string, grants ...mysql.DatabaseGrant) mysql.User {
	return mysql.User{Name: name, Host: mysql.AnyHost, Grants: grants, RequireTLS: true, Login: name, TerminateSessions: true}
}

func TestUserReadsAndNothingElse(t *testing.T) {
	m, server := newServer(t, "one", "two")
	user := reader("reads", mysql.DatabaseGrant{Database: "one"}, mysql.DatabaseGrant{Database: "two", Tables: []string{"t"}})
	user.MaxUserConnections = 3
	password := secret.New("a password")
	observed, err := server.CreateUser(t.Context(), user, password)
	require.NoError(t, err)
	require.Equal(t, user.Grants, observed.Grants())
	require.Empty(t, observed.Excess())
	require.True(t, *observed.RequiresTLS())
	require.Equal(t, 3, observed.MaxUserConnections())

	require.NoError(t, m.TryAs("reads", password, "SELECT * FROM one.t", "SELECT * FROM one.v", "SELECT * FROM two.t"))
	for _, refused := range []string{
		"INSERT INTO one.t VALUES (2)", "UPDATE one.t SET id = 2", "DELETE FROM one.t", "DROP TABLE one.t", "CREATE TABLE one.u (id INT)",
		"LOCK TABLES one.t READ", "SHOW CREATE VIEW one.v", "SELECT * FROM two.v", "SELECT * FROM two.other", "SELECT * FROM mysql.global_priv", "CREATE USER x",
		"SELECT * FROM one.t INTO OUTFILE '/tmp/never'",
	} {
		require.ErrorContains(t, m.TryAs("reads", password, refused), "denied", refused)
	}
	require.ErrorContains(t, m.TryInClear("reads", password), "Access denied", "in clear")

	_, err = server.CreateUser(t.Context(), user, secret.New("another"))
	require.ErrorIs(t, err, mysql.ErrUserExists)
	require.NoError(t, m.TryAs("reads", password), "it is left as it is")

	require.NoError(t, server.DropUser(t.Context(), user))
	require.Empty(t, m.Traces("reads"))
	require.ErrorIs(t, server.DropUser(t.Context(), user), mysql.ErrUserNotFound)
	_, err = server.ReadUser(t.Context(), user)
	require.ErrorIs(t, err, mysql.ErrUserNotFound)
}

// hostile names need quoting or escaping in one of the places where a name is written.
var hostile = []string{
	"it's", `back\slash`, "back`tick", `dou"ble`, "a_b", "a%b", "two words", "semi;colon -- #", "ünï", `\`, `\\'`, "x'@'%", "a/b@c", "${x}", "?",
	strings.Repeat("ü", 63),
}

func TestHostileNames(t *testing.T) {
	m, server := newServer(t, "a_b", "aXb", "aXXb")
	for _, name := range hostile {
		t.Run(name, func(t *testing.T) {
			if name != "a_b" {
				_, _ = newServer(t, name)
			}
			quoted := "`" + strings.ReplaceAll(name, "`", "``") + "`"
			m.Exec("CREATE TABLE " + quoted + "." + quoted + " (id INT)")
			for suffix, grant := range map[string]mysql.DatabaseGrant{
				"": {Database: name}, "2": {Database: name, Tables: []string{name, "t"}},
			} {
				slices.Sort(grant.Tables)
				user := reader(name+suffix, grant)
				password := secret.New(name)
				observed, err := server.CreateUser(t.Context(), user, password)
				require.NoError(t, err)
				require.Equal(t, user.Grants, observed.Grants())
				require.Empty(t, observed.Excess())
				require.NoError(t, m.TryAs(user.Name, password, "SELECT * FROM "+quoted+"."+quoted, "SELECT * FROM "+quoted+".t"))
				for _, other := range []string{"aXb", "aXXb"} {
					require.ErrorContains(t, m.TryAs(user.Name, password, "SELECT * FROM "+other+".t"), "denied", "the name is no pattern")
				}
				renamed := user
				renamed.Name, renamed.Login, renamed.Host = user.Name+"3", user.Name+"3", "127.0.0.0/255.0.0.0"
				renamed.Grants = []mysql.DatabaseGrant{{Database: name, Tables: []string{"v"}}}
				_, err = server.UpdateUser(t.Context(), user, renamed, secret.String{})
				require.NoError(t, err)
				require.NoError(t, m.TryAs(renamed.Name, password, "SELECT * FROM "+quoted+".v"))
				require.NoError(t, server.DropUser(t.Context(), renamed))
				require.False(t, m.UserExists(renamed.Name))
			}
		})
	}
	require.Empty(t, m.Texts("SELECT CONCAT(User, Db) FROM mysql.db"))
	require.Empty(t, m.Texts("SELECT CONCAT(User, Db) FROM mysql.tables_priv WHERE User <> 'mariadb.sys'"))
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	m, server := newServer(t, "present")
	for want, grant := range map[string]mysql.DatabaseGrant{
		"database absent: not found": {Database: "absent"}, "table present.absent: not found": {Database: "present", Tables: []string{"absent"}},
		"database Present: not found": {Database: "Present"}, "table present.T: not found": {Database: "present", Tables: []string{"T", "t", "v"}},
	} {
		_, err := server.CreateUser(t.Context(), reader("misses", grant), secret.New("x"))
		require.ErrorIs(t, err, mysql.ErrObjectNotFound)
		require.ErrorContains(t, err, want)
		require.False(t, m.UserExists("misses"))
	}
}

func TestOwnUserIsRefused(t *testing.T) {
	m, server := newServer(t)
	own := reader(m.Admin)
	_, err := server.CreateUser(t.Context(), own, secret.New("x"))
	require.ErrorIs(t, err, mysql.ErrOwnUser)
	_, err = server.UpdateUser(t.Context(), own, own, secret.New("x"))
	require.ErrorIs(t, err, mysql.ErrOwnUser)
	require.ErrorIs(t, server.DropUser(t.Context(), own), mysql.ErrOwnUser)
}

func TestDefinersAreKept(t *testing.T) {
	m, server := newServer(t, "defined")
	user := reader("definer", mysql.DatabaseGrant{Database: "defined"})
	_, err := server.CreateUser(t.Context(), user, secret.New("x"))
	require.NoError(t, err)
	m.Exec("CREATE DEFINER = 'definer'@'%' VIEW defined.w AS SELECT 1 AS one",
		"CREATE DEFINER = 'definer'@'%' PROCEDURE defined.p() SELECT 1",
		"CREATE DEFINER = 'definer'@'%' TRIGGER defined.g BEFORE INSERT ON defined.t FOR EACH ROW SET NEW.id = 1",
		"CREATE DEFINER = 'definer'@'%' EVENT defined.e ON SCHEDULE EVERY 1 YEAR DO SELECT 1")
	err = server.DropUser(t.Context(), user)
	require.ErrorIs(t, err, mysql.ErrUserIsDefiner)
	require.ErrorContains(t, err, "view defined.w, procedure defined.p, trigger defined.g, event defined.e")
	require.NoError(t, m.TryAs("definer", secret.New("x")), "it is left as it is")
	renamed := reader("definer2", user.Grants...)
	_, err = server.UpdateUser(t.Context(), user, renamed, secret.String{})
	require.ErrorIs(t, err, mysql.ErrUserIsDefiner)
	m.Exec("DROP VIEW defined.w", "DROP PROCEDURE defined.p", "DROP TRIGGER defined.g", "DROP EVENT defined.e")
	require.NoError(t, server.DropUser(t.Context(), user))
}

// An admin needs no more than what the documentation says, and the error of one that has less says what.
func TestAdminsRights(t *testing.T) {
	m, _ := newServer(t, "rights")
	m.Exec("CREATE USER helper@'%' IDENTIFIED BY 'a-helper' REQUIRE SSL", "GRANT CREATE USER ON *.* TO helper@'%'")
	user := reader("helped", mysql.DatabaseGrant{Database: "rights"})
	create := func() error {
		_, err := client(t, m, "helper", secret.New("a-helper")).CreateUser(t.Context(), user, secret.New("x"))
		return err
	}
	require.ErrorIs(t, create(), mysql.ErrNoRights, "it may not read the server's users")
	m.Exec("GRANT SELECT ON mysql.* TO helper@'%'")
	require.ErrorIs(t, create(), mysql.ErrObjectNotFound, "it does not see the database")
	m.Exec("GRANT SELECT ON rights.* TO helper@'%'")
	require.ErrorIs(t, create(), mysql.ErrNoRights, "it may not pass on what it has")
	require.Empty(t, m.Traces("helped"), "half a user is removed")
	m.Exec("GRANT SELECT ON rights.* TO helper@'%' WITH GRANT OPTION")
	require.NoError(t, create())
	require.NoError(t, m.TryAs("helped", secret.New("x"), "SELECT * FROM rights.t"))
	end := func() error { return client(t, m, "helper", secret.New("a-helper")).DropUser(t.Context(), user) }
	err := end()
	require.ErrorIs(t, err, mysql.ErrNoRights, "it would not see whose sessions to end")
	require.ErrorContains(t, err, "without PROCESS")
	require.NoError(t, m.TryAs("helped", secret.New("x")), "nothing was changed")
	m.Exec("GRANT PROCESS ON *.* TO helper@'%'")
	session := m.Open("helped", secret.New("x"), m.TLS())
	require.NoError(t, session.PingContext(t.Context()))
	require.ErrorIs(t, end(), mysql.ErrNoRights, "it may not end them")
	require.ErrorContains(t, m.TryAs("helped", secret.New("x")), "locked", "what was done is what takes access")
	m.Exec("GRANT CONNECTION ADMIN ON *.* TO helper@'%'")
	require.NoError(t, end())
	require.Error(t, session.PingContext(t.Context()), "the session is ended, and it can't log in again")
	require.Empty(t, m.Traces("helped"))
	m.Exec("DROP USER helper@'%'")
}

func TestFailuresOfTheConnection(t *testing.T) {
	m, _ := newServer(t)
	good := mysql.Config{
		Host: m.Host, Port: m.Port, Username: m.Admin, Password: m.AdminPassword, TLS: mysql.TLSVerify, CAFile: m.Authority.CAFile,
	}
	read := func(ctx context.Context, change func(*mysql.Config)) error {
		config := good
		change(&config)
		server := mysql.NewServer(config)
		defer func() { _ = server.Close() }()
		_, err := server.ReadUser(ctx, reader("nobody"))
		require.Error(t, err)
		require.NotContains(t, err.Error(), m.AdminPassword.Reveal())
		return err
	}
	unchanged := func(*mysql.Config) {}
	require.ErrorIs(t, read(t.Context(), unchanged), mysql.ErrUserNotFound)
	require.ErrorIs(t, read(t.Context(), func(c *mysql.Config) { c.Password = secret.New("wrong") }), mysql.ErrAuthentication)
	require.ErrorIs(t, read(t.Context(), func(c *mysql.Config) { c.TLS = mysql.TLSOff }), mysql.ErrAuthentication, "the admin has to use TLS")
	require.ErrorIs(t, read(t.Context(), func(c *mysql.Config) { c.Username = "" }), mysql.ErrNoUsername)
	require.ErrorContains(t, read(t.Context(), func(c *mysql.Config) { c.CAFile = "" }), "certificate")
	require.ErrorIs(t, read(t.Context(), func(c *mysql.Config) { c.CAFile = "nowhere.pem" }), extraroots.ErrUnusable)
	require.ErrorIs(t, read(t.Context(), func(c *mysql.Config) { c.TLS, c.CAFile = mysql.TLSSkipVerify, "" }), mysql.ErrUserNotFound)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, read(ended, unchanged), context.Canceled)
}

// What a server's own sql_mode makes of quotes and backslashes does not matter.
func TestAnyModeOfTheServer(t *testing.T) {
	m, _ := newServer(t, "modes")
	mode := m.Texts("SELECT @@GLOBAL.sql_mode")[0]
	t.Cleanup(func() { m.Exec("SET GLOBAL sql_mode = '" + mode + "'") })
	for _, mode := range []string{"", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES", "ANSI", "ORACLE", "MSSQL"} {
		m.Exec("SET GLOBAL sql_mode = '" + mode + "'")
		server := client(t, m, m.Admin, m.AdminPassword)
		user := reader(`mode\'"`+"`", mysql.DatabaseGrant{Database: "modes", Tables: []string{"t"}})
		observed, err := server.CreateUser(t.Context(), user, secret.New("x"))
		require.NoError(t, err, mode)
		require.Equal(t, user.Grants, observed.Grants(), mode)
		require.NoError(t, m.TryAs(user.Name, secret.New("x"), "SELECT * FROM modes.t"), mode)
		require.NoError(t, server.DropUser(t.Context(), user), mode)
	}
}

// Sessions outlive their login where that is wanted.
func TestSessionsMayStay(t *testing.T) {
	m, server := newServer(t, "stays")
	user := reader("stays", mysql.DatabaseGrant{Database: "stays"})
	user.TerminateSessions = false
	_, err := server.CreateUser(t.Context(), user, secret.New("x"))
	require.NoError(t, err)
	session, err := m.Open("stays", secret.New("x"), m.TLS()).Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, session.Close()) })
	require.NoError(t, server.DropUser(t.Context(), user))
	require.NoError(t, session.PingContext(t.Context()))
}

// A user that is gone meanwhile is never made by a GRANT, without a password, as MariaDB does in some modes.
func TestGrantsMakeNobody(t *testing.T) {
	m, server := newServer(t, "nobody")
	user := reader("nobody", mysql.DatabaseGrant{Database: "nobody"})
	_, err := server.UpdateUser(t.Context(), user, user, secret.String{})
	require.ErrorIs(t, err, mysql.ErrUserNotFound)
	const mode = "NO_BACKSLASH_ESCAPES,NO_AUTO_CREATE_USER"
	require.Contains(t, m.Logs(), "'"+mode+"'", "the mode of the client's sessions")
	err = m.TryAs(m.Admin, m.AdminPassword, "SET sql_mode = '"+mode+"'", "GRANT SELECT ON nobody.* TO nobody")
	require.ErrorContains(t, err, "Can't find any matching row in the user table")
	require.False(t, m.UserExists("nobody"))
}
