// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// ValidateConfig checks what one attribute alone does not show.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.validateGrants()...)
	resp.Diagnostics.Append(config.Validate()...)
	longest := postgresql.Logins(config.Name.ValueString())[0]
	if config.IsRotated() && !config.Name.IsUnknown() && len(longest) > maxNameBytes {
		resp.Diagnostics.AddAttributeError(path.Root("name"), diagnostic.InvalidName, fmt.Sprintf(
			"With rotation, the role has two logins, its name with _a and _b at the end. %q has %d bytes, and PostgreSQL allows %d. "+
				"Write a shorter name.", longest, len(longest), maxNameBytes))
	}
}

// validateGrants refuses keys that are not database.schema, two grants for one schema, and owners of future tables that no grant
// covers.
func (m model) validateGrants() diag.Diagnostics {
	var diagnostics diag.Diagnostics
	if m.Grants.IsUnknown() {
		return diagnostics
	}
	for key, element := range m.Grants.Elements() {
		if problem := checkGrantKey(key); problem != "" {
			diagnostics.AddAttributeError(grantPath(key), "Invalid key of grants", problem)
		}
		if element.IsNull() {
			diagnostics.Append(diagnostic.GrantIsNull(grantPath(key), "all tables of the schema"))
		}
	}
	seen := map[schemaName]string{}
	wholeSchema := m.Grants.IsNull()
	for _, grant := range m.grants() {
		wholeSchema = wholeSchema || grant.mayCoverAll()
		diagnostics.Append(grant.validateColumns()...)
		if other, twice := seen[grant.name]; twice {
			diagnostics.AddAttributeError(grantPath(grant.key), "Schema granted twice", fmt.Sprintf(
				"The keys %q and %q both name schema %q of database %q. Write one key, with the tables of both.",
				other, grant.key, grant.name.schema, grant.name.database))
		}
		seen[grant.name] = grant.key
	}
	if len(m.FutureTablesOwnedBy.Elements()) > 0 && !wholeSchema {
		diagnostics.AddAttributeError(path.Root("future_tables_owned_by"), "No grant covers future tables",
			"Every grant lists its tables, so no table that is created later is readable. Leave tables out of a grant to cover its "+
				"whole schema, or remove future_tables_owned_by.")
	}
	return diagnostics
}

func grantPath(key string) path.Path { return path.Root("grants").AtMapKey(key) }

// checkGrantKey says what is wrong with a key, and nothing where it is right.
func checkGrantKey(key string) string {
	name, err := parseGrantKey(key)
	if err != nil {
		return fmt.Sprintf("%q %s: write for example \"app.public\". Quote a name that holds a dot or a double quote as in SQL: %s.",
			key, err, `"\"my.db\".public"`)
	}
	for what, name := range map[string]string{"database": name.database, "schema": name.schema} {
		if problem := checkName(name); problem != "" {
			return fmt.Sprintf("The %s in %q: %s", what, key, problem)
		}
	}
	return ""
}

// validateColumns refuses columns of a table that is readable whole.
func (g grant) validateColumns() diag.Diagnostics {
	var diagnostics diag.Diagnostics
	columns := g.columns.Elements()
	for table, listed := range columns {
		if listed.IsNull() {
			diagnostics.AddAttributeError(grantPath(g.key).AtName("columns").AtMapKey(table), "Columns are null",
				"Columns that are null could mean none or all. List the ones that may be read, or leave the table out.")
		}
	}
	for _, table := range g.tables.Elements() {
		name, ok := table.(types.String)
		if !ok || name.IsUnknown() {
			continue
		}
		if _, twice := columns[name.ValueString()]; twice {
			diagnostics.AddAttributeError(grantPath(g.key), "Table granted twice", fmt.Sprintf(
				"Table %q is in tables, which covers all its columns, and also in columns. Keep one of the two.", name.ValueString()))
		}
	}
	return diagnostics
}
