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

// mostTried bounds the databases that attempts are made in, and mostTables the tables: those of the connection's database first, then by name.
const (
	mostTried  = 50
	mostTables = 50
)

// What a login may see of the server tells what it can do, whatever gives it that.
const (
	notOfTheServer = " NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') "
	triedQuery     = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME" + notOfTheServer +
		"ORDER BY COALESCE(SCHEMA_NAME = DATABASE(), 0) DESC, SCHEMA_NAME"
	tablesQuery = "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA" + notOfTheServer +
		"ORDER BY COALESCE(TABLE_SCHEMA = DATABASE(), 0) DESC, TABLE_SCHEMA, TABLE_NAME"
	writableTablesQuery = "SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME, PRIVILEGES FROM information_schema.COLUMNS WHERE TABLE_SCHEMA" + notOfTheServer +
		"AND PRIVILEGES REGEXP 'insert|update'"
	callableQuery = "SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA" + notOfTheServer
)

// try is a statement that needs a privilege, and does nothing: what it is about is not there. The server looks at privileges first; passed are
// the codes of its answers to those whom they let pass.
type try struct {
	privilege, statement string
	passed               []uint16
}

// triesIn gives those for a database, of privileges that a session may have there by way of others. Who may name any definer has no need of it, and
// would really make a routine.
func triesIn(database string, namesDefiners bool) []try {
	absent := quoteName(database) + "." + quoteName("terrascale-connection-check-"+rand.Text())
	tries := []try{
		{"INSERT", "INSERT INTO " + absent + " VALUES ()", []uint16{codeNoTable}},
		{"UPDATE", "UPDATE " + absent + " SET a = 1", []uint16{codeNoTable}},
		{"DELETE", "DELETE FROM " + absent, []uint16{codeNoTable}},
		{"DELETE HISTORY", "DELETE HISTORY FROM " + absent, []uint16{codeNoTable}},
		{"CREATE", "CREATE TABLE " + absent + " (a INT, a INT)", []uint16{codeTwoColumns}},
		{"CREATE TEMPORARY TABLES", "CREATE TEMPORARY TABLE " + absent + " (a INT, a INT)", []uint16{codeTwoColumns}},
		{"CREATE VIEW", "CREATE VIEW " + absent + " (a, a) AS SELECT 1, 1", []uint16{codeTwoColumns}},
		{"DROP", "DROP TABLE " + absent, []uint16{codeUnknownTable}},
		{"ALTER", "ALTER TABLE " + absent + " ADD a INT", []uint16{codeNoTable}},
		{"INDEX", "CREATE INDEX a ON " + absent + " (a)", []uint16{codeNoTable}},
		{"LOCK TABLES", "LOCK TABLES " + absent + " READ", []uint16{codeNoTable}},
		{"EVENT", "DROP EVENT " + absent, []uint16{codeNoEvent}},
		{"TRIGGER", "CREATE TRIGGER " + absent + " BEFORE INSERT ON " + absent + " FOR EACH ROW SET @a = 1", []uint16{codeNoTable, codeTriggerNeedsSuper}},
		{"ALTER ROUTINE", "DROP PROCEDURE " + absent, []uint16{codeNoRoutine}},
		{"GRANT OPTION", "REVOKE SELECT ON " + absent + " FROM 'terrascale'@'connection-check'", []uint16{codeNonexistingGrant, codeNoTableGrant}},
	}
	if !namesDefiners {
		tries = append(tries, try{
			"CREATE ROUTINE", "CREATE DEFINER = 'terrascale'@'connection-check' PROCEDURE " + absent + "() SET @a = 1", []uint16{codeNeedsPrivilege},
		})
	}
	return tries
}

// deletes is a statement that deletes nothing from a real table. In a transaction that may not write, it ends with an error, whatever the
// privileges.
func deletes(database, table string) try {
	return try{"DELETE", "DELETE FROM " + quoteName(database) + "." + quoteName(table) + " WHERE FALSE", []uint16{codeReadOnlyTransaction}}
}

