// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

var keyExpectations = []expectation{
	{"a key is made with its secret, and what it was asked for", "", func(ctx context.Context, t *testing.T, s subject) (string, error) {
		made, err := makeKey(ctx, t, s)
		if err != nil {
			return "", err
		}
		secret := made.Secret.Reveal()
		if !strings.HasPrefix(secret, "ts_live_") && !strings.HasPrefix(secret, "ts_test_") {
			return "", errors.New("the secret begins neither with ts_live_ nor with ts_test_")
		}
		if made.Name != s.mark || made.ExpiresAt == nil || time.Until(*made.ExpiresAt) > time.Hour {
			return "", fmt.Errorf("the key is called %q and expires %v", made.Name, made.ExpiresAt)
		}
		return "a key of kind " + secret[:len("ts_live")], nil
	}},
	{"a listed key says what was made, and its prefix", "", func(ctx context.Context, t *testing.T, s subject) (string, error) {
		made, err := makeKey(ctx, t, s)
		if err != nil {
			return "", err
		}
		key, err := listed(ctx, s, made.ID)
		if err != nil {
			return "", err
		}
		if key.Prefix == "" || !strings.HasPrefix(made.Secret.Reveal(), key.Prefix) || key.Revoked || key.LastUsedAt != nil {
			return "", fmt.Errorf("it lists prefix %q, revoked %t, last used %v", key.Prefix, key.Revoked, key.LastUsedAt)
		}
		return fmt.Sprintf("a prefix of %d characters", len(key.Prefix)), nil
	}},
	{"two keys may have one name", "", func(ctx context.Context, t *testing.T, s subject) (string, error) {
		first, err := makeKey(ctx, t, s)
		if err != nil {
			return "", err
		}
		second, err := makeKey(ctx, t, s)
		if err == nil && first.ID == second.ID {
			err = errors.New("both have one id")
		}
		return "two ids", err
	}},
	{"a revoked key stays listed", "", func(ctx context.Context, t *testing.T, s subject) (string, error) {
		made, err := makeKey(ctx, t, s)
		if err != nil {
			return "", err
		}
		if err := s.client.RevokeAPIKey(ctx, made.ID); err != nil {
			return "", err
		}
		key, err := listed(ctx, s, made.ID)
		if err == nil && !key.Revoked {
			err = errors.New("it is not marked as revoked")
		}
		return "revoked", err
	}},
	{"a key that is not there is not found", "", func(ctx context.Context, _ *testing.T, s subject) (string, error) {
		return refused(s.client.RevokeAPIKey(ctx, "key_"+s.mark), terrascale.ErrNotFound)
	}},
	{"a scope that is none is refused", "", func(ctx context.Context, _ *testing.T, s subject) (string, error) {
		_, err := s.client.CreateAPIKey(ctx, terrascale.NewAPIKey{Name: s.mark, Scopes: []string{"everything"}})
		return refused(err, terrascale.ErrBadRequest)
	}},
	{"the list of keys can be followed to its end", "key-list-paging", func(ctx context.Context, _ *testing.T, s subject) (string, error) {
		keys, err := s.client.ListAPIKeys(ctx)
		return fmt.Sprintf("%d keys", len(keys)), err
	}},
	{"a listed key may say who made it", "key-creator", func(ctx context.Context, t *testing.T, s subject) (string, error) {
		made, err := makeKey(ctx, t, s)
		if err != nil {
			return "", err
		}
		key, err := listed(ctx, s, made.ID)
		if err == nil && key.CreatedBy == nil {
			return "nothing of it", nil
		}
		return "the creator", err
	}},
}

