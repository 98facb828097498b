// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"maps"
	"slices"
	"strings"
)

// Effective gives what the role has in the words of a configuration, seen from the role as it was last known: a grant for
// all tables that still covers all stays one, anything else becomes the list of what is readable. With no prior grants (an
// import), a schema that is covered whole counts as granted whole.
func (o *Observed) Effective(known Role) (grants []Grant, owners []string) {
	databases := slices.Concat(known.databases(), sortedKeys(o.Databases))
	slices.Sort(databases)
	var whole []Schema
	futures := map[string]int{}
	for _, database := range slices.Compact(databases) {
		privileges, ok := o.Databases[database]
		if !ok || !privileges.isOpen() {
			continue
		}
		before := known.in(database)
		for _, name := range sortedKeys(privileges.Schemas) {
			grant, ok := privileges.effective(before, name)
			if !ok {
				continue
			}
			grants = append(grants, grant)
			if grant.coversAll() {
				whole = append(whole, privileges.Schemas[name])
				for _, owner := range privileges.futureOwners(grant) {
					futures[owner]++
				}
			}
		}
	}
	if len(whole) == 0 {
		return grants, slices.Clone(known.FutureTablesOwnedBy)
	}
	for _, owner := range sortedKeys(futures) {
		// Whoever was not known is in excess_privileges instead.
		if futures[owner] == len(whole) && (known.Grants == nil || slices.Contains(known.FutureTablesOwnedBy, owner)) {
			owners = append(owners, owner)
		}
	}
	return grants, owners
}

// effective gives the grant for one schema; ok is false when nothing of it is readable.
func (p Privileges) effective(before wanted, name string) (grant Grant, ok bool) {
	schema := p.Schemas[name]
	prior, wasKnown := before.grant(name)
	grant = Grant{Database: before.database, Schema: name, Columns: schema.readableColumns()}
	switch {
	case len(grant.Columns) == 0 && schema.covers(prior.Except) && (wasKnown && prior.coversAll() || before.isUnknown && schema.gives()):
		grant.Except = prior.Except
		ok = true
	default:
		grant.Tables = schema.readable(prior.Tables)
		ok = len(grant.Tables) > 0 || len(grant.Columns) > 0
	}
	if len(grant.Columns) == 0 {
		grant.Columns = nil
	} else if len(grant.Tables) == 0 {
		grant.Tables = nil // Columns alone: no table is readable whole.
	}
	if schema.isOpen() && before.mayReadSequences(name, schema) {
		grant.Sequences = true
		ok = true
	}
	return grant, ok
}

// mayReadSequences reports whether SELECT on all of a schema's sequences is there and is not too much.
func (w wanted) mayReadSequences(name string, schema Schema) bool {
	prior, wasKnown := w.grant(name)
	return allReadable(schema.Sequences) && (wasKnown && prior.Sequences || w.isUnknown && givesAny(schema.Sequences))
}

// gives reports whether the role can read any table of the schema that not everybody can.
func (s Schema) gives() bool { return givesAny(s.Relations) }

func givesAny(relations map[string]Relation) bool {
	for _, relation := range relations {
		if relation.Select || relation.GroupSelect {
			return true
		}
	}
	return false
}

// futureOwners lists the owners whose objects to come are readable as the grant asks.
func (p Privileges) futureOwners(grant Grant) []string {
	owners := map[string]bool{}
	for _, d := range p.defaults {
		if d.schema == grant.Schema && p.hasFuture(d.owner, grant) {
			owners[d.owner] = true
		}
	}
	return slices.Sorted(maps.Keys(owners))
}

// addSurplus adds to the excess what Effective does not show: reading sequences, and default privileges, that nobody
// asked for. Other changes than one of the role take them away. After an import everything may be what is wanted.
func (p *Privileges) addSurplus(want wanted) {
	for _, name := range sortedKeys(p.Schemas) {
		schema := p.Schemas[name]
		grant, _ := want.grant(name)
		if grant.Sequences || want.mayReadSequences(name, schema) {
			continue
		}
		for _, sequence := range sortedKeys(schema.Sequences) {
			if schema.Sequences[sequence].Select {
				p.Excess = append(p.Excess, Excess{Privilege: "SELECT", Object: "sequence " + name + "." + sequence})
			}
		}
	}
	for _, d := range p.defaults {
		if want.hasDefault(d) || want.isUnknown && d.isRead() {
			continue // What an import does not take in is added by addSurplusDefaults.
		}
		p.Excess = append(p.Excess, d.excess())
	}
}

// excess gives default privileges as what goes beyond the role's grants.
func (d defaultPrivilege) excess() Excess {
	object := "future " + strings.ToLower(d.kind) + " of " + d.owner
	if d.schema != "" {
		object += " in schema " + d.schema
	}
	return Excess{Privilege: strings.Join(d.privileges, ", "), Object: object}
}

// addSurplusDefaults adds, after an import, the default privileges that the grants of Effective do not hold: those of a schema of which
// only some tables are readable, and those of an owner that has them in some of the schemas only. An apply takes them away.
func (o *Observed) addSurplusDefaults(known Role) {
	grants, owners := o.Effective(known)
	imported := Role{Name: o.Name, Grants: grants, FutureTablesOwnedBy: owners}
	for database, privileges := range o.Databases {
		want := imported.in(database)
		for _, d := range privileges.defaults {
			if d.isRead() && !want.hasDefault(d) {
				privileges.Excess = append(privileges.Excess, d.excess())
			}
		}
		o.Databases[database] = privileges
	}
}

// Uncovered is a table that a grant for a whole schema does not reach yet: one of those that an owner made.
type Uncovered struct {
	Database string `json:"database"`
	Schema   string `json:"schema"`
	Table    string `json:"table"`
	Owner    string `json:"owner"`
}

// CoveredBy reports whether the owner is one of those given.
func (u Uncovered) CoveredBy(owners []string) bool { return slices.Contains(owners, u.Owner) }

// Uncovered gives one table for each database and owner, of those that a role as it was last known is to read and can't.
func (o *Observed) Uncovered(known Role) []Uncovered {
	found := []Uncovered{}
	for _, database := range known.databases() {
		seen := map[string]bool{}
		for _, grant := range known.in(database).grants {
			relations := o.Databases[database].Schemas[grant.Schema].Relations
			for _, table := range sortedKeys(relations) {
				owner := relations[table].Owner
				if grant.coversAll() && !slices.Contains(grant.Except, table) && !relations[table].isReadable() && !seen[owner] {
					seen[owner] = true
					found = append(found, Uncovered{database, grant.Schema, table, owner})
				}
			}
		}
	}
	return found
}
