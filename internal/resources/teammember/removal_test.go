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

	"github.com/terrascale/terraform-provider-terrascale/internal/terrascale"
)

// fakeKeys is an organization's keys. Revoking fails for those in refuses.
type fakeKeys struct {
	listed  []terrascale.APIKey
	refuses map[string]error
	revoked []string
}

func (f *fakeKeys) ActiveOrganizationID(context.Context) (string, error) { return "org_1", nil }

func (f *fakeKeys) APIKeys(context.Context) ([]terrascale.APIKey, error) { return f.listed, nil }

func (f *fakeKeys) RevokeAPIKey(_ context.Context, keyID string) error {
	if err := f.refuses[keyID]; err != nil {
		return err
	}
	f.revoked = append(f.revoked, keyID)
	return nil
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
	diagnostics := revokeKeys(t.Context(), keys, "org_1", "grace@example.com", she, now)

	require.Equal(t, []string{"key_1", "key_8"}, keys.revoked)
	require.Len(t, diagnostics, 3)
	require.Equal(t, diag.SeverityError, diagnostics[0].Severity())
	require.Contains(t, diagnostics[0].Detail(), `Key key_7 ("refused") still works, and grace@example.com is still a member`)
	require.Equal(t, diag.SeverityWarning, diagnostics[1].Severity())
	require.Equal(t, "grace@example.com had made them:\nkey_1 (\"first\")\nkey_5 (\"gone\")\nkey_8 (\"last\")", diagnostics[1].Detail())
	require.Equal(t, diag.SeverityWarning, diagnostics[2].Severity())
	require.Equal(t, "API keys of the team member may be left", diagnostics[2].Summary())
	require.Contains(t, diagnostics[2].Detail(), `key_6 ("nobody's")`)
}

func TestRevokeKeysLeavesOtherOrganizationsAlone(t *testing.T) {
	she := "usr_1"
	keys := &fakeKeys{listed: []terrascale.APIKey{{ID: "key_1", CreatedBy: &she}}}
	diagnostics := revokeKeys(t.Context(), keys, "org_2", "grace@example.com", she, time.Now())
	require.True(t, diagnostics.HasError())
	require.Empty(t, keys.revoked)
}