// The server's codes for such statements.
const (
	codeUnknownTable        = 1051
	codeNoColumn            = 1054
	codeTwoColumns          = 1060
	codeNoTable             = 1146
	codeNoTableGrant        = 1147
	codeNeedsPrivilege      = 1227
	codeNotSupported        = 1235
	codeNoRoutine           = 1305
	codeTriggerNeedsSuper   = 1419
	codeNoEvent             = 1539
	codeInTransaction       = 1568
	codeReadOnlyTransaction = 1792
)

// codesRefused are those of answers to whom the privileges, or a server that takes no writes or does not know the statement, don't let pass;
// and of a view that can't be read, or not changed.
var codesRefused = []uint16{1044, codeParse, 1142, 1143, codeNeedsPrivilege, codeNotSupported, 1288, 1290, 1356, 1370, 1395, 1449, codeReadOnlyTransaction, 1836}

// lent finds what a session can do by privileges that SHOW GRANTS does not list: the server takes those on databases of users without a name,
// and those of users of the same name, from wherever the client may come. Held are those that it lists.
func lent(ctx context.Context, s session, held []Grant) ([]string, error) {
	databases, err := rowsOf(ctx, s, triedQuery, 1)
	if err != nil {
		return nil, err
	}
	found := []Grant{}
	add := func(t try, grant Grant) error {
		grant.Privilege = t.privilege
		if isHeld(held, grant) || isHeld(found, grant) {
			return nil
		}
		passed, err := t.passes(ctx, s)
		if passed {
			found = append(found, grant)
		}
		return err
	}
	namesDefiners := slices.ContainsFunc(held, namesAnyDefiner)
	for _, row := range databases[:min(len(databases), mostTried)] {
		for _, t := range triesIn(row[0], namesDefiners) {
			if err := add(t, Grant{Level: Database, Database: pattern(row[0])}); err != nil {
				return nil, err
			}
		}
	}
	all, err := rowsOf(ctx, s, tablesQuery, 2)
	if err != nil {
		return nil, err
	}
	if err := inReadOnlyTransaction(ctx, s, func() error {
		for _, row := range all[:min(len(all), mostTables)] {
			if err := add(deletes(row[0], row[1]), Grant{Level: Table, Database: row[0], Object: row[1]}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, err
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

// inReadOnlyTransaction runs a function's statements in a transaction that may not write. It looks whether the session is in one: a proxy may send
// each statement to another connection.
func inReadOnlyTransaction(ctx context.Context, s session, do func() error) error {
	if _, err := s.ExecContext(ctx, "START TRANSACTION READ ONLY"); err != nil {
		return err
	}
	// What a transaction is can't be changed while there is one.
	_, err := s.ExecContext(ctx, "SET TRANSACTION READ WRITE")
	var answer *mysql.MySQLError
	switch {
	case err == nil:
		return fmt.Errorf("%w: a transaction does not stay on one connection", errUntold)
	case !errors.As(err, &answer) || answer.Number != codeInTransaction:
		return err
	}
	err = do()
	_, ended := s.ExecContext(ctx, "ROLLBACK")
	return errors.Join(err, ended)
}

// passes reports whether a session's privileges let the statement pass.
func (t try) passes(ctx context.Context, s session) (bool, error) {
	_, err := s.ExecContext(ctx, t.statement)
	var answer *mysql.MySQLError
	switch {
	case err == nil:
		return true, nil
	case !errors.As(err, &answer):
		return false, err
	case slices.Contains(t.passed, answer.Number):
		return true, nil
	case slices.Contains(codesRefused, answer.Number):
		return false, nil
	default:
		return false, fmt.Errorf("%w: %w", errUntold, err)
	}
}

// namesAnyDefiner reports whether a privilege lets one make things that run with anybody's rights.
func namesAnyDefiner(g Grant) bool {
	return g.Level == Global && (strings.HasPrefix(g.Privilege, "ALL") || slices.Contains(
		[]string{"SUPER", "SET USER", "SET_USER_ID", "SET_ANY_DEFINER", "ALLOW_NONEXISTENT_DEFINER"}, g.Privilege))
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
