// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package catalogue

var ofTheProvider = []Topic{
	{
		Title: "The provider block",
		Entries: []Entry{
			{
				"Invalid endpoint",
				"The address of the service is not one that the provider can use. It comes from `endpoint` in the provider block, or from `TERRASCALE_ENDPOINT`.",
				"Write the address that the message asks for, or remove the setting to use the default. See the [provider block](../index.md).",
			},
			{
				"Invalid access_token",
				"The access token can't be sent as it is. It comes from `access_token` in the provider block, or from `TERRASCALE_ACCESS_TOKEN`.",
				"Copy the token again, without spaces or line breaks. See the [provider block](../index.md).",
			},
			{
				"Invalid provider configuration",
				"A setting of the connection to the service can't be used. The message says which one.",
				"Correct that setting in the [provider block](../index.md), or its `TERRASCALE_` variable.",
			},
			{
				"Invalid least_privilege",
				"`TERRASCALE_LEAST_PRIVILEGE` has a value that the provider does not know.",
				"Set it to `warn`, `enforce` or `off`. See [least privilege](least-privilege.md).",
			},
			{
				"Unable to read ca_file",
				"The file of certificate authorities that `ca_file` or `TERRASCALE_CA_FILE` names can't be read, or holds no certificate in PEM format.",
				"Check the path and the file's rights. Terraform needs the file on the machine that it runs on.",
			},
			{
				"Invalid sslmode",
				"`PGSSLMODE` has a value that could fall back to a connection in clear text. The provider refuses it.",
				"Use one of the values that the message names. See [TLS](connecting-to-postgresql.md#tls).",
			},
			{
				"Invalid environment variable",
				"`PGPORT` or `PGCONNECT_TIMEOUT` is not a whole number.",
				"Correct the variable, or remove it and set the value in the provider's `postgresql` map. See [libpq's variables](connecting-to-postgresql.md#libpqs-variables).",
			},
			{
				"Invalid SSH private key",
				"The key for the SSH bastion can't be used. It is not a private key, or it has a passphrase.",
				"Give the text of a key without a passphrase, for example with `file()` or from an ephemeral value. See [SSH bastions](connecting-to-postgresql.md#ssh-bastions).",
			},
			{
				"Invalid SSH host key",
				"The bastion's host key is not in the form of a line of a public key file. The provider needs it to be sure that it talks to your bastion.",
				"Copy it from `/etc/ssh/ssh_host_ed25519_key.pub` on the bastion. See [SSH bastions](connecting-to-postgresql.md#ssh-bastions).",
			},
			{
				"Unknown database server",
				"A resource, data source or list names a server that is not in the provider's `postgresql`, `mysql` or `redis` map. The message lists the servers that are.",
				"Add the server to the map in the provider block, or correct the name. Without `server`, a resource uses the server `default`. See [several servers](connecting-to-postgresql.md#several-servers).",
			},
			{
				"Unexpected provider data",
				"Terraform gave a resource something that did not come from this provider.",
				"This is a bug in the provider. Report it, with the versions of Terraform and of the provider.",
			},
		},
	},
	{
		Title: "Values of any resource",
		Entries: []Entry{
			{
				"Invalid CIDR",
				"A network is not in CIDR form, is IPv4 written as IPv6, or has bits set after the prefix.",
				"Write what the message shows, such as `203.0.113.0/24`. [`cidr_collapse`](../functions/cidr_collapse.md) merges a list of networks.",
			},
			{
				"Invalid duration",
				"A span of time is not in a form that the provider reads.",
				"Write a number and a unit, such as `90d`, `36h` or `15m`. [`add_duration`](../functions/add_duration.md) adds one to a time.",
			},
			{
				"Duration too short",
				"A span of time is below the minimum of this attribute.",
				"Write at least the value that the message names.",
			},
			{
				"Invalid time",
				"A point in time is not in RFC 3339 form.",
				"Write one such as `2027-03-01T00:00:00Z`. Without a time zone, it is not valid.",
			},
			{
				"Invalid e-mail address",
				"The text is not the address of one person.",
				"Write the address alone, such as `ada@example.com`, without a name before it.",
			},
			{
				"Invalid regular expression",
				"A pattern does not compile. It is a `name_pattern` of a list, or the `pattern` of a repository's field.",
				"Correct the place that the message names. Escape a character that has a meaning of its own, as in `\\\\.`.",
			},
			{
				"Invalid name",
				"A name of a role, user, database, schema, table or owner is one that the database server can't have. It is empty, too long, or reserved. With rotation, `_a` and `_b` are added to a login's name, so it must be shorter.",
				"Write another name. See [PostgreSQL roles](../resources/postgresql_readonly_role.md) and [MySQL users](../resources/mysql_readonly_user.md).",
			},
			{
				"Grant is null",
				"A key of `grants` has the value `null`. That could mean nothing or everything, so the provider refuses it.",
				"Write `{}` to grant everything below that key, or remove the key.",
			},
			{
				"Invalid import id",
				"The id that you gave to `terraform import`, or to an `import` block, is not one of this kind of resource.",
				"Write the form that the message shows. Each resource's page has an example under 'Import', and [importing](importing.md) says how to find the ids. If you gave an API key's secret by mistake, consider the key leaked.",
			},
			{
				"Invalid import identity",
				"The identity of an adapter names both a project and a file, or neither.",
				"Write either `project` (Hyperterse 2) or `config_file` (Hyperterse 1), and the adapter's name. See [adapters](../resources/adapter.md).",
			},
		},
	},
	{
		Title: "Passwords and secrets",
		Entries: []Entry{
			{
				"No password_wo_version",
				"`password_wo` is set, and nothing tells Terraform when it changes. Terraform can't see the value of a write-only attribute.",
				"Write `password_wo_version = 1` and raise it with each new password, or add `rotation`. See [secrets](secrets.md).",
			},
			{
				"Nothing to encrypt",
				"`age_recipients` and `password_wo` are both set. With `password_wo`, the state holds no password, so there is nothing to encrypt.",
				"Remove one of the two. See [which way to choose](secrets.md#which-way-to-choose).",
			},
			{
				"Invalid age recipient",
				"A text in `age_recipients` or `TERRASCALE_AGE_RECIPIENTS` is not a public key of age or SSH.",
				"Write one that starts with `age1`, or an `ssh-ed25519` or `ssh-rsa` public key. If you wrote a private key, make a new one. See [encrypting the state with age](secrets.md#encrypt-the-state-with-age).",
			},
			{
				"Age recipients do not go together",
				"Each recipient is valid, but age can't encrypt to all of them at once.",
				"Use recipients of one kind. The message says what age refuses. See [encrypting the state with age](secrets.md#encrypt-the-state-with-age).",
			},
			{
				"Password not taken by its login",
				"An adapter's variable would get a password that was generated in this run, but the login keeps the one that it has. Nobody could log in with the new one, so nothing is written.",
				"Rotate the login, so that both get the new password, or keep the value encrypted with age. See [when a keeper refuses](secrets.md#when-a-keeper-refuses).",
			},
			{
				"Password changed outside: …",
				"The login no longer has the password that Terraform set. Somebody changed it on the server.",
				"This apply sets a password again, and the other one stops working. Find out who changed it before you apply. See [incident response](incident-response.md#if-a-database-login-is-compromised).",
			},
		},
	},
	{
		Title: "Rotation",
		Entries: []Entry{
			{
				"… will be rotated",
				"A rotation is due, and this apply does it. The message says why, and until when the current credential works.",
				"Apply, and give the new credential to what uses it before the old one ends. See [rotation](rotation.md#what-a-plan-shows).",
			},
			{
				"Previous … of … will be ended",
				"The overlap of an earlier rotation is over. This apply ends the credential from before it.",
				"Check that nothing uses the old credential, then apply. See [rotation](rotation.md#what-a-plan-shows).",
			},
			{
				"Invalid rotation",
				"The values of `rotation` contradict each other or the life of the credential. For example, the overlap is longer than the time between two rotations.",
				"Correct the attribute that the message names. See [rotation](rotation.md).",
			},
			{
				"Rotation without a time or trigger",
				"`rotation` is there, but nothing in it says when to rotate.",
				"Write `every`, such as `every = \"90d\"`, or a `trigger` that you change to rotate. See [rotation](rotation.md#rotate-now).",
			},
			{
				"A rotating … will be replaced: …",
				"The resource is tainted, so this apply ends its credential and creates another resource. A replacement has no overlap: what uses the credential fails at once.",
				"To rotate with the overlap instead, run `terraform untaint` and change `rotation.trigger`. See [rotation](rotation.md#rotate-now).",
			},
			{
				"A rotating … was replaced: …",
				"The apply replaced the resource. The credential ended at once, without an overlap.",
				"Give the new credential to what uses it now. Next time, change `rotation.trigger` instead of using `-replace`. See [rotation](rotation.md#rotate-now).",
			},
			{
				"Overlap is not known yet",
				"A rotation is due, but `overlap` comes from something that is known only at apply.",
				"Apply what it comes from first, with `-target`, or write the value itself, such as `7d`.",
			},
		},
	},
	{
		Title: "Killed runs and the private state",
		About: "The private state is a part of the state file that only the provider reads. It holds times and fingerprints, and no secrets.",
		Entries: []Entry{
			{
				"Unable to read the private state",
				"Something that the provider keeps in the state does not parse. The state was damaged or edited, or a later version of the provider wrote it.",
				"Use the version of the provider that wrote the state, or restore the state from a backup.",
			},
			{
				"Unable to write the private state",
				"The provider could not encode what it has to keep in the state.",
				"This is a bug in the provider. Report it, with the whole message.",
			},
			{
				"The … of an unfinished run was dropped: …",
				"An earlier run was killed, or lost its connection, after it created a login and before Terraform saved it. Nobody knows its password, so this run dropped it and created it again.",
				"Nothing. See [what a killed run can leave behind](rotation.md#what-a-killed-run-can-leave-behind).",
			},
			{
				"The API key of an unfinished run was revoked: …",
				"An earlier run was killed, or lost its connection, after it made a key and before Terraform saved it. Nobody has the key's secret, so this run revoked it.",
				"Nothing. See [what a killed run can leave behind](rotation.md#what-a-killed-run-can-leave-behind).",
			},
			{
				"The API key of an unfinished run is in use: …",
				"A key that looks like one of such a run was used since. Somebody has its secret, so the provider did not revoke it.",
				"Find out who uses the key. Revoke it if nobody should.",
			},
		},
	},
}
