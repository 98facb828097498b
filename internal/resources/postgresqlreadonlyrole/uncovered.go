// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// uncoveredKey is where the private state keeps what a refresh saw, for the plan to explain.
const uncoveredKey = "uncovered"

// saveUncovered writes only what is news: Terraform takes another private state for a change of the resource.
func saveUncovered(
	ctx context.Context, before rotationschema.PrivateReader, after rotationschema.PrivateWriter, found []postgresql.Uncovered,
) diag.Diagnostics {
	known, diagnostics := before.GetKey(ctx, uncoveredKey)
	content, err := json.Marshal(found)
	if err != nil {
		diagnostics.Append(diagnostic.PrivateStateUnwritable("the list of tables that default privileges do not cover", err))
	}
	if diagnostics.HasError() || len(known) == 0 && len(found) == 0 || bytes.Equal(known, content) {
		return diagnostics
	}
	return append(diagnostics, after.SetKey(ctx, uncoveredKey, content)...)
}

// explainUncovered warns of tables made by owners that future_tables_owned_by does not name.
func (m model) explainUncovered(ctx context.Context, private rotationschema.PrivateReader) diag.Diagnostics {
	content, diagnostics := private.GetKey(ctx, uncoveredKey)
	if len(content) == 0 || diagnostics.HasError() || m.FutureTablesOwnedBy.IsUnknown() {
		return diagnostics
	}
	var found []postgresql.Uncovered
	if err := json.Unmarshal(content, &found); err != nil {
		diagnostics.Append(diagnostic.PrivateStateUnreadable("the list of tables that default privileges do not cover", err))
		return diagnostics
	}
	owners := collections.Texts(m.FutureTablesOwnedBy)
	for _, u := range found {
		if !u.CoveredBy(owners) {
			diagnostics.AddAttributeWarning(path.Root("future_tables_owned_by"), fmt.Sprintf(
				"Tables that default privileges do not cover: role %s, %s.%s in database %s", m.Name.ValueString(), u.Schema, u.Table, u.Database),
				fmt.Sprintf("Role %q can't read %s.%s in database %s, which %q created later. This apply grants it. Add %q to "+
					"future_tables_owned_by, so that the tables that it creates next are readable at once, without another apply.",
					m.Name.ValueString(), u.Schema, u.Table, u.Database, u.Owner, u.Owner))
		}
	}
	return diagnostics
}
