// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// htmlNotFound is what a corporate proxy or a load balancer says of an address that it does not know.
func htmlNotFound(operation string) emulator.Fault {
	return emulator.Fault{
		Operation: operation, Status: http.StatusNotFound,
		Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html><h1>Not Found</h1></html>",
	}
}

// A key that is said to be gone, and works on, stays in the state.
func TestAccKeyIsNotBelievedToBeGone(t *testing.T) {
	s := newService(t)
	config := named(s, "a")
	stays := resource.TestStep{RefreshState: true, Check: s.liveKeys(1)}
	s.test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { s.Inject(htmlNotFound("revokeApiKey")) }, Config: config, Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)HTTP\s+404.*not\s+problem\s+JSON.*still\s+works:\s+destroy\s+tries\s+again`),
		},
		stays,
		resource.TestStep{
			PreConfig: func() { s.Inject(emulator.Fault{Operation: "revokeApiKey", Status: http.StatusNotFound}) }, Config: config, Destroy: true,
			ExpectError: regexp.MustCompile(`(?s)says\s+that\s+it\s+is\s+not\s+there,\s+and\s+lists\s+it`),
		},
		stays,
		// A rotation, whose old key would work on.
		resource.TestStep{
			PreConfig: func() { s.Inject(emulator.Fault{Operation: "revokeApiKey", Status: http.StatusNotFound}) }, Config: named(s, "b"),
			ExpectError: regexp.MustCompile(`(?s)Unable to revoke the rotated API key.*still\s+works`),
		},
		resource.TestStep{Config: named(s, "b"), Check: s.liveKeys(1)},
		// A listing that holds nothing is not an empty one: nothing is made a second time.
		resource.TestStep{
			PreConfig: func() {
				s.Inject(emulator.Fault{
					Operation: "listApiKeys", Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{}`,
				})
			},
			Config: named(s, "b"), ExpectError: regexp.MustCompile(`(?s)no\s+list\s+keys\s+in\s+it`),
		},
		resource.TestStep{
			Config: named(s, "b"), Check: s.liveKeys(1), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}
