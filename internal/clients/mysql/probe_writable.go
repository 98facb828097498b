// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// session is a connection of its own, whose role may change.
type session interface {
	ExecContext(ctx context.Context, query string, arguments ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, arguments ...any) (*sql.Rows, error)
}

// grantsOfLogin gives what the session's user can do beyond reading: by grants of its own, through roles that it is a
// member of, directly or not, in MariaDB through PUBLIC, through other accounts, and by reading a view that writes.
func grantsOfLogin(ctx context.Context, s session, isMariaDB bool) ([]string, error) {
	if !isMariaDB {
		return ofMySQL(ctx, s)
	}
	// A default role is on from the start; without it the grants are the user's own.
	if _, err := s.ExecContext(ctx, "SET ROLE NONE"); err != nil {
		return nil, err
	}
	everybody, err := showGrants(ctx, s, "SHOW GRANTS FOR PUBLIC")
	if err != nil && !isUnknownGrantee(err) {
		return nil, err
	}
	own, err := showGrants(ctx, s, "SHOW GRANTS")
	if err != nil {
		return nil, err
	}
	found, err := lent(ctx, s, slices.Concat(own, everybody))
	if err != nil {
		return nil, err
	}
	found = append(found, beyondReading(everybody, "PUBLIC")...)
	// The server lists what everybody has with what the user has.
	found = append(found, beyondReading(slices.DeleteFunc(slices.Clone(own), isOneOf(everybody)), "")...)
	views, err := writingViews(ctx, s, true)
	if err != nil {
		return nil, err
	}
	for _, role := range rolesOf(own) {
		// A user may look at a role's grants, and at those of the roles in it, while it is the session's.
		if _, err := s.ExecContext(ctx, "SET ROLE "+quoteName(role.Object)); err != nil {
			return nil, fmt.Errorf("role %s: %w", role.Object, err)
		}
		grants, err := showGrants(ctx, s, "SHOW GRANTS FOR CURRENT_ROLE")
		if err != nil {
			return nil, fmt.Errorf("role %s: %w", role.Object, err)
		}
		found = append(found, beyondReading(grants, role.Object)...)
		through, err := writingViews(ctx, s, true)
		if err != nil {
			return nil, fmt.Errorf("role %s: %w", role.Object, err)
		}
		views = append(views, through...)
	}
	slices.Sort(views)
	return append(found, slices.Compact(views)...), nil
}

func isOneOf(grants []Grant) func(Grant) bool {
	return func(grant Grant) bool { return slices.Contains(grants, grant) }
}

// ofMySQL asks MySQL, which lets a user look at its roles' privileges together with its own only.
func ofMySQL(ctx context.Context, s session) ([]string, error) {
	if _, err := s.ExecContext(ctx, "SET ROLE NONE"); err != nil {
		return nil, err
	}
	own, err := showGrants(ctx, s, "SHOW GRANTS")
	if err != nil {
		return nil, err
	}
	found, err := lent(ctx, s, own)
	if err != nil {
		return nil, err
	}
	found = append(found, beyondReading(own, "")...)
	var names []string
	for _, role := range rolesOf(own) {
		names = append(names, quoteName(role.Object)+"@"+quoteName(role.Host))
	}
	if _, err := s.ExecContext(ctx, "SET ROLE ALL"); err != nil {
		return nil, err
	}
	views, err := writingViews(ctx, s, false)
	if err != nil {
		return nil, err
	}
	found = append(found, views...)
	if len(names) == 0 {
		return found, nil
	}
	all, err := showGrants(ctx, s, "SHOW GRANTS FOR CURRENT_USER() USING "+strings.Join(names, ", "))
	through := slices.DeleteFunc(all, isOneOf(own))
	return append(found, beyondReading(through, "a role")...), err
}

func rolesOf(grants []Grant) []Grant {
	return slices.DeleteFunc(slices.Clone(grants), func(g Grant) bool { return g.Level != Role || g.Privilege != Membership })
}

func beyondReading(grants []Grant, via string) []string {
	var found []string
	for _, grant := range grants {
		if !grant.GoesBeyondReading() {
			continue
		}
		text := grant.String()
		if via != "" {
			text += " via " + via
		}
		found = append(found, text)
	}
	return found
}

// showGrants runs a form of SHOW GRANTS. Its lines may hold digests of passwords and go no further than ParseGrants.
func showGrants(ctx context.Context, s session, statement string) ([]Grant, error) {
	rows, err := s.QueryContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return ParseGrants(lines)
}

// quoteName quotes a name for a statement; backquotes work in every SQL mode.
func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// The server's codes for a grantee that is not there, and for a statement that it does not know.
const (
	codeNonexistingGrant = 1141
	codeInvalidRole      = 1959
	codeParse            = 1064
)

// isUnknownGrantee reports whether the server has nobody of that name: PUBLIC is from MariaDB 10.11 on.
func isUnknownGrantee(err error) bool {
	var answer *mysql.MySQLError
	return errors.As(err, &answer) && slices.Contains([]uint16{codeNonexistingGrant, codeInvalidRole, codeParse}, answer.Number)
}
