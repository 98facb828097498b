// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// TestAccRoleBesideRelationsOfASuperuser grants a whole schema in which relations are that belong to a superuser, as those of an
// extension on a managed service: what everybody reads needs no grant, and another is left out.
func TestAccRoleBesideRelationsOfASuperuser(t *testing.T) {
	database := newDatabase(t, "beside")
	asSuperuser := func(statements ...string) {
		t.Helper()
		require.NoError(t, database.TryAs(database.Admin, database.AdminPassword, statements...))
	}
	asSuperuser("CREATE TABLE public.spatial_ref_sys (id int)", "GRANT SELECT ON public.spatial_ref_sys TO PUBLIC",
		"CREATE VIEW public.pg_stat_statements AS SELECT 1 AS id")
	config := func(grant string) string {
		return database.ServerHCL() + role(`
  name   = "beside_reader"
  grants = { "beside.public" = `+grant+` }
`)
	}
	reads := func(table string, want bool) resource.TestCheckFunc {
		return acctest.Outside(func() error {
			asSuperuser("SET ROLE beside_reader")
			err := database.TryAs(database.Admin, database.AdminPassword, "SET ROLE beside_reader", "SELECT * FROM public."+table)
			require.Equal(t, want, err == nil, "%s: %v", table, err)
			return nil
		})
	}
	except := `{ except = ["pg_stat_statements"] }`
	var steps []resource.TestStep
	if acctest.IsManagedAdmin() {
		steps = append(steps, resource.TestStep{
			Config: config(`{}`), ExpectError: regexp.MustCompile(
				`(?s)rights\s+of\s+role\s+postgres.*GRANT\s+SELECT\s+ON\s+TABLE\s+"public"\."pg_stat_statements"\s+TO.*with\s+except`),
		})
	}
	steps = append(steps,
		resource.TestStep{
			Config: config(except), ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
			Check: resource.ComposeTestCheckFunc(reads("users", true), reads("spatial_ref_sys", true), reads("pg_stat_statements", false)),
		},
		// What is left out and somebody grants shows, and is taken away again.
		resource.TestStep{
			PreConfig: func() { asSuperuser("GRANT SELECT ON public.pg_stat_statements TO beside_reader") },
			Config:    config(except), ConfigPlanChecks: updates(), Check: reads("pg_stat_statements", false),
		},
	)
	if acctest.IsManagedAdmin() {
		steps = steps[:len(steps)-1] // The admin can't take away what a superuser gave of its own.
	}
	steps = append([]resource.TestStep{{
		Config: config(`{ tables = ["users"], except = ["orders"] }`), PlanOnly: true,
		ExpectError: regexp.MustCompile(`(?s)tables"\s+cannot\s+be\s+specified\s+when.*except`),
	}}, steps...)
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: acctest.Providers(), Steps: steps})
}
