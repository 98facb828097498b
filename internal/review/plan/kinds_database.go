// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import "slices"

// loginComputed are the computed attributes that logins of all databases have.
var loginComputed = []string{
	"id", "username", "password", "password_encrypted", "password_fingerprint", "password_set_at", "password_version", "previous", "excess_privileges",
}

// loginTold are the attributes of all logins that have words of their own.
var loginTold = []string{"name", "grants", "valid_until", "password_wo_version", "age_recipients"}

// login gives the words for a database login, which differ in what it may read; reads tells that.
func login(word phrase, computed, told []string, reads func(t *teller)) kind {
	named := byName(word)
	return kind{
		subject: func(v value) phrase {
			subject := named(v)
			if server := v.at("server").text(); subject != "" && server != "" && server != "default" {
				subject += " on server " + name(server)
			}
			return subject
		},
		computed: slices.Concat(loginComputed, computed), told: slices.Concat(loginTold, told),
		made: func(t *teller) {
			as := phrase("")
			if username := t.after.at("username"); username.state == known && !username.equals(t.after.at("name")) {
				as = say(" and logs in as %s", shown(username))
			}
			t.say(gains, "is made%s%s", as, until(t.after.at("valid_until")))
			reads(t)
		},
		changed: func(t *teller) {
			reads(t)
			t.loginRenamed()
			if t.action != replace {
				t.loginRotated()
			}
			t.validUntil()
			t.recipients()
			t.excess()
		},
		goes: "is dropped",
		anew: "Its password changes without an overlap: whoever logs in with it has to change at once.",
		gone: always("It can no longer log in or read anything."),
	}
}

var postgresqlRole = login("PostgreSQL role", nil, []string{"future_tables_owned_by"}, func(t *teller) {
	t.grants()
	before, after := t.before.at("future_tables_owned_by"), t.after.at("future_tables_owned_by")
	if !before.isHidden() && !after.isOpen() && !after.isHidden() {
		t.each(gains, "can now read tables that %s will make in the schemas granted whole, as soon as they are there", minus(after.texts(), before.texts()))
		t.each(loses, "can no longer read tables as soon as %s makes them", minus(before.texts(), after.texts()))
	}
})

var mysqlUser = login("MySQL user", nil, []string{"host", "require_tls"}, func(t *teller) {
	t.grants()
	before, after := t.before.at("host"), t.after.at("host")
	if after.state == known && !before.equals(after) {
		switch {
		case t.before.isNull():
			t.say(gains, "can log in from %s", from(after))
		case before.is("%"):
			t.say(loses, "can now log in from %s only (before: from everywhere)", from(after))
		case after.is("%"):
			t.say(gains, "can now log in from everywhere (before: from %s only)", from(before))
		default:
			t.say(gains, "can now log in from %s", from(after))
			t.say(loses, "can no longer log in from %s", from(before))
		}
	}
	before, after = t.before.at("require_tls"), t.after.at("require_tls")
	switch {
	case after.is("false") && !before.is("false"):
		t.say(gains, "can now log in without TLS")
	case after.is("true") && before.is("false"):
		t.say(loses, "can no longer log in without TLS")
	}
})

// from gives a host of MySQL in words.
func from(host value) phrase {
	if host.is("%") {
		return "everywhere"
	}
	return shown(host)
}

var redisUser = login("Redis user", nil, []string{"key_patterns", "channel_patterns", "commands"}, func(t *teller) {
	t.patterns("key_patterns", "can now read keys like %s", "can no longer read keys like %s")
	t.patterns("channel_patterns", "can now listen to channels like %s", "can no longer listen to channels like %s")
	if t.before.isNull() {
		t.patterns("commands", "has these rules for commands: %s", "")
	} else {
		t.patterns("commands", "has these rules for commands added: %s", "has these rules for commands taken away: %s")
	}
})

