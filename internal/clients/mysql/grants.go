// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrGrant says that a line of SHOW GRANTS is not understood.
var ErrGrant = errors.New("a line of SHOW GRANTS is not understood")

// Level says what a grant is for.
type Level string

// The levels of grants.
const (
	// Global is the whole server: ON *.*.
	Global Level = "global"
	// Database is all of the databases that a pattern matches: ON db.*.
	Database Level = "database"
	// Table is one table or view.
	Table Level = "table"
	// Column is one column of a table.
	Column Level = "column"
	// Routine is one function, procedure or package.
	Routine Level = "routine"
	// Account is another user, as whom one may work (PROXY).
	Account Level = "account"
	// Role is a role that one is a member of.
	Role Level = "role"
)

// Privileges that are named here.
const (
	Select   = "SELECT"
	ShowView = "SHOW VIEW"
	// GrantOption is listed beside the privileges of its level that may be passed on.
	GrantOption = "GRANT OPTION"
	// Membership is what a role gives, and AdminOption the right to pass it on.
	Membership  = "MEMBERSHIP"
	AdminOption = "ADMIN OPTION"
	proxy       = "PROXY"
	usage       = "USAGE"
)

// Grant is one privilege on one thing. It is comparable: two equal ones are the same privilege.
type Grant struct {
	// Privilege is in upper case, as the server names it, such as INSERT.
	Privilege string
	Level     Level
	// Database is a pattern as the server keeps it, with its escapes, at the level Database, and a name at those below it.
	Database string
	// Object is the name of a table or routine, the role's name, or the account's user name.
	Object string
	// Column is the column's name; RoutineKind such as FUNCTION; Host that of an account, or of a role of MySQL.
	Column, RoutineKind, Host string
}

// readingPrivileges let nobody change or call anything. Most of them are of the whole server, and let one see more.
var readingPrivileges = []string{
	usage, Select, ShowView, "SHOW DATABASES", "SHOW CREATE ROUTINE", "PROCESS", "REPLICATION CLIENT", "BINLOG MONITOR",
	"SLAVE MONITOR", "REPLICA MONITOR", "SHOW_ROUTINE",
}

// GoesBeyondReading reports whether the grant allows more than to look at data. What a role allows is not known from the
// membership alone, which counts as reading.
func (g Grant) GoesBeyondReading() bool {
	if g.Level == Role {
		return g.Privilege != Membership
	}
	return !slices.Contains(readingPrivileges, g.Privilege)
}

// String gives the grant in words, such as INSERT on app.orders.
func (g Grant) String() string {
	what, on := g.words()
	if on == "" {
		return what
	}
	return what + " on " + on
}

// words gives a privilege and what it is on, in words. A role is on nothing.
func (g Grant) words() (what, on string) {
	switch g.Level {
	case Global:
		return g.Privilege, "*.*"
	case Database:
		if name, ok := literalDatabase(g.Database); ok {
			return g.Privilege, name + ".*"
		}
		return g.Privilege, "all databases like " + g.Database
	case Column:
		return fmt.Sprintf("%s (%s)", g.Privilege, g.Column), g.Database + "." + g.Object
	case Routine:
		return g.Privilege, fmt.Sprintf("%s %s.%s", strings.ToLower(g.RoutineKind), g.Database, g.Object)
	case Account:
		return g.Privilege, g.Object + "@" + g.Host
	case Role:
		if g.Privilege == AdminOption {
			return "passing on role " + g.Object, ""
		}
		return "membership in role " + g.Object, ""
	default:
		return g.Privilege, g.Database + "." + g.Object
	}
}

// literalDatabase gives the one name that a pattern of databases stands for; ok is false where it has wildcards.
func literalDatabase(pattern string) (name string, ok bool) {
	var text strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '%', '_':
			return "", false
		case '\\':
			if i+1 < len(pattern) {
				i++
			}
		}
		text.WriteByte(pattern[i])
	}
	return text.String(), true
}

// ParseGrants reads the lines of SHOW GRANTS, of MariaDB and MySQL: each privilege on each thing becomes one grant, in the order
// of the lines. Lines that grant nothing (USAGE, default roles) give none, and what MySQL's partial revokes take back is not
// taken into account: there is never less than what is allowed.
func ParseGrants(lines []string) ([]Grant, error) {
	var grants []Grant
	for _, line := range lines {
		tokens, err := tokenize(line)
		if err != nil {
			return nil, err
		}
		switch {
		case isPhrase(tokens, "SET", "DEFAULT", "ROLE"), isPhrase(tokens, "REVOKE"):
			continue
		case !isPhrase(tokens, "GRANT"):
			return nil, fmt.Errorf("%w: it does not begin with GRANT", ErrGrant)
		}
		found, err := parseGrant(tokens[1:])
		if err != nil {
			return nil, err
		}
		grants = append(grants, found...)
	}
	return grants, nil
}

