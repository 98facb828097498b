// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
)

// begun is what a run was about to invite somebody as.
type begun struct {
	Role string `json:"role"`
}

func scope(client client, organizationID string) string {
	return client.Endpoint() + " " + organizationID
}

func nameOf(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// invite invites somebody. An invitation that is there already is taken over where it is this run's, or one that was killed, or
// just the same one by the same user. The entry is to be handed over once the state is saved.
func (r *Resource) invite(
	ctx context.Context, client client, organizationID, email, role string,
) (terrascale.Member, *journal.Entry, error) {
	details, err := json.Marshal(begun{role})
	if err != nil {
		return terrascale.Member{}, nil, err
	}
	record := journal.Record{
		Kind: journal.TeamMember, Scope: scope(client, organizationID), Name: nameOf(email), Began: r.data.Clock(), Details: details,
	}
	entry := r.data.Journal.Begin(ctx, record)
	member, err := client.InviteMember(ctx, organizationID, email, role)
	if errors.Is(err, terrascale.ErrConflict) || errors.Is(err, terrascale.ErrAnswerLost) {
		member, err = r.takeOver(ctx, client, organizationID, email, role, record, err)
	}
	if err != nil {
		entry.Failed(ctx, err, terrascale.ErrAnswerLost)
		return member, nil, err
	}
	entry.Made(ctx, record.Name)
	return member, entry, nil
}

// takeOver gives the member that is there already, if it is what was to be made, or the error of the invitation.
func (r *Resource) takeOver(
	ctx context.Context, client client, organizationID, email, role string, wanted journal.Record, invited error,
) (terrascale.Member, error) {
	member, err := client.FindMember(ctx, organizationID, email)
	if err != nil || member.Role != role {
		return terrascale.Member{}, invited
	}
	caller := client.Caller(ctx)
	cameOf := func(record journal.Record) bool {
		return member.InvitedAt != nil && record.Since(*member.InvitedAt) && (caller.UserID == "" || caller.IsInviter(member))
	}
	isOwn := member.Status == terrascale.MemberPending && caller.IsInviter(member) ||
		errors.Is(invited, terrascale.ErrAnswerLost) && cameOf(wanted)
	resolved := r.data.Journal.Resolve(ctx, wanted.Kind, wanted.Scope, wanted.Name, func(left journal.Record) (done bool) {
		var details begun
		if json.Unmarshal(left.Details, &details) == nil && details.Role == role && cameOf(left) {
			isOwn = true
		}
		return isOwn
	})
	if !isOwn {
		return terrascale.Member{}, errors.Join(invited, resolved)
	}
	return member, nil
}

// forgetSaved ends the record of a member that the state has.
func (r *Resource) forgetSaved(client client, organizationID, email string) {
	if r.data.Journal != nil {
		r.data.Journal.Forget(journal.TeamMember, scope(client, organizationID), nameOf(email))
	}
}
