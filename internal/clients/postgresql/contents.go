// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

const (
	// public is the grantee that stands for everybody.
	public = ""
	// databaseOwner is the role that stands for whoever owns the database, from version 14 on.
	databaseOwner = "pg_database_owner"
)

// contents is what a database holds and who may do what with it.
type contents struct {
	database grantable
	schemas  map[string]schemaContents
	// publicConnect is set when everybody may connect to the database, and publicUsage for the schemas that all may enter.
	publicConnect bool
	publicUsage   map[string]bool
	entries       []entry
	// held holds, by grantee, the indexes of entries.
	held map[string][]int
	// largeObjects names, by owner, those that it owns.
	largeObjects map[string]string
}

// grantable is an owner, and whether the admin may grant reading on what it owns without acting for it.
type grantable struct {
	owner    string
	mayGrant bool
}

type schemaContents struct {
	grantable
	exists bool
	// mayEnter is set when the admin may name what is in it.
	mayEnter             bool
	relations, sequences map[string]relationContents
}

// relationContents is a table, a view or a sequence; public is set when everybody may read it.
type relationContents struct {
	grantable
	public bool
}

// scope narrows what is read of a database; the zero value is everything.
type scope struct {
	grantees []string
	schemas  []string
	// withoutPublic leaves out what everybody has.
	withoutPublic bool
}

// readContents reads a database.
func readContents(ctx context.Context, q querier, s scope) (*contents, error) {
	c := &contents{}
	if err := read(ctx, q, c.readObjects(s), c.readEntries(s)); err != nil {
		return nil, err
	}
	c.resolveOwners()
	return c, nil
}

// resolveOwners names the owner where the server names the role that stands for it.
func (c *contents) resolveOwners() {
	for name, schema := range c.schemas {
		if schema.owner == databaseOwner {
			schema.owner = c.database.owner
			c.schemas[name] = schema
		}
	}
	for i := range c.entries {
		if c.entries[i].Door == databaseOwner {
			c.entries[i].Door = c.database.owner
		}
		if c.entries[i].Owner == databaseOwner {
			if c.entries[i].Grantor == databaseOwner {
				c.entries[i].Grantor = c.database.owner
			}
			c.entries[i].Owner = c.database.owner
		}
	}
}

func (c *contents) readObjects(s scope) reading {
	c.schemas = map[string]schemaContents{}
	return reading{objectsQuery, []any{s.schemas}, func(rows pgx.Rows) error {
		var name, relation string
		var isSequence bool
		var schema schemaContents
		var found relationContents
		_, err := pgx.ForEachRow(rows, []any{
			&name, &schema.exists, &schema.owner, &schema.mayGrant, &schema.mayEnter,
			&relation, &isSequence, &found.owner, &found.mayGrant, &found.public,
		}, func() error {
			known, ok := c.schemas[name]
			if !ok {
				known = schema
				known.relations, known.sequences = map[string]relationContents{}, map[string]relationContents{}
				c.schemas[name] = known
			}
			switch {
			case relation == "":
			case isSequence:
				known.sequences[relation] = found
			default:
				known.relations[relation] = found
			}
			return nil
		})
		return err
	}}
}

func (c *contents) readEntries(s scope) reading {
	c.forgetEntries()
	return reading{privilegesQuery, []any{s.grantees, !s.withoutPublic, harmless}, func(rows pgx.Rows) error {
		var e entry
		var holders []string
		_, err := pgx.ForEachRow(rows, []any{
			&e.Kind, &e.Schema, &e.Name, &e.Detail, &e.Owner, &e.Privilege, &e.Grantable, &e.Grantor, &e.Door, &e.Definer, &e.Risk, &e.Reached, &holders,
		}, func() error {
			if e.Kind == "SELF" {
				c.database = grantable{owner: e.Owner, mayGrant: e.Grantable}
				return nil
			}
			if e.Kind == "OWNED" {
				c.largeObjects[e.Owner] = largeObjects(e.Name, e.Detail)
				return nil
			}
			c.entries = append(c.entries, e)
			for _, holder := range holders {
				c.hold(holder, e)
			}
			return nil
		})
		return err
	}}
}

// forgetEntries makes room for another reading of who may do what.
func (c *contents) forgetEntries() {
	c.held, c.publicUsage, c.publicConnect, c.entries = map[string][]int{}, map[string]bool{}, false, nil
	c.largeObjects = map[string]string{}
}

// largeObjects names those that one owns by the first and their number: there may be millions.
func largeObjects(first, count string) string {
	text := "large object " + first
	if count != "1" {
		text = fmt.Sprintf("%s large objects, such as %s", count, first)
	}
	return text
}

// hold notes that the last entry names a holder. What opens a database or a schema to everybody goes beyond nothing.
func (c *contents) hold(holder string, e entry) {
	switch {
	case holder == public && e.Privilege == "CONNECT":
		c.publicConnect = true
	case holder == public && e.Kind == "SCHEMA" && e.Privilege == "USAGE":
		c.publicUsage[e.Schema] = true
	default:
		c.held[holder] = append(c.held[holder], len(c.entries)-1)
	}
}

// adoptEntries takes over who may do what from another reading of the same database.
func (c *contents) adoptEntries(from *contents) {
	c.database, c.publicConnect = from.database, from.publicConnect
	c.publicUsage, c.largeObjects = maps.Clone(from.publicUsage), maps.Clone(from.largeObjects)
	c.entries = slices.Clone(from.entries)
	c.held = make(map[string][]int, len(from.held))
	for grantee, indexes := range from.held {
		c.held[grantee] = slices.Clip(indexes)
	}
	c.resolveOwners()
}

