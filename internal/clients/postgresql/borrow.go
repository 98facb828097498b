// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// firstWithOptions is the version from which a membership says how far it goes, and who may give it.
const firstWithOptions = 16

// standingQuery tells what an admin can do as each of some roles: use its rights now, or become a member. The last two
// columns are what a membership that the admin gave itself holds.
const (
	standingQuery = `
SELECT r.rolname::text, pg_catalog.pg_has_role(r.oid, 'USAGE'), r.rolsuper,
       pg_catalog.pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION')
         OR NOT r.rolsuper AND (SELECT u.rolcreaterole FROM pg_catalog.pg_roles u WHERE u.rolname = CURRENT_USER),
       pg_catalog.pg_has_role(r.oid, 'MEMBER'), false, false, false
FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[]) ORDER BY 1`
	standingWithOptionsQuery = `
SELECT r.rolname::text, pg_catalog.pg_has_role(r.oid, 'USAGE') AND pg_catalog.pg_has_role(r.oid, 'SET'), r.rolsuper,
       pg_catalog.pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION'), false,
       m.oid IS NOT NULL, COALESCE(m.inherit_option, false), COALESCE(m.set_option, false)
FROM pg_catalog.pg_roles r
LEFT JOIN (pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles u ON u.oid = m.member AND u.oid = m.grantor
           AND u.rolname = CURRENT_USER) ON m.roleid = r.oid
WHERE r.rolname = ANY ($1::text[]) ORDER BY 1`
)

// standing is what the admin can do as a role.
type standing struct {
	Role string
	// Usable is set when the role's rights are the admin's already.
	Usable    bool
	Superuser bool
	// Grantable is set when the admin may make itself a member.
	Grantable bool
	// Member is set when the admin is one that does not inherit, before firstWithOptions.
	Member bool
	// Own is set when the admin has a membership from itself, with the two options.
	Own, Inherit, Set bool
}

// RightsError says whose rights an admin that is not a superuser lacks, and what to run so that it has them.
type RightsError struct {
	Admin, Owner string
	// Statements are to be run first, by a superuser or the owner.
	Statements []string
}

// Error names the owner and the statements.
func (e *RightsError) Error() string {
	return fmt.Sprintf("%v: %s needs the rights of role %s. Run first, as a superuser:\n  %s",
		ErrNoRights, e.Admin, e.Owner, strings.Join(e.Statements, ";\n  ")+";")
}

// Unwrap makes errors.Is find ErrNoRights.
func (e *RightsError) Unwrap() error { return ErrNoRights }

// isSuperuser asks nothing: the server told when the connection was opened.
func isSuperuser(connection *pgx.Conn) bool {
	return connection.PgConn().ParameterStatus("is_superuser") == "on"
}

// hasMembershipOptions reports whether the server knows how far a membership goes.
func hasMembershipOptions(connection *pgx.Conn) bool {
	return majorOf(connection.PgConn().ParameterStatus("server_version")) >= firstWithOptions
}

// loan is how an admin becomes a member of roles, and how it gives that back.
type loan struct{ take, giveBack []statement }

// borrow makes an admin that is not a superuser a member of the roles that changes need, for as long as these take. Nobody else sees it:
// each membership is given back in the same round trip. A request whose rights the admin can't have is refused.
func (t *transaction) borrow(ctx context.Context, asked []*request) (lent loan) {
	if isSuperuser(t.connection) {
		return lent
	}
	var names []string
	for _, r := range asked {
		names = append(names, t.server.rolesNeeded(r.changes)...)
	}
	if len(names) == 0 {
		return lent
	}
	query, withOptions := standingQuery, hasMembershipOptions(t.connection)
	if withOptions {
		query = standingWithOptionsQuery
	}
	var found []standing
	t.send(ctx, []item{itemOf(reading{query, []any{distinct(names)}, collectInto(&found)})})
	if t.failure != nil {
		return lent
	}
	standings := map[string]standing{}
	for _, of := range found {
		standings[of.Role] = of
	}
	isTaken := map[string]bool{}
	for _, r := range asked {
		needed := t.server.rolesNeeded(r.changes)
		at := slices.IndexFunc(needed, func(name string) bool { return standings[name].isOutOfReach() })
		if at >= 0 {
			r.err = t.server.missingRights(standings[needed[at]], r.role, r.changes, withOptions)
			if explain := r.changes[0].explain; explain != nil {
				r.err = explain(r.err)
			}
			continue
		}
		for _, name := range needed {
			if of, isKnown := standings[name]; isKnown && !of.Usable && !isTaken[name] {
				isTaken[name] = true
				lent.add(of, withOptions)
			}
		}
	}
	return lent
}

// isOutOfReach reports whether the admin does not have a role's rights and can't take them.
func (s standing) isOutOfReach() bool { return s.Role != "" && !s.Usable && (!s.Grantable || s.Member) }

func (l *loan) add(of standing, withOptions bool) {
	l.take = append(l.take, borrowRole(of.Role, withOptions))
	if of.Own {
		l.giveBack = append(l.giveBack, restoreMembership(of.Role, of.Inherit, of.Set))
	} else {
		l.giveBack = append(l.giveBack, giveRoleBack(of.Role))
	}
}

// rolesNeeded names the roles whose rights changes need, each once.
func (s *Server) rolesNeeded(changes []change) []string {
	names := []string{}
	for _, c := range changes {
		switch c.grantor {
		case "":
			names = append(names, c.owners...)
		case s.config.Username:
		default:
			names = append(names, c.grantor)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

// missingRights says what to run. A superuser's rights can't be lent, so that there each privilege is named.
func (s *Server) missingRights(of standing, role string, changes []change, withOptions bool) error {
	failure := &RightsError{Admin: s.config.Username, Owner: of.Role}
	admin := identifier(s.config.Username)
	switch {
	case of.Superuser:
		for _, c := range changes {
			if slices.Contains(c.owners, of.Role) {
				failure.Statements = append(failure.Statements, withGrantOption(c.sql, role, admin))
			}
		}
	case of.Member:
		failure.Statements = []string{"ALTER ROLE " + admin + " INHERIT"}
	case withOptions:
		failure.Statements = []string{"GRANT " + identifier(of.Role) + " TO " + admin + " WITH INHERIT TRUE, SET TRUE"}
	default:
		failure.Statements = []string{"GRANT " + identifier(of.Role) + " TO " + admin}
	}
	return failure
}

// withGrantOption turns the grant of something to a role into one that lets the admin grant it. Anything else is as it is.
func withGrantOption(sql statement, role, admin string) string {
	text, isGrant := strings.CutSuffix(string(sql), " TO "+identifier(role))
	if !isGrant || !strings.HasPrefix(text, "GRANT ") {
		return string(sql)
	}
	return text + " TO " + admin + " WITH GRANT OPTION"
}
