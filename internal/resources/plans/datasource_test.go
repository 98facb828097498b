// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plans_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/plans"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

func TestMain(m *testing.M) { acctest.Run(m) }

const (
	address = "data." + plans.DataSourceTypeName + ".test"
	block   = "data \"" + plans.DataSourceTypeName + "\" \"test\" {}\n"
)

// anonymous gives a provider block without credentials.
func anonymous(e *acctest.Emulator) string {
	return fmt.Sprintf("provider \"terrascale\" {\n  endpoint = %q\n  max_retries = 0\n}\n", e.URL())
}

func test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}

func read(index int, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("plans").AtSliceIndex(index).AtMapKey(attribute), check)
}

func TestAccPlansAreReadWithoutALogin(t *testing.T) {
	e := acctest.NewEmulator(t)
	test(t, resource.TestStep{
		Config: anonymous(e) + block,
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("plans"), knownvalue.ListSizeExact(3)),
			read(0, "type", knownvalue.StringExact("free")), read(0, "monthly_price_cents", knownvalue.Int64Exact(0)),
			read(0, "limits", knownvalue.ObjectExact(map[string]knownvalue.Check{
				"databases": knownvalue.Int64Exact(3), "members": knownvalue.Int64Exact(1),
				"requests_per_month": knownvalue.Int64Exact(10_000), "storage_gb": knownvalue.Float64Exact(0.1),
			})),
			read(1, "id", knownvalue.StringExact("plan_pro")), read(1, "name", knownvalue.StringExact("Pro")),
			read(1, "yearly_price_cents", knownvalue.Int64Exact(29_000)), read(1, "currency", knownvalue.StringExact("USD")),
			read(1, "trial_days", knownvalue.Int64Exact(14)), read(1, "is_active", knownvalue.Bool(true)),
			read(1, "description", knownvalue.StringExact("For teams in production.")),
			read(2, "limits", knownvalue.Null()),
			read(2, "features", knownvalue.MapExact(map[string]knownvalue.Check{"IP allowlist": knownvalue.Bool(true)})),
		},
	})
}

// What the service does not say is null, and its order is kept whatever the order of its answer.
func TestAccPlansThatSayLittle(t *testing.T) {
	e := acctest.NewEmulator(t)
	e.Inject(emulator.Fault{
		Operation: "listPlans", Times: -1, Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `[{"planId":"b","name":"B","planType":"pro","sortOrder":2,"limits":{"maxDatabases":7}},{"planId":"a","name":"A","planType":"free"}]`,
	})
	test(t, resource.TestStep{
		Config: anonymous(e) + block,
		ConfigStateChecks: []statecheck.StateCheck{
			read(0, "id", knownvalue.StringExact("a")), read(0, "currency", knownvalue.Null()), read(0, "is_active", knownvalue.Null()),
			read(0, "monthly_price_cents", knownvalue.Null()), read(0, "features", knownvalue.MapSizeExact(0)),
			read(1, "limits", knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"databases": knownvalue.Int64Exact(7), "members": knownvalue.Null(), "storage_gb": knownvalue.Null(),
			})),
		},
	})
}

func TestAccPlansThatCannotBeRead(t *testing.T) {
	e := acctest.NewEmulator(t)
	e.Inject(emulator.Fault{Operation: "listPlans", Times: -1, Status: http.StatusServiceUnavailable})
	test(t,
		resource.TestStep{
			Config: anonymous(e) + block, ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+read\s+plans.*HTTP\s+503.*The\s+service\s+failed`),
		},
		resource.TestStep{
			Config: e.UnknownProviderHCL() + block, ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+read\s+plans.*depends_on\s+=`),
		},
	)
}
