// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package catalogue

var ofHyperterse = []Topic{
	{
		Title: "Adapters and .env files",
		About: "When an adapter can't be written, its file stays as it was. See [adapters](../resources/adapter.md) and [Hyperterse 2](hyperterse-2.md).",
		Entries: []Entry{
			{
				"Invalid adapter name",
				"The name is not one that Hyperterse takes.",
				"Write a letter, then letters, digits, `_` and `-`, such as `users_db`.",
			},
			{
				"Unknown connector",
				"Hyperterse has no connector of that name.",
				"Write one of those that the message lists. See [adapters](../resources/adapter.md).",
			},
			{
				"Invalid variable name",
				"The name of an environment variable has a character that it can't have.",
				"Write letters, digits and `_`, such as `DATABASE_URL`.",
			},
			{
				"Invalid connection string",
				"The connection string is not one of this connector.",
				"Correct it as the message says. [`connection_string`](../functions/connection_string.md) writes one from its parts.",
			},
			{
				"Password in the configuration",
				"The connection string or an option holds a password. Everyone who reads the configuration, the file, the plan or the state could read it.",
				"Refer to an environment variable, as the message shows, and set it with `dotenv` or where the gateway runs. See [secrets](secrets.md).",
			},
			{
				"Unable to create adapter",
				"The adapter was not written. It may be in the file already, or the file may not be valid.",
				"Do what the message says. To manage an adapter that exists, import it.",
			},
			{
				"Unable to read adapter",
				"A refresh could not read the project, the `.terse` file or the `.env` file.",
				"Correct the file as the message says, then run Terraform again.",
			},
			{
				"Unable to update adapter",
				"The adapter was not changed. Its file may have been edited into a form that the provider does not write.",
				"Do what the message says, and apply again.",
			},
			{
				"Unable to delete adapter",
				"The adapter, or its variable, is still in its file.",
				"Do what the message says, and apply again.",
			},
			{
				"Unable to import adapter",
				"The import names a project or file that is not there, or that is of the other version of Hyperterse.",
				"Check the path. Use `project` for version 2, `config_file` for version 1. See [Hyperterse 2](hyperterse-2.md).",
			},
			{
				"Unable to use the adapter's project or file",
				"While planning, the provider found that it can't read or edit the project or the `.terse` file. An apply would fail.",
				"Correct the file as the message says, or name another one. See [where an adapter is](hyperterse-2.md#where-an-adapter-is).",
			},
			{
				"Unable to use the .env file",
				"The `.env` file can't be read, or is not valid. A quote may not be closed.",
				"Correct the line that the message names.",
			},
			{
				"No file for the variable",
				"`dotenv` has no `file`, and with `config_file` the provider does not know which `.env` file the gateway reads.",
				"Write `file`. Hyperterse 1 reads the `.env` file in the folder that it is started in.",
			},
			{
				"Variable is set already",
				"The `.env` file sets the variable to another value, which the provider did not write. It does not overwrite it.",
				"Remove the variable from the file, give `value_wo` the same value, or import the adapter.",
			},
			{
				"Variable will be overwritten: …",
				"The adapter was imported, and its variable has another value in the file. This apply replaces it.",
				"Check that `value_wo` is right, then apply.",
			},
			{
				"Two values for one variable",
				"Two adapters set one variable of one file to different values. Hyperterse would find only one of them.",
				"Give each adapter a variable of its own, or both the same `value_wo`.",
			},
			{
				"Variable left in the .env file: …",
				"The adapter no longer needs the variable, but somebody changed its value. The provider left it.",
				"Remove it by hand if nothing needs it.",
			},
			{
				"Unable to remove the old variable: …",
				"The adapter was changed, but the variable that it used before is still in the file.",
				"Remove the variable by hand.",
			},
			{
				"Hyperterse does not read this .env file: …",
				"`file` names another file than the one that Hyperterse 2 reads, which is beside `.hyperterse`.",
				"Leave `file` out, unless something else reads yours. See [where an adapter is](hyperterse-2.md#where-an-adapter-is).",
			},
			{
				"Another .env file is read first: …",
				"Hyperterse reads only the first of `.env.local`, `.env.development` and `.env`. A file that goes first hides the one that is written.",
				"Remove the other file where the gateway runs, or name it in `file`.",
			},
			{
				"Variable is not used: …",
				"The connection string does not refer to the variable that `dotenv` sets.",
				"Write the reference that the message shows, or the name of the variable that the adapter uses.",
			},
			{
				"Adapter in use: …",
				"Something in the project or file still names the adapter that this apply removes or moves.",
				"Change what the message lists, by hand: Hyperterse 1 does not start, and a tool of Hyperterse 2 fails, while the adapter is missing.",
			},
			{
				"Option unknown to the driver: adapter …",
				"The connector's driver does not know an option, so it has no effect or fails. Often it is one of another driver.",
				"Write what the message suggests instead.",
			},
			{
				"Parameter unknown to the driver: adapter …",
				"The connector's driver does not know a parameter of the connection string.",
				"Write what the message suggests instead.",
			},
			{
				"Unable to render the adapters",
				"`terrascale_adapter_config` could not write its document.",
				"Correct the adapter that the message names. See [`terrascale_adapter_config`](../data-sources/adapter_config.md).",
			},
			{
				"Connection check interrupted",
				"The run was stopped before the database answered.",
				"Run it again. A check that can't connect is no error: its result says why. See [`terrascale_connection_check`](../data-sources/connection_check.md).",
			},
		},
	},
}
