// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/extraroots"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
)

var mysqlAdvice = []advice{
	{mysql.ErrNoUsername, "Set username and password of the server in the provider's mysql map."},
	{mysql.ErrAuthentication, "Check username and password of the server in the provider's mysql map, and that the user may come from here."},
	{mysql.ErrNoRights, "The provider's user needs CREATE USER, SELECT on mysql.*, SELECT with grant option on what is to be readable, " +
		"and PROCESS and CONNECTION ADMIN (MySQL: CONNECTION_ADMIN) to end sessions."},
	{mysql.ErrOwnUser, "Nothing was changed. Name another user: the provider logs in as this one, and could not undo the change."},
	{mysql.ErrSessionsLeft, "The server was told to end them. Look again in a moment: a session that is rolling back a large change ends after that."},
	{mysql.ErrObjectNotFound, "Nothing was changed. Create it first (in the same apply, let this resource depend on what creates it), let the provider's user see it, or remove it from grants."},
	{mysql.ErrLowerCase, "Nothing was changed. A server with lower_case_table_names finds no privilege of a name with capitals. Write the name in lower case."},
	{mysql.ErrUserIsDefiner, "The user was left as it is. Without it they would fail, and anybody who creates a user of that name would make them work again. Give them another DEFINER first, or drop them."},
	{mysql.ErrTooOld, "Older servers can't lock a user, so a user could log in before its grants are complete. Upgrade the server."},
	{mysql.ErrRefusesVerifier, "Nothing was changed. On MariaDB, strict_password_validation refuses verifiers while a password validation plugin is loaded, and the provider never " +
		"sends a password in clear. Turn strict_password_validation off, or unload the plugin. A generated password has 238 bits."},
	{extraroots.ErrUnusable, "Correct ca_file of the server in the provider's mysql map."},
	{mysql.ErrLockTimeout, "Let the other session finish, or end it, and apply again. SHOW FULL PROCESSLIST shows what sessions do; on MySQL, " +
		"performance_schema.metadata_locks shows who holds which lock."},
	{mysql.ErrReadOnly, "Name the primary in the provider's mysql map. Its replicas follow it. After a failover, the primary is another host."},
	{mysql.ErrNoTLS, "Turn TLS on at the server. On loopback only, you can set tls = \"off\" of the server in the provider's mysql map."},
	{context.DeadlineExceeded, overTime},
}

// MySQL is the error of a failed change or look at a MySQL or MariaDB server.
func MySQL(summary, server string, err error) diag.Diagnostic {
	words := fmt.Sprintf("Server %q: %s", server, err)
	return diag.NewErrorDiagnostic(summary, explain(words, err, mysqlAdvice))
}

// MySQLUserExists is the error of making a user that is there already; import id is what would import it.
func MySQLUserExists(summary, typeName, server, importID string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, fmt.Sprintf(
		"Server %q: %s, and the provider does not take over what it did not make.\n\n"+
			"To manage that user from now on, import it: terraform import %s.<name> '%s'", server, err, typeName, importID))
}
