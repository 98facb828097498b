// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// evil would end a quoted identifier and a quoted literal, were it not doubled.
const evil = `a"b'c\d; DROP TABLE x; --`

func TestStatementsQuoteEveryName(t *testing.T) {
	const name, text = `"a""b'c\d; DROP TABLE x; --"`, ` E'a"b''c\\d; DROP TABLE x; --'`
	limits := Attributes{ConnectionLimit: 5}
	until := time.Date(2030, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	tables := []relationName{{evil, evil}, {"s", "t"}}
	for _, test := range []struct {
		name string
		got  statement
		want string
	}{
		{"create", createLogin(evil, secret.New(evil), limits, ""), "CREATE ROLE " + name + " LOGIN CONNECTION LIMIT 5 VALID UNTIL 'infinity' PASSWORD " + text},
		{"create in a group", createLogin(evil, secret.New(evil), limits, evil), "CREATE ROLE " + name + " LOGIN CONNECTION LIMIT 5 VALID UNTIL 'infinity' PASSWORD " + text + " IN ROLE " + name},
		{"create a holder", createHolder(evil), "CREATE ROLE " + name + " NOLOGIN"},
		{"alter", alterRole(evil, Attributes{ConnectionLimit: -1, ValidUntil: &until}, []string{"CREATEDB", "SUPERUSER"}),
			"ALTER ROLE " + name + " LOGIN CONNECTION LIMIT -1 VALID UNTIL '2030-01-02T02:04:05Z' NOCREATEDB NOSUPERUSER"},
		{"take attributes", takeAttributes(evil, []string{"CREATEDB", "SUPERUSER"}), "ALTER ROLE " + name + " NOCREATEDB NOSUPERUSER"},
		{"extend", extendLogin(evil, until), "ALTER ROLE " + name + " VALID UNTIL '2030-01-02T02:04:05Z'"},
		{"comment", commentOnRole(evil, evil), "COMMENT ON ROLE " + name + " IS " + text},
		{"password", setPassword(evil, secret.New(evil)), "ALTER ROLE " + name + " PASSWORD " + text},
		{"disable", disableLogin(evil), "ALTER ROLE " + name + " NOLOGIN PASSWORD NULL"},
		{"rename", renameRole(evil, "b"), "ALTER ROLE " + name + ` RENAME TO "b"`},
		{"drop", dropRole(evil), "DROP ROLE " + name},
		{"drop privileges", dropPrivileges(evil), "DROP OWNED BY " + name},
		{"set", setParameter(evil, evil, evil), "ALTER ROLE " + name + " SET " + name + " TO " + text},
		{"reset in a database", resetParameter(evil, evil, evil), "ALTER ROLE " + name + " IN DATABASE " + name + " RESET " + name},
		{"reset", setParameter(evil, evil, ""), "ALTER ROLE " + name + " RESET " + name},
		{"connect", grantConnect(evil, "r"), "GRANT CONNECT ON DATABASE " + name + ` TO "r"`},
		{"usage", grantUsage([]string{evil, "s"}, evil), "GRANT USAGE ON SCHEMA " + name + `, "s" TO ` + name},
		{"select on all", grantSelectOnAll("TABLE", []string{evil}, evil), "GRANT SELECT ON ALL TABLES IN SCHEMA " + name + " TO " + name},
		{"select", grantSelect("TABLE", tables, evil), "GRANT SELECT ON TABLE " + name + "." + name + `, "s"."t" TO ` + name},
		{"sequences", grantSelectOnAll("SEQUENCE", []string{evil}, evil), "GRANT SELECT ON ALL SEQUENCES IN SCHEMA " + name + " TO " + name},
		{"columns", grantSelectColumns([]string{evil, "c"}, tables[1], evil), "GRANT SELECT (" + name + `, "c") ON TABLE "s"."t" TO ` + name},
		{"borrow", borrowRole(evil, false), "GRANT " + name + " TO CURRENT_USER"},
		{"borrow with options", borrowRole(evil, true), "GRANT " + name + " TO CURRENT_USER WITH INHERIT TRUE, SET TRUE"},
		{"give back", giveRoleBack(evil), "REVOKE " + name + " FROM CURRENT_USER"},
		{"restore", restoreMembership(evil, true, false), "GRANT " + name + " TO CURRENT_USER WITH INHERIT TRUE, SET FALSE"},
		{"act as", actAs(evil), "SET LOCAL ROLE " + name},
		{"no select", revokeSelect(tables, evil), "REVOKE SELECT ON TABLE " + name + "." + name + `, "s"."t" FROM ` + name + " CASCADE"},
		{"no usage", revokeUsage([]string{evil}, evil), "REVOKE USAGE ON SCHEMA " + name + " FROM " + name + " CASCADE"},
		{"no connect", revokeConnect(evil, evil), "REVOKE CONNECT ON DATABASE " + name + " FROM " + name + " CASCADE"},
		{"no membership", revokeMembership(evil, evil, ""), "REVOKE " + name + " FROM " + name},
		{"no membership from one", revokeMembership(evil, evil, evil), "REVOKE " + name + " FROM " + name + " GRANTED BY " + name},
		{"future", grantFuture(evil, []string{evil}, "TABLES", evil), "ALTER DEFAULT PRIVILEGES FOR ROLE " + name + " IN SCHEMA " + name + " GRANT SELECT ON TABLES TO " + name},
		{"no future", revokeFuture(evil, evil, "TABLES", evil), "ALTER DEFAULT PRIVILEGES FOR ROLE " + name + " IN SCHEMA " + name + " REVOKE ALL ON TABLES FROM " + name},
		{"no future anywhere", revokeFuture(evil, "", "SEQUENCES", evil), "ALTER DEFAULT PRIVILEGES FOR ROLE " + name + " REVOKE ALL ON SEQUENCES FROM " + name},
		{"column", entry{Kind: "COLUMN", Schema: evil, Name: evil, Detail: evil, Privilege: "UPDATE"}.revocation(evil), "REVOKE UPDATE (" + name + ") ON TABLE " + name + "." + name + " FROM " + name + " CASCADE"},
		{"schema", entry{Kind: "SCHEMA", Schema: evil, Privilege: "CREATE"}.revocation(evil), "REVOKE CREATE ON SCHEMA " + name + " FROM " + name + " CASCADE"},
		{"database", entry{Kind: "DATABASE", Name: evil, Privilege: "CREATE"}.revocation(evil), "REVOKE CREATE ON DATABASE " + name + " FROM " + name + " CASCADE"},
		{"sequence", entry{Kind: "SEQUENCE", Schema: evil, Name: evil, Privilege: "USAGE"}.revocation(evil), "REVOKE USAGE ON SEQUENCE " + name + "." + name + " FROM " + name + " CASCADE"},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, string(test.got)) })
	}
}

