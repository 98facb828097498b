// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is told of another session's statement ends before it can hold a value.
func TestWordsOfAStatementHoldNoLiteral(t *testing.T) {
	for query, want := range map[string]string{
		"ALTER ROLE gw PASSWORD 'x'":                       "ALTER ROLE gw PASSWORD …",
		"select * from t where id = 4711":                  "select * from t where id = …",
		"COMMENT ON TABLE t IS $$secret$$":                 "COMMENT ON TABLE t IS …",
		"-- secret\nSELECT":                                " …",
		"SELECT /* secret */ 1":                            "SELECT …",
		"UPDATE a\n  SET b = c":                            "UPDATE a SET b = c",
		"SELECT a, b, c, d FROM e JOIN f ON g JOIN h ON i": "SELECT a, b, c, d FROM e JOIN …",
		`SELECT "a'secret" FROM t`:                         `SELECT "a …`,
		"SELECT E'secret'":                                 "SELECT E …",
		"":                                                 "",
		"INSERT INTO keys2024 SELECT secret FROM t WHERE a=0.5e3": "INSERT INTO keys2024 SELECT secret FROM t WHERE …",
	} {
		require.Equal(t, want, firstWords(query), query)
	}
}
