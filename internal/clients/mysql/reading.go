// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// databasesQuery reads which databases there are.
const databasesQuery statement = "SELECT CONVERT(SCHEMA_NAME USING utf8mb4) FROM information_schema.SCHEMATA"

// systemDatabases are the server's own. What lets one read every database is not taken for the wish to read these.
var systemDatabases = []string{"information_schema", "mysql", "performance_schema", "sys"}

// databases lists the server's databases.
func (s *Server) databases(ctx context.Context) ([]string, error) {
	names := []string{}
	if err := s.collect(ctx, databasesQuery, 1, func(row []string) { names = append(names, row[0]) }); err != nil {
		return nil, fmt.Errorf("read the server's databases: %w", err)
	}
	return names, nil
}

// readingOf lists what lets an account read whole databases and tables: what was granted to it, and to the roles that it is in,
// directly or not, whether they are on by default or by SET ROLE.
func (r *roster) readingOf(who account) []Grant {
	held := slices.Clone(r.grants[who])
	for _, i := range r.throughRoles(held, "") {
		held = append(held, i.grant)
	}
	return slices.DeleteFunc(held, func(g Grant) bool {
		return g.Privilege != Select || g.Level != Global && g.Level != Database && g.Level != Table
	})
}

// isRead reports whether one may read a whole database, or a table, by one of the privileges.
func isRead(reading []Grant, g Grant) bool {
	name := g.Database
	if g.Level == Database {
		name, _ = literalDatabase(g.Database)
	}
	return slices.ContainsFunc(reading, func(held Grant) bool {
		switch held.Level {
		case Global:
			return true
		case Database:
			return matches(held.Database, name)
		default:
			return held == g
		}
	})
}

// matches reports whether a pattern of databases takes in a name: % is any text, _ one character, and a backslash makes the
// character behind it stand for itself.
func matches(pattern, name string) bool {
	var expression strings.Builder
	isEscaped := false
	for _, r := range pattern {
		switch {
		case r == '\\' && !isEscaped:
			isEscaped = true
			continue
		case r == '%' && !isEscaped:
			expression.WriteString(".*")
		case r == '_' && !isEscaped:
			expression.WriteString(".")
		default:
			expression.WriteString(regexp.QuoteMeta(string(r)))
		}
		isEscaped = false
	}
	return regexp.MustCompile(`(?s)\A` + expression.String() + `\z`).MatchString(name)
}

// held gives the databases and tables that a member may read, as grants: those of its own, and what was known and is read in another
// way. Of a user that is imported it gives all that may be read of what is there.
func (o *Observed) held(member string) map[Grant]bool {
	held := readable(o.grants[member])
	for _, g := range o.user.wanted() {
		if isRead(o.reading[member], g) {
			held[g] = true
		}
	}
	if o.there == nil {
		return held
	}
	for g := range readable(o.reading[member]) {
		held[g] = true
	}
	for g := range held {
		if name, _ := literalDatabase(g.Database); g.Level == Database && !slices.Contains(o.there, name) {
			delete(held, g) // What is not there can't be granted, and goes.
		}
	}
	for _, name := range o.there {
		g := Grant{Privilege: Select, Level: Database, Database: pattern(name)}
		if !slices.Contains(systemDatabases, name) && isRead(o.reading[member], g) {
			held[g] = true
		}
	}
	return held
}
