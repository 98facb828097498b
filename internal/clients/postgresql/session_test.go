// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
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

// The last look may come when the server has given up already, and shows nobody: the one before it counts. A server that does not answer
// is another matter, whoever stood in the way before.
func TestTheLastLookDoesNotHideWhoStoodInTheWay(t *testing.T) {
	ended := make(chan struct{})
	close(ended)
	w := &watch{server: &Server{config: Config{LockTimeout: time.Second}}, database: "app", began: time.Now(), stop: func() {}, ended: ended}
	w.saw(WaitError{For: "a lock", Holders: []Session{{PID: 4711}}, Own: []Session{{PID: 1}}})
	w.saw(WaitError{For: "a lock", Own: []Session{{PID: 1}}})
	require.ErrorContains(t, w.explain(t.Context(), &pgconn.PgError{Code: codeLockNotAvailable}), "held by process 4711")
	over, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	require.ErrorContains(t, w.explain(over, context.DeadlineExceeded), "for the server, which did not answer: process 1")
}
