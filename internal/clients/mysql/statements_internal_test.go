// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestStatements(t *testing.T) {
	who := account{`o'b"r\i`, "10.0.0.0/255.0.0.0"}
	const quoted = `'o''b"r\i'@'10.0.0.0/255.0.0.0'`
	u := User{RequireTLS: true, MaxUserConnections: 7}
	v := verifier{nativePlugin, secret.New("*AB")}
	sha2 := verifier{sha2Plugin, secret.New("$A$005$salt")}
	ending, err := kill("12")
	require.NoError(t, err)
	for want, got := range map[string]statement{
		"CREATE USER " + quoted + " IDENTIFIED VIA mysql_native_password USING '*AB' REQUIRE SSL WITH MAX_USER_CONNECTIONS 7 ACCOUNT LOCK":         createLocked(who, u, true, v),
		"CREATE USER " + quoted + " IDENTIFIED WITH 'caching_sha2_password' AS '$A$005$salt' REQUIRE SSL WITH MAX_USER_CONNECTIONS 7 ACCOUNT LOCK": createLocked(who, u, false, sha2),
		"ALTER USER " + quoted + " IDENTIFIED WITH 'caching_sha2_password' AS '$A$005$salt'":                                                       setPassword(who, false, sha2),
		"ALTER USER " + quoted + " REQUIRE NONE WITH MAX_USER_CONNECTIONS 0":                                                                       alterSettings(who, User{}),
		"ALTER USER " + quoted + " ACCOUNT LOCK":   lock(who),
		"ALTER USER " + quoted + " ACCOUNT UNLOCK": unlock(who),
		"DROP USER " + quoted:                      drop(who),
		"RENAME USER " + quoted + " TO 'x'@'%'":    rename(who, account{"x", "%"}),
		"KILL CONNECTION 12":                       ending,
	} {
		require.Equal(t, want, string(got))
	}
	_, err = kill("12; DROP USER x")
	require.Error(t, err)
}

// What may be run again goes together; what may not goes alone, where it stands.
func TestStatementsThatGoTogether(t *testing.T) {
	who := account{"u", "%"}
	grants := []Grant{{Privilege: Select, Level: Database, Database: "a"}, {Privilege: Select, Level: Database, Database: "b"}}
	statements := slices.Concat(grant(who, grants), []statement{unlock(who)}, revoke(who, grants, true), grant(who, grants), []statement{drop(who)})
	require.Equal(t, []statement{
		"GRANT SELECT ON `a`.* TO 'u'@'%'; GRANT SELECT ON `b`.* TO 'u'@'%'; ALTER USER 'u'@'%' ACCOUNT UNLOCK",
		"REVOKE SELECT ON `a`.* FROM 'u'@'%'", "REVOKE SELECT ON `b`.* FROM 'u'@'%'",
		"GRANT SELECT ON `a`.* TO 'u'@'%'; GRANT SELECT ON `b`.* TO 'u'@'%'",
		"DROP USER 'u'@'%'",
	}, joined(statements))
	many := make([]statement, 3000)
	for i := range many {
		many[i] = unlock(account{fmt.Sprintf("user number %d", i), "%"})
	}
	texts := joined(many)
	require.Len(t, texts, 3)
	for _, text := range texts {
		require.Less(t, len(text), longestJoined)
	}
	require.Equal(t, 2997, strings.Count(fmt.Sprint(texts), "; "))
}

