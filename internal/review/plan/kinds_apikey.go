// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import "time"

var apiKey = kind{
	subject:   byName("API key"),
	told:      []string{"name", "scopes", "expires_in", "expires_at", "age_recipients"},
	computed:  []string{"id", "key_id", "key_prefix", "status", "created_at", "secret", "secret_encrypted", "previous"},
	defaulted: []string{"expires_at"},
	made: func(t *teller) {
		scopes := t.after.at("scopes")
		switch {
		case scopes.isHidden():
			t.say(gains, "is made with scopes that are sensitive%s", t.life())
		case scopes.isOpen():
			t.say(gains, "is made%s", t.life())
		default:
			t.say(gains, "is made with the %s%s", counted("scope", scopes.texts()), t.life())
		}
	},
	changed: func(t *teller) {
		isRotated := t.after.at("key_id").state == unknown && t.action != replace
		if isRotated {
			t.keyRotated()
		}
		t.outsideStatus()
		before, after := t.before.at("scopes"), t.after.at("scopes")
		switch {
		case before.isHidden(), after.isHidden(), after.isOpen():
		default:
			t.eachOf(gains, "gains the %s", "scope", minus(after.texts(), before.texts()))
			t.eachOf(loses, "loses the %s", "scope", minus(before.texts(), after.texts()))
		}
		t.renamed()
		t.keyExpiry(isRotated)
		t.recipients()
		if was := t.before.at("previous"); !isRotated && !was.isNull() && t.after.at("previous").isNull() {
			t.say(ends, "no longer has its old key %s, which is revoked", shown(was.at("key_id")))
		}
	},
	gone: func(v value) phrase {
		if v.at("previous").isNull() {
			return "The key stops working at once."
		}
		return "The key, and the one before it, stop working at once."
	},
}

// life says how long a new key works.
func (t *teller) life() phrase {
	at, in := t.after.at("expires_at"), t.after.at("expires_in")
	switch {
	case !in.isNull():
		return say("; it works for %s", shown(in))
	case !at.isNull():
		return say("; it works%s", until(at))
	case !t.after.at("rotation", "every").isNull():
		return say("; it works until it is rotated, every %s", shown(t.after.at("rotation", "every")))
	default:
		return "; it works without an end"
	}
}

// keyRotated tells that there is going to be another key, why, and what becomes of the one there is.
func (t *teller) keyRotated() {
	old := phrase("the old key is revoked in the same apply")
	switch {
	case t.isOff():
		old = "the old key does not work any more"
	case !t.after.at("previous").isNull():
		old = t.overlap("the old key")
	}
	t.say(rotates, "is rotated%s; %s", t.rotatedBecause("name", "scopes", "expires_in", "expires_at", "age_recipients"), old)
	if was := t.before.at("previous"); !was.isNull() {
		t.say(ends, "no longer has the key before, %s, which is revoked", shown(was.at("key_id")))
	}
}

// overlap says how long what was replaced goes on working.
func (t *teller) overlap(what phrase) phrase {
	overlap := t.after.at("rotation", "overlap")
	if overlap.state != known {
		return what + " works until a time that is not known yet"
	}
	return say("%s works for %s after the apply", what, name(overlap.text()))
}

// isOff reports whether a key was found not to work.
func (t *teller) isOff() bool {
	status := t.before.at("status")
	return status.state == known && status.text() != "active"
}

// rotatedBecause says what rotates a credential: a changed attribute, the trigger, or the schedule.
func (t *teller) rotatedBecause(attributes ...string) phrase {
	var causes []string
	for _, attribute := range attributes {
		before, after := t.before.at(attribute), t.after.at(attribute)
		if attribute == "expires_at" && !t.after.at("expires_in").isNull() {
			continue // It follows from expires_in.
		}
		if !before.equals(after) && after.state != unknown {
			causes = append(causes, attribute)
		}
	}
	before, after := t.before.at("rotation", "trigger"), t.after.at("rotation", "trigger")
	if !before.isNull() && !after.isNull() && !before.equals(after) {
		causes = append(causes, "rotation.trigger")
	}
	rotated, rotates := !t.before.at("rotation").isNull(), !t.after.at("rotation").isNull()
	switch {
	case len(causes) == 1:
		return say(", because %s changes", names(causes...))
	case len(causes) > 1:
		return say(", because %s change", names(causes...))
	case t.isOff():
		return say(", because it is %s", shown(t.before.at("status")))
	case rotates && !rotated && t.before.at("key_id").isNull():
		return ", because rotation is turned on"
	case rotated && !rotates && t.before.at("key_id").isNull():
		return ", because rotation is turned off"
	case t.isDue():
		return ", because it is due"
	default:
		return ""
	}
}

// isDue reports whether the schedule says that a credential is to be replaced.
func (t *teller) isDue() bool {
	rotation := t.after.at("rotation")
	since := t.before.at("created_at").text() + t.before.at("password_set_at").text() // A resource has one of them.
	begin, err := time.Parse(time.RFC3339, since)
	every := spanOf(rotation.at("every").text())
	if err == nil && every > 0 && !begin.Add(every).After(t.review.now) {
		return true
	}
	end, err := time.Parse(time.RFC3339, t.before.at("expires_at").text())
	window := spanOf(rotation.at("before_expiry").text())
	return err == nil && window > 0 && !end.Add(-window).After(t.review.now)
}

// outsideStatus tells that a key was found not to work.
func (t *teller) outsideStatus() {
	before, after := t.before.at("status"), t.after.at("status")
	if t.isOutside && after.state == known && !before.equals(after) {
		t.say(outside, "was found to be %s", shown(after))
	}
}

// keyExpiry tells another end.
func (t *teller) keyExpiry(isRotated bool) {
	before, after := t.before.at("expires_at"), t.after.at("expires_at")
	in := t.after.at("expires_in")
	switch {
	case in.isHidden() || after.isHidden():
	case !in.isNull():
		if !t.before.at("expires_in").equals(in) && in.state == known {
			t.say(ends, "works for %s from the apply", shown(in))
		}
	case after.state == unknown:
		if isRotated {
			t.say(open, "works until a time that is known after the apply only")
		}
	case before.equals(after):
	case after.isNull():
		t.say(gains, "works without an end (before: until %s)", shown(before))
	default:
		t.say(ends, "works%s", until(after))
	}
}

// recipients tells who can read a secret that the state holds as ciphertext.
func (t *teller) recipients() {
	before, after := t.before.at("age_recipients"), t.after.at("age_recipients")
	if before.isHidden() || after.isHidden() || after.isOpen() {
		return
	}
	wasKept, isKept := t.before.at("secret").state != null || t.before.at("password").state != null, t.after.at("secret").state != null || t.after.at("password").state != null
	switch {
	case before.isNull() && !after.isNull() && wasKept:
		t.say(loses, "has its secret in the state as ciphertext only, so that whoever reads the state can't use it")
	case after.isNull() && !before.isNull() && isKept:
		t.say(gains, "has its secret in the state in clear, for whoever reads the state")
	}
	t.each(gains, "has a secret in the state that %s can now decrypt", minus(after.texts(), before.texts()))
	t.each(loses, "has a secret in the state that %s can no longer decrypt", minus(before.texts(), after.texts()))
}
