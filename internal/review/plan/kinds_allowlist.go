// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

var ipAllowlist = kind{
	subject:   always("The IP allowlist"),
	told:      []string{"entries", "enabled"},
	computed:  []string{"id", "caller_ip", "expired_entries"},
	defaulted: []string{"organization_id"},
	made: func(t *teller) {
		switch {
		case t.after.at("enabled").is("false"):
			t.say(other, "is made but not enabled: every address may call the service")
		case t.after.at("entries").state == known && len(t.after.at("entries").object) == 0:
			t.say(other, "is made without entries: every address may call the service")
		default:
			t.say(loses, "is made: from now on, only the networks on it may call the service")
		}
		t.entries()
	},
	changed: func(t *teller) {
		before, after := t.before.at("enabled"), t.after.at("enabled")
		switch {
		case after.is("false") && !before.is("false"):
			t.say(gains, "is turned off: every address may call the service")
		case after.is("true") && before.is("false"):
			t.say(loses, "is turned on: only the networks on it may call the service")
		}
		if entries := t.after.at("entries"); entries.state == known && len(entries.object) == 0 && len(t.before.at("entries").object) > 0 {
			t.say(gains, "is empty: every address may call the service")
		}
		t.entries()
		for _, network := range minus(t.after.at("expired_entries").texts(), t.before.at("expired_entries").texts()) {
			t.add(ends, say("%s leaves the IP allowlist: its time is over", name(network)))
		}
	},
	anew: "In between, every address may call the service.",
	gone: always("It is disabled and emptied: every address may call the service."),
}

// entries tells the entries of a list one by one.
func (t *teller) entries() {
	before, after := t.before.at("entries"), t.after.at("entries")
	if before.state == hidden || after.state == hidden || after.state == unknown {
		return
	}
	for _, network := range union(before.keys(), after.keys()) {
		was, becomes := before.at(network), after.at(network)
		switch {
		case was.isNull():
			t.mayCall(network, becomes)
		case becomes.isNull():
			t.add(loses, say("%s%s may no longer call the service", name(network), described(was)))
		default:
			t.entryChanged(name(network)+described(was), was, becomes)
		}
	}
}

func (t *teller) mayCall(network string, entry value) {
	t.add(gains, say("%s%s may call the service%s", name(network), described(entry), until(entry.at("expires_at"))))
}

// entryChanged tells another end or description of an entry; who is the network, as it is told.
func (t *teller) entryChanged(who phrase, was, becomes value) {
	isTold := func(before, after value) bool {
		return !before.equals(after) && after.state != unknown && before.state != hidden && after.state != hidden
	}
	if before, after := was.at("expires_at"), becomes.at("expires_at"); isTold(before, after) {
		switch {
		case after.isNull():
			t.add(gains, say("%s may call the service without an end (before: until %s)", who, shown(before)))
		case before.isNull():
			t.add(ends, say("%s may call the service%s (before: without an end)", who, until(after)))
		default:
			t.add(ends, say("%s may call the service%s (before: until %s)", who, until(after), shown(before)))
		}
	}
	if before, after := was.at("description"), becomes.at("description"); isTold(before, after) {
		t.add(other, say("%s on the IP allowlist is now described as %s", who, shown(after)))
	}
}

// described gives what a network is, in brackets.
func described(entry value) phrase {
	if entry.at("description").text() == "" {
		return ""
	}
	return say(" (%s)", name(entry.at("description").text()))
}

// until gives the end of something that may have one.
func until(end value) phrase {
	switch end.state {
	case null:
		return ""
	case unknown:
		return ", until a time that is not known yet"
	default:
		return " until " + shown(end)
	}
}

var ipAllowlistEntry = kind{
	subject: func(v value) phrase {
		if v.at("cidr").text() == "" {
			return ""
		}
		return name(v.at("cidr").text()) + described(v)
	},
	told:      []string{"cidr", "expires_at", "description"},
	computed:  []string{"id", "status"},
	defaulted: []string{"organization_id"},
	made:      func(t *teller) { t.say(gains, "may call the service%s", until(t.after.at("expires_at"))) },
	changed: func(t *teller) {
		before, after := t.before.at("cidr"), t.after.at("cidr")
		if after.state == known && after.text() != before.text() {
			t.mayCall(after.text(), t.after)
			if t.action != replace {
				t.say(loses, "may no longer call the service")
			}
			return
		}
		if t.before.at("status").is("active") && t.after.at("status").is("expired") {
			t.say(ends, "leaves the IP allowlist: its time is over")
		}
		t.entryChanged(t.subject, t.before, t.after)
	},
	goes: "is removed from the IP allowlist",
	anew: "In between, it may not call the service.",
	gone: always("It may no longer call the service."),
}
