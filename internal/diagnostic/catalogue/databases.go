// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package catalogue

var ofDatabaseServers = []Topic{
	{
		Title: "PostgreSQL",
		About: "The message names the server of the provider's `postgresql` map, the database where it matters, and the server's own words with their SQLSTATE.",
		Entries: []Entry{
			{
				"Unable to create PostgreSQL role",
				"The role was not created. It may exist already, an object of `grants` may be missing, or the provider's user may lack rights.",
				"Do what the message says. To manage a role that exists, import it. See [admins that are not superusers](connecting-to-postgresql.md#admins-that-are-not-superusers).",
			},
			{
				"Unable to read PostgreSQL role",
				"A refresh could not ask the server about the role. The state stays as it is.",
				"Follow the message, then run Terraform again. See [connecting to PostgreSQL](connecting-to-postgresql.md).",
			},
			{
				"Unable to update PostgreSQL role",
				"The server did not take the change. The message says whether something was changed before it failed.",
				"Do what the message says, and apply again. For a lock that somebody holds, see [transactions](connecting-to-postgresql.md#transactions).",
			},
			{
				"Unable to drop PostgreSQL role",
				"The role is still there. It may own objects, or another session may hold a lock.",
				"Give the objects to another owner, as the message shows, and apply again. See [PostgreSQL roles](../resources/postgresql_readonly_role.md).",
			},
			{
				"PostgreSQL server takes no changes",
				"The server is a standby. Roles are made on the primary, and reach the standbys from there.",
				"Name the primary in the provider's `postgresql` map. After a failover, it is another host.",
			},
			{
				"Unable to move postgresql_role",
				"A `moved` block takes over a `postgresql_role` whose state the provider does not understand.",
				"Import the role instead, and remove the old resource from the state. See [migrating from `postgresql_role`](migrating-from-postgresql.md).",
			},
			{
				"Invalid key of grants",
				"A key of `grants` does not name a database and a schema.",
				"Write `database.schema`, such as `app.public`. Quote a name with a dot as in SQL. See [PostgreSQL roles](../resources/postgresql_readonly_role.md).",
			},
			{
				"Schema granted twice",
				"Two keys of `grants` name the same schema in different spellings.",
				"Keep one key, with the tables of both.",
			},
			{
				"Table granted twice",
				"A table is in `tables`, which covers all its columns, and also in `columns`.",
				"Keep one of the two.",
			},
			{
				"Columns are null",
				"A table in `columns` has the value `null`. That could mean no columns or all of them.",
				"List the columns, or leave the table out.",
			},
			{
				"No grant covers future tables",
				"`future_tables_owned_by` is set, but every grant lists its tables. Tables that are created later are in none of them.",
				"Leave `tables` out of a grant to cover its whole schema, or remove `future_tables_owned_by`. See [PostgreSQL roles](../resources/postgresql_readonly_role.md).",
			},
			{
				"Tables that default privileges do not cover: role …, ….… in database …",
				"Somebody who is not in `future_tables_owned_by` created a table in a schema that is granted whole. This apply grants it.",
				"Add the owner to `future_tables_owned_by`, so that its next tables are readable at once.",
			},
			{
				"Unable to create short-lived PostgreSQL login",
				"The ephemeral login was not made. Its role may be missing or able to do more than read, or the server could not be reached.",
				"Do what the message says. A role that the same configuration creates has to be applied first. See [`terrascale_postgresql_credential`](../ephemeral-resources/postgresql_credential.md).",
			},
			{
				"Unable to extend short-lived PostgreSQL login",
				"The run takes longer than the login's `ttl`, and the server did not extend it. The login ends at its expiry.",
				"Run Terraform again, or write a longer `ttl`.",
			},
			{
				"Unable to drop short-lived PostgreSQL login",
				"The run is over, and its login could not be dropped. It can log in until it expires.",
				"Nothing, if that is soon: a later run drops it. Otherwise, drop the role by hand.",
			},
			{
				"Unable to drop short-lived PostgreSQL logins of earlier runs: …",
				"Earlier runs left logins that have expired, and the server did not drop them. Nobody can log in with them.",
				"Nothing, if it happens once: the next run tries again.",
			},
			{
				"Unable to read what was kept of a short-lived PostgreSQL login",
				"What the provider kept to renew and drop the login of this run is not readable.",
				"The login expires after its `ttl`. Report this: it is a bug in the provider or in Terraform.",
			},
			{
				"Unable to end PostgreSQL sessions",
				"The action could not look for sessions or end them, or some were still there at the end.",
				"Do what the message says, and run the action again. See [incident response](incident-response.md#if-a-database-login-is-compromised).",
			},
		},
	},
	{
		Title: "MySQL and MariaDB",
		About: "The message names the server of the provider's `mysql` map, and the server's own words with their number.",
		Entries: []Entry{
			{
				"Unable to create MySQL user",
				"The user was not created. It may exist already, something in `grants` may be missing, or the provider's user may lack rights.",
				"Do what the message says. To manage a user that exists, import it. See [MySQL users](../resources/mysql_readonly_user.md).",
			},
			{
				"Unable to read MySQL user",
				"A refresh could not ask the server about the user. The state stays as it is.",
				"Follow the message, then run Terraform again.",
			},
			{
				"Unable to update MySQL user",
				"The server did not take the change. MySQL has no transactions for users, so a part of it may be done.",
				"Do what the message says, and apply again: that does the rest.",
			},
			{
				"Unable to drop MySQL user",
				"The user is still there. Views or routines may run as this user, or somebody may hold a lock.",
				"Do what the message says, and apply again. See [MySQL users](../resources/mysql_readonly_user.md).",
			},
			{
				"MySQL server takes no changes",
				"The server is read-only, as a replica is. Users are made on the primary.",
				"Name the primary in the provider's `mysql` map. After a failover, it is another host.",
			},
			{
				"Invalid host",
				"`host` is not a form that MySQL compares as you mean it.",
				"Write an address, a CIDR, a host name, or `%` for any. The message shows the form. See [MySQL users](../resources/mysql_readonly_user.md).",
			},
			{
				"Database name too long to be granted whole",
				"A grant on a whole database is a pattern, in which some characters take two places. This name does not fit.",
				"List the tables instead.",
			},
			{
				"Unable to end MySQL sessions",
				"The action could not look for sessions or end them, or some were still there at the end.",
				"Do what the message says, and run the action again. See [incident response](incident-response.md#if-a-database-login-is-compromised).",
			},
		},
	},
	{
		Title: "Redis",
		About: "The message names the server of the provider's `redis` map.",
		Entries: []Entry{
			{
				"Unable to create Redis user",
				"The user was not created. It may exist already, the server may be older than Redis 7, or it refused a rule.",
				"Do what the message says. To manage a user that exists, import it. See [Redis users](../resources/redis_readonly_user.md).",
			},
			{
				"Unable to read Redis user",
				"A refresh could not ask the server about the user. The state stays as it is.",
				"Follow the message, then run Terraform again.",
			},
			{
				"Unable to update Redis user",
				"The server did not take the change.",
				"Do what the message says, and apply again.",
			},
			{
				"Unable to drop Redis user",
				"The server did not drop the user, who can still log in.",
				"Follow the message, then apply again.",
			},
			{
				"Redis user is lost when the server restarts: …",
				"The change works, but the server could not save its users.",
				"Give the server an ACL file (`aclfile`), or a configuration file that it may write. See [Redis users](../resources/redis_readonly_user.md).",
			},
			{
				"Redis user differs from the configuration: …",
				"Somebody changed the user on the server. The message lists what differs.",
				"This apply undoes it. Find out who changed it before you apply.",
			},
			{
				"Invalid pattern or name",
				"A key pattern, a channel or the user's name is empty, or holds a space or a zero byte. Redis can't take it.",
				"Write it without spaces. See [Redis users](../resources/redis_readonly_user.md).",
			},
			{
				"Invalid command rule",
				"A rule in `commands` is not one of Redis, or allows more than reading.",
				"Write `+command`, `-command`, `+@category` or `-@category`, within what reads. The message shows what to write instead.",
			},
		},
	},
}