func TestRevocations(t *testing.T) {
	who := account{"u", "%"}
	grants := []Grant{
		{Privilege: "PROCESS", Level: Global}, {Privilege: GrantOption, Level: Global},
		{Privilege: "INSERT", Level: Database, Database: `a\_b`}, {Privilege: "DROP", Level: Database, Database: `a\_b`},
		{Privilege: Select, Level: Table, Database: "a_b", Object: "t`"}, {Privilege: "UPDATE", Level: Column, Database: "a_b", Object: "t`", Column: "c"},
		{Privilege: "EXECUTE", Level: Routine, RoutineKind: "PACKAGE BODY", Database: "a", Object: "f"},
		{Privilege: "PROXY", Level: Account, Object: "r'", Host: "h"}, {Privilege: GrantOption, Level: Account, Object: "r'", Host: "h"},
		{Privilege: Membership, Level: Role, Object: "r", Host: "%"}, {Privilege: AdminOption, Level: Role, Object: "r", Host: "%"},
	}
	var got []string
	for _, sql := range revoke(who, grants, false) {
		got = append(got, string(sql))
	}
	require.Equal(t, []string{
		"REVOKE 'r'@'%' FROM 'u'@'%'", "REVOKE PROCESS, GRANT OPTION ON *.* FROM 'u'@'%'", "REVOKE INSERT, DROP ON `a\\_b`.* FROM 'u'@'%'",
		"REVOKE SELECT, UPDATE (`c`) ON `a_b`.`t``` FROM 'u'@'%'", "REVOKE EXECUTE ON PACKAGE BODY `a`.`f` FROM 'u'@'%'",
		"REVOKE PROXY ON 'r'''@'h' FROM 'u'@'%'",
	}, got)
	require.Equal(t, "REVOKE `r` FROM 'u'@'%'", string(revoke(who, grants, true)[0]))
	require.Empty(t, grant(who, nil))
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]product{
		"10.11.6-MariaDB-0+deb12u1-log": {isMariaDB: true, major: 10, minor: 11},
		"8.0.40":                        {major: 8}, "9.1.0-commercial": {major: 9, minor: 1}, "unknown": {},
	} {
		require.Equal(t, want, parseVersion(text), text)
	}
	require.True(t, product{major: 11}.isAtLeast(10, 11))
	require.False(t, product{major: 10, minor: 3}.isAtLeast(10, 4))
}

func TestHosts(t *testing.T) {
	for _, test := range []struct {
		one, other string
		overlap    bool
	}{
		{"%", "10.0.0.1", true}, {"10.0.0.0/255.0.0.0", "10.1.2.3", true}, {"10.0.0.0/255.0.0.0", "11.0.0.0/255.0.0.0", false},
		{"::1", "127.0.0.1", false}, {"%.internal", "gw.example.com", true}, {"10.0.0.0/255.0.255.0", "11.0.0.1", true},
	} {
		require.Equal(t, test.overlap, hostsOverlap(test.one, test.other), "%v", test)
		require.Equal(t, test.overlap, hostsOverlap(test.other, test.one), "%v", test)
	}
	for _, test := range []struct {
		host, client string
		from         bool
	}{
		{"%", "10.0.0.1:5000", true}, {"10.0.0.0/255.0.0.0", "10.9.9.9:5000", true}, {"10.0.0.0/255.0.0.0", "11.9.9.9:5000", false},
		{"::1", "::1:5000", true}, {"2001:db8::1", "::1:5000", false}, {"10.0.0.0/255.0.0.0", "gw.internal:5000", true},
		{"10.0.0.0/255.0.0.0", "localhost", true},
	} {
		require.Equal(t, test.from, cameFrom(test.host, test.client), "%v", test)
	}
}

// A server of MySQL is read as its documentation says that it answers.
func TestRosterOfMySQL(t *testing.T) {
	r := &roster{through: "mandatory_roles", accounts: map[account]kept{}, grants: map[account][]Grant{}}
	r.addAccount([]string{"gw", "%", "d1", "", "0", "ANY", "5"})
	r.addAccount([]string{"locked", "%", "d2", "retained expired", "1", "MORE", "0"})
	for _, row := range []string{
		"'gw'@'%'|global||||USAGE|NO", `'gw'@'%'|database|app\_db|||SELECT|NO`,
		"'gw'@'%'|table|app|t||INSERT|YES", "'gw'@'%'|column|app|t|c|UPDATE|NO", "'gw'@'%'|global||||BINLOG_ADMIN|NO", "nonsense||||||",
	} {
		r.addPrivilege(strings.Split(row, "|"))
	}
	r.addOther([]string{"gw", "%", "routine", "PROCEDURE", "app", "p", "Execute,Alter Routine,Grant", "0"})
	r.addOther([]string{"gw", "%", "role", "", "%", "writers", "Membership", "1"})
	r.addOther([]string{"writers", "%", "role", "", "%", "inner", "Membership", "0"})
	r.addPrivilege([]string{"'inner'@'%'", "database", "app", "", "", "INSERT", "NO"})
	r.addPrivilege([]string{"'inner'@'%'", "database", "app", "", "", "DELETE", "NO"})
	r.addPrivilege([]string{"'auditors'@'%'", "global", "", "", "", "PROCESS", "NO"})
	r.addOther([]string{"gw", "%", "account", "", "localhost", "root", "Proxy", "1"})
	require.NoError(t, r.addMandatoryRoles("`auditors`@`%`, 'it''s',writers@localhost"))
	require.NoError(t, (&roster{}).addMandatoryRoles(" "))
	observed, err := r.observe(User{Name: "gw", Host: AnyHost, Login: "gw"})
	require.NoError(t, err)
	require.Equal(t, []DatabaseGrant{{Database: "app_db"}}, observed.Grants())
	require.True(t, *observed.RequiresTLS())
	require.Equal(t, 5, observed.MaxUserConnections())
	require.Equal(t, []string{
		"ALTER ROUTINE, EXECUTE, GRANT OPTION on procedure app.p", "BINLOG_ADMIN on *.*", "DELETE, INSERT on app.* via role inner", "GRANT OPTION, INSERT, UPDATE (c) on app.t",
		"GRANT OPTION, PROXY on root@localhost", "PROCESS on *.* via role auditors via mandatory_roles",
		"membership in role auditors via mandatory_roles", "membership in role it's via mandatory_roles",
		"membership in role writers",
		"membership in role writers via mandatory_roles", "passing on role writers",
	}, observed.Excess())
	locked, err := r.observe(User{Name: "locked", Host: AnyHost, Login: "locked"})
	require.NoError(t, err)
	require.False(t, locked.CanLogin("locked"))
	require.Nil(t, locked.RequiresTLS())
	require.Equal(t, "d2 and retained expired", locked.PasswordDigest("locked"))
}

