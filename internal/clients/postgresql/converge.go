// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"fmt"
	"slices"
)

// change is one statement that changes what a role may do.
type change struct {
	sql statement
	// owners are the roles whose rights it needs, where the admin has no right of its own to it.
	owners []string
	// grantor is the role that has to run it: a privilege can only be taken away by who gave it. Empty: whoever has the
	// rights of the owners.
	grantor string
	// isAfterwards is set for what comes once the rights of others are given back: it ends roles whose rights they may be.
	isAfterwards bool
	// together is how it goes to the server with the same changes of other roles, in one statement; zero for alone.
	together togetherness
	// explain gives an error of it its words; nil where the error is enough.
	explain func(error) error
}

// explained gives changes the words that an error of theirs begins with.
func explained(changes []change, format string, arguments ...any) []change {
	for i := range changes {
		changes[i].explain = func(err error) error { return fmt.Errorf("%s: %w", fmt.Sprintf(format, arguments...), err) }
	}
	return changes
}

// changesOf gives statements that need no rights but the admin's own.
func changesOf(statements ...statement) []change {
	changes := make([]change, len(statements))
	for i, sql := range statements {
		changes[i] = change{sql: sql}
	}
	return changes
}

// converge gives the changes that lead from what a role has in a database to what it is to have, most access taken
// first. It is pure: the same two values give the same changes in the same order.
func converge(want wanted, have Privileges) []change {
	return append(revocations(want, have), grants(want, have)...)
}

func revocations(want wanted, have Privileges) []change {
	var changes []change
	for _, excess := range have.Excess {
		if excess.revoke != nil {
			changes = append(changes, *excess.revoke)
		}
	}
	for _, d := range have.defaults {
		if !want.hasDefault(d) {
			changes = append(changes, change{sql: revokeFuture(d.owner, d.schema, d.kind, want.role), owners: []string{d.owner}})
		}
	}
	changes = append(changes, surplusReading(want, have)...)
	closed := change{}
	var schemas []string
	for _, name := range sortedKeys(have.Schemas) {
		if _, ok := want.grant(name); !ok && have.Schemas[name].Usage {
			schemas = append(schemas, name)
			closed.owners = append(closed.owners, have.Schemas[name].owner)
		}
	}
	if len(schemas) > 0 {
		closed.sql = revokeUsage(schemas, want.role)
		changes = append(changes, closed)
	}
	if len(want.grants) == 0 && have.Connect {
		changes = append(changes, change{sql: revokeConnect(want.database, want.role), owners: []string{have.database.owner}})
	}
	return changes
}

// surplusReading takes away what the role reads and should not: whole tables in one statement.
func surplusReading(want wanted, have Privileges) []change {
	var changes []change
	var tables []relationName
	surplus := change{}
	for _, held := range have.selects {
		switch {
		case want.reads(held.entry):
		case held.Kind == "TABLE" && held.grantor() == "":
			tables = append(tables, held.relation)
			surplus.owners = append(surplus.owners, held.Owner)
			surplus = surplus.through(held.Door)
		default:
			changes = append(changes, *held.revoke(want.role))
		}
	}
	if len(tables) > 0 {
		surplus.sql = revokeSelect(tables, want.role)
		changes = append(changes, surplus)
	}
	return changes
}

func grants(want wanted, have Privileges) []change {
	if len(want.grants) == 0 {
		return nil
	}
	var changes []change
	if !have.connects() {
		changes = append(changes, change{sql: grantConnect(want.database, want.role)}.by(have.database))
	}
	var schemas []string
	enter := change{}
	for _, grant := range want.grants {
		if schema := have.Schemas[grant.Schema]; !schema.enters() {
			schemas = append(schemas, grant.Schema)
			enter = enter.by(schema.grantable)
		}
	}
	if len(schemas) > 0 {
		enter.sql = grantUsage(schemas, want.role)
		changes = append(changes, enter)
	}
	changes = append(changes, tableGrants(want, have)...)
	changes = append(changes, columnGrants(want, have)...)
	changes = append(changes, sequenceGrants(want, have)...)
	changes = append(changes, futureGrants(want, have)...)
	for i := range changes {
		changes[i].together = asGrant
	}
	return changes
}

// by adds the owner of something to whose rights a change needs, where the admin has none of its own.
func (c change) by(of grantable) change {
	if !of.mayGrant {
		c.owners = append(c.owners, of.owner)
	}
	return c
}

// through adds the owner of a schema whose objects the admin may not even name.
func (c change) through(door string) change {
	if door != "" {
		c.owners = append(c.owners, door)
	}
	return c
}

// selection collects what of one kind is to become readable: whole schemas where the admin may grant all of it, else one by
// one, so that what somebody else granted already is not touched. What needs the rights of an owner is apart for each owner: where the
// admin can't have them, the error names nothing else.
type selection struct {
	schemas []string
	whole   change
	listed  map[string]*listing
}

