// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package access

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// keyRules look at API keys.
var keyRules = []string{
	policy.WildcardScope, policy.UnboundedKey, policy.SlowRotation, policy.OverdueRotation, policy.UnusedKey, policy.OrphanedKey,
	policy.ExpiringSoon,
}

// Allowlists are named so in findings.
const allowlistSubject = "IP allowlist"

func (r *reviewer) organization(o Organization) {
	subject := policy.Named("organization", o.Name)
	if o.KeysUntold != "" {
		for _, rule := range keyRules {
			r.doNotKnow(rule, subject, o.KeysUntold)
		}
	} else {
		r.look(keyRules...)
	}
	for _, key := range o.Keys {
		r.key(key, o.Members)
	}
	r.look(policy.ExtraOwner, policy.MFAMissing, policy.StaleInvitation)
	r.owners(o)
	if !o.RequiresMFA {
		r.find(policy.MFAMissing, Medium, subject, say("The organization does not require two-factor authentication."))
	}
	for _, member := range o.Members {
		r.member(member)
	}
	r.allowlist(o.Allowlist, subject)
}

func (r *reviewer) key(key Key, members []Member) {
	subject := policy.Named("API key", key.Name)
	// Names are not unique: the start of the key tells one from another.
	which := say("%s: ", key.Prefix+"…")
	find := func(rule string, severity Severity, message words) {
		r.find(rule, severity, subject, which.then(message))
	}
	age := r.now.Sub(key.Created)
	isOverdue := age > r.thresholds.KeyMaxAge

	var wide []string
	for _, scope := range key.Scopes {
		if len(r.policy.WildcardScopes(subject, []string{scope})) > 0 {
			wide = append(wide, scope)
		}
	}
	slices.Sort(wide)
	if len(wide) > 0 {
		find(policy.WildcardScope, High, say("the key has the scope ").then(list(wide)).then(say(".")))
	}
	if len(r.policy.UnboundedKey(subject, key.Expires != nil, false)) > 0 {
		// A key that the provider rotates may have no end either: its age tells whether it does.
		severity := Low
		if isOverdue {
			severity = Medium
		}
		find(policy.UnboundedKey, severity, say("the key never expires. The service does not know whether something rotates it."))
	}
	if key.Expires != nil {
		if life := key.Expires.Sub(key.Created); len(r.policy.LongLivedKey(subject, life, 0)) > 0 {
			find(policy.SlowRotation, Medium, say("the key was made on "+on(key.Created)+" and expires on "+on(*key.Expires)+"."))
		}
		if left := key.Expires.Sub(r.now); left <= r.thresholds.ExpiringWithin {
			find(policy.ExpiringSoon, Info, say("the key expires on "+on(*key.Expires)+"."))
		}
	}
	if isOverdue {
		find(policy.OverdueRotation, Medium, say("the key was made on "+on(key.Created)+", more than "+days(r.thresholds.KeyMaxAge)+" ago."))
	}
	r.use(key, subject, find)
	r.creator(key, subject, members, find)
}

func (r *reviewer) use(key Key, subject string, find func(string, Severity, words)) {
	switch {
	case key.LastUsed != nil && r.now.Sub(*key.LastUsed) > r.thresholds.KeyUnusedFor:
		find(policy.UnusedKey, Medium, say("the key was last used on "+on(*key.LastUsed)+", more than "+days(r.thresholds.KeyUnusedFor)+" ago."))
	case key.LastUsed == nil && key.UseUntold:
		r.doNotKnow(policy.UnusedKey, subject, "The service does not say when the key was last used.")
	case key.LastUsed == nil && r.now.Sub(key.Created) > r.thresholds.KeyUnusedFor:
		find(policy.UnusedKey, Medium, say("the key was made on "+on(key.Created)+" and was never used."))
	}
}

func (r *reviewer) creator(key Key, subject string, members []Member, find func(string, Severity, words)) {
	switch {
	case key.CreatorID == "":
		r.doNotKnow(policy.OrphanedKey, subject, "The service does not say who made the key.")
	case !slices.ContainsFunc(members, func(m Member) bool { return m.ID == key.CreatorID }):
		find(policy.OrphanedKey, High, say("the key was made by %s, who is not a member any more.", key.CreatorID))
	}
}

// owners finds those beyond how many there are to be. Of several, who owns the organization stays, then who joined first.
func (r *reviewer) owners(o Organization) {
	owners := slices.DeleteFunc(slices.Clone(o.Members), func(m Member) bool { return m.Role != "owner" || m.ID == "" && !m.Pending })
	rank := func(m Member) int {
		switch {
		case m.ID != "" && m.ID == o.OwnerID:
			return 0
		case !m.Pending:
			return 1
		default:
			return 2
		}
	}
	joined := func(m Member) time.Time {
		if m.Joined == nil {
			return time.Time{}
		}
		return *m.Joined
	}
	slices.SortFunc(owners, func(a, b Member) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), joined(a).Compare(joined(b)), strings.Compare(a.Email, b.Email))
	})
	count := strconv.Itoa(len(owners)) + " owners"
	for i, owner := range owners {
		if i < r.thresholds.MaxOwners {
			continue
		}
		message := "The member is one of " + count
		if owner.Pending {
			message = "The member is invited as one of " + count
		}
		r.find(policy.ExtraOwner, High, memberSubject(owner), say(message+"; there are to be "+strconv.Itoa(r.thresholds.MaxOwners)+" at most."))
	}
}

func memberSubject(m Member) string { return policy.Named("member", m.Email) }

func (r *reviewer) member(m Member) {
	switch subject := memberSubject(m); {
	case m.Pending && m.Invited == nil:
		r.doNotKnow(policy.StaleInvitation, subject, "The service does not say when the invitation was sent.")
	case m.Pending && r.now.Sub(*m.Invited) > r.thresholds.InvitationMaxAge:
		r.find(policy.StaleInvitation, Low, subject,
			say("The invitation was sent on "+on(*m.Invited)+", more than "+days(r.thresholds.InvitationMaxAge)+" ago, and was not accepted."))
	case m.Pending || m.ID == "":
	case m.MFA == nil:
		r.doNotKnow(policy.MFAMissing, subject, "The service does not say whether the member has two-factor authentication.")
	case !*m.MFA:
		severity := Medium
		if m.Role == "owner" || m.Role == "admin" {
			severity = High
		}
		r.find(policy.MFAMissing, severity, subject, say("The member has the role %s, and no two-factor authentication.", m.Role))
	}
}

func (r *reviewer) allowlist(a Allowlist, organization string) {
	if a.Untold != "" {
		r.doNotKnow(policy.OpenAllowlist, organization, a.Untold)
		r.doNotKnow(policy.AllowlistOff, organization, a.Untold)
		return
	}
	r.look(policy.OpenAllowlist, policy.AllowlistOff)
	for _, finding := range r.policy.OpenAllowlist(slices.SortedFunc(slices.Values(a.Entries), netip.Prefix.Compare)) {
		r.find(policy.OpenAllowlist, High, finding.Subject, say("The entry lets most addresses in."))
	}
	switch {
	case !a.Enabled:
		r.find(policy.AllowlistOff, Low, allowlistSubject, say("The list is disabled: every address may call the service."))
	case len(a.Entries) == 0:
		r.find(policy.AllowlistOff, Low, allowlistSubject, say("The list is empty: every address may call the service."))
	}
}
