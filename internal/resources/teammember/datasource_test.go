// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/teammember"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

const listAddress = "data." + teammember.DataSourceTypeName + ".test"

func list(body string) string {
	return fmt.Sprintf("data %q \"test\" {\n%s\n}\n", teammember.DataSourceTypeName, body)
}

// listed expects the addresses of the members in a list, in order.
func listed(emails ...string) statecheck.StateCheck {
	members := make([]knownvalue.Check, len(emails))
	for index, email := range emails {
		members[index] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"email": knownvalue.StringExact(email)})
	}
	return statecheck.ExpectKnownValue(listAddress, at("members"), knownvalue.ListExact(members))
}

func TestAccMembersAreListed(t *testing.T) {
	e := acctest.NewEmulator(t)
	require.NoError(t, e.InviteMember(org, "Invited@example.com", "readonly"))
	require.NoError(t, e.InviteMember(org, "late@example.com", "admin"))
	require.NoError(t, e.ExpireInvitation(org, "late@example.com"))
	const founder, admin = emulator.DefaultOwnerEmail, emulator.DefaultAdminEmail
	step := func(body string, emails ...string) resource.TestStep {
		return resource.TestStep{Config: e.ProviderHCL() + list(body), ConfigStateChecks: []statecheck.StateCheck{listed(emails...)}}
	}
	all := step("", founder, admin, "Invited@example.com", "late@example.com")
	member := func(index int, want map[string]knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(listAddress, at("members").AtSliceIndex(index), knownvalue.ObjectExact(want))
	}
	all.ConfigStateChecks = append(all.ConfigStateChecks,
		statecheck.ExpectKnownValue(listAddress, at("organization_id"), knownvalue.StringExact(org)),
		member(1, map[string]knownvalue.Check{
			"email": knownvalue.StringExact(admin), "role": knownvalue.StringExact("admin"), "status": knownvalue.StringExact("active"),
			"user_id": knownvalue.StringExact(emulator.DefaultAdminUserID), "name": knownvalue.StringExact("Adam Admin"),
			"joined_at": knownvalue.NotNull(), "invited_at": knownvalue.NotNull(),
			"invited_by": knownvalue.StringExact(emulator.DefaultOwnerUserID), "mfa_enabled": knownvalue.Bool(true),
		}),
		member(2, map[string]knownvalue.Check{
			"email": knownvalue.StringExact("Invited@example.com"), "role": knownvalue.StringExact("readonly"),
			"status": knownvalue.StringExact("pending"), "user_id": knownvalue.Null(), "name": knownvalue.Null(), "joined_at": knownvalue.Null(),
			"invited_at": knownvalue.NotNull(), "invited_by": knownvalue.StringExact(emulator.DefaultOwnerUserID), "mfa_enabled": knownvalue.Null(),
		}),
	)
	test(t, e,
		all,
		step(`role = "admin"`, admin, "late@example.com"),
		step(`status = "active"`, founder, admin),
		step(`status = "expired"`, "late@example.com"),
		step("role = \"admin\"\nstatus = \"active\"", admin),
		step("role = \"owner\"\nstatus = \"pending\""),
		step(fmt.Sprintf("organization_id = %q\nrole = \"readonly\"", org), "Invited@example.com"),
	)
}

func TestAccMembersThatCannotBeListed(t *testing.T) {
	e := acctest.NewEmulator(t)
	test(t, e,
		resource.TestStep{Config: e.ProviderHCL() + list(`role = "king"`), ExpectError: regexp.MustCompile(`(?s)role\s+value\s+must\s+be\s+one\s+of`)},
		resource.TestStep{
			Config:      e.ProviderHCL() + list(`organization_id = "org_nothing"`),
			ExpectError: regexp.MustCompile(`(?s)Organization\s+not\s+found.*no\s+organization\s+org_nothing`),
		},
		resource.TestStep{
			Config:      e.UnknownProviderHCL() + list(""),
			ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+read\s+team\s+members.*depends_on\s+=`),
		},
	)
}