// adoptPublic takes over what everybody has from an earlier reading of the same database.
func (c *contents) adoptPublic(from *contents) {
	c.database = from.database
	c.publicConnect, c.publicUsage = from.publicConnect, from.publicUsage
	for _, i := range from.held[public] {
		c.held[public] = append(c.held[public], len(c.entries))
		c.entries = append(c.entries, from.entries[i])
	}
}

// privileges gives what a role has in the database, and what of it goes beyond what is wanted.
func (c *contents) privileges(role *Observed, want wanted) Privileges {
	privileges := Privileges{
		database: c.database, Schemas: map[string]Schema{}, PublicConnect: c.publicConnect,
	}
	schemas := want.schemas()
	entries := c.entriesOf(role, schemas)
	for _, found := range entries {
		// What an import takes in may come through another role.
		isDirect := found.Via == "" && found.Login == ""
		if found.Schema != "" && (isDirect || want.isUnknown && found.isThrough()) {
			schemas = append(schemas, found.Schema)
		}
	}
	if want.isUnknown && role.readsAll() {
		schemas = append(schemas, c.userSchemas()...)
	}
	for _, name := range schemas {
		if _, ok := privileges.Schemas[name]; !ok {
			privileges.Schemas[name] = c.schema(name)
		}
	}
	for _, found := range entries {
		privileges.add(role.Name, found)
	}
	if role.readsAll() {
		privileges.addAll()
	}
	privileges.addSurplus(want)
	for _, m := range role.memberships {
		excess := Excess{Privilege: "membership in " + m.group, revoke: &change{sql: revokeMembership(m.group, m.member, m.grantor)}}
		if m.member != role.Name {
			excess.Login = m.member
		}
		privileges.Excess = append(privileges.Excess, excess)
	}
	privileges.Excess = append(privileges.Excess, c.owned(role)...)
	return privileges
}

// entriesOf gives the entries that concern a role: its own, its logins', and what it has through PUBLIC and its groups. What it would
// have in a schema that it can't enter does not count; wanted are schemas that it is to enter.
func (c *contents) entriesOf(role *Observed, wanted []string) []entry {
	var found []entry
	open := c.open(role, wanted)
	take := func(grantee, via, login string) {
		for _, i := range c.held[grantee] {
			e := c.entries[i]
			e.Via, e.Login = via, login
			if via == "" || e.writes() && e.isIn(open) || e.isThrough() {
				found = append(found, e)
			}
		}
	}
	take(role.Name, "", "")
	take(public, viaEverybody, "")
	for _, name := range role.via {
		take(name, name, "")
	}
	for _, name := range sortedKeys(role.Members) {
		if name != role.Name {
			take(name, "", name)
		}
	}
	return found
}

// open gives the schemas that a role can enter: itself, through PUBLIC or a group, as an owner, and those that it is to enter.
func (c *contents) open(role *Observed, wanted []string) map[string]bool {
	open := map[string]bool{}
	maps.Copy(open, c.publicUsage)
	for _, name := range wanted {
		open[name] = true
	}
	grantees, readsAll := role.grantees(), role.readsAll()
	for _, grantee := range grantees {
		for _, i := range c.held[grantee] {
			if e := c.entries[i]; e.Kind == "SCHEMA" && e.Privilege == "USAGE" {
				open[e.Schema] = true
			}
		}
	}
	for name, schema := range c.schemas {
		if readsAll || slices.Contains(grantees, schema.owner) {
			open[name] = true
		}
	}
	return open
}

// userSchemas names the schemas that are not the server's own.
func (c *contents) userSchemas() []string {
	var names []string
	for _, name := range sortedKeys(c.schemas) {
		if name != "pg_catalog" && name != "information_schema" {
			names = append(names, name)
		}
	}
	return names
}

// schema gives a schema before anything in it is known to be granted.
func (c *contents) schema(name string) Schema {
	found := c.schemas[name]
	schema := Schema{
		Exists: found.exists, PublicUsage: c.publicUsage[name], grantable: found.grantable,
		Relations: make(map[string]Relation, len(found.relations)), Sequences: make(map[string]Relation, len(found.sequences)),
	}
	if found.exists && !found.mayEnter {
		schema.door = found.owner
	}
	for relation, o := range found.relations {
		schema.Relations[relation] = Relation{Owner: o.owner, mayGrant: o.mayGrant, PublicSelect: o.public}
	}
	for sequence, o := range found.sequences {
		schema.Sequences[sequence] = Relation{Owner: o.owner, mayGrant: o.mayGrant, PublicSelect: o.public}
	}
	return schema
}

// owned lists what the role and its logins own: an owner may do everything, and grants don't show it.
func (c *contents) owned(role *Observed) []Excess {
	var excess []Excess
	add := func(owner, object string) {
		if _, ok := role.Members[owner]; !ok {
			return
		}
		found := Excess{Privilege: "ownership", Object: object}
		if owner != role.Name {
			found.Login = owner
		}
		excess = append(excess, found)
	}
	for _, name := range sortedKeys(c.schemas) {
		schema := c.schemas[name]
		add(schema.owner, "schema "+name)
		for _, objects := range []map[string]relationContents{schema.relations, schema.sequences} {
			for relation, o := range objects {
				add(o.owner, name+"."+relation)
			}
		}
	}
	for _, owner := range sortedKeys(c.largeObjects) {
		add(owner, c.largeObjects[owner])
	}
	return excess
}

// grantees names the role, its logins and its groups.
func (o *Observed) grantees() []string { return slices.Concat(sortedKeys(o.Members), o.via) }
