// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole

import (
	"context"
	"errors"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// createRecorded makes a role that the journal knows of before the server does. One that a killed run left on the server, with
// a password that nobody has, is dropped first. The entry is to be handed over once the role is in the state.
func (r *Resource) createRecorded(
	ctx context.Context, server roles, role postgresql.Role, password secret.String,
) (observed *postgresql.Observed, entry *journal.Entry, dropped bool, err error) {
	record := journal.Record{
		Kind: journal.PostgreSQLRole, Scope: server.Address(), Name: role.Name, Began: r.data.Clock(), ID: role.Name,
	}
	return journal.Make(ctx, r.data.Journal, record,
		journal.Outcomes{Exists: postgresql.ErrRoleExists, MayBeLeft: postgresql.ErrMayBeLeft},
		func() (*postgresql.Observed, error) { return server.CreateRole(ctx, role, password) },
		func() error {
			if err := server.DropRole(ctx, role.Name, true); !errors.Is(err, postgresql.ErrRoleNotFound) {
				return err
			}
			return nil
		})
}

// forgetSaved ends the record of a role that the state has.
func (r *Resource) forgetSaved(server roles, name string) {
	r.data.Journal.Forget(journal.PostgreSQLRole, server.Address(), name)
}
