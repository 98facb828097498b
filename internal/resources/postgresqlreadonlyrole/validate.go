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
)

// ValidateConfig checks what one attribute alone does not show.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.validateGrants(ctx)...)
	resp.Diagnostics.Append(config.Validate()...)
	longest := postgresql.Logins(config.Name.ValueString())[0]
	if config.IsRotated() && !config.Name.IsUnknown() && len(longest) > maxNameBytes {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "Invalid role name", fmt.Sprintf(
			"With rotation, the role's logins are its name with _a and _b behind it, and %q has %d bytes where PostgreSQL keeps %d: "+
				"write a shorter name.", longest, len(longest), maxNameBytes))
	}
}

// validateGrants refuses two grants for one schema, and owners of future tables that no grant covers.
func (m model) validateGrants(ctx context.Context) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	if m.Grants.IsUnknown() {
		return diagnostics
	}
	var grants []grantModel
	diagnostics.Append(m.Grants.ElementsAs(ctx, &grants, false)...)
	seen := map[[2]string]bool{}
	wholeSchema := m.Grants.IsNull()
	for _, grant := range grants {
		wholeSchema = wholeSchema || grant.Tables.IsNull() && grant.Columns.IsNull() ||
			grant.Tables.IsUnknown() || grant.Columns.IsUnknown()
		diagnostics.Append(grant.validateColumns()...)
		if grant.Database.IsUnknown() || grant.Schema.IsUnknown() {
			continue
		}
		key := [2]string{grant.Database.ValueString(), grant.Schema.ValueString()}
		if seen[key] {
			diagnostics.AddAttributeError(path.Root("grants"), "Schema granted twice", fmt.Sprintf(
				"Two grants are for schema %q of database %q: write one, with the tables of both.", key[1], key[0]))
		}
		seen[key] = true
	}
	if len(m.FutureTablesOwnedBy.Elements()) > 0 && !wholeSchema {
		diagnostics.AddAttributeError(path.Root("future_tables_owned_by"), "No grant covers future tables",
			"Every grant lists its tables, so that no table made later is readable: leave tables out of a grant to cover its "+
				"whole schema, or leave future_tables_owned_by out.")
	}
	return diagnostics
}

// validateColumns refuses columns of a table that is readable whole.
func (g grantModel) validateColumns() diag.Diagnostics {
	var diagnostics diag.Diagnostics
	for _, table := range g.Tables.Elements() {
		name, ok := table.(types.String)
		if !ok || name.IsUnknown() {
			continue
		}
		if _, twice := g.Columns.Elements()[name.ValueString()]; twice {
			diagnostics.AddAttributeError(path.Root("grants"), "Table granted twice", fmt.Sprintf(
				"Table %q of schema %q is in tables, which covers all its columns, and in columns: write it in one of the two.",
				name.ValueString(), g.Schema.ValueString()))
		}
	}
	return diagnostics
}
