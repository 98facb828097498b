// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"slices"
	"strings"
)

// entry is one line of an access list, as privilegeQuery gives it.
type entry struct {
	// Kind is DATABASE, SCHEMA, TABLE, SEQUENCE, COLUMN, ROUTINE or DEFAULT (default privileges).
	Kind   string
	Schema string
	Name   string
	// Detail is a column's name, a routine's arguments, or the owner of default privileges.
	Detail    string
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

// isRead reports whether the entry is one of the three privileges that the provider grants.
func (e entry) isRead() bool {
	switch e.Kind {
	case "DATABASE":
		return e.Privilege == "CONNECT"
	case "SCHEMA":
		return e.Privilege == "USAGE"
	case "TABLE":
		return e.Privilege == "SELECT"
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
	case "TABLE":
		relation := p.Schemas[e.Schema].Relations[e.Name]
		relation.Select = true
		p.Schemas[e.Schema].Relations[e.Name] = relation
		p.selects = append(p.selects, relationName{e.Schema, e.Name})
	}
}

func (p *Privileges) addDefault(e entry) {
	if e.Name == "TABLES" && e.Schema != "" && e.Privilege == "SELECT" {
		schema := p.Schemas[e.Schema]
		schema.DefaultOwners = append(schema.DefaultOwners, e.Detail)
		p.Schemas[e.Schema] = schema
	}
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
	excess := Excess{Privilege: e.Privilege, Object: e.object(), Via: e.Via, Login: e.Login}
	switch {
	case e.Via != "":
	case e.Login != "":
		excess.revoke = e.revoke(e.Login)
	default:
		excess.revoke = e.revoke(role)
	}
	p.Excess = append(p.Excess, excess)
}

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
	case "DEFAULT":
		return "future " + strings.ToLower(e.Name) + " of " + e.Detail
	default:
		return e.Schema + "." + e.Name
	}
}

// revoke builds the statement that takes the entry away.
func (e entry) revoke(role string) statement {
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
	case "DEFAULT":
		return revokeFuture(e.Detail, e.Schema, e.Name, role)
	default:
		return revokePrivilege(e.Privilege, e.Kind, identifier(e.Schema, e.Name), role)
	}
}

func (e entry) columnPrivilege() string { return e.Privilege + " (" + identifier(e.Detail) + ")" }
