// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
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
	length := utf8.RuneCountInString(config.Name.ValueString()) + loginSuffix
	if config.IsRotated() && length > maxUserName {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "Invalid name", fmt.Sprintf(
			"With rotation, the user's logins are its name with _a and _b behind it, which makes %d characters where the server keeps %d: "+
				"write a shorter name.", length, maxUserName))
	}
}

// validateGrants refuses two grants for one database, and a database whose name is too long to be granted whole.
func (m model) validateGrants(ctx context.Context) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	if m.Grants.IsUnknown() {
		return diagnostics
	}
	var grants []grantModel
	diagnostics.Append(m.Grants.ElementsAs(ctx, &grants, false)...)
	seen := map[string]bool{}
	for _, grant := range grants {
		if grant.Database.IsUnknown() {
			continue
		}
		name := grant.Database.ValueString()
		if seen[name] {
			diagnostics.AddAttributeError(path.Root("grants"), "Database granted twice", fmt.Sprintf(
				"Two grants are for database %q: write one, with the tables of both.", name))
		}
		seen[name] = true
		if length := mysql.PatternLength(name); grant.Tables.IsNull() && length > mysql.MaxPattern {
			diagnostics.AddAttributeError(path.Root("grants"), "Name too long to be granted whole", fmt.Sprintf(
				"In a grant on a whole database each _, %% and \\ of its name takes two characters: %q takes %d, and the server keeps %d. "+
					"Write its tables.", name, length, mysql.MaxPattern))
		}
	}
	return diagnostics
}
