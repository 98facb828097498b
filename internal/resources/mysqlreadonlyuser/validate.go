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
	length := utf8.RuneCountInString(config.Name.ValueString()) + loginSuffix
	if config.IsRotated() && length > maxUserName {
		resp.Diagnostics.AddAttributeError(path.Root("name"), diagnostic.InvalidName, fmt.Sprintf(
			"With rotation, the user has two logins, its name with _a and _b at the end. That makes %d characters, and the server allows %d. "+
				"Write a shorter name.", length, maxUserName))
	}
}

// validateGrants refuses what is no database's name, and a database whose name is too long to be granted whole.
func (m model) validateGrants() diag.Diagnostics {
	var diagnostics diag.Diagnostics
	for name, element := range m.Grants.Elements() {
		at := path.Root("grants").AtMapKey(name)
		if problem := database.check(name); problem != "" {
			diagnostics.AddAttributeError(at, diagnostic.InvalidName, problem)
		}
		if element.IsNull() {
			diagnostics.Append(diagnostic.GrantIsNull(at, "the whole database"))
		}
	}
	for name, tables := range m.grants() {
		if length := mysql.PatternLength(name); tables.IsNull() && length > mysql.MaxPattern {
			diagnostics.AddAttributeError(path.Root("grants").AtMapKey(name), "Database name too long to be granted whole", fmt.Sprintf(
				"In a grant on a whole database, each _, %% and \\ of its name takes two characters: %q takes %d, and the server allows %d. "+
					"List the tables instead.", name, length, mysql.MaxPattern))
		}
	}
	return diagnostics
}
