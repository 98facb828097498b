// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// Somebody leaves: one line goes, and with it the membership, the keys that the person made, and the person's database login.
func TestWhoLeavesTheListLosesEverything(t *testing.T) {
	service, err := emulator.New(emulator.Options{})
	require.NoError(t, err)
	require.NoError(t, service.Start())
	t.Cleanup(func() { require.NoError(t, service.Close()) })
	token := func(email string) string {
		issued, err := service.IssueToken(email, emulator.DefaultOrganizationID)
		require.NoError(t, err)
		return issued.Reveal()
	}
	const (
		grace = `"grace@example.com" = { role = "admin" }`
		linus = `"linus@example.com" = { role = "member", login = "linus", reads = ["app.public"] }`
	)
	_, environment := newReader(t)
	w := mirrored(t, "offboarding", environment...)
	w.Environment = append(w.Environment, "TERRASCALE_ENDPOINT="+service.URL(), "TERRASCALE_ORGANIZATION_ID="+emulator.DefaultOrganizationID,
		"TERRASCALE_ACCESS_TOKEN="+token(emulator.DefaultOwnerEmail))
	mustRun(t, w, 0, "init", "-input=false", "-no-color")
	mustRun(t, w, 0, "apply", "-input=false", "-auto-approve", "-no-color", "-var=people={"+grace+", "+linus+"}", "-var=shared_login_known_to=grace, linus")
	require.NoError(t, service.AcceptInvitation(emulator.DefaultOrganizationID, "linus@example.com"))
	client, err := terrascale.New(terrascale.Config{
		Endpoint: service.URL(), OrganizationID: emulator.DefaultOrganizationID, AccessToken: secret.New(token("linus@example.com")),
	})
	require.NoError(t, err)
	key, err := client.CreateAPIKey(t.Context(), terrascale.NewAPIKey{Name: "made on a Friday", Scopes: []string{"database:read"}})
	require.NoError(t, err)
	mustRun(t, w, 0, "apply", "-refresh-only", "-input=false", "-auto-approve", "-no-color", "-var=people={"+grace+", "+linus+"}", "-var=shared_login_known_to=grace, linus")

	left := []string{"TF_VAR_people={" + grace + "}", "TF_VAR_shared_login_known_to=grace"}
	printed, exitCode := script(t, w, left, "review.sh")
	require.Zero(t, exitCode, printed)
	review, err := os.ReadFile(filepath.Join(w.Dir, "review.md"))
	require.NoError(t, err)
	require.Contains(t, string(review), "`linus@example.com` is removed from the organization")
	require.Contains(t, string(review), "PostgreSQL role `linus`")
	require.Contains(t, string(review), "PostgreSQL role `reports` logs in as `reports_b`")
	warnings, err := os.ReadFile(filepath.Join(w.Dir, "warnings.txt"))
	require.NoError(t, err)
	require.Contains(t, string(warnings), "API keys of a team member will be revoked: linus@example.com")
	require.Contains(t, string(warnings), key.ID)

	mustRun(t, w, 0, "apply", "-input=false", "-no-color", "offboarding.plan")
	for _, member := range service.Members(emulator.DefaultOrganizationID) {
		require.NotEqual(t, "linus@example.com", member.Email)
	}
	require.EqualValues(t, "Revoked", service.CheckAPIKey(key.Secret))
	session := connect(t, "app")
	defer func() { require.NoError(t, session.Close(t.Context())) }()
	rows, err := session.Query(t.Context(), "SELECT rolname::text FROM pg_roles WHERE rolcanlogin AND rolname ~ '^(linus|reports)' ORDER BY 1")
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Equal(t, []string{"reports_b"}, names, "who can log in")
	w.Environment = append(w.Environment, left...)
	mustRun(t, w, 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")
	mustRun(t, w, 0, "destroy", "-input=false", "-auto-approve", "-no-color")
}
