// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"fmt"
	"strconv"
	"strings"
)

// statement is SQL that is built here and nowhere else, for sessions in sessionMode.
type statement string

// longestJoined is how long a text of several statements gets, in bytes: far less than any server's max_allowed_packet is in use.
const longestJoined = 64 << 10

// isRepeatable reports whether a statement that was run already does no harm, and no more, when it is run again.
func (s statement) isRepeatable() bool {
	return strings.HasPrefix(string(s), "GRANT ") || strings.HasPrefix(string(s), "ALTER USER ")
}

// joined puts statements that follow each other into one text, where all of them may be run again when one fails.
func joined(statements []statement) []statement {
	var texts []statement
	isOpen := false
	for _, s := range statements {
		last := len(texts) - 1
		if isOpen && s.isRepeatable() && len(texts[last])+len(s) < longestJoined {
			texts[last] += "; " + s
			continue
		}
		texts = append(texts, s)
		isOpen = s.isRepeatable()
	}
	return texts
}

// account is a user as the server tells them apart: by name and host.
type account struct{ user, host string }

// String gives the account as people write it.
func (a account) String() string { return a.user + "@" + a.host }

// sql gives the account quoted.
func (a account) sql() string { return text(a.user) + "@" + text(a.host) }

// text quotes a text. In sessionMode a backslash stands for itself.
func text(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

// identifier quotes a name.
func identifier(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// pattern gives the pattern that means one database and no other, in a grant on a whole database: there, unlike on a table,
// _ and % are wildcards. Source: the servers' documentation of GRANT.
func pattern(database string) string {
	return strings.NewReplacer(`\`, `\\`, `_`, `\_`, `%`, `\%`).Replace(database)
}

// MaxPattern is the longest pattern of a database, in characters, that the servers keep.
const MaxPattern = 64

// PatternLength gives how many characters a database takes in a grant on all of it.
func PatternLength(database string) int { return len([]rune(pattern(database))) }

// identifiedBy has the server keep a verifier.
func identifiedBy(isMariaDB bool, v verifier) string {
	if isMariaDB {
		return " IDENTIFIED VIA " + v.plugin + " USING " + text(v.text.Reveal())
	}
	return " IDENTIFIED WITH " + text(v.plugin) + " AS " + text(v.text.Reveal())
}

// settings gives what a user is beside its privileges.
func (u User) settings() string {
	require := "NONE"
	if u.RequireTLS {
		require = "SSL"
	}
	return " REQUIRE " + require + " WITH MAX_USER_CONNECTIONS " + strconv.Itoa(u.MaxUserConnections)
}

// createLocked makes a user that can't log in yet.
func createLocked(who account, u User, isMariaDB bool, v verifier) statement {
	return statement("CREATE USER " + who.sql() + identifiedBy(isMariaDB, v) + u.settings() + " ACCOUNT LOCK")
}

func setPassword(who account, isMariaDB bool, v verifier) statement {
	return statement("ALTER USER " + who.sql() + identifiedBy(isMariaDB, v))
}

func alterSettings(who account, u User) statement {
	return statement("ALTER USER " + who.sql() + u.settings())
}

func lock(who account) statement { return statement("ALTER USER " + who.sql() + " ACCOUNT LOCK") }

func unlock(who account) statement { return statement("ALTER USER " + who.sql() + " ACCOUNT UNLOCK") }

func drop(who account) statement { return statement("DROP USER " + who.sql()) }

func kill(session string) (statement, error) {
	id, err := strconv.ParseUint(session, 10, 64)
	if err != nil {
		return "", fmt.Errorf("read the number of a session: %w", err)
	}
	return statement("KILL CONNECTION " + strconv.FormatUint(id, 10)), nil
}

func rename(from, to account) statement {
	return statement("RENAME USER " + from.sql() + " TO " + to.sql())
}

// on gives what a grant is on.
func (g Grant) on() string {
	switch g.Level {
	case Global:
		return "*.*"
	case Database:
		return identifier(g.Database) + ".*"
	case Routine:
		return g.RoutineKind + " " + identifier(g.Database) + "." + identifier(g.Object)
	case Account:
		return account{g.Object, g.Host}.sql()
	default:
		return identifier(g.Database) + "." + identifier(g.Object)
	}
}

// sql gives the privilege as GRANT and REVOKE name it.
func (g Grant) sql() string {
	if g.Level == Column {
		return g.Privilege + " (" + identifier(g.Column) + ")"
	}
	return g.Privilege
}

// sameThing reports whether two grants go into one statement.
func (g Grant) sameThing(other Grant) bool {
	return g.on() == other.on()
}

// grant gives privileges, one statement for each thing that they are on.
func grant(who account, grants []Grant) []statement {
	return each(grants, func(privileges, on string) string { return "GRANT " + privileges + " ON " + on + " TO " + who.sql() })
}

// revoke takes privileges away, one statement for each thing that they are on. A role goes with the right to pass it on, and
// so does PROXY.
func revoke(who account, grants []Grant, isMariaDB bool) []statement {
	var statements []statement
	var privileges []Grant
	for _, g := range grants {
		role := identifier(g.Object)
		if !isMariaDB {
			role = account{g.Object, g.Host}.sql()
		}
		switch {
		case g.Level == Role && g.Privilege == Membership:
			statements = append(statements, statement("REVOKE "+role+" FROM "+who.sql()))
		case g.Level == Role, g.Level == Account && g.Privilege == GrantOption:
		default:
			privileges = append(privileges, g)
		}
	}
	return append(statements, each(privileges, func(privileges, on string) string {
		return "REVOKE " + privileges + " ON " + on + " FROM " + who.sql()
	})...)
}

// each builds a statement for each run of grants on the same thing.
func each(grants []Grant, build func(privileges, on string) string) []statement {
	var statements []statement
	for len(grants) > 0 {
		first, privileges := grants[0], []string{}
		for len(grants) > 0 && grants[0].sameThing(first) {
			privileges = append(privileges, grants[0].sql())
			grants = grants[1:]
		}
		statements = append(statements, statement(build(strings.Join(privileges, ", "), first.on())))
	}
	return statements
}
