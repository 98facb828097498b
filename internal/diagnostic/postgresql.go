// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
)

// overTime is what to do when an operation took longer than its resource allows.
const overTime = "Apply again once the server answers. If the work always takes longer, raise the limit in the resource's timeouts block."

var postgresqlAdvice = []advice{
	{postgresql.ErrNoUsername, "Set username and password of the server in the provider's postgresql map, or for the server \"default\" the environment variables PGUSER and PGPASSWORD."},
	{postgresql.ErrAuthentication, "Check username and password of the server in the provider's postgresql map, or for the server \"default\" the environment variables PGUSER and PGPASSWORD."},
	{postgresql.ErrOwnSessions, "Nothing was ended. Name another role: the provider needs its own sessions."},
	{postgresql.ErrSessionsLeft, "The server was told to end them. Look again in a moment: a session can end only after what it is waiting for."},
	{postgresql.ErrObjectNotFound, "Nothing was changed. Create it first (in the same apply, let this resource depend on what creates it), or remove it from grants."},
	{postgresql.ErrIncomplete, "Nothing was changed. The provider's user must own these objects, be a member of their owner, or hold the privilege with grant option."},
	{postgresql.ErrNoRights, "Nothing was changed. Or remove it from the configuration: exclude a table of a whole schema with except, remove a grant, or remove an owner from future_tables_owned_by."},
	{postgresql.ErrElevatedRole, "No login was made. Name a role that holds read privileges only, such as one of terrascale_postgresql_readonly_role."},
	{postgresql.ErrLockTimeout, "In that database nothing was changed. Let the other session finish, or end it (SELECT pg_terminate_backend with the number of its " +
		"process), and apply again. To wait longer, raise lock_timeout of the server in the provider's postgresql map."},
	{postgresql.ErrStandby, "Name the primary in the provider's postgresql map. Its standbys follow it. After a failover, the primary is another host."},
	{context.DeadlineExceeded, overTime},
	{postgresql.ErrRoleOwnsObjects, "The role was left as it is. Give the objects to another owner first, for example with REASSIGN OWNED BY in each database named."},
}

// PostgreSQL is the error of a failed change or look at a PostgreSQL server.
func PostgreSQL(summary, server string, err error) diag.Diagnostic {
	words := fmt.Sprintf("Server %q: %s", server, postgresql.Explain(err))
	return diag.NewErrorDiagnostic(summary, explain(words, err, postgresqlAdvice))
}

// PostgreSQLRoleExists is the error of creating a role that is there already; address is the resource's.
func PostgreSQLRoleExists(summary, typeName, server, role string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
		"Server %q has a role %q already, and the provider does not take over what it did not make.\n\n"+
			"To manage that role from now on, import it: terraform import %s.<name> '%s/%s'",
		server, role, typeName, server, role))
}

// IsPostgreSQLRoleExists reports whether an error says that a role is there already.
func IsPostgreSQLRoleExists(err error) bool { return errors.Is(err, postgresql.ErrRoleExists) }
