// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
)

// grant is what a role may read in one schema, in HCL's terms.
type grant struct {
	// key is the grant's key as it is written.
	key       string
	name      schemaName
	tables    types.Set
	columns   types.Map // of sets
	sequences types.Bool
	except    types.Set
}

var (
	textSetType = types.SetType{ElemType: types.StringType}
	grantType   = types.ObjectType{AttrTypes: map[string]attr.Type{
		"tables":    textSetType,
		"columns":   types.MapType{ElemType: textSetType},
		"sequences": types.BoolType,
		"except":    textSetType,
	}}
)

// grants gives those whose keys parse, in the order of the keys.
func (m model) grants() []grant {
	elements := m.Grants.Elements()
	grants := make([]grant, 0, len(elements))
	for key, element := range elements {
		name, err := parseGrantKey(key)
		object, ok := element.(types.Object)
		if err != nil || !ok || object.IsNull() {
			continue // ValidateConfig has refused it.
		}
		found := grant{
			key: key, name: name,
			tables: types.SetUnknown(types.StringType), columns: types.MapUnknown(textSetType), sequences: types.BoolUnknown(),
			except: types.SetUnknown(types.StringType),
		}
		if !object.IsUnknown() {
			attributes := object.Attributes()
			found.tables, _ = attributes["tables"].(types.Set)
			found.columns, _ = attributes["columns"].(types.Map)
			found.sequences, _ = attributes["sequences"].(types.Bool)
			found.except, _ = attributes["except"].(types.Set)
		}
		grants = append(grants, found)
	}
	slices.SortFunc(grants, func(a, b grant) int { return cmp.Compare(a.key, b.key) })
	return grants
}

// mayCoverAll reports whether the grant is for all tables of its schema, or may be.
func (g grant) mayCoverAll() bool {
	return g.tables.IsNull() && g.columns.IsNull() || g.tables.IsUnknown() || g.columns.IsUnknown()
}

// toGrant gives the grant in the client's terms. Every value is known.
func (g grant) toGrant() postgresql.Grant {
	converted := postgresql.Grant{Database: g.name.database, Schema: g.name.schema, Sequences: g.sequences.ValueBool()}
	if !g.tables.IsNull() {
		converted.Tables = collections.Texts(g.tables)
		slices.Sort(converted.Tables)
	}
	if !g.except.IsNull() {
		converted.Except = collections.Texts(g.except)
		slices.Sort(converted.Except)
	}
	if !g.columns.IsNull() {
		converted.Columns = map[string][]string{}
		for table, element := range g.columns.Elements() {
			columns, _ := element.(types.Set)
			converted.Columns[table] = collections.Texts(columns)
			slices.Sort(converted.Columns[table])
		}
	}
	return converted
}

// grantsValue gives grants in HCL's terms, with the keys of those known before as they are written there.
func grantsValue(grants []postgresql.Grant, before []grant) types.Map {
	known := make(map[schemaName]grant, len(before))
	for _, grant := range before {
		known[grant.name] = grant
	}
	elements := make(map[string]attr.Value, len(grants))
	for _, g := range grants {
		name := schemaName{g.Database, g.Schema}
		key := name.key()
		written, wasKnown := known[name]
		if wasKnown {
			key = written.key
		}
		elements[key] = grantValue(g, wasKnown && !written.sequences.IsNull())
	}
	return types.MapValueMust(grantType, elements)
}

// grantValue gives one grant. None at all of its tables is not the same as no list, which means all of them. Left out and false mean the
// same for sequences: the state keeps what is written.
func grantValue(g postgresql.Grant, writesSequences bool) types.Object {
	columns := types.MapNull(textSetType)
	if g.Columns != nil {
		sets := make(map[string]attr.Value, len(g.Columns))
		for table, names := range g.Columns {
			sets[table] = collections.TextSet(names)
		}
		columns = types.MapValueMust(textSetType, sets)
	}
	sequences := types.BoolNull()
	if g.Sequences || writesSequences {
		sequences = types.BoolValue(g.Sequences)
	}
	return types.ObjectValueMust(grantType.AttrTypes, map[string]attr.Value{
		"tables": collections.TextSet(g.Tables), "columns": columns, "sequences": sequences, "except": collections.TextSet(g.Except),
	})
}

// databases names the databases of the grants in order, as far as they are known.
func (m model) databases() []string {
	var names []string
	for key := range m.Grants.Elements() {
		if name, err := parseGrantKey(key); err == nil {
			names = append(names, name.database)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
