// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"cmp"
	"slices"
	"strings"
)

// entry is one line of an access list, as privilegesQuery gives it.
type entry struct {
	// Kind is DATABASE, SCHEMA, TABLE, SEQUENCE, COLUMN, ROUTINE, LARGE OBJECT, FOREIGN SERVER, FOREIGN DATA WRAPPER, PARAMETER or
	// DEFAULT (default privileges).
	Kind   string
	Schema string
	Name   string
	// Detail is a column's name, a routine's arguments, or the owner of default privileges.
	Detail string
	// Owner owns the object, and Grantor gave the privilege: the owner, or who holds a grant option.
	Owner, Grantor string
	// Door owns the schema that the object is in, where the admin may not even name it.
	Door string
	// Definer is the role whose rights a routine runs with, where that is not the caller's.
	Definer string
	// Risk says why a routine that runs with its caller's rights can do more than the caller: its untrusted language, or closed.
	Risk string
	// Reached is set for a routine that can be called without its schema.
	Reached   bool
	Privilege string
	Grantable bool
	// Via is empty for the role itself, else PUBLIC or the role that the privilege comes through.
	Via string
	// Login is set for what one of the role's logins was given itself.
	Login string
}

// add sorts one entry into what reading needs and what goes beyond it. Whatever a login was given itself goes beyond it:
// logins read through the role.
func (p *Privileges) add(role string, e entry) {
	direct := e.Via == "" && e.Login == ""
	switch {
	case e.isThrough():
		p.addThrough(e)
	case direct && e.isRead():
		p.addRead(e)
	case direct && e.Kind == "DEFAULT":
		p.addDefault(e)
	default:
		p.addExcess(role, e)
	}
	if direct && e.Grantable {
		granting := e
		granting.Privilege = "GRANT OPTION FOR " + e.Privilege
		p.addExcess(role, granting)
	}
}

// isThrough reports whether the entry is reading that comes through a role that the role is a member of.
func (e entry) isThrough() bool { return e.Via != "" && e.Via != viaEverybody && e.isRead() }

// isIn reports whether the entry's object is in one of the schemas, or in none.
func (e entry) isIn(schemas map[string]bool) bool {
	return e.Schema == "" || e.Kind == "SCHEMA" || e.Reached || schemas[e.Schema]
}

// addThrough notes what the role reads through another one: it goes with the membership.
func (p *Privileges) addThrough(e entry) {
	if e.Kind == "DATABASE" {
		p.GroupConnect = true
		return
	}
	schema, ok := p.Schemas[e.Schema]
	if !ok {
		return
	}
	through := func(relations map[string]Relation) {
		relation := relations[e.Name]
		relation.Owner = cmp.Or(relation.Owner, e.Owner)
		relation.GroupSelect = true
		relations[e.Name] = relation
	}
	switch e.Kind {
	case "SCHEMA":
		schema.GroupUsage = true
		p.Schemas[e.Schema] = schema
	case "SEQUENCE":
		through(schema.Sequences)
	case "TABLE":
		through(schema.Relations)
	case "COLUMN":
		relation := schema.Relations[e.Name]
		if !slices.Contains(relation.Columns, e.Detail) {
			relation.GroupColumns = append(relation.GroupColumns, e.Detail)
		}
		schema.Relations[e.Name] = relation
	}
}

// addAll notes that the role reads everything through pg_read_all_data.
func (p *Privileges) addAll() {
	for name, schema := range p.Schemas {
		for _, relations := range []map[string]Relation{schema.Relations, schema.Sequences} {
			for of, relation := range relations {
				relation.GroupSelect = true
				relations[of] = relation
			}
		}
		schema.GroupUsage = true
		p.Schemas[name] = schema
	}
}

// isRead reports whether the entry is one of the privileges that the provider grants.
func (e entry) isRead() bool {
	switch e.Kind {
	case "DATABASE":
		return e.Privilege == "CONNECT"
	case "SCHEMA":
		return e.Privilege == "USAGE"
	case "TABLE", "COLUMN", "SEQUENCE":
		return e.Privilege == "SELECT"
	default:
		return false
	}
}

