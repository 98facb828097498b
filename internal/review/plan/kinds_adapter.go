// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import "github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"

var adapter = kind{
	subject:  byName("Adapter"),
	told:     []string{"name", "connection_string", "dotenv", "connector", "config_file", "project", "options"},
	computed: []string{"id", "file"},
	made: func(t *teller) {
		t.say(gains, "lets the gateway connect to a %s database%s", shown(t.after.at("connector")), reading(variablesOf(t.after)))
	},
	changed: func(t *teller) {
		t.renamed()
		t.connection()
		t.variable()
		before, after := t.before.at("connector"), t.after.at("connector")
		if !before.equals(after) && before.state == known && after.state == known {
			t.say(other, "now connects to %s (before: %s)", shown(after), shown(before))
		}
		for _, attribute := range []string{"config_file", "project"} {
			if before, after := t.before.at(attribute), t.after.at(attribute); !before.equals(after) && after.state == known {
				t.say(other, "moves to %s", shown(after))
			}
		}
		before, after = t.before.at("options"), t.after.at("options")
		for _, option := range union(before.keys(), after.keys()) {
			if !before.at(option).equals(after.at(option)) && !after.isOpen() { // A value could hold a password: the name has to do.
				t.say(other, "has another driver option %s", name(option))
			}
		}
	},
	goes: "is removed",
	anew: "The gateway can't connect through it in between.",
	gone: always("The gateway can no longer connect through it, and queries that use it fail."),
}

// variablesOf gives the environment variables that an adapter's connection string names. The string itself is never shown: somebody may have
// written a password into it.
func variablesOf(v value) []string {
	return union(hyperterse.References(v.at("connection_string").text()), nil)
}

func reading(variables []string) phrase {
	if len(variables) == 0 {
		return ""
	}
	return say(", by the %s", counted("variable", variables))
}

// connection tells another connection string by its variables.
func (t *teller) connection() {
	before, after := t.before.at("connection_string"), t.after.at("connection_string")
	if before.equals(after) || after.state == unknown {
		return
	}
	was, becomes := variablesOf(t.before), variablesOf(t.after)
	switch {
	case len(minus(was, becomes)) == 0 && len(minus(becomes, was)) == 0, before.isHidden(), after.isHidden():
		t.say(other, "has another connection string")
	case len(was) == 0:
		t.say(other, "now names the variable %s", names(becomes...))
	case len(becomes) == 0:
		t.say(other, "no longer names the variable %s", names(was...))
	default:
		t.say(other, "now names another variable: %s instead of %s", names(becomes...), names(was...))
	}
}

// variable tells the variable that an adapter fills in.
func (t *teller) variable() {
	before, after := t.before.at("dotenv"), t.after.at("dotenv")
	was, becomes := before.at("variable"), after.at("variable")
	switch {
	case after.isNull() && before.isNull(), after.isOpen(), after.isHidden() && after.object == nil:
	case after.isNull():
		t.say(ends, "no longer fills in the variable %s, which is removed from its file", shown(was))
	case before.isNull():
		t.say(other, "now fills in the variable %s", shown(becomes))
	case !was.equals(becomes) || !before.at("file").equals(after.at("file")):
		t.say(ends, "no longer fills in the variable %s in %s", shown(was), file(before))
		t.say(other, "now fills in the variable %s in %s", shown(becomes), file(after))
	case !before.at("value_wo_version").equals(after.at("value_wo_version")):
		t.say(rotates, "writes the value of the variable %s again", shown(becomes))
	}
}

func file(dotenv value) phrase {
	if dotenv.at("file").isNull() {
		return "the project's .env"
	}
	return shown(dotenv.at("file"))
}
