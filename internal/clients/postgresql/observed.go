// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Observed is a role as the server has it.
type Observed struct {
	Name string
	// Members holds the role itself and those of its logins that exist, by name.
	Members map[string]Member
	// Databases holds what the role has in each database that it is granted something in.
	Databases map[string]Privileges

	databases   []string
	memberships []membership
	// via names the roles that it is a member of, directly or not.
	via []string
}

// membership is one that the role, or a login of its own, has in a role that is not its own.
type membership struct{ member, group, grantor string }

// Member is the role itself or one of its logins.
type Member struct {
	CanLogin bool
	// ReadOnly reports whether its sessions start with default_transaction_read_only.
	ReadOnly   bool
	Attributes Attributes
	// Elevated are role attributes that go beyond reading, such as CREATEDB.
	Elevated []string

	// foreign are settings of its sessions that somebody else made.
	foreign []setting

	oid uint32
	// digest is that of its verifier; empty where there is none or the admin may not know it.
	digest string
}

// setting is a default of a login's sessions, in one database or, where that is empty, in all.
type setting struct{ name, database string }

// String gives the form that users see: setting search_path in database app.
func (s setting) String() string {
	text := "setting " + s.name
	if s.database != "" {
		text += " in database " + s.database
	}
	return text
}

// Privileges is what a role has in one database.
type Privileges struct {
	// Connect is set when it was granted to the role itself, PublicConnect when everybody may, GroupConnect when a role may that it is
	// a member of.
	Connect, PublicConnect, GroupConnect bool
	// Schemas holds the schemas that were asked for and those that the role has something in.
	Schemas map[string]Schema
	// Excess is what goes beyond reading, or beyond what is wanted in a way that Effective does not show; directly or
	// through PUBLIC or another role.
	Excess []Excess

	database grantable
	selects  []held
	defaults []defaultPrivilege
}

// Schema is one schema and what a role has in it.
type Schema struct {
	grantable
	Exists bool
	// Usage is set when it was granted to the role itself, PublicUsage when everybody may, GroupUsage when a role may that it is a
	// member of.
	Usage, PublicUsage, GroupUsage bool
	// door owns the schema, where the admin may not even name what is in it; else it is empty.
	door string
	// Relations holds all tables and views of the schema by name, and Sequences its sequences.
	Relations, Sequences map[string]Relation
}

// Relation is a table, a view or a sequence, and what the role may read of it.
type Relation struct {
	Owner string
	// Select is set when the role was granted SELECT on all of it; Columns are those it was granted SELECT on one by one.
	Select  bool
	Columns []string
	// PublicSelect is set when everybody may read it, GroupSelect when a role may that this one is a member of.
	PublicSelect, GroupSelect bool
	// GroupColumns are those that it may read one by one through such a role.
	GroupColumns []string

	mayGrant bool
}

// isPublicAlone reports whether everybody may read it, and the admin has no say in that.
func (r Relation) isPublicAlone() bool { return r.PublicSelect && !r.mayGrant }

// isReadable reports whether the role may read all of it, whatever gives it that.
func (r Relation) isReadable() bool { return r.Select || r.PublicSelect || r.GroupSelect }

// held is a SELECT that the role has.
type held struct {
	entry
	relation relationName
}

// Excess is one privilege beyond reading.
type Excess struct {
	Privilege string
	// Object is what it is on, such as 'public.orders'; empty for an attribute or a membership.
	Object string
	// Definer is the role whose rights a routine runs with.
	Definer string
	// Language is the untrusted one that a routine is written in.
	Language string
	// Via is the way to it: empty for a direct grant, PUBLIC, or a role's name.
	Via string
	// Login is set for what one login has beside the role's privileges.
	Login string

	// revoke takes it away; nil where a change of the role can't, or where other changes do.
	revoke *change
}

// String gives the form that users see: INSERT on public.orders via PUBLIC.
func (e Excess) String() string {
	text := e.Privilege
	if e.Object != "" {
		text += " on " + e.Object
	}
	if e.Definer != "" {
		text += ", SECURITY DEFINER of " + e.Definer
	}
	if e.Language != "" {
		text += ", in the untrusted language " + e.Language
	}
	if (e.Definer != "" || e.Language != "") && e.Via != "" {
		text += ","
	}
	if e.Login != "" {
		text += " for login " + e.Login
	}
	if e.Via != "" {
		text += " via " + e.Via
	}
	return text
}

type relationName struct{ schema, name string }

type defaultPrivilege struct {
	owner, schema, kind string
	privileges          []string
}

// isRead reports whether they are no more and no less than reading.
func (d defaultPrivilege) isRead() bool {
	return d.schema != "" && (d.kind == "TABLES" || d.kind == "SEQUENCES") && slices.Equal(d.privileges, []string{"SELECT"})
}

