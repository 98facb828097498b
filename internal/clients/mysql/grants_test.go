// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
)

func TestParseGrants(t *testing.T) {
	onDatabase := func(database string, privileges ...string) (grants []mysql.Grant) {
		for _, privilege := range privileges {
			grants = append(grants, mysql.Grant{Privilege: privilege, Level: mysql.Database, Database: database})
		}
		return grants
	}
	onTable := func(privilege, column string) mysql.Grant {
		grant := mysql.Grant{Privilege: privilege, Level: mysql.Table, Database: "app_db", Object: "t", Column: column}
		if column != "" {
			grant.Level = mysql.Column
		}
		return grant
	}
	role := func(privilege, name, host string) mysql.Grant {
		return mysql.Grant{Privilege: privilege, Level: mysql.Role, Object: name, Host: host}
	}
	for name, test := range map[string]struct {
		line string
		want []mysql.Grant
	}{
		"nothing":        {"GRANT USAGE ON *.* TO `u1`@`%` IDENTIFIED BY PASSWORD '*0123' REQUIRE SSL WITH MAX_USER_CONNECTIONS 5", nil},
		"nothing, MySQL": {"GRANT USAGE ON *.* TO `u1`@`%`", nil},
		"global": {
			"GRANT PROCESS, FILE ON *.* TO `u1`@`%` IDENTIFIED BY PASSWORD '*01' WITH GRANT OPTION",
			[]mysql.Grant{{Privilege: "PROCESS", Level: mysql.Global}, {Privilege: "FILE", Level: mysql.Global}, {Privilege: "GRANT OPTION", Level: mysql.Global}},
		},
		"all, with limits": {
			"GRANT ALL PRIVILEGES ON *.* TO `r`@`::1` WITH GRANT OPTION MAX_USER_CONNECTIONS 2",
			[]mysql.Grant{{Privilege: "ALL PRIVILEGES", Level: mysql.Global}, {Privilege: "GRANT OPTION", Level: mysql.Global}},
		},
		"dynamic":          {"GRANT BINLOG_ADMIN ON *.* TO `u`@`%`", []mysql.Grant{{Privilege: "BINLOG_ADMIN", Level: mysql.Global}}},
		"escaped database": {"GRANT SELECT, SHOW VIEW ON `app\\_db`.* TO `u`@`10.0.0.0/255.255.255.0`", onDatabase(`app\_db`, "SELECT", "SHOW VIEW")},
		"hostile database": {"GRANT SELECT ON `a\\%``b\\\\c ON x.* TO y`.* TO `u`@`%`", onDatabase("a\\%`b\\\\c ON x.* TO y", "SELECT")},
		"hostile user":     {"GRANT SELECT ON `app`.* TO `WITH GRANT OPTION`@`%`", onDatabase("app", "SELECT")},
		"hostile password": {`GRANT SELECT ON app.* TO 'u'@'%' IDENTIFIED BY PASSWORD 'a\' WITH GRANT OPTION ''b'`, onDatabase("app", "SELECT")},
		"double quotes":    {`GRANT SELECT ON "app".* TO "u"@"%"`, onDatabase("app", "SELECT")},
		"table and columns": {
			"GRANT SELECT, SELECT (`id`), INSERT (`b`, `c``d`), SHOW VIEW ON `app_db`.`t` TO `u`@`%`",
			[]mysql.Grant{onTable("SELECT", ""), onTable("SELECT", "id"), onTable("INSERT", "b"), onTable("INSERT", "c`d"), onTable("SHOW VIEW", "")},
		},
		"the word TABLE": {"GRANT SELECT ON TABLE `app_db`.`t` TO u@h", []mysql.Grant{onTable("SELECT", "")}},
		"a function": {
			"GRANT EXECUTE ON FUNCTION `app`.`f` TO `u`@`%` WITH GRANT OPTION",
			[]mysql.Grant{
				{Privilege: "EXECUTE", Level: mysql.Routine, RoutineKind: "FUNCTION", Database: "app", Object: "f"},
				{Privilege: "GRANT OPTION", Level: mysql.Routine, RoutineKind: "FUNCTION", Database: "app", Object: "f"},
			},
		},
		"a package body": {
			"GRANT EXECUTE ON PACKAGE BODY `app`.`f` TO `u`@`%`",
			[]mysql.Grant{{Privilege: "EXECUTE", Level: mysql.Routine, RoutineKind: "PACKAGE BODY", Database: "app", Object: "f"}},
		},
		"proxy": {"GRANT PROXY ON `root`@`localhost` TO `u`@`%`", []mysql.Grant{{Privilege: "PROXY", Level: mysql.Account, Object: "root", Host: "localhost"}}},
		"proxy, quoted": {"GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION", []mysql.Grant{
			{Privilege: "PROXY", Level: mysql.Account, Host: "%"}, {Privilege: "GRANT OPTION", Level: mysql.Account, Host: "%"},
		}},
		"a role": {"GRANT `r1` TO `u`@`%`", []mysql.Grant{role("MEMBERSHIP", "r1", "")}},
		"roles, MySQL": {"GRANT `r1`@`%`,`r2`@`h` TO `u`@`%` WITH ADMIN OPTION", []mysql.Grant{
			role("MEMBERSHIP", "r1", "%"), role("ADMIN OPTION", "r1", "%"), role("MEMBERSHIP", "r2", "h"), role("ADMIN OPTION", "r2", "h"),
		}},
		"to everybody":   {"GRANT INSERT ON `app`.* TO PUBLIC", onDatabase("app", "INSERT")},
		"a default role": {"SET DEFAULT ROLE `r1` FOR `u`@`%`", nil},
		"taken back":     {"REVOKE INSERT ON `mysql`.* FROM `u`@`%`", nil},
	} {
		t.Run(name, func(t *testing.T) {
			grants, err := mysql.ParseGrants([]string{test.line})
			require.NoError(t, err)
			require.Equal(t, test.want, grants)
		})
	}
}

