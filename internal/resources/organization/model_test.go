// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package organization

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// current gives an organization with a billing address, "" for none.
func current(name, billing string, mfa bool) facts {
	var f facts
	f.fromOrganization(terrascale.Organization{
		ID: "org_1", Name: name, Slug: "acme", BillingEmail: &billing, Settings: terrascale.OrganizationSettings{RequireMFA: mfa},
	})
	return f
}

func TestChangesAreThoseThatDiffer(t *testing.T) {
	text := func(text string) *string { return &text }
	flag := func(flag bool) *bool { return &flag }
	unknownMFA := current("Acme", "a@example.com", false)
	unknownMFA.RequireMFA = types.BoolUnknown()
	for name, row := range map[string]struct {
		plan facts
		want *terrascale.OrganizationUpdate
	}{
		"nothing":             {current("Acme", "a@example.com", false), nil},
		"another spelling":    {current("Acme", "A@Example.com", false), nil},
		"not known yet":       {unknownMFA, nil},
		"name":                {current("Other", "a@example.com", false), &terrascale.OrganizationUpdate{Name: text("Other")}},
		"billing address":     {current("Acme", "b@example.com", false), &terrascale.OrganizationUpdate{BillingEmail: text("b@example.com")}},
		"no billing address":  {current("Acme", "", false), &terrascale.OrganizationUpdate{BillingEmail: text("")}},
		"second factor":       {current("Acme", "a@example.com", true), &terrascale.OrganizationUpdate{RequireMFA: flag(true)}},
		"more than one thing": {current("Other", "a@example.com", true), &terrascale.OrganizationUpdate{Name: text("Other"), RequireMFA: flag(true)}},
	} {
		t.Run(name, func(t *testing.T) {
			was := current("Acme", "a@example.com", false)
			require.Equal(t, row.want, row.plan.changesFrom(was))
			if row.want == nil {
				require.Empty(t, row.plan.differences(was))
			} else {
				require.NotEmpty(t, row.plan.differences(was))
			}
		})
	}
}

func TestDifferencesSayWhatIsOtherwise(t *testing.T) {
	plan := current("Acme", "a@example.com", true)
	got := current("ACME", "", false)
	got.Slug = types.StringValue("acme-1")
	require.Equal(t, []string{
		`name is "ACME" instead of "Acme"`, `slug is "acme-1" instead of "acme"`,
		`billing_email is "" instead of "a@example.com"`, "require_mfa is false instead of true",
	}, plan.differences(got))
	plan.Slug = types.StringUnknown()
	require.NotContains(t, plan.differences(got), `slug is "acme-1" instead of "acme"`)
}

func TestBillingAddressKeepsItsSpelling(t *testing.T) {
	f := facts{BillingEmail: customtypes.NewEmail("Billing@Example.com")}
	address := "billing@example.com"
	f.fromOrganization(terrascale.Organization{BillingEmail: &address})
	require.Equal(t, "Billing@Example.com", f.BillingEmail.ValueString())
	f.fromOrganization(terrascale.Organization{})
	require.True(t, f.BillingEmail.IsNull())
}

func TestWhatDoesNotSayIsProtected(t *testing.T) {
	require.True(t, model{}.isProtected())
	require.True(t, model{DeletionProtection: types.BoolValue(true)}.isProtected())
	require.False(t, model{DeletionProtection: types.BoolValue(false)}.isProtected())
}
