// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository

import (
	"context"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

// scope says where a repository's name is looked for.
func scope(repositories repositories, databaseID string) string {
	return repositories.Endpoint() + " " + databaseID
}

// create makes the repository, or takes over the same one that a killed run made. The entry is to be handed over once the state is saved.
func (r *Resource) create(
	ctx context.Context, repositories repositories, databaseID string, wanted terrascale.NewRepository,
) (terrascale.Repository, *journal.Entry, error) {
	return journal.Adopt(ctx, r.data.Journal,
		journal.Record{Kind: journal.Repository, Scope: scope(repositories, databaseID), Name: wanted.Name, Began: r.data.Clock()},
		func(made terrascale.Repository) string { return made.ID },
		func(left journal.Record) (found terrascale.Repository, ok bool, err error) {
			listed, err := repositories.ListRepositories(ctx, databaseID)
			for _, repository := range listed {
				isIt := left.ID == "" || repository.ID == left.ID
				if isIt && repository.Name == wanted.Name && repository.EntityName == wanted.EntityName && left.Since(repository.CreatedAt) &&
					sameFields(wanted.Schema, repository.Schema) {
					return repository, true, nil
				}
			}
			return found, false, err
		},
		func() (terrascale.Repository, error) { return repositories.CreateRepository(ctx, databaseID, wanted) }, terrascale.ErrAnswerLost)
}

// forgetSaved ends the record of a repository that the state has.
func (r *Resource) forgetSaved(repositories repositories, databaseID, id string) {
	if r.data.Journal != nil {
		r.data.Journal.Forget(journal.Repository, scope(repositories, databaseID), id)
	}
}
