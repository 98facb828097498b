// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlistentry

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

// begun is what a run was about to write into the list beside the network.
type begun struct {
	Description string `json:"description"`
}

func (r *Resource) recordOf(lists lists, plan model) (journal.Record, error) {
	details, err := json.Marshal(begun{plan.Description.ValueString()})
	network, _ := plan.network()
	return journal.Record{
		Kind: journal.AllowlistEntry, Scope: lists.Endpoint() + " " + plan.OrganizationID.ValueString(), Name: network.String(),
		Began: r.data.Clock(), Details: details,
	}, err
}

// isLeftover reports whether a record is of an entry that the list has.
func isLeftover(left journal.Record, entry terrascale.IPAllowlistEntry) bool {
	var details begun
	return json.Unmarshal(left.Details, &details) == nil && details.Description == entry.Description &&
		left.Since(entry.CreatedAt)
}

// write lists the entry. One that a killed run listed is taken over. The record is to be handed over once the state is saved.
func (r *Resource) write(ctx context.Context, lists lists, plan model) (terrascale.IPAllowlist, *journal.Entry, error) {
	record, err := r.recordOf(lists, plan)
	if err != nil {
		return terrascale.IPAllowlist{}, nil, err
	}
	network, _ := plan.network()
	organizationID, description := plan.OrganizationID.ValueString(), plan.Description.ValueString()
	entry := r.data.Journal.Begin(ctx, record)
	written, err := lists.ChangeIPAllowlist(ctx, organizationID, add(network, description))
	resolved := r.data.Journal.Resolve(ctx, record.Kind, record.Scope, record.Name, func(left journal.Record) (done bool) {
		if errors.Is(err, errListed) {
			written, err = lists.ChangeIPAllowlist(ctx, organizationID, takeOver(left, err, add(network, description)))
		}
		return err == nil
	})
	if errors.Is(err, errListed) {
		err = errors.Join(err, resolved)
	}
	if err != nil {
		entry.Failed(ctx, err, terrascale.ErrMayBeWritten)
		return written, nil, err
	}
	entry.Made(ctx, record.Name)
	return written, entry, nil
}

// takeOver adds an entry in the place of the one that a killed run listed; where there is another, that is the error.
func takeOver(left journal.Record, listed error, add terrascale.IPAllowlistChange) terrascale.IPAllowlistChange {
	return func(list *terrascale.IPAllowlist) error {
		for index, entry := range list.Entries {
			if entry.CIDR != left.Name {
				continue
			}
			if !isLeftover(left, entry) {
				return listed
			}
			without := append([]terrascale.IPAllowlistEntry{}, list.Entries[:index]...)
			list.Entries = append(without, list.Entries[index+1:]...)
			break
		}
		return add(list)
	}
}

// wasBegun reports whether a killed run listed an entry that the list has.
func (r *Resource) wasBegun(ctx context.Context, lists lists, plan model, entry terrascale.IPAllowlistEntry) bool {
	record, err := r.recordOf(lists, plan)
	if err != nil {
		return false
	}
	return r.data.Journal.Left(ctx, record.Kind, record.Scope, record.Name, func(left journal.Record) bool { return isLeftover(left, entry) })
}

// forgetSaved ends the record of an entry that the state has.
func (r *Resource) forgetSaved(lists lists, state model) {
	if network, ok := state.network(); ok {
		r.data.Journal.Forget(journal.AllowlistEntry, lists.Endpoint()+" "+state.OrganizationID.ValueString(), network.String())
	}
}
