// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// skeleton gives a statement with each quoted name and text as one sign, as a server in sessionMode reads it: a doubled quote stands for one,
// and a backslash for itself.
func skeleton(t *testing.T, s statement) (form string, quoted []string) {
	t.Helper()
	var built, inside strings.Builder
	text := string(s)
	for i := 0; i < len(text); i++ {
		quote := text[i]
		if quote != '\'' && quote != '`' {
			built.WriteByte(quote)
			continue
		}
		inside.Reset()
		for i++; ; i++ {
			require.Less(t, i, len(text), "a quote has no end in %q", text)
			if text[i] == quote {
				if i+1 >= len(text) || text[i+1] != quote {
					break
				}
				i++
			}
			inside.WriteByte(text[i])
		}
		quoted = append(quoted, inside.String())
		built.WriteByte('?')
	}
	return built.String(), quoted
}

// Whatever a name is, each statement stays that one statement, with these names in it; and what is granted is read back from a line of
// SHOW GRANTS as it was meant.
func FuzzStatements(f *testing.F) {
	for _, text := range []string{"", "'", "`", `\`, `\'`, "a`b", "app_db", "100%", `a\_b`, "; DROP USER x", "-- ", "/*", "#", `"`, "é", "\xff", "WITH GRANT OPTION", "a\nb", "ON", "*"} {
		f.Add(text, "plain")
		f.Add("plain", text)
	}
	build := func(name, host string) []statement {
		who := account{name, host}
		u := User{Name: name, Host: host}
		v := verifier{nativePlugin, secret.New(name)}
		wanted := slices.Concat(DatabaseGrant{Database: name}.grants(), DatabaseGrant{Database: name, Tables: []string{host, name}}.grants())
		excess := []Grant{
			{Privilege: "INSERT", Level: Column, Database: name, Object: host, Column: name}, {Privilege: "EXECUTE", Level: Routine, RoutineKind: "FUNCTION", Database: name, Object: host},
			{Privilege: proxy, Level: Account, Object: name, Host: host}, {Privilege: Membership, Level: Role, Object: name, Host: host},
		}
		return slices.Concat([]statement{
			createLocked(who, u, true, v), createLocked(who, u, false, v), setPassword(who, true, v), alterSettings(who, u), lock(who), unlock(who), drop(who), rename(who, account{host, name}),
		}, grant(who, wanted), revoke(who, excess, true), revoke(who, excess, false))
	}
	f.Fuzz(func(t *testing.T, name, host string) {
		if len(name) > 1<<10 || len(host) > 1<<10 {
			return
		}
		plain, hostile := build("name", "host"), build(name, host)
		if len(plain) != len(hostile) { // Two names that are the same are one grant.
			plain = build("same", "same")
		}
		for i, s := range hostile {
			want, _ := skeleton(t, plain[i])
			got, quoted := skeleton(t, s)
			require.Equal(t, want, got, "%q", s)
			for _, part := range quoted {
				require.Contains(t, []string{name, host, pattern(name), nativePlugin}, part, "%q", s)
			}
		}
		literal, ok := literalDatabase(pattern(name))
		require.True(t, ok)
		require.Equal(t, name, literal, "a grant on all of a database is for that one alone")

		wanted := []Grant{
			{Privilege: Select, Level: Database, Database: pattern(name)}, {Privilege: Select, Level: Table, Database: name, Object: host},
			{Privilege: "INSERT", Level: Column, Database: name, Object: host, Column: name},
		}
		for _, g := range wanted {
			line := "GRANT " + g.sql() + " ON " + g.on() + " TO " + identifier(name) + "@" + identifier(host) + " WITH GRANT OPTION"
			read, err := ParseGrants([]string{line})
			require.NoError(t, err, "%q", line)
			require.Contains(t, read, g, "%q", line)
			require.Len(t, read, 2, "and that it may be passed on: %q", line)
		}
	})
}

// Lines that no server may ever write are read, or refused without quoting them: a line may hold a digest of a password. Whatever a line
// grants beside what it says of itself, nothing is lost by reading two lines instead of one.
func FuzzParseGrants(f *testing.F) {
	for _, line := range []string{
		"GRANT USAGE ON *.* TO `u1`@`%` IDENTIFIED BY PASSWORD '*0123' REQUIRE SSL WITH MAX_USER_CONNECTIONS 5", "GRANT ALL PRIVILEGES ON *.* TO `r`@`::1` WITH GRANT OPTION",
		"GRANT SELECT, SELECT (`id`), INSERT (`b`, `c``d`), SHOW VIEW ON `app_db`.`t` TO `u`@`%`", "GRANT EXECUTE ON PACKAGE BODY `app`.`f` TO `u`@`%`", "GRANT PROXY ON ''@'%' TO 'root'@'localhost'",
		"GRANT `r1`@`%`,`r2`@`h` TO `u`@`%` WITH ADMIN OPTION", "SET DEFAULT ROLE `r1` FOR `u`@`%`", "REVOKE INSERT ON `mysql`.* FROM `u`@`%`", "GRANT", "GRANT (", "GRANT SELECT (", "GRANT SELECT ON TO x",
		"GRANT SELECT ON `HUSH", "GRANT 'a\\", "GRANT , ON a.b TO c", "GRANT SELECT ON FUNCTION TO x", "@", "GRANT @ TO", "GRANT a@ TO b", "grant select on a.* to b",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		grants, err := ParseGrants([]string{line})
		if err != nil {
			require.ErrorIs(t, err, ErrGrant)
			require.Less(t, len(err.Error()), 200)
			if len(line) > 8 {
				require.NotContains(t, err.Error(), line)
			}
			return
		}
		for _, g := range grants {
			require.NotEmpty(t, g.Privilege, "%q", line)
			require.NotEmpty(t, g.String())
			require.Equal(t, strings.ToUpper(g.Privilege), g.Privilege, "%q", line)
		}
		twice, err := ParseGrants([]string{line, line})
		require.NoError(t, err)
		require.Equal(t, slices.Concat(grants, grants), twice)
		statements := revoke(account{"u", "%"}, grants, true)
		for _, s := range statements {
			require.True(t, strings.HasPrefix(string(s), "REVOKE "))
		}
	})
}