// parseGrant reads what follows the word GRANT. No error holds the line: it may hold a digest of a password.
func parseGrant(tokens []token) ([]Grant, error) {
	to := slices.IndexFunc(tokens, isWord("TO"))
	if to < 0 {
		return nil, fmt.Errorf("%w: it names nobody", ErrGrant)
	}
	on := slices.IndexFunc(tokens[:to], isWord("ON"))
	if on < 0 {
		return parseRoles(tokens[:to], hasPhrase(tokens[to:], "WITH", "ADMIN", "OPTION"))
	}
	object, err := parseObject(tokens[on+1 : to])
	if err != nil {
		return nil, err
	}
	grants, err := parsePrivileges(tokens[:on], object)
	if err != nil {
		return nil, err
	}
	if hasPhrase(tokens[to:], "WITH", "GRANT", "OPTION") {
		object.Privilege = GrantOption
		grants = append(grants, object)
	}
	return grants, nil
}

// parsePrivileges reads a list such as SELECT, INSERT (`a`, `b`), SHOW VIEW.
func parsePrivileges(tokens []token, object Grant) ([]Grant, error) {
	var grants []Grant
	var words []string
	add := func(grant Grant) {
		if grant.Privilege = strings.ToUpper(strings.Join(words, " ")); grant.Privilege == proxy {
			grant.Level = Account
		}
		if len(words) > 0 && grant.Privilege != usage {
			grants = append(grants, grant)
		}
	}
	for i := 0; i < len(tokens); i++ {
		switch {
		case tokens[i].is(","):
			add(object)
			words = nil
		case tokens[i].is("("):
			end := slices.IndexFunc(tokens[i:], isWord(")"))
			if end < 0 {
				return nil, fmt.Errorf("%w: a list of columns has no end", ErrGrant)
			}
			for _, column := range tokens[i+1 : i+end] {
				if !column.is(",") {
					ofColumn := object
					ofColumn.Level, ofColumn.Column = Column, column.text
					add(ofColumn)
				}
			}
			words = nil
			i += end
		default:
			words = append(words, tokens[i].text)
		}
	}
	add(object)
	return grants, nil
}

// parseObject reads what a grant is on.
func parseObject(tokens []token) (Grant, error) {
	object := Grant{Level: Table}
	for len(tokens) > 1 && !tokens[0].quoted && !tokens[1].is(".") && !tokens[1].is("@") {
		word := strings.ToUpper(tokens[0].text)
		if word != "TABLE" {
			object.Level = Routine
			object.RoutineKind = strings.TrimSpace(object.RoutineKind + " " + word)
		}
		tokens = tokens[1:]
	}
	if len(tokens) != 3 {
		return object, fmt.Errorf("%w: what it is on is neither database.table nor user@host", ErrGrant)
	}
	first, second := tokens[0], tokens[2]
	switch {
	case tokens[1].is("@"):
		return Grant{Level: Account, Object: first.text, Host: second.text}, nil
	case first.is("*"):
		return Grant{Level: Global}, nil
	case second.is("*"):
		return Grant{Level: Database, Database: first.text}, nil
	default:
		object.Database, object.Object = first.text, second.text
		return object, nil
	}
}

// parseRoles reads a list such as `reader`, `writer`@`%`.
func parseRoles(tokens []token, withAdmin bool) ([]Grant, error) {
	var grants []Grant
	for i := 0; i < len(tokens); i++ {
		if tokens[i].is(",") {
			continue
		}
		role := Grant{Privilege: Membership, Level: Role, Object: tokens[i].text}
		if i+2 < len(tokens) && tokens[i+1].is("@") {
			role.Host = tokens[i+2].text
			i += 2
		}
		grants = append(grants, role)
		if withAdmin {
			role.Privilege = AdminOption
			grants = append(grants, role)
		}
	}
	if len(grants) == 0 {
		return nil, fmt.Errorf("%w: it grants nothing", ErrGrant)
	}
	return grants, nil
}
