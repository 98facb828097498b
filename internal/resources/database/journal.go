// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package database

import (
	"context"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

// scope says where a database's name is looked for; "" where that can't be told.
func (r *Resource) scope(ctx context.Context, databases databases) string {
	if r.data.Journal == nil {
		return ""
	}
	organizationID, err := databases.ActiveOrganizationID(ctx)
	if err != nil {
		return ""
	}
	return databases.Endpoint() + " " + organizationID
}

// create makes the database, or takes over the same one that a killed run made. The entry is to be handed over once the state is saved.
func (r *Resource) create(
	ctx context.Context, databases databases, wanted terrascale.NewDatabase,
) (terrascale.Database, *journal.Entry, error) {
	scope := r.scope(ctx, databases)
	if scope == "" {
		made, err := databases.CreateDatabase(ctx, wanted)
		return made, nil, err
	}
	return journal.Adopt(ctx, r.data.Journal,
		journal.Record{Kind: journal.Database, Scope: scope, Name: wanted.Name, Began: r.data.Clock()},
		func(made terrascale.Database) string { return made.ID },
		func(left journal.Record) (found terrascale.Database, ok bool, err error) {
			listed, err := databases.ListDatabases(ctx)
			for _, database := range listed {
				isIt := left.ID == "" || database.ID == left.ID
				if isIt && database.Name == wanted.Name && database.Region == wanted.Region && left.Since(database.CreatedAt) &&
					sameJSON(string(database.Settings), string(wanted.Settings)) {
					return database, true, nil
				}
			}
			return found, false, err
		},
		func() (terrascale.Database, error) { return databases.CreateDatabase(ctx, wanted) }, terrascale.ErrAnswerLost)
}

// forgetSaved ends the record of a database that the state has.
func (r *Resource) forgetSaved(ctx context.Context, databases databases, id string) {
	if scope := r.scope(ctx, databases); scope != "" {
		r.data.Journal.Forget(journal.Database, scope, id)
	}
}