// connects reports whether the role gets into the database by a grant of its own, or by one for everybody where the admin
// has no say.
func (p Privileges) connects() bool { return p.Connect || p.PublicConnect && !p.database.mayGrant }

// enters reports the same of a schema.
func (s Schema) enters() bool { return s.Usage || s.PublicUsage && !s.mayGrant }

// isOpen reports whether the role gets into the database or the schema, whatever gives it that.
func (p Privileges) isOpen() bool { return p.Connect || p.PublicConnect || p.GroupConnect }

func (s Schema) isOpen() bool { return s.Usage || s.PublicUsage || s.GroupUsage }

// covers reports whether the schema can be entered and every table of it read, but for those of except. Where one of these was granted
// to the role itself, it reads more than that.
func (s Schema) covers(except []string) bool {
	if !s.isOpen() {
		return false
	}
	for name, relation := range s.Relations {
		if isExcept := slices.Contains(except, name); isExcept && relation.Select || !isExcept && !relation.isReadable() {
			return false
		}
	}
	return true
}

func allReadable(relations map[string]Relation) bool {
	for _, relation := range relations {
		if !relation.isReadable() {
			return false
		}
	}
	return true
}

// readable lists the tables that the role can really read: nothing where the schema can't be entered. What everybody may read counts
// where it is asked for.
func (s Schema) readable(asked []string) []string {
	names := []string{}
	for name, relation := range s.Relations {
		isGiven := relation.Select || relation.GroupSelect || relation.PublicSelect && slices.Contains(asked, name)
		if isGiven && s.isOpen() {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// readableColumns lists, by table, the columns that the role can read one by one.
func (s Schema) readableColumns() map[string][]string {
	columns := map[string][]string{}
	for name, relation := range s.Relations {
		if all := slices.Concat(relation.Columns, relation.GroupColumns); len(all) > 0 && s.isOpen() {
			slices.Sort(all)
			columns[name] = slices.Compact(all)
		}
	}
	return columns
}

// readsAll reports whether the role may read everything of the server.
func (o *Observed) readsAll() bool { return slices.Contains(o.via, "pg_read_all_data") }

// PasswordDigest gives a digest of what the server keeps of a login's password: another one, another password. It is empty
// where the admin may not know.
func (o *Observed) PasswordDigest(login string) string { return o.Members[login].digest }

// ExcessPrivileges lists what the role can do beyond reading, sorted; logins are those that are to log in. Entries name
// their database where the role has something in several.
func (o *Observed) ExcessPrivileges(logins ...string) []string {
	all := []string{}
	for name, member := range o.Members {
		suffix := ""
		if name != o.Name {
			suffix = " for login " + name
		}
		for _, attribute := range member.Elevated {
			all = append(all, attribute+suffix)
		}
		if member.CanLogin && !slices.Contains(logins, name) {
			all = append(all, "LOGIN for "+name)
		}
		for _, foreign := range member.foreign {
			if member.CanLogin {
				all = append(all, foreign.String()+suffix)
			}
		}
		if member.CanLogin && !member.ReadOnly {
			all = append(all, "read-write transactions by default"+suffix)
		}
	}
	for database, privileges := range o.Databases {
		for _, excess := range byObject(privileges.Excess) {
			text := excess.String()
			if len(o.Databases) > 1 {
				text = fmt.Sprintf("%s in database %s", text, database)
			}
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// byObject tells the privileges on one object, that one has in the same way, together.
func byObject(all []Excess) []Excess {
	privileges := map[Excess][]string{}
	var gathered []Excess
	for _, excess := range all {
		of := Excess{Object: excess.Object, Definer: excess.Definer, Language: excess.Language, Via: excess.Via, Login: excess.Login}
		// Ownership stays when the rest goes: see RemainingExcess.
		if excess.Object == "" || owning == excess.Privilege+" on " {
			gathered = append(gathered, excess)
			continue
		}
		privileges[of] = append(privileges[of], excess.Privilege)
	}
	for of, names := range privileges {
		slices.Sort(names)
		of.Privilege = strings.Join(slices.Compact(names), ", ")
		gathered = append(gathered, of)
	}
	return gathered
}

// viaPublic and owning are parts of the texts of privileges that a change of the role itself can't take away.
const (
	viaEverybody = "PUBLIC"
	viaPublic    = " via " + viaEverybody
	owning       = "ownership on "
)

// RemainingExcess gives those texts of ExcessPrivileges that stay when all that was given to the role itself is taken
// away. What comes through a membership goes with it.
func RemainingExcess(privileges []string) []string {
	remaining := []string{}
	for _, text := range privileges {
		if strings.Contains(text, viaPublic) || strings.HasPrefix(text, owning) {
			remaining = append(remaining, text)
		}
	}
	return remaining
}
