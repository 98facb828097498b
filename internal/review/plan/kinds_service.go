// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import "slices"

// byName gives the words for a resource that has a name; none where that is unknown or sensitive, so that the address has to do.
func byName(word phrase) func(value) phrase {
	return func(v value) phrase {
		if v.at("name").text() == "" {
			return ""
		}
		return word + " " + name(v.at("name").text())
	}
}

func always(words phrase) func(value) phrase { return func(value) phrase { return words } }

var teamMember = kind{
	subject:   memberSubject,
	told:      []string{"email", "role"},
	computed:  []string{"id", "user_id", "name", "status", "joined_at", "invited_at", "invited_by", "mfa_enabled"},
	defaulted: []string{"organization_id"},
	goes:      "is removed from the organization",
	made: func(t *teller) {
		t.say(gains, "is invited as %s", shown(t.after.at("role")))
	},
	changed: func(t *teller) {
		if t.isOutside && t.before.at("status").is("pending") && t.after.at("status").is("active") {
			t.say(outside, "accepted the invitation as %s", shown(t.after.at("role")))
		}
		before, after := t.before.at("role"), t.after.at("role")
		if before.equals(after) || after.state == unknown {
			return
		}
		to := gains
		if slices.Index(roles, after.text()) < slices.Index(roles, before.text()) {
			to = loses
		}
		t.add(to, say("%s: %s → %s", t.subject, shown(before), shown(after)))
	},
	gone: func(v value) phrase {
		keys := phrase("The API keys that this member made go on working.")
		if v.at("revoke_api_keys_on_removal").is("true") {
			keys = "The API keys that this member made are revoked first."
		}
		return say("The role was %s. %s", shown(v.at("role")), keys)
	},
}

// roles are those of members, from the least to the most.
var roles = []string{"readonly", "member", "admin", "owner"}

func memberSubject(v value) phrase {
	if v.at("email").text() == "" {
		return ""
	}
	return name(v.at("email").text())
}

var organization = kind{
	subject:   byName("Organization"),
	told:      []string{"name", "require_mfa"},
	computed:  []string{"id", "plan", "status", "owner_user_id", "limits"},
	defaulted: []string{"slug", "require_mfa", "billing_email"},
	made: func(t *teller) {
		t.say(other, "is made")
		if t.after.at("require_mfa").is("true") {
			t.say(other, "asks its members for a second factor")
		}
	},
	changed: func(t *teller) {
		t.renamed()
		before, after := t.before.at("require_mfa"), t.after.at("require_mfa")
		switch {
		case after.is("true") && !before.is("true"):
			t.say(loses, "lets nobody in without a second factor any more")
		case after.is("false") && before.is("true"):
			t.say(gains, "lets members in without a second factor")
		}
		before, after = t.before.at("status"), t.after.at("status")
		if after.state == known && !before.isNull() && !before.equals(after) {
			t.say(other, "is %s (before: %s)", shown(after), shown(before))
		}
	},
	gone: always("All that is in it goes with it: its members, API keys and databases."),
}

// renamed tells another name, where the name is nothing that anybody logs in with.
func (t *teller) renamed() {
	before, after := t.before.at("name"), t.after.at("name")
	if !before.equals(after) && after.state != unknown {
		t.say(other, "is now called %s", shown(after))
	}
}

var database = kind{
	subject:   byName("Database"),
	told:      []string{"name"},
	computed:  []string{"id", "status", "created_at", "was_active"},
	defaulted: []string{"settings"},
	made:      func(t *teller) { t.say(other, "is made in %s", shown(t.after.at("region"))) },
	changed:   (*teller).renamed,
	gone:      always("Its data is deleted."),
}

var repository = kind{
	subject:  byName("Repository"),
	told:     []string{"name"},
	computed: []string{"id", "status", "created_at", "was_active", "repository_id"},
	made:     (*teller).plainlyMade,
	changed:  (*teller).renamed,
	gone:     always("Its entities are deleted."),
}