// listing is relations that one owner's rights are needed for; the owner is empty where the admin has its own.
type listing struct {
	relations []relationName
	change    change
}

// addAll selects all but some. What everybody reads, and the admin can't grant, needs no grant.
func (s *selection) addAll(schema, door string, relations map[string]Relation, except []string) {
	names, mayGrantAll := []string{}, true
	for _, name := range sortedKeys(relations) {
		isLeftOut := slices.Contains(except, name) || relations[name].isPublicAlone()
		mayGrantAll = mayGrantAll && relations[name].mayGrant && !isLeftOut
		if !relations[name].Select && !isLeftOut {
			names = append(names, name)
		}
	}
	if len(names) > 0 && mayGrantAll {
		s.schemas = append(s.schemas, schema)
		s.whole = s.whole.through(door)
		return
	}
	s.add(schema, door, relations, names)
}

func (s *selection) add(schema, door string, relations map[string]Relation, names []string) {
	for _, name := range names {
		if relation := relations[name]; !relation.Select && !relation.isPublicAlone() {
			of := grantable{owner: relation.Owner, mayGrant: relation.mayGrant}
			key := relation.Owner
			if of.mayGrant {
				key = ""
			}
			if s.listed == nil {
				s.listed = map[string]*listing{}
			}
			if s.listed[key] == nil {
				s.listed[key] = &listing{}
			}
			s.listed[key].relations = append(s.listed[key].relations, relationName{schema, name})
			s.listed[key].change = s.listed[key].change.by(of).through(door)
		}
	}
}

func (s *selection) changes(kind, role string) []change {
	var changes []change
	if len(s.schemas) > 0 {
		s.whole.sql = grantSelectOnAll(kind, s.schemas, role)
		changes = append(changes, s.whole)
	}
	for _, owner := range sortedKeys(s.listed) {
		listed := s.listed[owner]
		listed.change.sql = grantSelect(kind, listed.relations, role)
		changes = append(changes, listed.change)
	}
	return changes
}

func tableGrants(want wanted, have Privileges) []change {
	var selected selection
	for _, grant := range want.grants {
		schema := have.Schemas[grant.Schema]
		if grant.coversAll() {
			selected.addAll(grant.Schema, schema.door, schema.Relations, grant.Except)
		} else {
			selected.add(grant.Schema, schema.door, schema.Relations, grant.Tables)
		}
	}
	return selected.changes("TABLE", want.role)
}

func sequenceGrants(want wanted, have Privileges) []change {
	var selected selection
	for _, grant := range want.grants {
		if grant.Sequences {
			selected.addAll(grant.Schema, have.Schemas[grant.Schema].door, have.Schemas[grant.Schema].Sequences, nil)
		}
	}
	return selected.changes("SEQUENCE", want.role)
}

func columnGrants(want wanted, have Privileges) []change {
	var changes []change
	for _, grant := range want.grants {
		for _, table := range sortedKeys(grant.Columns) {
			relation := have.Schemas[grant.Schema].Relations[table]
			columns := slices.DeleteFunc(slices.Clone(grant.Columns[table]), func(column string) bool {
				// Taking SELECT on the whole table away, as is done then, takes the columns along.
				return slices.Contains(relation.Columns, column) && !relation.Select
			})
			if len(columns) > 0 {
				changes = append(changes, change{sql: grantSelectColumns(columns, relationName{grant.Schema, table}, want.role)}.
					by(grantable{owner: relation.Owner, mayGrant: relation.mayGrant}).through(have.Schemas[grant.Schema].door))
			}
		}
	}
	return changes
}

func futureGrants(want wanted, have Privileges) []change {
	var changes []change
	for _, kind := range []string{"TABLES", "SEQUENCES"} {
		for _, owner := range want.owners {
			var schemas []string
			for _, grant := range want.grants {
				if slices.Contains(grant.futureKinds(), kind) && !have.hasFutureKind(owner, grant.Schema, kind) {
					schemas = append(schemas, grant.Schema)
				}
			}
			if len(schemas) > 0 {
				changes = append(changes, change{sql: grantFuture(owner, schemas, kind, want.role), owners: []string{owner}})
			}
		}
	}
	return changes
}

// hasFuture reports whether default privileges are there for all that a grant covers, and that revocations leaves in place.
func (p Privileges) hasFuture(owner string, grant Grant) bool {
	return !slices.ContainsFunc(grant.futureKinds(), func(kind string) bool {
		return !p.hasFutureKind(owner, grant.Schema, kind)
	})
}

func (p Privileges) hasFutureKind(owner, schema, kind string) bool {
	return slices.ContainsFunc(p.defaults, func(d defaultPrivilege) bool {
		return d.owner == owner && d.schema == schema && d.kind == kind && d.isRead()
	})
}
