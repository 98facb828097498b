// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"fmt"
	"slices"
	"strings"
)

// missing lists what the wanted grants name and the database does not have.
func missing(want wanted, have Privileges) []string {
	var objects []string
	for _, grant := range want.grants {
		schema := have.Schemas[grant.Schema]
		if !schema.Exists {
			objects = append(objects, "schema "+grant.Schema)
			continue
		}
		for _, table := range grant.tables() {
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
	if len(want.grants) > 0 && !have.connects() {
		objects = append(objects, "CONNECT on database "+want.database)
	}
	for _, grant := range want.grants {
		schema := have.Schemas[grant.Schema]
		if !schema.enters() {
			objects = append(objects, "USAGE on schema "+grant.Schema)
		}
		for _, table := range sortedKeys(schema.Relations) {
			relation := schema.Relations[table]
			if want.reads(entry{Kind: "TABLE", Schema: grant.Schema, Name: table}) && !relation.Select && !relation.isPublicAlone() {
				objects = append(objects, "SELECT on "+grant.Schema+"."+table+" (owner "+relation.Owner+")")
			}
			for _, column := range grant.Columns[table] {
				if !slices.Contains(relation.Columns, column) {
					objects = append(objects, "SELECT on "+grant.Schema+"."+table+" ("+column+")")
				}
			}
		}
		for _, sequence := range sortedKeys(schema.Sequences) {
			if grant.Sequences && !schema.Sequences[sequence].Select && !schema.Sequences[sequence].isPublicAlone() {
				objects = append(objects, "SELECT on "+grant.Schema+"."+sequence+" (owner "+schema.Sequences[sequence].Owner+")")
			}
		}
		for _, owner := range want.owners {
			if !have.hasFuture(owner, grant) {
				objects = append(objects, "SELECT on future tables of "+owner+" in schema "+grant.Schema)
			}
		}
	}
	return objects
}

// verify fails when the server did not do all that it was asked for: it answers with no more than a warning.
func verify(want wanted, have Privileges) error {
	objects := ungranted(want, have)
	for _, left := range revocations(want, have) {
		objects = append(objects, "what "+string(left.sql)+" takes away")
	}
	if len(objects) > 0 {
		return fmt.Errorf("%w in database %s: %s", ErrIncomplete, want.database, strings.Join(objects, ", "))
	}
	return nil
}
