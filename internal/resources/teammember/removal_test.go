// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// fakeKeys is an organization's keys. Revoking fails for those in refuses.
type fakeKeys struct {
	listed  []terrascale.APIKey
	refuses map[string]error
	revoked []string
}

func (f *fakeKeys) ActiveOrganizationID(context.Context) (string, error) { return "org_1", nil }

func (f *fakeKeys) APIKeys(context.Context) ([]terrascale.APIKey, error) { return f.listed, nil }

func (f *fakeKeys) ListAPIKeys(context.Context) ([]terrascale.APIKey, error) { return f.listed, nil }

func (f *fakeKeys) RevokeAPIKey(_ context.Context, keyID string) error {
	if err := f.refuses[keyID]; err != nil {
		return err
	}
	f.revoked = append(f.revoked, keyID)
	return nil
}

func graceLeaves(organizationID string, revoke bool, now time.Time) removal {
	return removal{organizationID: organizationID, email: "grace@example.com", userID: "usr_1", revoke: revoke, now: now}
}

func TestRevokeKeysReportsEachKey(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	she, other := "usr_1", "usr_2"
	keys := &fakeKeys{
		listed: []terrascale.APIKey{
			{ID: "key_1", Name: "first", CreatedBy: &she},
			{ID: "key_2", Name: "another's", CreatedBy: &other},
			{ID: "key_3", Name: "revoked", CreatedBy: &she, Revoked: true},
			{ID: "key_4", Name: "expired", CreatedBy: &she, ExpiresAt: &now},
			{ID: "key_5", Name: "gone", CreatedBy: &she},
			{ID: "key_6", Name: "nobody's"},
			{ID: "key_7", Name: "refused", CreatedBy: &she},
			{ID: "key_8", Name: "last", CreatedBy: &she},
		},
		refuses: map[string]error{"key_5": terrascale.ErrNotFound, "key_7": errors.New("no")},
	}
	diagnostics := revokeKeys(t.Context(), keys, graceLeaves("org_1", true, now))

	require.Equal(t, []string{"key_1", "key_8"}, keys.revoked)
	require.Len(t, diagnostics, 3)
	require.Equal(t, diag.SeverityError, diagnostics[0].Severity())
	require.Contains(t, diagnostics[0].Detail(), `Key key_7 ("refused") still works, and grace@example.com is still a member`)
	require.Equal(t, diag.SeverityWarning, diagnostics[1].Severity())
	require.Equal(t, "grace@example.com had made them:\nkey_1 (\"first\")\nkey_5 (\"gone\")\nkey_8 (\"last\")", diagnostics[1].Detail())
	require.Equal(t, diag.SeverityWarning, diagnostics[2].Severity())
	require.Equal(t, "API keys of a team member may be left: grace@example.com", diagnostics[2].Summary())
	require.Contains(t, diagnostics[2].Detail(), `key_6 ("nobody's")`)
}

func TestRevokeKeysLeavesOtherOrganizationsAlone(t *testing.T) {
	she := "usr_1"
	keys := &fakeKeys{listed: []terrascale.APIKey{{ID: "key_1", CreatedBy: &she}}}
	diagnostics := revokeKeys(t.Context(), keys, graceLeaves("org_2", true, time.Now()))
	require.True(t, diagnostics.HasError())
	require.Empty(t, keys.revoked)
}

func TestAnnounceKeysSaysWhatARemovalMeans(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	she, other := "usr_1", "usr_2"
	hers := terrascale.APIKey{ID: "key_1", Name: "first", CreatedBy: &she}
	nobodys := terrascale.APIKey{ID: "key_2", Name: "nobody's"}
	harmless := []terrascale.APIKey{
		{ID: "key_3", CreatedBy: &other}, {ID: "key_4", CreatedBy: &she, Revoked: true}, {ID: "key_5", ExpiresAt: &now},
	}
	for name, row := range map[string]struct {
		removal removal
		listed  []terrascale.APIKey
		want    []string
	}{
		"nothing to say":     {graceLeaves("org_1", true, now), nil, nil},
		"revoked":            {graceLeaves("org_1", true, now), []terrascale.APIKey{hers}, []string{"will be revoked"}},
		"left":               {graceLeaves("org_1", false, now), []terrascale.APIKey{hers}, []string{"keep working"}},
		"unclear":            {graceLeaves("org_1", true, now), []terrascale.APIKey{nobodys}, []string{"may be left"}},
		"both":               {graceLeaves("org_1", false, now), []terrascale.APIKey{hers, nobodys}, []string{"keep working", "may be left"}},
		"other organization": {graceLeaves("org_2", false, now), []terrascale.APIKey{hers}, []string{"can't be seen"}},
	} {
		t.Run(name, func(t *testing.T) {
			diagnostics := announceKeys(t.Context(), &fakeKeys{listed: append(row.listed, harmless...)}, row.removal)
			require.Len(t, diagnostics, len(row.want))
			for index, want := range row.want {
				require.Equal(t, diag.SeverityWarning, diagnostics[index].Severity())
				require.Contains(t, diagnostics[index].Summary(), want)
				require.Contains(t, diagnostics[index].Summary(), "grace@example.com")
				for _, key := range harmless {
					require.NotContains(t, diagnostics[index].Detail(), key.ID)
				}
			}
		})
	}
	require.True(t, announceKeys(t.Context(), &fakeKeys{}, graceLeaves("org_2", true, now)).HasError())
}
