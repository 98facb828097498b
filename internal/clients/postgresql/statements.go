// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// statement is one SQL command whose every identifier and literal went through the functions below. Data definition
// takes no parameters, so that values stand in it as quoted literals.
type statement string

// identifier quotes a name of any content; parts are joined by dots.
func identifier(parts ...string) string { return pgx.Identifier(parts).Sanitize() }

func identifiers(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = identifier(name)
	}
	return strings.Join(quoted, ", ")
}

func relations(names []relationName) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = identifier(name.schema, name.name)
	}
	return strings.Join(quoted, ", ")
}

// literal quotes a text so that it means the same whatever standard_conforming_strings is.
func literal(text string) string {
	text = strings.ReplaceAll(text, "\x00", "")
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	if strings.Contains(text, `\`) {
		return " E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// createLogin names no attribute that only a superuser may name: all of those are off by default. The login is a member
// of a group where one is given.
func createLogin(name string, verifier secret.String, attributes Attributes, group string) statement {
	text := "CREATE ROLE " + identifier(name) + " LOGIN" + roleOptions(attributes) + " PASSWORD " + literal(verifier.Reveal())
	if group != "" {
		text += " IN ROLE " + identifier(group)
	}
	return statement(text)
}

// createHolder makes a role that holds privileges and can't log in.
func createHolder(name string) statement {
	return statement("CREATE ROLE " + identifier(name) + " NOLOGIN")
}

// alterRole names attributes that only a superuser may name where the role has them, to take them away.
func alterRole(name string, attributes Attributes, elevated []string) statement {
	text := "ALTER ROLE " + identifier(name) + " LOGIN" + roleOptions(attributes)
	return statement(text + withoutAttributes(elevated))
}

// takeAttributes takes attributes from a role, and leaves all else of it.
func takeAttributes(name string, elevated []string) statement {
	return statement("ALTER ROLE " + identifier(name) + withoutAttributes(elevated))
}

func withoutAttributes(elevated []string) string {
	text := ""
	for _, attribute := range elevated {
		text += " NO" + attribute
	}
	return text
}

func roleOptions(attributes Attributes) string {
	until := "infinity"
	if attributes.ValidUntil != nil {
		until = attributes.ValidUntil.UTC().Format(time.RFC3339Nano)
	}
	return " CONNECTION LIMIT " + strconv.Itoa(attributes.ConnectionLimit) + " VALID UNTIL " + literal(until)
}

// extendLogin changes when the password stops working and nothing else.
func extendLogin(name string, until time.Time) statement {
	return statement("ALTER ROLE " + identifier(name) + " VALID UNTIL " + literal(until.UTC().Format(time.RFC3339Nano)))
}

func commentOnRole(name, comment string) statement {
	return statement("COMMENT ON ROLE " + identifier(name) + " IS " + literal(comment))
}

func setPassword(name string, verifier secret.String) statement {
	return statement("ALTER ROLE " + identifier(name) + " PASSWORD " + literal(verifier.Reveal()))
}

// disableLogin takes the password too, so that a login that is enabled by hand does not bring the old one back.
func disableLogin(name string) statement {
	return statement("ALTER ROLE " + identifier(name) + " NOLOGIN PASSWORD NULL")
}

// terminate ends the sessions of some roles.
func terminate(names []string) statement {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = literal(name)
	}
	return statement("SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a WHERE a.usename IN (" +
		strings.Join(quoted, ", ") + ")")
}

func renameRole(from, to string) statement {
	return statement("ALTER ROLE " + identifier(from) + " RENAME TO " + identifier(to))
}

func dropRole(name string) statement { return statement("DROP ROLE " + identifier(name)) }

func dropPrivileges(name string) statement { return statement("DROP OWNED BY " + identifier(name)) }

// setParameter gives the role's sessions a default; an empty value takes it away.
func setParameter(role, parameter, value string) statement {
	if value == "" {
		return resetParameter(role, "", parameter)
	}
	return statement("ALTER ROLE " + identifier(role) + " SET " + identifier(parameter) + " TO " + literal(value))
}

// resetParameter takes a default of the role's sessions away: in one database, or where none is named the one for all.
func resetParameter(role, database, parameter string) statement {
	text := "ALTER ROLE " + identifier(role)
	if database != "" {
		text += " IN DATABASE " + identifier(database)
	}
	return statement(text + " RESET " + identifier(parameter))
}

func grantConnect(database, role string) statement {
	return statement("GRANT CONNECT ON DATABASE " + identifier(database) + " TO " + identifier(role))
}

func grantUsage(schemas []string, role string) statement {
	return statement("GRANT USAGE ON SCHEMA " + identifiers(schemas) + " TO " + identifier(role))
}

// grantSelectOnAll and grantSelect take TABLE or SEQUENCE for a kind.
func grantSelectOnAll(kind string, schemas []string, role string) statement {
	return statement("GRANT SELECT ON ALL " + kind + "S IN SCHEMA " + identifiers(schemas) + " TO " + identifier(role))
}

func grantSelect(kind string, names []relationName, role string) statement {
	return statement("GRANT SELECT ON " + kind + " " + relations(names) + " TO " + identifier(role))
}

func grantSelectColumns(columns []string, table relationName, role string) statement {
	return statement("GRANT SELECT (" + identifiers(columns) + ") ON TABLE " + identifier(table.schema, table.name) +
		" TO " + identifier(role))
}

// cascade takes along what somebody gave further.
const cascade = " CASCADE"

func revokeAll(tables []relationName, role string) statement {
	return statement("REVOKE ALL ON TABLE " + relations(tables) + " FROM " + identifier(role) + cascade)
}

func revokeSelect(tables []relationName, role string) statement {
	return statement("REVOKE SELECT ON TABLE " + relations(tables) + " FROM " + identifier(role) + cascade)
}

func revokeUsage(schemas []string, role string) statement {
	return statement("REVOKE USAGE ON SCHEMA " + identifiers(schemas) + " FROM " + identifier(role) + cascade)
}

func revokeConnect(database, role string) statement {
	return statement("REVOKE CONNECT ON DATABASE " + identifier(database) + " FROM " + identifier(role) + cascade)
}

// revokePrivilege takes one privilege on an object whose kind and quoted name the caller gives.
func revokePrivilege(privilege, kind, quotedObject, role string) statement {
	return statement(fmt.Sprintf("REVOKE %s ON %s %s FROM %s%s", privilege, kind, quotedObject, identifier(role), cascade))
}

// revokeMembership takes one grantor's; an empty one means the only one there can be.
func revokeMembership(group, member, grantor string) statement {
	text := "REVOKE " + identifier(group) + " FROM " + identifier(member)
	if grantor != "" {
		text += " GRANTED BY " + identifier(grantor)
	}
	return statement(text)
}

// grantFuture takes TABLES or SEQUENCES for a kind.
func grantFuture(owner string, schemas []string, kind, role string) statement {
	return statement("ALTER DEFAULT PRIVILEGES FOR ROLE " + identifier(owner) + " IN SCHEMA " + identifiers(schemas) +
		" GRANT SELECT ON " + kind + " TO " + identifier(role))
}

// revokeFuture takes default privileges away; an empty schema means those for the whole database.
func revokeFuture(owner, schema, kind, role string) statement {
	in := ""
	if schema != "" {
		in = " IN SCHEMA " + identifier(schema)
	}
	return statement("ALTER DEFAULT PRIVILEGES FOR ROLE " + identifier(owner) + in +
		" REVOKE ALL ON " + kind + " FROM " + identifier(role))
}

// borrowRole makes the admin a member of a role; the server knows how far a membership goes from version 16 on. A role that
// gives its membership back keeps what it had before.
func borrowRole(role string, withOptions bool) statement {
	text := "GRANT " + identifier(role) + " TO CURRENT_USER"
	if withOptions {
		text += " WITH INHERIT TRUE, SET TRUE"
	}
	return statement(text)
}

func giveRoleBack(role string) statement {
	return statement("REVOKE " + identifier(role) + " FROM CURRENT_USER")
}

func restoreMembership(role string, inherit, set bool) statement {
	word := map[bool]string{false: "FALSE", true: "TRUE"}
	return statement("GRANT " + identifier(role) + " TO CURRENT_USER WITH INHERIT " + word[inherit] + ", SET " + word[set])
}

// actAs lasts until the end of the transaction, or until actAsOneself.
func actAs(role string) statement { return statement("SET LOCAL ROLE " + identifier(role)) }

const actAsOneself statement = "SET LOCAL ROLE NONE"

// timeoutValue writes a time-out as the server's settings take it; zero means not set.
func timeoutValue(timeout time.Duration) string {
	if timeout == 0 {
		return ""
	}
	return strconv.FormatInt(timeout.Milliseconds(), 10) + "ms"
}
