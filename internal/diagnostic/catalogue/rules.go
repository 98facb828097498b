// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package catalogue

var ofRules = []Topic{
	{
		Title: "Least-privilege rules",
		Entries: []Entry{
			{
				"Least privilege: …, …",
				"A rule finds that something allows more than it needs to. The first part of the summary is the rule, the second is what it is about. With `least_privilege = \"enforce\"`, it is an error.",
				"Write what the message suggests, or accept it with a reason in `policy_exceptions`. [Least privilege](least-privilege.md) explains each rule.",
			},
			{
				"Least privilege: exception without a finding, … at …",
				"`policy_exceptions` accepts a finding that is no longer there.",
				"Remove the exception, so that the rule warns you if the finding comes back. See [accepting an exception](least-privilege.md#accepting-an-exception).",
			},
			{
				"Unknown least-privilege rule",
				"`policy_exceptions` names a rule that does not exist.",
				"Write one of the rules that the message lists. See [all rules](least-privilege.md#all-rules).",
			},
			{
				"Least-privilege rule does not apply here",
				"`policy_exceptions` names a rule that looks at other kinds of resources.",
				"Remove it, or write one of the rules that the message lists. See [all rules](least-privilege.md#all-rules).",
			},
			{
				"Exception without a reason",
				"`policy_exceptions` accepts a rule's findings, but its reason is empty.",
				"Write why, such as `no fixed address, SEC-123`. Reviewers see it. See [accepting an exception](least-privilege.md#accepting-an-exception).",
			},
		},
	},
	{
		Title: "Access review",
		Entries: []Entry{
			{
				"Nothing to review",
				"`terrascale_access_review` has `organization = false` and names no server.",
				"Name a server in `postgresql_servers`, `mysql_servers` or `redis_servers`, or remove `organization = false`. See the [access review](access-review.md).",
			},
			{
				"Unable to review access",
				"The service or a database server did not tell who has access. A review with a part missing could look clean, so there is none.",
				"The message names the service or the server, and what to do. See the [access review](access-review.md).",
			},
		},
	},
	{
		Title: "Plan review",
		About: "These are the errors of the command `terraform-provider-terrascale plan-review`. It ends with 1 after one of them. It ends with 2 when a rule " +
			"of `-fail-on` is broken: that is no error of the command, and the review says what broke it.",
		Entries: []Entry{
			{
				"plan-review: the input is not a plan in JSON",
				"The command read something other than the JSON of a plan: nothing, the plan file itself, a state, or a text that was cut off.",
				"Run `terraform plan -out=tfplan && terraform show -json tfplan | terraform-provider-terrascale plan-review`. See [reviewing a plan](plan-review.md).",
			},
			{
				"plan-review: the plan has another format version",
				"Your Terraform or OpenTofu writes plans in a format that this release of the provider does not read.",
				"Use the release of the provider that fits your Terraform. See [compatibility](compatibility.md).",
			},
			{
				"plan-review: unknown rule",
				"`-fail-on` names a rule that does not exist.",
				"Write names that the message lists, with commas between them. See [stopping a plan that breaks a rule](plan-review.md#stop-a-plan-that-breaks-a-rule).",
			},
			{
				"plan-review: the format is markdown or json, not …",
				"`-format` has a value that the command does not know.",
				"Write `-format markdown` or `-format json`. See [JSON](plan-review.md#json).",
			},
			{
				"plan-review: it reads the plan from its standard input, and takes no arguments",
				"The command got the name of a file, or a flag after an argument.",
				"Pipe the output of `terraform show -json tfplan` into the command. See [reviewing a plan](plan-review.md).",
			},
			{
				"plan-review: read the plan: …",
				"The standard input failed while the command read it.",
				"Look at the command before the pipe: it may have failed. Then run both again.",
			},
			{
				"plan-review: write the review: …",
				"The review could not be written to the standard output, for example because the disk is full.",
				"Correct what the message says, and run the command again.",
			},
		},
	},
}

var ofTerraform = []Topic{
	{
		Title: "Functions",
		About: "Terraform's own summary is `Error in function call`. The line below it names the function and what is wrong with which argument.",
		Entries: []Entry{
			{
				"Call to function \"provider::terrascale::add_duration\" failed",
				"The start is not an RFC 3339 time, the span is not a duration, or the sum is after the year 9999.",
				"Write for example `add_duration(\"2027-03-01T00:00:00Z\", \"90d\")`. See [`add_duration`](../functions/add_duration.md).",
			},
			{
				"Call to function \"provider::terrascale::age_decrypt\" failed",
				"There is no ciphertext, it was changed, or the identity can't read it. A password that the configuration brings is not in the state, so it can't be read back.",
				"Pass `password_encrypted` or `secret_encrypted` as a whole, and the private key of one of the recipients. See [`age_decrypt`](../functions/age_decrypt.md).",
			},
			{
				"Call to function \"provider::terrascale::cidr_collapse\" failed",
				"An element of the list is null, or is not a CIDR. The message says which one, counted from 0.",
				"Correct that element. See [`cidr_collapse`](../functions/cidr_collapse.md).",
			},
			{
				"Call to function \"provider::terrascale::connection_string\" failed",
				"The connector does not exist, or the parts do not make a connection string for it.",
				"Use the connectors and parts that the message names. See [`connection_string`](../functions/connection_string.md).",
			},
			{
				"Call to function \"provider::terrascale::env_ref\" failed",
				"The text is not a name for an environment variable.",
				"Use letters, digits and `_`, such as `DATABASE_URL`. See [`env_ref`](../functions/env_ref.md).",
			},
			{
				"Call to function \"provider::terrascale::scopes_cover\" failed",
				"An element of one of the lists is null, or is not a scope.",
				"Write scopes that the message lists. See [`scopes_cover`](../functions/scopes_cover.md).",
			},
		},
	},
	{
		Title: "Messages of Terraform's framework",
		About: "Some checks are the same for all providers. Their summaries come from the framework that this provider is built with, or from Terraform, and " +
			"are not listed one by one.",
		Entries: []Entry{
			{
				FrameworkSummary,
				"A value or a combination of attributes is not allowed. The message names the attribute, the value, and what is. `Invalid Attribute Combination` and " +
					"`Missing Attribute Configuration` are of the same kind.",
				"Correct the attribute. The resource's page lists what each attribute takes.",
			},
		},
	},
}

// FrameworkSummary is the entry for what the framework's own validators report.
const FrameworkSummary = "Invalid Attribute Value"