// patterns tells what a list of Redis gains and loses. A rule with a minus takes away.
func (t *teller) patterns(attribute, gained, lost string) {
	before, after := t.before.at(attribute), t.after.at(attribute)
	if before.isHidden() || after.isHidden() || after.isOpen() {
		return
	}
	isMinus := func(text string) bool { return attribute == "commands" && text != "" && text[0] == '-' }
	more, less := minus(after.texts(), before.texts()), minus(before.texts(), after.texts())
	if t.before.isNull() {
		if attribute == "commands" {
			more = after.texts() // In the order in which they count.
		}
		t.each(gains, gained, more)
		return
	}
	t.each(gains, gained, slices.DeleteFunc(slices.Clone(more), isMinus))
	t.each(loses, gained, keep(more, isMinus))
	t.each(loses, lost, slices.DeleteFunc(slices.Clone(less), isMinus))
	t.each(gains, lost, keep(less, isMinus))
	if len(more) == 0 && len(less) == 0 && !before.equals(after) && attribute == "commands" {
		t.say(other, "has its rules for commands in another order")
	}
}

func keep(texts []string, wanted func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return !wanted(text) })
}

// loginRenamed tells another name, which is what somebody logs in with.
func (t *teller) loginRenamed() {
	before, after := t.before.at("name"), t.after.at("name")
	if !before.equals(after) && after.state != unknown && !before.isNull() {
		t.say(rotates, "is now called %s: whoever logs in with the old name has to change", shown(after))
	}
}

// loginRotated tells another login, or another password of the same one.
func (t *teller) loginRotated() {
	was, becomes := t.before.at("username"), t.after.at("username")
	previous, before := t.after.at("previous"), t.before.at("previous")
	isNew := t.after.at("password_version").state == known && !t.before.at("password_version").equals(t.after.at("password_version"))
	isOther := becomes.state == known && !was.equals(becomes) && t.before.at("name").equals(t.after.at("name"))
	switch {
	case isOther && !previous.isNull() && was.state == known:
		t.say(rotates, "logs in as %s from now on%s; %s", shown(becomes), t.rotatedBecause("password_wo_version", "age_recipients"), t.overlap(shown(was)))
	case isOther && was.state == known:
		t.say(rotates, "logs in as %s from now on%s; %s ends in the same apply", shown(becomes), t.rotatedBecause("password_wo_version", "age_recipients"), shown(was))
	case isOther:
		t.say(gains, "can log in again, as %s", shown(becomes))
	case becomes.isNull() && !was.isNull():
		t.say(loses, "can no longer log in")
	case isNew && !previous.isNull() && before.isNull():
		t.say(rotates, "gets a new password%s; %s", t.rotatedBecause("password_wo_version", "age_recipients"), t.overlap("the old one"))
	case isNew:
		t.say(rotates, "gets a new password%s; the old one stops working in the same apply", t.rotatedBecause("password_wo_version", "age_recipients"))
	}
	if before.isNull() || !previous.isNull() && before.at("username").equals(previous.at("username")) && !isNew {
		return
	}
	if username := before.at("username"); !username.isNull() {
		t.say(ends, "no longer has its old login %s", shown(username))
	} else if before.object != nil {
		t.say(ends, "no longer has its old password")
	}
}

// validUntil tells another end of a password.
func (t *teller) validUntil() {
	before, after := t.before.at("valid_until"), t.after.at("valid_until")
	switch {
	case before.equals(after) || after.state == unknown:
	case after.isNull():
		t.say(gains, "can log in without an end (before: until %s)", shown(before))
	default:
		t.say(ends, "can log in%s", until(after))
	}
}

// excess tells what a login could do beyond its grants.
func (t *teller) excess() {
	before, after := t.before.at("excess_privileges"), t.after.at("excess_privileges")
	if before.isHidden() || after.isHidden() || after.isOpen() {
		return
	}
	t.each(gains, "can do more than is granted here: %s", minus(after.texts(), before.texts()))
	t.each(loses, "loses what was not granted here: %s", minus(before.texts(), after.texts()))
}
