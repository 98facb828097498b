// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import "slices"

// converge gives the statements that lead from what a role has in a database to what it is to have, most access taken
// first. It is pure: the same two values give the same statements in the same order.
func converge(want wanted, have Privileges) []statement {
	statements := revocations(want, have)
	return append(statements, grants(want, have)...)
}

func revocations(want wanted, have Privileges) []statement {
	var statements []statement
	for _, excess := range have.Excess {
		if excess.revoke != "" {
			statements = append(statements, excess.revoke)
		}
	}
	for _, d := range have.defaults {
		if !want.hasDefault(d) {
			statements = append(statements, revokeFuture(d.owner, d.schema, d.kind, want.role))
		}
	}
	var surplus []relationName
	for _, table := range have.selects {
		if !want.reads(table.schema, table.name) {
			surplus = append(surplus, table)
		}
	}
	if len(surplus) > 0 {
		statements = append(statements, revokeSelect(surplus, want.role))
	}
	var closed []string
	for _, name := range have.schemaNames() {
		if _, ok := want.grant(name); !ok && have.Schemas[name].Usage {
			closed = append(closed, name)
		}
	}
	if len(closed) > 0 {
		statements = append(statements, revokeUsage(closed, want.role))
	}
	if len(want.grants) == 0 && have.Connect {
		statements = append(statements, revokeConnect(want.database, want.role))
	}
	return statements
}

// hasDefault reports whether default privileges are exactly such as the role is to have.
func (w wanted) hasDefault(d defaultPrivilege) bool {
	grant, ok := w.grant(d.schema)
	return ok && grant.coversAll() && d.kind == "TABLES" && slices.Contains(w.owners, d.owner) &&
		slices.Equal(d.privileges, []string{"SELECT"})
}

func grants(want wanted, have Privileges) []statement {
	if len(want.grants) == 0 {
		return nil
	}
	var statements []statement
	var enter, whole []string
	var listed []relationName
	future := map[string][]string{}
	for _, grant := range want.grants {
		schema := have.Schemas[grant.Schema]
		if !schema.Usage {
			enter = append(enter, grant.Schema)
		}
		for _, table := range grant.Tables {
			if !schema.Relations[table].Select {
				listed = append(listed, relationName{grant.Schema, table})
			}
		}
		if !grant.coversAll() {
			continue
		}
		if schema.hasUnreadable() {
			whole = append(whole, grant.Schema)
		}
		for _, owner := range want.owners {
			if !have.hasFuture(owner, grant.Schema) {
				future[owner] = append(future[owner], grant.Schema)
			}
		}
	}
	if !have.Connect {
		statements = append(statements, grantConnect(want.database, want.role))
	}
	if len(enter) > 0 {
		statements = append(statements, grantUsage(enter, want.role))
	}
	if len(whole) > 0 {
		statements = append(statements, grantSelectOnAll(whole, want.role))
	}
	if len(listed) > 0 {
		statements = append(statements, grantSelect(listed, want.role))
	}
	for _, owner := range want.owners {
		if schemas := future[owner]; len(schemas) > 0 {
			statements = append(statements, grantFuture(owner, schemas, want.role))
		}
	}
	return statements
}

func (s Schema) hasUnreadable() bool {
	for _, relation := range s.Relations {
		if !relation.Select {
			return true
		}
	}
	return false
}

// hasFuture reports whether default privileges are there that revocations leaves in place.
func (p Privileges) hasFuture(owner, schema string) bool {
	return slices.ContainsFunc(p.defaults, func(d defaultPrivilege) bool {
		return d.owner == owner && d.schema == schema && d.kind == "TABLES" &&
			slices.Equal(d.privileges, []string{"SELECT"})
	})
}

// missing lists what the wanted grants name and the database does not have.
func missing(want wanted, have Privileges) []string {
	var objects []string
	for _, grant := range want.grants {
		schema := have.Schemas[grant.Schema]
		if !schema.Exists {
			objects = append(objects, "schema "+grant.Schema)
			continue
		}
		for _, table := range grant.Tables {
			if _, ok := schema.Relations[table]; !ok {
				objects = append(objects, "table "+grant.Schema+"."+table)
			}
		}
	}
	return objects
}

// ungranted lists what the wanted grants name and the role does not have: the server answers a grant that it can't
// carry out in full with no more than a warning.
func ungranted(want wanted, have Privileges) []string {
	var objects []string
	if len(want.grants) > 0 && !have.Connect {
		objects = append(objects, "CONNECT on database "+want.database)
	}
	for _, grant := range want.grants {
		schema := have.Schemas[grant.Schema]
		if !schema.Usage {
			objects = append(objects, "USAGE on schema "+grant.Schema)
		}
		for _, table := range sortedKeys(schema.Relations) {
			if want.reads(grant.Schema, table) && !schema.Relations[table].Select {
				objects = append(objects, "SELECT on "+grant.Schema+"."+table+" (owner "+schema.Relations[table].Owner+")")
			}
		}
		if grant.coversAll() {
			for _, owner := range want.owners {
				if !have.hasFuture(owner, grant.Schema) {
					objects = append(objects, "SELECT on future tables of "+owner+" in schema "+grant.Schema)
				}
			}
		}
	}
	return objects
}
