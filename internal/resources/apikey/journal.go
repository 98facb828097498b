// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

// recordDetails are what a record holds of an attempt to make a key, beside what every record holds.
type recordDetails struct {
	Scopes    []string  `json:"scopes"`
	NotBefore time.Time `json:"not_before"`
	Known     []string  `json:"known"`
}

// recordOf gives the record of an attempt.
func recordOf(scope string, attempt terrascale.KeyAttempt) (journal.Record, error) {
	details, err := json.Marshal(recordDetails{Scopes: attempt.Scopes, NotBefore: attempt.NotBefore, Known: attempt.Known})
	return journal.Record{
		Kind: journal.APIKey, Scope: scope, Name: attempt.Name, Began: attempt.Began, Details: details, ID: attempt.ID,
	}, err
}

// attemptOf gives the attempt of a record.
func attemptOf(record journal.Record) (terrascale.KeyAttempt, error) {
	var details recordDetails
	err := json.Unmarshal(record.Details, &details)
	return terrascale.KeyAttempt{
		Name: record.Name, Scopes: details.Scopes, Began: record.Began, NotBefore: details.NotBefore, Known: details.Known,
		ID: record.ID,
	}, err
}

// journalScope says where a key's name is looked for. It is "" where nothing is remembered: without a journal, or when the
// organization can't be told.
func (r *Resource) journalScope(ctx context.Context, keys keys) string {
	if r.data.Journal == nil {
		return ""
	}
	organization, err := keys.ActiveOrganizationID(ctx)
	if err != nil {
		return ""
	}
	return keys.Endpoint() + " " + organization
}

// createRecorded makes a key that the journal knows of before the service does. The entry is to be handed over once the key is
// in the state; it is nil when no key was made.
func (r *Resource) createRecorded(
	ctx context.Context, keys keys, wanted terrascale.NewAPIKey,
) (created terrascale.CreatedAPIKey, entry *journal.Entry, err error) {
	scope := r.journalScope(ctx, keys)
	created, err = keys.CreateRecordedAPIKey(ctx, wanted, func(attempt terrascale.KeyAttempt) {
		entry.Settle(ctx) // Nothing is left of the attempt before.
		entry = nil
		record, err := recordOf(scope, attempt)
		if err == nil && scope != "" {
			entry = r.data.Journal.Begin(ctx, record)
		}
	})
	if errors.Is(err, terrascale.ErrNothingLeft) {
		entry.Settle(ctx)
		return created, nil, err
	}
	if err != nil {
		entry.Failed(ctx, err, terrascale.ErrAnswerLost)
		return created, nil, err
	}
	entry.Made(ctx, created.ID)
	return created, entry, nil
}

// endLeftovers revokes what runs that were killed on this machine left of keys of a name. inUse are the ids of keys that the
// state knows. Once something is an error, no key is to be made.
func (r *Resource) endLeftovers(ctx context.Context, keys keys, summary, name string, inUse ...string) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	scope := r.journalScope(ctx, keys)
	if scope == "" {
		return nil
	}
	err := r.data.Journal.Resolve(ctx, journal.APIKey, scope, name, func(record journal.Record) (done bool) {
		attempt, err := attemptOf(record)
		if err != nil {
			tflog.Warn(ctx, "A record of a killed run is not understood and is left out", map[string]any{"error": err.Error()})
			return true
		}
		revoked, err := keys.RevokeLeftover(ctx, attempt, inUse...)
		if revoked != nil {
			diagnostics.AddWarning("The API key of an unfinished run was revoked: "+revoked.Name, fmt.Sprintf(
				"Key %s (%q, created %s) was made by a run that ended before Terraform saved it. Nobody has its secret.",
				revoked.ID, revoked.Name, revoked.CreatedAt.UTC().Format(time.RFC3339)))
		}
		if err == nil {
			return true
		}
		problem, done := leftoverStays(summary, name, err)
		diagnostics.Append(problem)
		return done
	})
	if err != nil {
		diagnostics.Append(diagnostic.API(summary, err))
	}
	return diagnostics
}

// leftoverStays says why a leftover was not revoked. It is done with where looking again would tell no more: of the keys that
// it may be, only one may remain by then, and that one be somebody's.
func leftoverStays(summary, name string, err error) (problem diag.Diagnostic, done bool) {
	lost, isLost := errors.AsType[*terrascale.LostKeyError](err)
	switch {
	case errors.Is(err, terrascale.ErrKeyInUse):
		return diag.NewWarningDiagnostic("The API key of an unfinished run is in use: "+name, err.Error()+
			".\n\nTerraform does not manage the key. Revoke it if nobody should use it."), true
	case isLost && len(lost.Candidates) > 1:
		return diagnostic.APIWithAdvice(summary, err,
			"Nothing was changed. Revoke the one whose secret nobody knows (it was never used), then apply again. If one is "+
				"left then, each refresh names it, and it is no longer looked for here."), true
	case isLost && len(lost.Candidates) == 1:
		return diagnostic.APIWithAdvice(summary, err, "Nothing else was changed. The next apply tries again to revoke it."), false
	default:
		return diagnostic.APIWithAdvice(summary, err, "Nothing was changed. The next apply looks for it again."), false
	}
}

// forgetSaved ends the record of a key that the state has.
func (r *Resource) forgetSaved(ctx context.Context, keys keys, keyID string) {
	if scope := r.journalScope(ctx, keys); scope != "" {
		r.data.Journal.Forget(journal.APIKey, scope, keyID)
	}
}
