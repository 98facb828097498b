// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/apikey"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestAccAFullOrSuspendedOrganizationSaysWhatToDo(t *testing.T) {
	s := newService(t)
	require.NoError(t, s.SetLimits(emulator.DefaultOrganizationID, emulator.Limits{APIKeys: 1, Members: 5, Databases: 5}))
	s.test(t,
		resource.TestStep{Config: named(s, "a")},
		// A rotation needs room for one key more, since the new one comes first.
		resource.TestStep{
			Config: named(s, "b"), Check: s.liveKeys(1),
			ExpectError: regexp.MustCompile(`(?s)settings\.maxApiKeys.*Revoke\s+those\s+that\s+nobody\s+uses`),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, s.SuspendOrganization(emulator.DefaultOrganizationID)) },
			Config:    named(s, "a"), ExpectError: regexp.MustCompile(`(?s)is\s+suspended.*An\s+owner\s+has\s+to\s+resolve`),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, s.ResumeOrganization(emulator.DefaultOrganizationID)) },
			Config:    named(s, "a"),
		},
	)
}

// Half a minute of calls at the service's pace, with tokens that live two seconds.
func TestAccALongApplyOutlivesItsTokens(t *testing.T) {
	const keys, perSecond = 60, 5
	e := acctest.NewEmulator(t, func(options *emulator.Options) {
		options.AccessTokenTTL = 3 * time.Second
		options.RateLimits.Enterprise = perSecond
		options.Clock = time.Now
	})
	const email, password = "pipeline@example.com", "a long Passw0rd of the pipeline"
	require.NoError(t, e.AddUser(emulator.SeedUser{Email: email, Password: secret.New(password), Name: "Pipeline"}))
	require.NoError(t, e.AddMember(emulator.DefaultOrganizationID, email, "admin"))
	k := acctest.NewWorkspace(t, fmt.Sprintf(`
provider "terrascale" {
  endpoint        = %q
  email           = %q
  password        = %q
  organization_id = %q
}

resource %q "many" {
  count      = %d
  name       = "long-${count.index}"
  scopes     = ["database:read"]
  expires_in = "90d"
}
`, e.URL(), email, password, emulator.DefaultOrganizationID, apikey.TypeName, keys))
	start := time.Now()
	k.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.Len(t, e.LiveKeys(time.Now()), keys)
	require.Greater(t, time.Since(start), 10*time.Second, "the tokens ended while it ran")
	refreshed := 0
	for _, call := range e.Calls() {
		if call == "refreshToken" {
			refreshed++
		}
	}
	require.Greater(t, refreshed, 2)
}
