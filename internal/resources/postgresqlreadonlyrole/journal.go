// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// createRecorded makes a role that the journal knows of before the server does. One that a killed run left on the server, with
// a password that nobody has, is dropped first, with a warning. The entry is to be handed over once the role is in the state.
func (r *Resource) createRecorded(
	ctx context.Context, server roles, role postgresql.Role, password secret.String,
) (observed *postgresql.Observed, entry *journal.Entry, warnings diag.Diagnostics, err error) {
	entry = r.data.Journal.Begin(ctx, journal.Record{
		Kind: journal.PostgreSQLRole, Scope: server.Address(), Name: role.Name, Began: r.data.Clock(), ID: role.Name,
	})
	observed, err = server.CreateRole(ctx, role, password)
	if errors.Is(err, postgresql.ErrRoleExists) {
		var dropped bool
		if dropped, err = r.dropLeftover(ctx, server, role.Name, err); dropped {
			warnings.AddWarning("The role of a killed run was dropped", fmt.Sprintf(
				"PostgreSQL role %q was made by a run that was killed before Terraform had saved it. Nobody has its password; it was "+
					"dropped and made anew.", role.Name))
			observed, err = server.CreateRole(ctx, role, password)
		}
	}
	if err != nil {
		entry.Settle(ctx)
		return nil, nil, warnings, err
	}
	return observed, entry, warnings, nil
}

// dropLeftover drops a role that a killed run on this machine had begun to make. Without a record of that, the role is
// somebody's, and the error stays what it was.
func (r *Resource) dropLeftover(ctx context.Context, server roles, name string, exists error) (dropped bool, err error) {
	err = exists
	resolved := r.data.Journal.Resolve(ctx, journal.PostgreSQLRole, server.Address(), name, func(journal.Record) (done bool) {
		if dropped {
			return true
		}
		if err = server.DropRole(ctx, name, true); err != nil && !errors.Is(err, postgresql.ErrRoleNotFound) {
			return false
		}
		dropped, err = true, nil
		return true
	})
	return dropped, errors.Join(err, resolved)
}

// forgetSaved ends the record of a role that the state has.
func (r *Resource) forgetSaved(ctx context.Context, server roles, name string) {
	r.data.Journal.Forget(ctx, journal.PostgreSQLRole, server.Address(), name)
}