func TestPatternsOfDatabases(t *testing.T) {
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"app", "app", true}, {"app", "apps", false}, {"a_b", "axb", true}, {`a\_b`, "axb", false}, {`a\_b`, "a_b", true}, {"a%", "a.b\n", true},
		{`a\%`, "ab", false}, {"", "", true}, {"a+(", "a+(", true}, {`a\\b`, `a\b`, true},
		{strings.Repeat("%a", 32), strings.Repeat("a", 63) + "b", false}, // It ends, too.
	} {
		require.Equal(t, test.want, matches(test.pattern, test.name), "%v", test)
	}
}

func TestErrorsAreToldApart(t *testing.T) {
	answer := func(number uint16) error {
		return fmt.Errorf("wrapped: %w", &mysql.MySQLError{Number: number, Message: "about hunter2"})
	}
	for number, want := range map[uint16]error{
		1044: ErrNoRights, 1045: ErrAuthentication, 1095: ErrNoRights, 1130: ErrAuthentication, 1142: ErrNoRights, 1227: ErrNoRights,
		1205: ErrLockTimeout, 1290: ErrRefusesVerifier, 1836: ErrReadOnly, 1969: ErrLockTimeout, 1410: ErrNoRights, 1698: ErrNoRights,
	} {
		err := classify(answer(number), secret.New("another"))
		require.ErrorIs(t, err, want)
		require.Equal(t, number, code(err), "the server's answer can still be asked for")
		require.False(t, isTransient(err))
		err = classify(answer(number), secret.String{}, secret.New("hunter2"))
		require.ErrorIs(t, err, want)
		require.NotContains(t, err.Error(), "hunter2")
	}
	require.ErrorIs(t, classify(mysql.ErrNoTLS), ErrNoTLS)
	require.NoError(t, classify(nil))
	require.True(t, isTransient(classify(answer(1213))))
	// Another option than that of 1290 above.
	for _, option := range []string{"--read-only", "--super-read-only", "--innodb-read-only", "--read_only"} {
		err := classify(&mysql.MySQLError{Number: 1290, Message: "The server is running with the " + option + " option so it cannot execute this statement"})
		require.ErrorIs(t, err, ErrReadOnly)
	}
}

func TestWhoSeesSessions(t *testing.T) {
	mariaDB, mySQL := product{isMariaDB: true}, product{}
	role := Grant{Privilege: Membership, Level: Role, Object: "admins"}
	for _, test := range []struct {
		on   product
		g    Grant
		want bool
	}{
		{mariaDB, Grant{Privilege: "PROCESS", Level: Global}, true}, {mySQL, Grant{Privilege: "ALL PRIVILEGES", Level: Global}, true},
		{mariaDB, Grant{Privilege: "ALL PRIVILEGES", Level: Database, Database: "app"}, false}, {mariaDB, role, false}, {mySQL, role, true},
	} {
		require.Equal(t, test.want, test.on.givesProcess(test.g), "%v", test)
	}
}
