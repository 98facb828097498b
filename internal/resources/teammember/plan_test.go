// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// leaver is a member who made a key, in a workspace that is applied.
func leaver(t *testing.T, e *acctest.Emulator, revoke bool) *acctest.Workspace {
	t.Helper()
	w := acctest.NewWorkspace(t, e.ProviderHCL()+member(fmt.Sprintf(
		"email = %q\nrole = \"member\"\nrevoke_api_keys_on_removal = %t", grace, revoke)))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, e.AcceptInvitation(org, grace))
	token, err := e.IssueToken(grace, org)
	require.NoError(t, err)
	require.NoError(t, e.MakeKey(token, "hers"))
	require.NoError(t, e.MakeKey(token, "hers-revoked"))
	require.NoError(t, e.RevokeKey(e.APIKeys(org)[1].ID))
	require.NoError(t, e.MakeKey(e.Token, "not-hers"))
	w.Configure(e.ProviderHCL())
	return w
}

func TestAccMemberRemovalTellsItsKeysInThePlan(t *testing.T) {
	for name, row := range map[string]struct {
		revoke, omit bool
		want, absent string
		applied      string
	}{
		"revoked": {
			revoke: true, want: `(?s)API keys of a team member will be revoked: Grace@example.com.*\("hers"\)`, absent: "not-hers",
			applied: `(?s)API keys of a team member were revoked: Grace@example.com.*\("hers"\)`,
		},
		"left": {
			want:   `(?s)API keys of a team member keep working: Grace@example.com.*\("hers"\).*revoke_api_keys_on_removal\s+=\s+true`,
			absent: "not-hers",
		},
		"the service does not say": {
			revoke: true, omit: true,
			want:    `(?s)API keys of a team member may be left.*does\s+not\s+say\s+who\s+made\s+these.*\("hers"\).*\("not-hers"\)`,
			applied: `(?s)API keys of a team member may be left.*\("hers"\).*\("not-hers"\)`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := acctest.NewEmulator(t, func(options *emulator.Options) { options.OmitCreatedBy = row.omit })
			w := leaver(t, e, row.revoke)
			planned := w.Must("plan", "-input=false", "-no-color")
			require.Regexp(t, row.want, planned)
			require.NotContains(t, planned, "hers-revoked")
			if row.absent != "" {
				require.NotContains(t, planned, row.absent)
			}
			e.ResetRequests()
			applied := w.Must("apply", "-auto-approve", "-input=false", "-no-color")
			require.Regexp(t, row.applied, applied)
			require.Equal(t, row.revoke && !row.omit, e.APIKeys(org)[0].Revoked)
			var writes []string
			for _, call := range e.Calls() {
				if call == "revokeApiKey" || call == "removeMember" {
					writes = append(writes, call)
				}
			}
			if row.revoke && !row.omit {
				require.Equal(t, []string{"revokeApiKey", "removeMember"}, writes, "the keys end before the membership")
			} else {
				require.Equal(t, []string{"removeMember"}, writes)
			}
		})
	}
}

// Several who leave in one plan are each told of: Terraform shows one of several warnings with the same summary.
func TestAccMembersWhoLeaveTogetherAreEachToldOf(t *testing.T) {
	e := acctest.NewEmulator(t)
	members := e.ProviderHCL()
	emails := []string{"ada@example.com", "bob@example.com", "eve@example.com"}
	for index, email := range emails {
		members += fmt.Sprintf("resource \"terrascale_team_member\" \"m%d\" {\n  email = %q\n  role = \"member\"\n}\n", index, email)
	}
	w := acctest.NewWorkspace(t, members)
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	for _, email := range emails {
		require.NoError(t, e.AcceptInvitation(org, email))
		token, err := e.IssueToken(email, org)
		require.NoError(t, err)
		require.NoError(t, e.MakeKey(token, "of-"+email))
	}
	w.Configure(e.ProviderHCL())
	e.ResetRequests()
	printed := w.Must("plan", "-input=false", "-no-color")
	for _, email := range emails {
		require.Contains(t, printed, `("of-`+email+`")`)
	}
	require.Equal(t, []string{"switchOrganization", "listMembers", "listApiKeys"}, e.Calls())
}