// writes reports whether the entry is a way to change data or to make objects. This one list is for what a role has through others, and
// for what a login of any kind can do (Probe). What everybody may always do in a database is not in it: temporary tables, advisory locks,
// NOTIFY, new large objects, and its own password and settings.
func (e entry) writes() bool {
	switch e.Kind {
	case "TABLE", "COLUMN":
		return slices.Contains([]string{"INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "MAINTAIN"}, e.Privilege)
	case "SEQUENCE":
		return e.Privilege == "UPDATE" || e.Privilege == "USAGE"
	case "LARGE OBJECT":
		return e.Privilege == "UPDATE"
	case "ROUTINE":
		return e.Privilege == "EXECUTE" && (e.Definer != "" || e.Risk != "")
	case "FOREIGN SERVER", "FOREIGN DATA WRAPPER":
		return e.Privilege == "USAGE" // It lets one work with the mapping of everybody, or with a server of one's own.
	case "PARAMETER":
		return true
	case "DATABASE", "SCHEMA":
		return e.Privilege == "CREATE"
	default:
		return false
	}
}

func (p *Privileges) addRead(e entry) {
	switch e.Kind {
	case "DATABASE":
		p.Connect = true
	case "SCHEMA":
		schema := p.Schemas[e.Schema]
		schema.Usage = true
		p.Schemas[e.Schema] = schema
	case "SEQUENCE":
		p.Schemas[e.Schema].Sequences[e.Name] = e.readIn(p.Schemas[e.Schema].Sequences)
		p.selects = append(p.selects, held{e, relationName{e.Schema, e.Name}})
	default:
		p.Schemas[e.Schema].Relations[e.Name] = e.readIn(p.Schemas[e.Schema].Relations)
		p.selects = append(p.selects, held{e, relationName{e.Schema, e.Name}})
	}
}

// readIn gives a table or sequence with what the entry adds to it.
func (e entry) readIn(relations map[string]Relation) Relation {
	relation, known := relations[e.Name]
	if !known {
		relation.Owner = e.Owner
	}
	if e.Kind == "COLUMN" {
		relation.Columns = append(relation.Columns, e.Detail)
	} else {
		relation.Select = true
	}
	return relation
}

func (p *Privileges) addDefault(e entry) {
	at := slices.IndexFunc(p.defaults, func(d defaultPrivilege) bool {
		return d.owner == e.Detail && d.schema == e.Schema && d.kind == e.Name
	})
	if at < 0 {
		p.defaults = append(p.defaults, defaultPrivilege{owner: e.Detail, schema: e.Schema, kind: e.Name})
		at = len(p.defaults) - 1
	}
	p.defaults[at].privileges = append(p.defaults[at].privileges, e.Privilege)
}

func (p *Privileges) addExcess(role string, e entry) {
	excess := e.excess()
	switch {
	case e.Via != "":
	case e.Login != "":
		excess.revoke = e.revoke(e.Login)
	default:
		excess.revoke = e.revoke(role)
	}
	if e.Kind == "DEFAULT" && e.Schema != "" {
		excess.Object += " in schema " + e.Schema
	}
	p.Excess = append(p.Excess, excess)
}

// excess gives the entry as what goes beyond reading.
func (e entry) excess() Excess {
	excess := Excess{Privilege: e.Privilege, Object: e.object(), Definer: e.Definer, Via: e.Via, Login: e.Login}
	if e.Risk != closed {
		excess.Language = e.Risk
	}
	return excess
}

// closed is the risk of a routine that was made for superusers.
const closed = "closed"

// object names what the entry is on, as users write it.
func (e entry) object() string {
	switch e.Kind {
	case "DATABASE":
		return "database " + e.Name
	case "SCHEMA":
		return "schema " + e.Schema
	case "COLUMN":
		return e.Schema + "." + e.Name + " (" + e.Detail + ")"
	case "ROUTINE":
		return e.Schema + "." + e.Name + "(" + e.Detail + ")"
	case "SEQUENCE":
		return "sequence " + e.Schema + "." + e.Name
	case "LARGE OBJECT":
		return "large object " + e.Name
	case "FOREIGN SERVER", "FOREIGN DATA WRAPPER", "PARAMETER":
		return strings.ToLower(e.Kind) + " " + e.Name
	case "DEFAULT":
		return "future " + strings.ToLower(e.Name) + " of " + e.Detail
	default:
		return e.Schema + "." + e.Name
	}
}

// revoke builds the change that takes the entry away.
func (e entry) revoke(role string) *change {
	return new(change{sql: e.revocation(role), owners: []string{e.Owner}, grantor: e.grantor()}.through(e.Door))
}

// grantor gives who has to take the privilege away, where that is not the object's owner.
func (e entry) grantor() string {
	if e.Grantor == e.Owner {
		return ""
	}
	return e.Grantor
}

func (e entry) revocation(role string) statement {
	switch e.Kind {
	case "DATABASE":
		return revokePrivilege(e.Privilege, e.Kind, identifier(e.Name), role)
	case "SCHEMA":
		return revokePrivilege(e.Privilege, e.Kind, identifier(e.Schema), role)
	case "COLUMN":
		return revokePrivilege(e.columnPrivilege(), "TABLE", identifier(e.Schema, e.Name), role)
	case "ROUTINE":
		// The arguments are the server's own rendering (pg_get_function_identity_arguments), quoted where needed.
		return revokePrivilege(e.Privilege, e.Kind, identifier(e.Schema, e.Name)+"("+e.Detail+")", role)
	case "LARGE OBJECT":
		return revokePrivilege(e.Privilege, e.Kind, e.Name, role) // A number, as the server gives it.
	case "FOREIGN SERVER", "FOREIGN DATA WRAPPER":
		return revokePrivilege(e.Privilege, e.Kind, identifier(e.Name), role)
	case "PARAMETER":
		return revokePrivilege("ALL", e.Kind, e.Name, role) // A name, as the server gives it.
	case "DEFAULT":
		return revokeFuture(e.Detail, e.Schema, e.Name, role)
	default:
		return revokePrivilege(e.Privilege, e.Kind, identifier(e.Schema, e.Name), role)
	}
}

func (e entry) columnPrivilege() string { return e.Privilege + " (" + identifier(e.Detail) + ")" }