var memberExpectations = []expectation{
	{"the user is a member", "", func(ctx context.Context, _ *testing.T, s subject) (string, error) {
		members, err := s.client.ListMembers(ctx, s.organization)
		for _, member := range members {
			if member.Status == terrascale.MemberActive && member.UserID != nil {
				return fmt.Sprintf("%d members and invitations", len(members)), nil
			}
		}
		return "", errors.Join(errors.New("no active member with a user id is listed"), err)
	}},
	{"who lists the members is one of them", "caller-listed", func(ctx context.Context, _ *testing.T, s subject) (string, error) {
		// The client itself refuses a list without its caller.
		if _, err := s.client.ListMembers(ctx, s.organization); err != nil {
			return "", err
		}
		return "listed, as far as the token says who it is", nil
	}},
	{"the token says whose it is", "caller-claims", func(ctx context.Context, _ *testing.T, s subject) (string, error) {
		caller := s.client.Caller(ctx)
		members, err := s.client.ListMembers(ctx, s.organization)
		if caller.UserID == "" {
			return "nothing of it", err
		}
		isKnown := slices.ContainsFunc(members, func(m terrascale.Member) bool { return m.UserID != nil && *m.UserID == caller.UserID })
		if err == nil && !isKnown {
			return "", fmt.Errorf("sub is %s, which is no member's user id", caller.UserID)
		}
		return "its user's id", err
	}},
	{"an invitation is known by its address, changes its role, and is withdrawn", "pending-member-id",
		func(ctx context.Context, _ *testing.T, s subject) (string, error) {
			email := s.mark + "@example.com"
			invited, err := s.client.InviteMember(ctx, s.organization, email, "readonly")
			if err != nil {
				return "", err
			}
			changed, changing := s.client.UpdateMemberRole(ctx, s.organization, invited, "member")
			if changing == nil && (changed.Role != "member" || changed.Status != terrascale.MemberPending) {
				changing = fmt.Errorf("the invitation is %s as %s then", changed.Status, changed.Role)
			}
			return "as expected", errors.Join(changing, s.client.RemoveMember(ctx, s.organization, invited))
		}},
	{"an address is one whatever its case", "email-case", func(ctx context.Context, _ *testing.T, s subject) (string, error) {
		invited, err := s.client.InviteMember(ctx, s.organization, s.mark+"-case@example.com", "readonly")
		if err != nil {
			return "", err
		}
		_, again := s.client.InviteMember(ctx, s.organization, strings.ToUpper(s.mark)+"-CASE@example.com", "readonly")
		answered, err := refused(again, terrascale.ErrConflict)
		return answered, errors.Join(err, s.client.RemoveMember(ctx, s.organization, invited))
	}},
}

var organizationExpectations = []expectation{
	{"the organization says its plan, its status and its limits", "", func(ctx context.Context, _ *testing.T, s subject) (string, error) {
		organization, err := s.client.GetOrganization(ctx, s.organization)
		if err == nil && (organization.Plan == "" || organization.Status == "" || organization.Settings.MaxAPIKeys == 0) {
			err = errors.New("one of them is missing")
		}
		return fmt.Sprintf("%s, %s, %d keys at most", organization.Plan, organization.Status, organization.Settings.MaxAPIKeys), err
	}},
	{"an organization that is not there is not found, or not permitted", "", func(ctx context.Context, _ *testing.T, s subject) (string, error) {
		_, err := s.client.GetOrganization(ctx, "org_"+s.mark)
		if errors.Is(err, terrascale.ErrForbidden) {
			return terrascale.ErrForbidden.Error(), nil
		}
		return refused(err, terrascale.ErrNotFound)
	}},
}

var allowlistExpectations = []expectation{
	{"the allowlist is read with a tag, and a write with another is refused", "ip-allowlist", func(ctx context.Context, _ *testing.T, s subject) (string, error) {
		list, err := s.client.GetIPAllowlist(ctx, s.organization)
		if errors.Is(err, terrascale.ErrForbidden) {
			return "the plan has none", nil
		}
		if err != nil {
			return "", err
		}
		// What is written is what is there, so that nothing changes if the service takes it.
		list.ETag = `"` + s.mark + `"`
		_, err = s.client.PutIPAllowlist(ctx, s.organization, list)
		return refused(err, terrascale.ErrPreconditionFailed)
	}},
}
