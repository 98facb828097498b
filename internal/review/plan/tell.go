// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan

import "slices"

// kind is how one type of resource is told.
type kind struct {
	// subject says which one it is, by its values.
	subject func(v value) phrase
	// made, changed and gone have the words for what happens to one; gone gives what follows from a destroy.
	made, changed func(t *teller)
	gone          func(v value) phrase
	// goes is how the words for a destroy begin, where that is no destruction for people.
	goes phrase
	// anew is what follows from a replacement, where that is not what follows from a destroy.
	anew phrase
	// told are attributes that the functions above tell.
	told []string
	// computed are attributes that the provider fills in: that they change or are unknown says nothing by itself.
	computed []string
	// defaulted are attributes that the service fills in where the configuration does not: that they are unknown says nothing.
	defaulted []string
}

// kinds are the resource types of the provider. One that is not here is told by its attributes.
var kinds = map[string]kind{
	"terrascale_api_key":                  apiKey,
	"terrascale_team_member":              teamMember,
	"terrascale_ip_allowlist":             ipAllowlist,
	"terrascale_ip_allowlist_entry":       ipAllowlistEntry,
	"terrascale_organization":             organization,
	"terrascale_database":                 database,
	"terrascale_repository":               repository,
	"terrascale_adapter":                  adapter,
	"terrascale_postgresql_readonly_role": postgresqlRole,
	"terrascale_mysql_readonly_user":      mysqlUser,
	"terrascale_redis_readonly_user":      redisUser,
}

func kindOf(typeName string) kind {
	if k, isKnown := kinds[typeName]; isKnown {
		return k
	}
	return kind{subject: func(value) phrase { return "" }, made: (*teller).plainlyMade, changed: func(*teller) {},
		gone: func(value) phrase { return "" }, computed: []string{"id", "status", "created_at"}}
}

// teller tells one change.
type teller struct {
	change
	review *Review
	kind   kind
	// isOutside says that the change was found, and not planned.
	isOutside bool
	// subject is what changes, as it was called before.
	subject phrase
}

func (t *teller) add(to group, text phrase) {
	if t.isOutside {
		if to == open {
			return
		}
		to = outside
	}
	t.review.add(to, t.address, t.scrub(text))
}

// say adds a line that begins with the subject.
func (t *teller) say(to group, format string, parts ...phrase) {
	t.add(to, t.subject+" "+say(format, parts...))
}

// plainlyMade tells that something is made.
func (t *teller) plainlyMade() { t.say(other, "is made") }

func (t *teller) name() {
	v := t.before
	if v.isNull() {
		v = t.after
	}
	t.subject = t.kind.subject(v)
	if t.subject == "" {
		t.subject = name(t.address)
	}
}

func (t *teller) tell() {
	t.name()
	switch {
	case t.isDeposed && t.action == destroy:
		t.say(first, "had an old copy left over from a replacement that failed (a deposed object), which is destroyed now")
		return
	case t.isDeposed:
		return
	}
	if t.isMoved() {
		t.say(other, "moves from address %s to %s in the state. That is no new access.", name(t.previousAddress), name(t.address))
	}
	if t.isImported {
		t.say(other, "is imported: it exists already, and is managed by Terraform from now on")
	}
	switch t.action {
	case forget:
		t.say(other, "is not managed by Terraform any more. It stays as it is and goes on working.")
	case destroy:
		goes := t.kind.goes
		if goes == "" {
			goes = "is destroyed"
		}
		t.say(first, "%s%s. %s", goes, t.because(), t.kind.gone(t.before))
	case replace:
		follows := t.kind.anew
		if follows == "" {
			follows = t.kind.gone(t.before)
		}
		switch {
		case t.keepsOld:
			t.say(first, "is replaced%s: the old one is not managed by Terraform any more, and goes on working", t.because())
		case t.madeFirst:
			t.say(first, "is replaced%s: the new one is made before the old one is destroyed. %s", t.because(), follows)
		default:
			t.say(first, "is replaced%s: the old one is destroyed before the new one is made. %s", t.because(), follows)
		}
		t.replaced()
	case create:
		t.kind.made(t)
		t.unknowns(t.rest())
	case update:
		t.update()
	case noAction:
	}
}

// replaced tells what the new one is: by what differs, or anew where it is called otherwise.
func (t *teller) replaced() {
	subject := t.kind.subject(t.after)
	if subject == "" || subject == t.subject {
		t.update()
		return
	}
	anew := *t
	anew.subject, anew.before = subject, value{}
	anew.kind.made(&anew)
	anew.unknowns(anew.rest())
}

// tellOutside tells what a refresh found.
func (t *teller) tellOutside() {
	t.name()
	switch t.action {
	case destroy:
		t.say(outside, "is gone: it was removed outside of Terraform")
	case update:
		t.update()
	default:
	}
}

func (t *teller) update() {
	t.kind.changed(t)
	rest := t.rest()
	t.unknowns(rest)
	t.settings(rest)
	t.exceptions()
}

// rest are the attributes that the kind does not tell by itself.
func (t *teller) rest() []string {
	all := union(t.before.keys(), t.after.keys())
	return slices.DeleteFunc(all, func(attribute string) bool { return slices.Contains(t.kind.computed, attribute) })
}

// unknowns says which attributes are known after the apply only.
func (t *teller) unknowns(attributes []string) {
	var found []string
	for _, attribute := range attributes {
		if t.after.at(attribute).isOpen() && !slices.Contains(t.kind.defaulted, attribute) {
			found = append(found, attribute)
		}
	}
	for _, some := range chunks(found) {
		verb := phrase("is")
		if len(some) > 1 {
			verb = "are"
		}
		t.add(open, say("%s: %s %s known after the apply only", t.subject, names(some...), verb))
	}
}

// reasons are Terraform's words for why, in ours.
var reasons = map[string]phrase{
	"replace_because_tainted":            ", because it is tainted",
	"replace_by_request":                 ", because -replace asks for it",
	"replace_by_triggers":                ", because of replace_triggered_by",
	"delete_because_no_resource_config":  ", because the configuration does not have it any more",
	"delete_because_no_module":           ", because the configuration does not have its module any more",
	"delete_because_wrong_repetition":    ", because its count or for_each was added or taken away",
	"delete_because_count_index":         ", because count is smaller",
	"delete_because_each_key":            ", because for_each does not have its key any more",
	"delete_because_no_move_target":      ", because the address that it was moved to is not in the configuration",
	"delete_because_enabled_false":       ", because it is not enabled any more",
	"replace_because_cannot_update":      "",
	"delete_because_ephemeral_forgotten": "",
}

// because says why something is replaced or destroyed.
func (t *teller) because() phrase {
	if reason := reasons[t.reason]; reason != "" {
		return reason
	}
	switch {
	case len(t.replacedBy) == 1:
		return say(", because %s changes", names(t.replacedBy...))
	case len(t.replacedBy) > 1:
		return say(", because %s change", names(t.replacedBy...))
	default:
		return ""
	}
}

// counted puts the right form of a word before a list.
func counted(word string, list []string) phrase {
	if len(list) != 1 {
		word += "s"
	}
	return phrase(word+" ") + names(list...)
}

// each tells a list in lines that are not too long. The format has one place, for the names.
func (t *teller) each(to group, format string, list []string) {
	for _, some := range chunks(list) {
		t.say(to, format, names(some...))
	}
}

// eachOf is each with a word for what is listed.
func (t *teller) eachOf(to group, format, word string, list []string) {
	for _, some := range chunks(list) {
		t.say(to, format, counted(word, some))
	}
}
