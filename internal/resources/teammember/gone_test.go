// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// A member who is said to be gone, and is still in, stays in the state; so do all when a proxy answers for the list.
func TestAccMemberIsNotBelievedToBeGone(t *testing.T) {
	e := acctest.NewEmulator(t)
	config := e.ProviderHCL("max_retries = 0") + withRole("member")
	html := http.Header{"Content-Type": {"text/html"}}
	stays := resource.TestStep{
		Config: config, Check: has(e, grace, "member"),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
	}
	fails := func(fault emulator.Fault, destroy bool, want string) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() { e.Inject(fault) }, Config: config, Destroy: destroy, ExpectError: regexp.MustCompile(want),
		}
	}
	const foreign = `(?s)HTTP\s+404.*not\s+problem\s+JSON.*Nothing\s+was\s+taken\s+for\s+gone`
	test(t, e,
		resource.TestStep{Config: config},
		fails(emulator.Fault{Operation: "listMembers", Status: 404, Header: html, Body: "<html>"}, false, foreign),
		stays,
		fails(emulator.Fault{Operation: "listMembers", Status: 404}, false, `(?s)says\s+that\s+it\s+is\s+not\s+there,\s+and\s+lists\s+it`),
		stays,
		fails(emulator.Fault{
			Operation: "listMembers", Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"members": null}`,
		}, false, `no\s+list\s+members\s+in\s+it`),
		stays,
		fails(emulator.Fault{Operation: "removeMember", Status: 404, Header: html, Body: "<html>"}, true, foreign),
		stays,
		fails(emulator.Fault{Operation: "removeMember", Status: 404}, true, `(?s)says\s+that\s+it\s+is\s+not\s+there,\s+and\s+lists\s+it`),
		stays,
	)
}
