// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// pipeline is what the workflow of a pull request does, with its scripts: each job in a fresh folder.
type pipeline struct {
	t *testing.T
	// common, reader and admin are the variables of both jobs, and of each.
	common, reader, admin []string
}

func newPipeline(t *testing.T) (*pipeline, *emulator.Server) {
	t.Helper()
	service, err := emulator.New(emulator.Options{})
	require.NoError(t, err)
	require.NoError(t, service.Start())
	t.Cleanup(func() { require.NoError(t, service.Close()) })
	const auditor = "auditor@example.com"
	require.NoError(t, service.AddMember(emulator.DefaultOrganizationID, auditor, "readonly"))
	token := func(email string) string {
		issued, err := service.IssueToken(email, emulator.DefaultOrganizationID)
		require.NoError(t, err)
		return "TERRASCALE_ACCESS_TOKEN=" + issued.Reveal()
	}
	connection := connect(t, "postgres")
	for _, statement := range []string{"CREATE DATABASE reviewed_states", "CREATE ROLE planner LOGIN PASSWORD 'only-looks'"} {
		_, err = connection.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	require.NoError(t, connection.Close(t.Context()))
	_, readers := newReader(t)
	environment := playground.Environment
	p := &pipeline{
		t: t,
		common: append(readers, "PG_CONN_STR="+adminURL("reviewed_states"), "TERRASCALE_ENDPOINT="+service.URL(),
			"TERRASCALE_ORGANIZATION_ID="+emulator.DefaultOrganizationID, "PGHOST="+environment["PGHOST"], "PGPORT="+environment["PGPORT"],
			"PGSSLMODE=verify-full", "PGSSLROOTCERT="+environment["PGSSLROOTCERT"]),
		reader: []string{token(auditor), "PGUSER=planner", "PGPASSWORD=only-looks"},
		admin:  []string{token(emulator.DefaultOwnerEmail), "PGUSER=" + environment["PGUSER"], "PGPASSWORD=" + environment["PGPASSWORD"]},
	}
	return p, service
}

// checkout gives a job's folder with what is in source control, as a pull request leaves it.
func (p *pipeline) checkout(change func(text string) string) *terraformcli.Workspace {
	p.t.Helper()
	w := mirrored(p.t, "ci-plan-review")
	w.Environment = append(w.Environment, p.common...)
	main := filepath.Join(w.Dir, "main.tf")
	content, err := os.ReadFile(main)
	require.NoError(p.t, err)
	require.NoError(p.t, os.WriteFile(main, []byte(change(string(content))), 0o600))
	return w
}

// review runs the first job, and gives the review and the plan.
func (p *pipeline) review(change func(string) string, wantExit int) (review string, plan []byte) {
	p.t.Helper()
	w := p.checkout(change)
	printed, exitCode := script(p.t, w, p.reader, "review.sh")
	require.Equal(p.t, wantExit, exitCode, printed)
	text, err := os.ReadFile(filepath.Join(w.Dir, "review.md"))
	require.NoError(p.t, err)
	plan, err = os.ReadFile(filepath.Join(w.Dir, "review.plan"))
	require.NoError(p.t, err)
	return string(text), plan
}

// apply runs the second job with a plan.
func (p *pipeline) apply(change func(string) string, plan []byte) (printed string, exitCode int) {
	p.t.Helper()
	w := p.checkout(change)
	require.NoError(p.t, os.WriteFile(filepath.Join(w.Dir, "review.plan"), plan, 0o600))
	return script(p.t, w, p.admin, "apply.sh")
}

func unchanged(text string) string { return text }

// TestPlanReviewPipeline plans with credentials that can only read, and applies the very plan that was reviewed, from fresh folders.
func TestPlanReviewPipeline(t *testing.T) {
	p, service := newPipeline(t)
	review, plan := p.review(unchanged, 0)
	require.Contains(t, review, "PostgreSQL role `gateway` can now read")
	require.Contains(t, review, "`198.51.100.0/24` (`the office`) may call the service")
	require.Empty(t, service.Allowlist(emulator.DefaultOrganizationID).Entries, "a plan changes nothing")
	printed, exitCode := p.apply(unchanged, plan)
	require.Zero(t, exitCode, printed)
	require.Len(t, service.Allowlist(emulator.DefaultOrganizationID).Entries, 2)

	review, _ = p.review(unchanged, 0)
	require.Contains(t, review, "changes nothing", "nothing is left to do")

	// What breaks a rule is told, and the job fails. What it does instead passes.
	wide := func(text string) string {
		return strings.Replace(text, `"198.51.100.0/24" = "the office"`, `"64.0.0.0/3" = "the partner"`, 1)
	}
	review, _ = p.review(wide, 2)
	require.Contains(t, review, "**open-allowlist**: `64.0.0.0/3`")
	narrow := func(text string) string {
		return strings.Replace(text, `"198.51.100.0/24" = "the office"`, `"203.0.113.0/28" = "the partner"`, 1)
	}
	review, plan = p.review(narrow, 0)
	require.Contains(t, review, "`203.0.113.0/28` (`the partner`) may call the service")
	require.Contains(t, review, "`198.51.100.0/24` (`the office`) may no longer call the service")

	// Somebody else's change comes between: the plan that was approved is not what would happen now.
	other := func(text string) string {
		return strings.Replace(text, `tables = ["users", "orders"]`, `tables = ["users"]`, 1)
	}
	otherReview, otherPlan := p.review(other, 0)
	require.Contains(t, otherReview, "PostgreSQL role `gateway` can no longer read `app.public.orders`")
	printed, exitCode = p.apply(other, otherPlan)
	require.Zero(t, exitCode, printed)
	printed, exitCode = p.apply(narrow, plan)
	require.NotZero(t, exitCode)
	require.Contains(t, printed, "Saved plan is stale")

	end := p.checkout(unchanged)
	end.Environment = append(end.Environment, p.admin...)
	mustRun(t, end, 0, "init", "-input=false", "-no-color")
	mustRun(t, end, 0, "apply", "-destroy", "-input=false", "-auto-approve", "-no-color", "-var=networks={}")
}
