// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret/fingerprint"
)

// begun is what a run was about to write, by which a later one tells what a killed one left.
type begun struct {
	Adapter hyperterse.Adapter `json:"adapter"`
	// Value is the fingerprint of the variable's value; empty without a variable.
	Value string `json:"value,omitempty"`
}

// recordOf gives the record of an adapter that is to be added. Its connection string holds no password: it was validated.
func recordOf(place hyperterse.Place, adapter hyperterse.Adapter, variable *hyperterse.Variable) (journal.Record, error) {
	details := begun{Adapter: adapter}
	if variable != nil {
		details.Value = fingerprint.OfSecret(variable.Value).Text()
	}
	content, err := json.Marshal(details)
	if err != nil {
		return journal.Record{}, err
	}
	return journal.Record{Kind: journal.Adapter, Scope: scope(place), Name: adapter.Name, Details: content}, nil
}

func scope(place hyperterse.Place) string {
	if absolute, err := filepath.Abs(place.Path()); err == nil {
		return absolute
	}
	return place.Path()
}

// create adds an adapter, and takes over one that is there already and exactly as wanted, or that a killed run added. The entry is
// to be handed over once the state is saved.
func (r *Resource) create(
	ctx context.Context, place hyperterse.Place, adapter hyperterse.Adapter, variable *hyperterse.Variable,
) (*journal.Entry, error) {
	record, err := recordOf(place, adapter, variable)
	if err != nil {
		return nil, err
	}
	record.Began = r.data.Clock()
	entry := r.data.Journal.Begin(ctx, record)
	err = hyperterse.Ensure(ctx, place, adapter, variable)
	// Once the adapter is there, what a killed run was about to make is not left over.
	resolved := r.data.Journal.Resolve(ctx, record.Kind, record.Scope, record.Name, func(left journal.Record) (done bool) {
		if isConflict(err) && isLeftover(left, place, variable) {
			err = takeOver(ctx, place, adapter, variable)
		}
		return err == nil
	})
	if isConflict(err) {
		err = errors.Join(err, resolved)
	}
	if err != nil {
		entry.Settle(ctx)
		return nil, err
	}
	entry.Made(ctx, adapter.Name)
	return entry, nil
}

func isConflict(err error) bool {
	return errors.Is(err, hyperterse.ErrAdapterExists) || errors.Is(err, hyperterse.ErrVariableTaken)
}

// isLeftover reports whether what is there is what a killed run was about to write.
func isLeftover(left journal.Record, place hyperterse.Place, variable *hyperterse.Variable) bool {
	var details begun
	if json.Unmarshal(left.Details, &details) != nil {
		return false
	}
	there, err := place.Read(left.Name)
	if err != nil && !errors.Is(err, hyperterse.ErrAdapterNotFound) || err == nil && !there.Equal(details.Adapter) {
		return false
	}
	if variable == nil {
		return true
	}
	value, found, err := hyperterse.ReadVariable(variable.File, variable.Name)
	return err == nil && (!found || value.Reveal() == variable.Value.Reveal() || fingerprint.Parse(details.Value).IsOfSecret(value))
}

// takeOver makes what a killed run left what is wanted.
func takeOver(ctx context.Context, place hyperterse.Place, adapter hyperterse.Adapter, variable *hyperterse.Variable) error {
	if variable != nil {
		own := *variable
		own.Replaces = always
		variable = &own
	}
	err := place.Update(ctx, adapter.Name, adapter, variable)
	if errors.Is(err, hyperterse.ErrAdapterNotFound) {
		err = place.Create(ctx, adapter, variable)
	}
	return err
}

// wasBegun reports whether a killed run was about to add the adapter, and the variable's value is what that run wrote.
func (r *Resource) wasBegun(ctx context.Context, place hyperterse.Place, name string, variable *hyperterse.Variable) bool {
	return r.data.Journal.Left(ctx, journal.Adapter, scope(place), name, func(left journal.Record) bool {
		return isLeftover(left, place, variable)
	})
}
