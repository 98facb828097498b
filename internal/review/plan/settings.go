// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import "slices"

// exceptions tells exceptions from rules that come or go.
func (t *teller) exceptions() {
	before, after := t.before.at(exceptionsAttribute), t.after.at(exceptionsAttribute)
	for _, rule := range minus(after.keys(), before.keys()) {
		t.say(other, "has an exception from the rule %s from now on: %s", name(rule), shown(after.at(rule)))
	}
	for _, rule := range minus(before.keys(), after.keys()) {
		t.say(other, "no longer has an exception from the rule %s", name(rule))
	}
}

// namedInWords are attributes whose sensitive values are told as such where they change.
var namedInWords = []string{"name", "email", "role", "connection_string"}

// settings tells the attributes that change and that the kind has no words for.
func (t *teller) settings(attributes []string) {
	for _, attribute := range attributes {
		before, after := t.before.at(attribute), t.after.at(attribute)
		if after.isOpen() || before.equals(after) {
			continue
		}
		isTold := slices.Contains(t.kind.told, attribute)
		switch {
		case isTold && (before.isHidden() || after.isHidden()):
			if !slices.Contains(namedInWords, attribute) {
				t.say(other, "has another %s (sensitive)", name(attribute))
			}
		case !isTold:
			t.setting(attribute, before, after)
		}
	}
}

// setting tells one attribute: what is in an object by its parts, and a list without its content.
func (t *teller) setting(path string, before, after value) {
	if path == "rotation.trigger" {
		return // It says nothing but that something is rotated, which is told.
	}
	if isParted := path == "rotation" || path == "timeouts"; isParted && (before.object != nil || after.object != nil) {
		for _, part := range union(before.keys(), after.keys()) {
			if !before.at(part).equals(after.at(part)) {
				t.setting(path+"."+part, before.at(part), after.at(part))
			}
		}
		return
	}
	switch {
	case path == exceptionsAttribute && before.state != hidden && after.state != hidden: // Each of them is told.
	case isStructure(before) || isStructure(after) || before.isHidden() || after.isHidden() || before.isNull() && after.isNull():
		t.say(other, "has another %s", name(path))
	case before.isNull():
		t.say(other, "has %s set to %s", name(path), shown(after))
	case after.isNull():
		t.say(other, "has %s no longer set (before: %s)", name(path), shown(before))
	default:
		t.say(other, "has %s changed from %s to %s", name(path), shown(before), shown(after))
	}
}

func isStructure(v value) bool { return v.list != nil || v.object != nil }

// shown gives a value as a part of a phrase.
func shown(v value) phrase {
	switch v.state {
	case null:
		return "nothing"
	case unknown:
		return "(known after apply)"
	case hidden:
		return "(sensitive)"
	default:
		if isStructure(v) {
			return "several values"
		}
		return name(v.text())
	}
}
