// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// What a proxy says is not there, or the service says and lists all the same, stays in the state: when it is read, and when it is destroyed.
// Keys and members have tests of their own beside them.
func TestAccNothingIsBelievedToBeGone(t *testing.T) {
	for name, kind := range map[string]struct {
		resource string
		// read and remove are the operations of the service.
		read, remove string
	}{
		"database": {`
resource "terrascale_database" "it" {
  name                = "gone"
  region              = "eu-west-1"
  deletion_protection = false
}`, "getDatabase", "deleteDatabase"},
		"repository": {`
resource "terrascale_database" "app" {
  name                = "gone"
  region              = "eu-west-1"
  deletion_protection = false
}
resource "terrascale_repository" "it" {
  database_id         = terrascale_database.app.id
  name                = "customers"
  entity_name         = "Customer"
  schema              = { email = { type = "string" } }
  deletion_protection = false
}`, "getRepository", "deleteRepository"},
		"organization": {`
resource "terrascale_organization" "it" {
  name                = "Gone"
  deletion_protection = false
}`, "getOrganization", "deleteOrganization"},
		"allowlist": {`
resource "terrascale_ip_allowlist" "it" {
  entries = { "127.0.0.0/8" = {} }
}`, "getIpAllowlist", "putIpAllowlist"},
		"allowlist entry": {`
resource "terrascale_ip_allowlist_entry" "it" {
  cidr       = "127.0.0.0/8"
  allow_open = true
}`, "getIpAllowlist", "putIpAllowlist"},
	} {
		t.Run(name, func(t *testing.T) {
			e := acctest.NewEmulator(t)
			require.NoError(t, e.SetPlan(emulator.DefaultOrganizationID, "enterprise"))
			w := acctest.NewWorkspace(t, e.ProviderHCL("max_retries = 0")+kind.resource)
			w.Must("apply", "-auto-approve", "-input=false", "-no-color")
			fails := func(fault emulator.Fault, arguments ...string) {
				t.Helper()
				fault.Times = -1
				remove := e.Inject(fault)
				result, err := w.Run(t.Context(), append(arguments, "-input=false", "-no-color")...)
				remove()
				require.NoError(t, err)
				require.Equal(t, 1, result.ExitCode, "%s %v\n%s", fault.Operation, arguments, result.Output)
				said := acctest.Plain(result.Output)
				if fault.Header != nil {
					require.Contains(t, said, "HTTP 404")
					require.Contains(t, said, "not problem JSON")
				} else {
					require.Contains(t, said, "says that it is not there, and lists it")
				}
				w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
			}
			html := http.Header{"Content-Type": {"text/html"}}
			for _, header := range []http.Header{html, nil} {
				fails(emulator.Fault{Operation: kind.read, Status: http.StatusNotFound, Header: header}, "plan")
				fails(emulator.Fault{Operation: kind.remove, Status: http.StatusNotFound, Header: header}, "destroy", "-auto-approve")
			}
			w.Must("destroy", "-auto-approve", "-input=false", "-no-color")
		})
	}
}