func TestParseGrantsRefusesWhatItDoesNotUnderstand(t *testing.T) {
	for _, line := range []string{
		"", "hello", "GRANT SELECT", "GRANT SELECT ON `a TO b", "GRANT SELECT (`a` ON `b`.`c` TO `d`", "GRANT SELECT ON app TO `u`", "GRANT TO `u`",
		"GRANT SELECT ON app TO 'u' IDENTIFIED BY PASSWORD '*DIGEST'",
	} {
		_, err := mysql.ParseGrants([]string{line})
		require.ErrorIs(t, err, mysql.ErrGrant, line)
		require.NotContains(t, err.Error(), "DIGEST")
	}
}

func TestGrantsInWords(t *testing.T) {
	for line, want := range map[string]struct {
		words  string
		beyond bool
	}{
		"GRANT SELECT ON `app\\_db`.* TO u@h":                  {"SELECT on app_db.*", false},
		"GRANT SELECT ON `app_db`.* TO u@h":                    {"SELECT on all databases like app_db", false},
		"GRANT SELECT ON `a\\\\b%`.* TO u@h":                   {`SELECT on all databases like a\\b%`, false},
		"GRANT SHOW VIEW ON `app`.`v` TO u@h":                  {"SHOW VIEW on app.v", false},
		"GRANT INSERT (`id`) ON `app`.`t` TO u@h":              {"INSERT (id) on app.t", true},
		"GRANT EXECUTE ON PROCEDURE `app`.`p` TO u@h":          {"EXECUTE on procedure app.p", true},
		"GRANT LOCK TABLES ON `app`.* TO u@h":                  {"LOCK TABLES on app.*", true},
		"GRANT PROCESS ON *.* TO u@h":                          {"PROCESS on *.*", false},
		"GRANT ALL PRIVILEGES ON `app`.* TO u@h":               {"ALL PRIVILEGES on app.*", true},
		"GRANT SUPER ON *.* TO u@h":                            {"SUPER on *.*", true},
		"GRANT PROXY ON `root`@`localhost` TO u@h":             {"PROXY on root@localhost", true},
		"GRANT `r1` TO u@h":                                    {"membership in role r1", false},
		"GRANT CREATE TEMPORARY TABLES ON `app`.* TO `u`@`h`":  {"CREATE TEMPORARY TABLES on app.*", true},
		"GRANT SHOW DATABASES ON *.* TO `u`@`h` REQUIRE SSL":   {"SHOW DATABASES on *.*", false},
		"GRANT REPLICATION CLIENT ON *.* TO `u`@`h`":           {"REPLICATION CLIENT on *.*", false},
		"GRANT CREATE ROUTINE ON `app`.* TO `u`@`h`":           {"CREATE ROUTINE on app.*", true},
		"GRANT SELECT (`a`) ON `app`.`t` TO `u`@`h` WITH NONE": {"SELECT (a) on app.t", false},
	} {
		grants, err := mysql.ParseGrants([]string{line})
		require.NoError(t, err)
		require.Len(t, grants, 1)
		require.Equal(t, want.words, grants[0].String())
		require.Equal(t, want.beyond, grants[0].GoesBeyondReading(), line)
	}
	passedOn, err := mysql.ParseGrants([]string{"GRANT `r1` TO u@h WITH ADMIN OPTION"})
	require.NoError(t, err)
	require.Equal(t, "passing on role r1", passedOn[1].String())
	require.True(t, passedOn[1].GoesBeyondReading())
}
