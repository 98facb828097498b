// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// inHCL writes a text as a quoted template that means just that text.
func inHCL(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(fmt.Sprintf("%q", text))
}

// grantKey is the key that an import gives: a name has quotes only where it needs them.
func grantKey(names ...string) string {
	for i, name := range names {
		if strings.ContainsAny(name, `."`) {
			names[i] = pgx.Identifier{name}.Sanitize()
		}
	}
	return strings.Join(names, ".")
}

// Names of any content are made, imported by server/name, and dropped.
func TestAccRoleNamesOfAnyContent(t *testing.T) {
	for i, name := range []string{
		"main/reader//of\\everything/",
		`"quoted" 'twice'; DROP ROLE postgres; --`,
		"user@example.com/100%.${var.x}%{if}",
		"émoji 🐘 " + strings.Repeat("x", 63-len("émoji 🐘 ")),
	} {
		t.Run(name, func(t *testing.T) {
			quoted := pgx.Identifier{name}.Sanitize()
			database := acctest.NewDatabase(t, fmt.Sprintf("names/%d %% \"@\".🐘", i),
				"CREATE SCHEMA "+quoted, "CREATE TABLE "+quoted+"."+quoted+" ("+quoted+" int, hidden int)",
				"CREATE TABLE "+quoted+".other (id int)")
			config := database.ServerHCL() + role(fmt.Sprintf(`
  name   = %[1]s
  grants = { %[2]s = { tables = ["other"], columns = { (%[1]s) = [%[1]s] } } }
`, inHCL(name), inHCL(grantKey(database.Name, name))))
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(),
				CheckDestroy:             gone(database, name),
				Steps: []resource.TestStep{
					{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()}},
					{
						ResourceName: address, ImportState: true, ImportStateId: "main/" + name, ImportStateVerify: true,
						ImportStateVerifyIdentifierAttribute: "name",
						// The password can't be read from the server.
						ImportStateVerifyIgnore: []string{"password", "password_set_at", "password_fingerprint"},
					},
				},
			})
		})
	}
}
