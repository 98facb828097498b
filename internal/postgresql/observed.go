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

	databases []string
}

// Member is the role itself or one of its logins.
type Member struct {
	CanLogin bool
	// ReadOnly reports whether its sessions start with default_transaction_read_only.
	ReadOnly   bool
	Attributes Attributes
	// Elevated are role attributes that go beyond reading, such as CREATEDB.
	Elevated []string

	oid uint32
	// inherits reports whether it is a member of the role that holds the privileges.
	inherits bool
}

// Privileges is what a role has in one database.
type Privileges struct {
	Connect bool
	// Schemas holds the schemas that were asked for and those that the role has something in.
	Schemas map[string]Schema
	// Excess is what goes beyond reading, directly or through PUBLIC or another role.
	Excess []Excess

	selects  []relationName
	defaults []defaultPrivilege
}

// Schema is one schema and what a role has in it.
type Schema struct {
	Exists bool
	Usage  bool
	// Relations holds all tables and views of the schema by name.
	Relations map[string]Relation
	// DefaultOwners are the owners whose tables to come the role will read.
	DefaultOwners []string
}

// Relation is a table or view and whether the role was granted SELECT on it.
type Relation struct {
	Owner  string
	Select bool
}

// Excess is one privilege beyond reading.
type Excess struct {
	Privilege string
	// Object is what it is on, such as 'public.orders'; empty for an attribute or a membership.
	Object string
	// Via is the way to it: empty for a direct grant, PUBLIC, or a role's name.
	Via string
	// Login is set for what one login has beside the role's privileges.
	Login string

	// revoke takes it away; empty where a change of the role can't.
	revoke statement
}

// String gives the form that users see: INSERT on public.orders via PUBLIC.
func (e Excess) String() string {
	text := e.Privilege
	if e.Object != "" {
		text += " on " + e.Object
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

// covers reports whether every table of the schema is readable, and the schema itself enterable.
func (s Schema) covers() bool {
	if !s.Usage {
		return false
	}
	for _, relation := range s.Relations {
		if !relation.Select {
			return false
		}
	}
	return true
}

// readable lists the tables that the role can really read: nothing where the schema can't be entered.
func (s Schema) readable() []string {
	names := []string{}
	for name, relation := range s.Relations {
		if relation.Select && s.Usage {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// Effective gives what the role has in the words of a configuration, seen from the grants that were last known: a
// grant for all tables that still covers all stays one, anything else becomes the list of what is readable. With no
// prior grants (an import), a schema that is covered whole counts as granted whole.
func (o *Observed) Effective(prior []Grant, owners []string) (grants []Grant, effectiveOwners []string) {
	known := Role{Grants: prior}
	databases := append(known.databases(), o.databaseNames()...)
	slices.Sort(databases)
	wholeSchemas := 0
	ownerCount := map[string]int{}
	for _, database := range slices.Compact(databases) {
		privileges, ok := o.Databases[database]
		if !ok || !privileges.Connect {
			continue
		}
		before := known.in(database)
		for _, name := range privileges.schemaNames() {
			schema := privileges.Schemas[name]
			priorGrant, wasKnown := before.grant(name)
			switch {
			case schema.covers() && (wasKnown && priorGrant.coversAll() || prior == nil && len(schema.Relations) > 0):
				grants = append(grants, Grant{Database: database, Schema: name})
				wholeSchemas++
				for _, owner := range schema.DefaultOwners {
					ownerCount[owner]++
				}
			case len(schema.readable()) > 0:
				grants = append(grants, Grant{Database: database, Schema: name, Tables: schema.readable()})
			}
		}
	}
	for owner, count := range ownerCount {
		if count == wholeSchemas {
			effectiveOwners = append(effectiveOwners, owner)
		}
	}
	if wholeSchemas == 0 {
		effectiveOwners = slices.Clone(owners)
	}
	sort.Strings(effectiveOwners)
	return grants, effectiveOwners
}

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
		if member.CanLogin && !member.ReadOnly {
			all = append(all, "read-write transactions by default"+suffix)
		}
	}
	for database, privileges := range o.Databases {
		for _, excess := range privileges.Excess {
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

// viaPublic is how the text of a privilege ends that a change of the role itself can't take away.
const viaPublic = " via PUBLIC"

// RemainingExcess gives those texts of ExcessPrivileges that stay when all that was given to the role itself is taken
// away. What comes through a membership goes with it.
func RemainingExcess(privileges []string) []string {
	remaining := []string{}
	for _, text := range privileges {
		if strings.Contains(text, viaPublic) {
			remaining = append(remaining, text)
		}
	}
	return remaining
}

func (o *Observed) databaseNames() []string {
	names := make([]string, 0, len(o.Databases))
	for name := range o.Databases {
		names = append(names, name)
	}
	return names
}

func (p Privileges) schemaNames() []string {
	names := make([]string, 0, len(p.Schemas))
	for name := range p.Schemas {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