func TestLiteralMeansTheSameWithEitherSetting(t *testing.T) {
	require.Equal(t, "'plain'", literal("plain"))
	require.Equal(t, "'o''clock'", literal("o'clock"))
	require.Equal(t, ` E'back\\slash'`, literal(`back\slash`))
	require.NotContains(t, literal("a\x00b"), "\x00")
}

func TestVerifierIsTheServersOwn(t *testing.T) {
	// The salt, iterations and password of the example in RFC 7677, section 3.
	got, err := verifier(secret.New("pencil"), []byte("[m\x99h\x9d\x125\x8e\xec\xa0K\x14\x126\xfa\x81"), 4096)
	require.NoError(t, err)
	require.Equal(t, "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"+
		"wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=", got.Reveal())

	first, err := NewVerifier(secret.New("pencil"))
	require.NoError(t, err)
	second, err := NewVerifier(secret.New("pencil"))
	require.NoError(t, err)
	require.NotEqual(t, first.Reveal(), second.Reveal(), "each verifier has a salt of its own")
	require.True(t, strings.HasPrefix(first.Reveal(), "SCRAM-SHA-256$4096:"))
}

func TestParseTimeout(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30000ms": 30 * time.Second, "30s": 30 * time.Second, "1min": time.Minute, "2h": 2 * time.Hour, "1d": 24 * time.Hour,
		"1500": 1500 * time.Millisecond, "250us": 250 * time.Microsecond, "1 min": time.Minute, "1.5s": 1500 * time.Millisecond,
		"0": 0, "": 0, "soon": 0,
	} {
		require.Equal(t, want, parseTimeout(text), text)
	}
	require.Equal(t, "1500ms", timeoutValue(1500*time.Millisecond))
	require.Empty(t, timeoutValue(0))
}
