// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// lender is said in place of the account that lends a privilege: a login may not see which it is.
const lender = "an account of the same name, or of none"

// errUntold says that a server answered what nobody expected.
var errUntold = errors.New("what the login may do through other accounts can't be told")

// mostTried bounds the databases that attempts are made in: the one of the connection, then the others by name.
const mostTried = 50

// What a login may see of the server tells what it can do, whatever gives it that.
const (
	triedQuery = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA " +
		"WHERE SCHEMA_NAME NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') " +
		"ORDER BY COALESCE(SCHEMA_NAME = DATABASE(), 0) DESC, SCHEMA_NAME"
	writableTablesQuery = "SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME, PRIVILEGES FROM information_schema.COLUMNS " +
		"WHERE TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') AND PRIVILEGES REGEXP 'insert|update'"
	callableQuery = "SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES " +
		"WHERE ROUTINE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')"
)

// tries are statements that need a privilege on a database, and do nothing: what they are about is not there. The server looks at
// privileges first.
func tries(database string) map[string]string {
	absent := quoteName(database) + "." + quoteName("terrascale-connection-check-"+rand.Text())
	return map[string]string{
		"INSERT":                  "INSERT INTO " + absent + " VALUES ()",
		"UPDATE":                  "UPDATE " + absent + " SET a = 1",
		"DELETE":                  "DELETE FROM " + absent,
		"CREATE":                  "CREATE TABLE " + absent + " (a INT, a INT)",
		"CREATE TEMPORARY TABLES": "CREATE TEMPORARY TABLE " + absent + " (a INT, a INT)",
		"DROP":                    "DROP TABLE " + absent,
		"ALTER":                   "ALTER TABLE " + absent + " ADD a INT",
		"INDEX":                   "CREATE INDEX a ON " + absent + " (a)",
		"EVENT":                   "DROP EVENT " + absent,
		"TRIGGER":                 "CREATE TRIGGER " + absent + " BEFORE INSERT ON " + absent + " FOR EACH ROW SET @a = 1",
	}
}

// Codes of answers to such statements: of those that the privileges let pass, and of those that they, or a server that takes no writes, don't.
var (
	codesPassed  = []uint16{1051, 1060, 1146, 1419, 1539}
	codesRefused = []uint16{1044, 1142, 1143, 1227, 1290, 1370, 1792, 1836}
)

// lent finds what a session can do by privileges that SHOW GRANTS does not list: the server takes those on databases of users without a name,
// and those of users of the same name, from wherever the client may come. Held are those that it lists.
func lent(ctx context.Context, s session, held []Grant) ([]string, error) {
	databases, err := rowsOf(ctx, s, triedQuery, 1)
	if err != nil {
		return nil, err
	}
	found := []Grant{}
	for _, row := range databases[:min(len(databases), mostTried)] {
		for privilege, try := range tries(row[0]) {
			grant := Grant{Privilege: privilege, Level: Database, Database: pattern(row[0])}
			if isHeld(held, grant) {
				continue
			}
			passed, err := passes(ctx, s, try)
			if err != nil {
				return nil, err
			}
			if passed {
				found = append(found, grant)
			}
		}
	}
	tables, err := rowsOf(ctx, s, writableTablesQuery, 3)
	if err != nil {
		return nil, err
	}
	for _, row := range tables {
		for _, privilege := range strings.Split(strings.ToUpper(row[2]), ",") {
			grant := Grant{Privilege: privilege, Level: Table, Database: row[0], Object: row[1]}
			if grant.GoesBeyondReading() && privilege != "REFERENCES" && !isHeld(held, grant) && !isHeld(found, grant) {
				found = append(found, grant)
			}
		}
	}
	if !slices.ContainsFunc(held, showsRoutines) {
		routines, err := rowsOf(ctx, s, callableQuery, 3)
		if err != nil {
			return nil, err
		}
		for _, row := range routines {
			if grant := (Grant{Privilege: "EXECUTE", Level: Routine, RoutineKind: row[0], Database: row[1], Object: row[2]}); !isHeld(held, grant) {
				found = append(found, grant)
			}
		}
	}
	return beyondReading(found, lender), nil
}

// passes reports whether a session's privileges let a statement pass.
func passes(ctx context.Context, s session, statement string) (bool, error) {
	_, err := s.ExecContext(ctx, statement)
	var answer *mysql.MySQLError
	switch {
	case err == nil:
		return true, nil
	case !errors.As(err, &answer):
		return false, err
	case slices.Contains(codesPassed, answer.Number):
		return true, nil
	case slices.Contains(codesRefused, answer.Number):
		return false, nil
	default:
		return false, fmt.Errorf("%w: %w", errUntold, err)
	}
}

// isHeld reports whether a privilege is among others, on the same thing or on one that holds it.
func isHeld(held []Grant, g Grant) bool {
	name := g.Database
	if g.Level == Database {
		name, _ = literalDatabase(g.Database)
	}
	return slices.ContainsFunc(held, func(h Grant) bool {
		switch {
		case h.Privilege != g.Privilege && !strings.HasPrefix(h.Privilege, "ALL"):
			return false
		case h.Level == Global:
			return true
		case h.Level == Database:
			return matches(h.Database, name)
		default: // Who may change a column is told of the column.
			return h.Database == g.Database && h.Object == g.Object && (h.Level == g.Level || h.Level == Column && g.Level == Table)
		}
	})
}

// showsRoutines reports whether a privilege lets one see routines that one may not call.
func showsRoutines(g Grant) bool {
	switch g.Privilege {
	case "SHOW CREATE ROUTINE", "SHOW_ROUTINE", "CREATE ROUTINE", "ALTER ROUTINE":
		return true
	case Select:
		return g.Level == Global || g.Database == "mysql"
	default:
		return strings.HasPrefix(g.Privilege, "ALL")
	}
}

// rowsOf gives the texts of a query's rows.
func rowsOf(ctx context.Context, s session, query string, columns int) (found [][]string, err error) {
	rows, err := s.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		row, into := make([]string, columns), make([]any, columns)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, rows.Err()
}
