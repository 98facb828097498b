// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// until gives a key with a fixed expiry.
func (s service) until(expiry time.Time, attributes ...string) string {
	return scheduled(s, "", append(attributes, fmt.Sprintf("expires_at = %q", expiry.Format(time.RFC3339)))...)
}

// TestAccKeyThatHasExpired has the fixed time pass: nothing is planned, nothing is refused, and the rest can be destroyed.
func TestAccKeyThatHasExpired(t *testing.T) {
	past := regexp.MustCompile(`(?s)Expiry in the past.*no\s+key\s+can\s+work`)
	empty := resource.ConfigPlanChecks{PreApply: emptyPlan(), PostApplyPostRefresh: emptyPlan()}
	t.Run("plans and destroys", func(t *testing.T) {
		s := newService(t)
		expiry := start.Add(30 * day)
		s.test(t,
			resource.TestStep{Config: s.until(expiry)},
			resource.TestStep{PreConfig: s.later(31 * day), Config: s.until(expiry), ConfigPlanChecks: empty,
				ConfigStateChecks: []statecheck.StateCheck{expect("status", knownvalue.StringExact("expired"))}},
			// What asks for a new key asks for a dead one.
			resource.TestStep{Config: s.until(expiry, `rotation = { every = "90d", trigger = "now" }`), PlanOnly: true, ExpectNonEmptyPlan: true},
			resource.TestStep{Config: s.until(expiry.Add(-day)), PlanOnly: true, ExpectError: past},
			resource.TestStep{Config: s.until(s.clock.Now().Add(90 * day)), Check: s.liveKeys(1)},
		)
	})
	t.Run("with a schedule that is due", func(t *testing.T) {
		s := newService(t)
		expiry := start.Add(100 * day)
		config := scheduled(s, `every = "90d", overlap = "0s"`, fmt.Sprintf("expires_at = %q", expiry.Format(time.RFC3339)))
		s.test(t,
			resource.TestStep{Config: config},
			resource.TestStep{PreConfig: s.later(101 * day), Config: config, ConfigPlanChecks: empty},
		)
	})
	t.Run("revoked, too", func(t *testing.T) {
		s := newService(t)
		expiry := start.Add(30 * day)
		s.test(t,
			resource.TestStep{Config: s.until(expiry)},
			resource.TestStep{PreConfig: func() {
				require.NoError(t, s.RevokeKey(s.newest()))
				s.clock.Advance(31 * day)
			}, Config: s.until(expiry), ConfigPlanChecks: empty},
		)
	})
	t.Run("imported", func(t *testing.T) {
		s := newService(t)
		expiry := start.Add(30 * day)
		made, _, err := s.CreateKey(emulator.DefaultOrganizationID, "prod-backend", []string{"database:read"}, &expiry)
		require.NoError(t, err)
		s.test(t, resource.TestStep{
			PreConfig: s.later(31 * day), Config: s.until(expiry) + fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, made.ID),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}, PostApplyPostRefresh: emptyPlan(),
			},
		})
	})
	t.Run("new", func(t *testing.T) {
		s := newService(t)
		s.test(t, resource.TestStep{Config: s.until(start.Add(-day)), PlanOnly: true, ExpectError: past})
	})
	t.Run("gone, too", func(t *testing.T) {
		s := newService(t)
		expiry := start.Add(30 * day)
		s.test(t,
			resource.TestStep{Config: s.until(expiry)},
			resource.TestStep{
				PreConfig: func() {
					require.NoError(t, s.DeleteKeyRecord(s.newest()))
					s.clock.Advance(31 * day)
				},
				Config: s.until(expiry), ExpectError: regexp.MustCompile(`(?s)Error running apply.*` + past.String()),
			},
			// The state is empty by now, and what the configuration says keeps nobody from destroying it.
		)
	})
}

// TestAccKeyThatIsReplacedIsSaidToBeRevoked asks for a replacement of a rotating key, which rotation would have given an overlap.
func TestAccKeyThatIsReplacedIsSaidToBeRevoked(t *testing.T) {
	e := acctest.NewEmulator(t)
	s := service{Emulator: e}
	const said = "A rotating API key will be replaced: prod-backend"
	plan := []string{"plan", "-input=false", "-no-color"}
	rotating := scheduled(s, `every = "90d", overlap = "7d"`)
	w := acctest.NewWorkspace(t, rotating)
	require.NotContains(t, w.Must(plan...), said)
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NotContains(t, w.Must(plan...), said)
	w.Must("taint", address)
	output := acctest.Plain(w.Must(plan...))
	require.Contains(t, output, said)
	require.Contains(t, output, "change rotation.trigger")
	w.Must("untaint", address)
	require.NotContains(t, w.Must(plan...), said)

	// Another resource for the same purpose, and a key without rotation, are no replacement of it.
	w.Configure(rotating + "resource \"terrascale_api_key\" \"other\" {\n  name = \"other\"\n  scopes = [\"database:read\"]\n  rotation = { every = \"90d\" }\n}\n")
	require.NotContains(t, w.Must(plan...), "will be replaced")
	w.Configure(scheduled(s, ""))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Must("taint", address)
	require.NotContains(t, w.Must(plan...), said)

	// Terraform shows no warning of the plan of -replace: the apply says what it did.
	w.Configure(rotating)
	w.Must("untaint", address)
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	output = acctest.Plain(w.Must("apply", "-auto-approve", "-input=false", "-no-color", "-replace="+address))
	require.Contains(t, output, "A rotating API key was replaced: prod-backend")
	require.Contains(t, output, "change rotation.trigger instead")
	require.NotContains(t, w.Must("destroy", "-auto-approve", "-input=false", "-no-color"), "was replaced")
}
