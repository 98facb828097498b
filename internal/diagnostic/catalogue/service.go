// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package catalogue

// The advice that the details of many entries have in common.
const aboutService = "These are errors of calls to the service. The message holds the service's own words and the HTTP status, and then what to do: log in " +
	"again, ask for a role, wait for the rate limit, or check `endpoint` and the proxy. When several resources fail for one reason, the first tells it in full."

var ofTheService = []Topic{
	{
		Title: "API keys",
		About: aboutService,
		Entries: []Entry{
			{
				"Unable to create API key",
				"The service did not make the key, or its answer was lost. Where the plan's limit of keys is the reason, the message says so.",
				"Follow the message. After a lost answer, it says whether a key may be left, and which one to revoke. See [API keys](../resources/api_key.md).",
			},
			{
				"Unable to read API key",
				"A refresh could not ask the service about the key. The state stays as it is.",
				"Follow the message, then run Terraform again.",
			},
			{
				"Unable to update API key",
				"The provider could not connect to the service for a change of the key. Nothing was changed.",
				"Follow the message, then apply again.",
			},
			{
				"Unable to rotate API key",
				"The service did not make the new key. The old key works as before.",
				"Follow the message, then apply again. A rotation needs room for one more key in the plan's limit. See [rotation](rotation.md#api-keys).",
			},
			{
				"Unable to revoke API key",
				"A destroy could not revoke the key, which still works.",
				"Follow the message, then destroy again. If it is urgent, revoke the key in the service's dashboard.",
			},
			{
				"Unable to revoke the previous API key",
				"The overlap of a rotation is over, and the key from before it could not be revoked. It still works, and nothing else was changed.",
				"Apply again. See [rotation](rotation.md#api-keys).",
			},
			{
				"Unable to revoke the rotated API key",
				"The rotation made a new key and saved it. The old key, which should end at once, could not be revoked and still works.",
				"Apply again: that revokes it.",
			},
			{
				"Unable to read the new API key back: …",
				"The key was made and saved, but the service did not show it in its list, so `key_prefix` is not known yet.",
				"Nothing. The next refresh reads it.",
			},
			{
				"Unable to encrypt the API key's secret",
				"`age_recipients` was added, and the secret in the state could not be encrypted to them. The key is unchanged.",
				"Correct `age_recipients`. See [encrypting the state with age](secrets.md#encrypt-the-state-with-age).",
			},
			{
				"Unable to keep the new API key's secret",
				"The key was made, but its secret could not be encrypted to `age_recipients`.",
				"Correct `age_recipients`, then rotate the key. See [encrypting the state with age](secrets.md#encrypt-the-state-with-age).",
			},
			{
				"The API key belongs to another organization",
				"The key was made in one organization, and the provider now works in another. There it can neither see nor revoke the key.",
				"Set `organization_id` in the provider block to the key's organization. To move, destroy the key there first. See [environments](environments.md).",
			},
			{
				"Other API keys have the name of this one: …",
				"There are live keys with the same name and scopes that were never used. They may be another team's, or left over from a killed run.",
				"Find out whose they are before you revoke one. Give each purpose a name of its own. See [what a killed run can leave behind](rotation.md#what-a-killed-run-can-leave-behind).",
			},
			{
				"Expiry in the past",
				"`expires_at` has passed, so a new key could not work.",
				"Write a later `expires_at`, or `expires_in = \"90d\"`. See [API keys](../resources/api_key.md).",
			},
			{
				"API key expires soon: …",
				"The key ends within `before_expiry`, but a new one would end at the same fixed `expires_at`. So no rotation is planned.",
				"Write a later `expires_at`, or `expires_in`, which starts again for each key.",
			},
			{
				"API key has expired: …",
				"The key's fixed `expires_at` has passed. A new key would not work either, so none is made.",
				"Write a later `expires_at`, or `expires_in`, or remove the resource.",
			},
			{
				"The imported API key's secret is unknown: …",
				"The service shows a secret only when it makes the key, so an imported key has none in the state.",
				"If the configuration uses the secret, rotate the key as the message shows. See [what an import can't know](importing.md#what-an-import-cant-know).",
			},
			{
				"Unable to read API keys",
				"The data source could not list the organization's keys.",
				"Follow the message. See [the list of keys](../data-sources/api_keys.md).",
			},
		},
	},
	{
		Title: "Ephemeral API keys and actions",
		Entries: []Entry{
			{
				"Unable to create ephemeral API key",
				"The service did not make the key that this run asked for.",
				"Follow the message, then run Terraform again. See [ephemeral API keys](../ephemeral-resources/api_key.md).",
			},
			{
				"Unable to revoke ephemeral API key",
				"The run is over, and its key could not be revoked. It works until its `ttl` has passed.",
				"Revoke it by hand if that is too long.",
			},
			{
				"Unable to read what was kept of an ephemeral API key",
				"The id of the key that this run opened is not readable, so the key can't be revoked by it.",
				"The key ends when its `ttl` has passed. Report this: it is a bug in the provider or in Terraform.",
			},
			{
				"Unable to look for ephemeral API keys of earlier runs: …",
				"The provider could not list the keys that earlier runs may have left. This run goes on.",
				"Nothing, if it happens once. Each such key ends by itself after its `ttl`.",
			},
			{
				"Unable to revoke ephemeral API key of an earlier run: …",
				"An earlier run left a key whose time is over, and the service did not revoke it.",
				"Nothing: it has ended by itself. If you want it out of the list, revoke it by hand.",
			},
			{
				"API key secret given as a key id",
				"`key_id` of an action holds a key's secret, or the start of one.",
				"Write the key's id, as the service lists it. The secret is in your configuration and may be in logs: consider the key leaked. See [incident response](incident-response.md#if-an-api-key-is-compromised).",
			},
			{
				"Unable to revoke API key by an action",
				"The action did not find the key, or the service did not revoke it. The message says which.",
				"Look the id up with [the list of keys](../data-sources/api_keys.md), and run the action again.",
			},
			{
				"Unable to rotate API key by an action",
				"The action did not find a live key, could not make the new one, or could not revoke the old one. The message says which keys work now.",
				"Do what the message says. See [incident response](incident-response.md#if-an-api-key-is-compromised).",
			},
			{
				"No age recipients for the new API key",
				"An action can hand out the new secret only as ciphertext, and there is nobody to encrypt it to. Nothing was changed.",
				"Write `age_recipients` in the action or in the provider block. See [encrypting the state with age](secrets.md#encrypt-the-state-with-age).",
			},
			{
				"Unable to hand out the new API key's secret",
				"The action made a new key and could not pass its secret on. The old key works as before.",
				"The message says whether the new key was revoked. If not, revoke it by hand, then run the action again.",
			},
		},
	},
	{
		Title: "Organizations",
		Entries: []Entry{
			{
				"Organization not found",
				"A data source names an organization that does not exist, was deleted, or does not have the provider's user as a member.",
				"Check the id, and `organization_id` in the provider block. Log in as a member.",
			},
			{
				"Unable to create organization",
				"The service did not make the organization, for example because its name is taken. Or the answer was lost.",
				"Follow the message. After a lost answer, it says how to find out whether the organization is there. See [organizations](../resources/organization.md).",
			},
			{
				"Unable to set up the new organization",
				"The organization was made, but a later call that sets the rest of it failed.",
				"Keep it as the message shows, and apply again: that sets the rest.",
			},
			{
				"Unable to read organization",
				"The service did not tell about the organization. The state stays as it is.",
				"Follow the message, then run Terraform again.",
			},
			{
				"Unable to update organization",
				"The service refused a change of the organization. Where a role is missing, the message names it.",
				"Log in as somebody with that role, or ask an owner for it. See [organizations](../resources/organization.md).",
			},
			{
				"Unable to delete organization",
				"The service refused to delete the organization. It is still in the state.",
				"Log in as an owner if the message asks for one, then destroy again.",
			},
			{
				"The service did not do what was asked",
				"The service answered with success, but a value is not the one that was sent. The message lists the differences.",
				"Write the service's value in the configuration, or leave the attribute out. Report it to the service if it looks wrong.",
			},
			{
				"An organization will be deleted: …",
				"This plan deletes an organization. Its databases and API keys become unreachable.",
				"Apply only if you want that. `deletion_protection` guards an organization by default. See [organizations](../resources/organization.md).",
			},
			{
				"The organization is gone: …",
				"The organization was deleted, or the provider's user is no longer a member. It leaves the state, so the next apply creates a new one.",
				"If it still exists, log in as a member before you apply.",
			},
			{
				"The organization is suspended: …",
				"The service refuses every change to this organization.",
				"An owner has to resolve this with the service's support. The state stays as it is.",
			},
		},
	},
	{
		Title: "Team members",
		Entries: []Entry{
			{
				"Unable to invite team member",
				"The service did not send the invitation. The person may be a member already, the organization may be full, or the provider's user may lack the role.",
				"The message says which. To manage somebody who is a member, import them. See [team members](../resources/team_member.md).",
			},
			{
				"Unable to read team member",
				"The service did not tell about the member. The state stays as it is.",
				"Follow the message, then run Terraform again.",
			},
			{
				"Unable to read team members",
				"The data source could not list the organization's members.",
				"Follow the message. See [the list of members](../data-sources/team_members.md).",
			},
			{
				"Unable to change the team member's role",
				"The service refused the new role. Only an owner can make or unmake an owner, and an organization keeps one.",
				"Log in as somebody with the role that the message names. See [team members](../resources/team_member.md).",
			},
			{
				"Unable to remove team member",
				"The service did not remove the member, who still has access.",
				"Follow the message, then apply again. See [departures](departures.md).",
			},
			{
				"Unable to import team member",
				"The import names no organization, and the provider could not find out which one it works in.",
				"Follow the message, or write the id as `organization_id/email`.",
			},
			{
				"Unable to revoke the team member's API keys",
				"`revoke_api_keys_on_removal` is on, and the keys could not all be revoked. The person is still a member.",
				"Apply again. If the provider works in another organization, use a provider block with the member's `organization_id`. See [departures](departures.md).",
			},
			{
				"API keys of a team member can't be seen: …",
				"A member is to be removed, and the provider can't list the keys that this person made. Keys keep working after a removal.",
				"Look at the keys in the service's dashboard before you apply. See [departures](departures.md).",
			},
			{
				"API keys of a team member will be revoked: …",
				"This apply removes a member and revokes the keys that this person made. What uses them fails from then on.",
				"Replace the keys first if something still needs them. See [departures](departures.md).",
			},
			{
				"API keys of a team member keep working: …",
				"A member is to be removed who made keys and may know their secrets. The keys stay valid.",
				"Set `revoke_api_keys_on_removal = true` and apply before you remove the member, or rotate the keys. See [departures](departures.md).",
			},
			{
				"API keys of a team member may be left: …",
				"The service does not say who made these keys, so the provider leaves them.",
				"Revoke those that the person who leaves knows. See [departures](departures.md).",
			},
			{
				"API keys of a team member were revoked: …",
				"The removal revoked the keys that the member had made. The message lists them.",
				"Nothing, if nothing else uses them. See [departures](departures.md).",
			},
			{
				"Two resources for one team member",
				"Two resources of the configuration manage the same person, perhaps in different spellings. Each would undo the other.",
				"Remove one of them.",
			},
			{
				"One team member, removed and invited: …",
				"A resource got a new address, such as another key of `for_each`. Terraform would remove the person and invite them again.",
				"Write the `moved` block that the message shows, and plan again. See [team members](../resources/team_member.md).",
			},
			{
				"A team member's address changed: …",
				"The service knows the member by another e-mail address now. The membership is the same.",
				"Write the new address. If it is a key of `for_each`, also write the `moved` block that the message shows.",
			},
			{
				"An invitation is no longer open: …",
				"The service says that the invitation is no longer pending, and that the person has not joined. The message has the service's status.",
				"Send it again in the service's dashboard, or replace the resource with `-replace`.",
			},
			{
				"An organization keeps at least one owner",
				"The plan would leave the organization without an owner.",
				"Make somebody else an owner first and apply that. Then let that person make this change. See [team members](../resources/team_member.md).",
			},
			{
				"Only an owner can do this",
				"The plan makes, unmakes or removes an owner, and the provider's user is not one.",
				"Log in as an owner for this change, or ask one to make it in the dashboard.",
			},
		},
	},
	{
		Title: "IP allowlists",
		Entries: []Entry{
			{
				"Unable to create IP allowlist",
				"The service did not accept the list, or its plan has no allowlists. Nothing was changed.",
				"Follow the message. See [IP allowlists](../resources/ip_allowlist.md).",
			},
			{
				"Unable to read IP allowlist",
				"The service did not show the list. The state stays as it is. Without the list, the provider can't tell whether a change locks you out.",
				"Follow the message, then run Terraform again.",
			},
			{
				"Unable to update IP allowlist",
				"The service did not accept the new list, or somebody else changed it at the same time. Nothing was overwritten.",
				"Plan again: the plan shows the other change. See [IP allowlists](../resources/ip_allowlist.md).",
			},
			{
				"Unable to disable IP allowlist",
				"A destroy could not empty and disable the list, which is still in force.",
				"Follow the message, then destroy again.",
			},
			{
				"Unable to import IP allowlist",
				"The import names no organization, and the provider could not find out which one it works in.",
				"Follow the message, or give the organization's id. See [importing](importing.md).",
			},
			{
				"Unable to create IP allowlist entry",
				"The entry was not added. It may be in the list already, or the change would lock you out.",
				"Do what the message says. See [IP allowlist entries](../resources/ip_allowlist_entry.md).",
			},
			{
				"Unable to update IP allowlist entry",
				"The entry was not changed, for example because somebody else changed the list at the same time.",
				"Plan again, and do what the message says. See [IP allowlist entries](../resources/ip_allowlist_entry.md).",
			},
			{
				"Unable to remove IP allowlist entry",
				"The entry is still in the list. Its removal would lock you out, would let everybody in, or failed.",
				"Do what the message says, then apply again. See [IP allowlist entries](../resources/ip_allowlist_entry.md).",
			},
			{
				"Unable to import IP allowlist entry",
				"The import names no organization, and the provider could not find out which one it works in.",
				"Follow the message, or write the id as `organization_id/cidr`.",
			},
			{
				"IP allowlist entry exists already",
				"The network is in the list, and this state did not add it. It may belong to another team.",
				"Import it to manage it here. If another resource of this configuration holds it, write a `moved` block.",
			},
			{
				"IP allowlist is managed twice",
				"The configuration has `terrascale_ip_allowlist` and `terrascale_ip_allowlist_entry` for one organization. The first removes what the second adds.",
				"Keep one kind. The message says how to go from the first to the second. See [IP allowlist entries](../resources/ip_allowlist_entry.md).",
			},
			{
				"IP allowlist entry is null",
				"A key of `entries` has the value `null`. That could mean that the network may call, or that it may not.",
				"Write `{}`, or remove the key.",
			},
			{
				"CIDR not in canonical form",
				"Terraform compares the keys of `entries` letter by letter, so each network has one spelling.",
				"Write the spelling that the message shows.",
			},
			{
				"Duplicate IP allowlist entry",
				"Two entries are the same network, in different spellings.",
				"Keep one.",
			},
			{
				"IP allowlist entry within another",
				"One entry lies within a wider one, so it changes nothing.",
				"Remove the narrow one, or replace the wide one by narrower networks.",
			},
			{
				"IP allowlist entries overlap: …",
				"The new entry overlaps with others in the list. The narrower of two has no effect while both exist.",
				"Nothing, if you want both. Otherwise, remove one.",
			},
			{
				"IP allowlist entry has ended: …",
				"The entry's `expires_at` has passed. This apply removes it from the list.",
				"Remove it from the configuration, or write a later `expires_at`.",
			},
			{
				"IP allowlist entry would be over at once: …",
				"The `expires_at` of a new entry has passed, so the network will not be listed.",
				"Write a later `expires_at`, or remove the block.",
			},
			{
				"Entries of the IP allowlist will be removed: …",
				"The organization has a list already, and this resource replaces all of it. Entries that the configuration does not have will go.",
				"Import the list first to see each change in the plan. See [importing](importing.md).",
			},
			{
				"An empty IP allowlist allows every address: …",
				"The list is enabled and has no entry. The service then allows every address.",
				"Write the networks that may call. See [IP allowlists](../resources/ip_allowlist.md).",
			},
			{
				"The IP allowlist will be turned on: …",
				"The entry is the first that contains this machine's address, so the list comes into force with it. Then only listed networks may call.",
				"Check that all networks that need access are in the list, then apply.",
			},
			{
				"The IP allowlist is off: …",
				"The entry was saved, but the list is not in force: every address may call. The message says what turns it on.",
				"Add an entry for the address that Terraform runs from. See [IP allowlist entries](../resources/ip_allowlist_entry.md).",
			},
			{
				"The IP allowlist would lock you out",
				"After this change, the service would refuse calls from the address that this run comes from, and so the next run.",
				"Add that address. If later runs come from elsewhere, set `allow_lockout = true`. See [IP allowlists](../resources/ip_allowlist.md).",
			},
			{
				"The IP allowlist may lock you out: …",
				"The removal of this entry would lock out the address that this run comes from, unless another change of this run prevents it.",
				"Add an entry for that address, or set `allow_lockout = true` if later runs come from elsewhere.",
			},
			{
				"The IP allowlist would let everybody in",
				"The last entry is to be removed. An empty list allows every address.",
				"Add another entry first. If every address may call, set `allow_open = true`, apply, then remove the entry. See [IP allowlist entries](../resources/ip_allowlist_entry.md).",
			},
		},
	},
	{
		Title: "Databases and repositories of the service",
		Entries: []Entry{
			{
				"Unable to create database",
				"The service did not make the database. Its name may be taken, or the plan's limit is reached.",
				"Follow the message. To manage a database that exists, import it. See [databases](../resources/database.md).",
			},
			{
				"Unable to read database",
				"The service did not tell about the database. The state stays as it is.",
				"Follow the message, then run Terraform again.",
			},
			{
				"Unable to delete database",
				"The service did not delete the database. It is still in the state.",
				"Follow the message, then destroy again.",
			},
			{
				"Database is not active",
				"The database was created and is in the state, but it did not become `Active` in time. Terraform marked it as tainted.",
				"Wait until it is `Active`, then run `terraform untaint` to keep it: the next apply would replace it. See [databases](../resources/database.md).",
			},
			{
				"Database has failed: …",
				"The service reports that the database has failed. Terraform can't repair it, and a replacement loses its data.",
				"Ask the service's support before you change anything.",
			},
			{
				"Not a JSON object",
				"`settings` is not the JSON of an object.",
				"Write it as `jsonencode({ … })`. See [databases](../resources/database.md).",
			},
			{
				"Unable to create repository",
				"The service did not make the repository. Its name may be taken in the database.",
				"Choose another name, or import the repository that has it. See [repositories](../resources/repository.md).",
			},
			{
				"Unable to read repository",
				"The service did not tell about the repository, or its schema has something that this version of the provider does not know.",
				"Follow the message. If the schema is not understood, update the provider, or report it.",
			},
			{
				"Unable to delete repository",
				"The service did not delete the repository. It is still in the state.",
				"Follow the message, then destroy again.",
			},
			{
				"Repository is not active",
				"The repository was created and is in the state, but it did not become `Active` in time. Terraform marked it as tainted.",
				"Wait until it is `Active`, then run `terraform untaint` to keep it. See [repositories](../resources/repository.md).",
			},
			{
				"Repository has failed: …",
				"The service reports that the repository has failed. Terraform can't repair it, and a replacement loses its data.",
				"Ask the service's support before you change anything.",
			},
			{
				"Protected from deletion",
				"`deletion_protection` is on for this organization, database or repository. Nothing was deleted.",
				"If you want to delete it, set `deletion_protection = false`, apply that alone, then plan again. If it is only tainted, run `terraform untaint`.",
			},
			{
				"Protected from replacement",
				"A change needs a new database or repository, and `deletion_protection` keeps the old one and its data.",
				"Undo the change, or set `deletion_protection = false` and apply that alone first.",
			},
			{
				"Replacement loses data: … …",
				"The service can't make this change in place. The apply deletes the database or repository with its data and creates an empty one.",
				"Copy what you need before you apply.",
			},
			{
				"Invalid schema",
				"A nested field of a repository, written as JSON, has something that the service does not know.",
				"Use the terms that the message lists. See [repositories](../resources/repository.md).",
			},
			{
				"Invalid JSON",
				"A value of a field that takes JSON is not JSON. A plain text needs quotes within the value.",
				"Write it with `jsonencode`, such as `jsonencode(\"text\")`.",
			},
			{
				"Field without a name",
				"A key of a repository's schema is blank.",
				"Give the field a name.",
			},
			{
				"Field without a type",
				"A field of a repository's schema does not say what it holds.",
				"Write `type`, with one of the values that the message lists. See [repositories](../resources/repository.md).",
			},
			{
				"Unknown field type",
				"A field has a type that the service does not have.",
				"Write one of the types that the message lists.",
			},
			{
				"Not for a field of this type",
				"An attribute of a field is for another type. For example, `max_length` is for texts only.",
				"Remove the attribute, or change the field's type. See [repositories](../resources/repository.md).",
			},
			{
				"Bounds exclude every value",
				"A lower bound of a field is above its upper bound, so no value is valid.",
				"Correct one of the two.",
			},
			{
				"Default of another type",
				"The default of a field is not a value of the field's type.",
				"Write the default as JSON of that type. A text is `jsonencode(\"text\")`.",
			},
			{
				"Unable to read plans",
				"The data source could not read the service's plans.",
				"Follow the message. See [plans](../data-sources/plans.md).",
			},
		},
	},
	{
		Title: "Lists of terraform query",
		About: "`terraform query` shows what exists, so that you can import it. See [importing](importing.md#1-find-them).",
		Entries: []Entry{
			{"Unable to list API keys", "The service did not list the organization's keys.", "Follow the message, then run the query again."},
			{"Unable to list organizations", "The service did not list the organizations of the provider's user.", "Follow the message, then run the query again."},
			{"Unable to list team members", "The service did not list the organization's members.", "Follow the message. Check that the provider's user is a member of the organization that the query names."},
			{"Unable to list IP allowlist entries", "The service did not show the organization's list. Only some plans have one.", "Follow the message, then run the query again."},
			{"Unable to list databases", "The service did not list the organization's databases.", "Follow the message, then run the query again."},
			{"Unable to list repositories", "The service did not list the repositories of the database.", "Check `database_id`, and follow the message."},
			{"Unable to list PostgreSQL roles", "The server could not be reached, or did not let the provider's user read the roles.", "Follow the message. See [connecting to PostgreSQL](connecting-to-postgresql.md)."},
			{"Unable to list MySQL users", "The server could not be reached, or did not let the provider's user read the users.", "Follow the message. The provider's user needs `SELECT` on `mysql.*`. See [MySQL users](../resources/mysql_readonly_user.md)."},
			{"Unable to list Redis users", "The server could not be reached, or did not let the provider's user read the users.", "Follow the message. See [Redis users](../resources/redis_readonly_user.md)."},
			{"Unable to list adapters", "The project or the file could not be read, or is not valid.", "Correct what the message says. Nothing was changed. See [adapters](../resources/adapter.md)."},
			{"No project or config_file to list", "The list of adapters names both a project and a file, or neither.", "Write either `project` (Hyperterse 2) or `config_file` (Hyperterse 1)."},
		},
	},
}
