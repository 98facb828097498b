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
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/apikey"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

const listAddress = "data." + apikey.DataSourceTypeName + ".test"

func list(body string) string {
	return fmt.Sprintf("data %q \"test\" {\n%s\n}\n", apikey.DataSourceTypeName, body)
}

// keysNamed expects the names of the keys in a list, in order.
func keysNamed(names ...string) statecheck.StateCheck {
	keys := make([]knownvalue.Check, len(names))
	for index, name := range names {
		keys[index] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact(name)})
	}
	return statecheck.ExpectKnownValue(listAddress, at("keys"), knownvalue.ListExact(keys))
}

func TestAccKeysAreListed(t *testing.T) {
	for name, omit := range map[string]bool{"creators are named": false, "creators are not": true} {
		t.Run(name, func(t *testing.T) {
			clock := acctest.NewClock(start)
			e := acctest.NewEmulator(t, acctest.OnClock(clock), func(options *emulator.Options) { options.OmitCreatedBy = omit })
			soon := start.Add(time.Hour)
			_, clear, err := e.CreateKey(emulator.DefaultOrganizationID, "forever", []string{"database:write", "database:read"}, nil)
			require.NoError(t, err)
			_, err = e.Read(clear)
			require.NoError(t, err)
			_, _, err = e.CreateKey(emulator.DefaultOrganizationID, "soon", []string{"*"}, &soon)
			require.NoError(t, err)
			dead, _, err := e.CreateKey(emulator.DefaultOrganizationID, "dead", []string{"*"}, nil)
			require.NoError(t, err)
			require.NoError(t, e.RevokeKey(dead.ID))
			creator := knownvalue.StringExact(emulator.DefaultOwnerUserID)
			var createdBy knownvalue.Check = creator
			if omit {
				createdBy = knownvalue.Null()
			}
			resource.Test(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
				Steps: []resource.TestStep{
					{
						Config: e.ProviderHCL() + list(""),
						ConfigStateChecks: []statecheck.StateCheck{
							keysNamed("forever", "soon", "dead"),
							// All that there is of a key: a secret is not.
							statecheck.ExpectKnownValue(listAddress, at("keys").AtSliceIndex(0), knownvalue.ObjectExact(map[string]knownvalue.Check{
								"key_id": knownvalue.StringRegexp(regexp.MustCompile("^key_")), "key_prefix": knownvalue.StringExact(clear.Reveal()[:12]),
								"name": knownvalue.StringExact("forever"), "status": knownvalue.StringExact("active"), "created_by": createdBy,
								"created_at": knownvalue.StringExact("2030-01-01T12:00:00Z"), "expires_at": knownvalue.Null(),
								"last_used_at": knownvalue.StringExact("2030-01-01T12:00:00Z"),
								"scopes": knownvalue.SetExact([]knownvalue.Check{
									knownvalue.StringExact("database:read"), knownvalue.StringExact("database:write"),
								}),
							})),
							statecheck.ExpectKnownValue(listAddress, at("keys").AtSliceIndex(1).AtMapKey("expires_at"),
								knownvalue.StringExact("2030-01-01T13:00:00Z")),
						},
					},
					{Config: e.ProviderHCL() + list(`status = "active"`), ConfigStateChecks: []statecheck.StateCheck{keysNamed("forever", "soon")}},
					{Config: e.ProviderHCL() + list(`status = "revoked"`), ConfigStateChecks: []statecheck.StateCheck{keysNamed("dead")}},
					// The status is told by the provider's clock.
					{
						PreConfig: func() { clock.Advance(time.Hour) },
						Config:    e.ProviderHCL() + list(`status = "expired"`), ConfigStateChecks: []statecheck.StateCheck{keysNamed("soon")},
					},
				},
			})
		})
	}
}

func TestAccKeysThatCannotBeListed(t *testing.T) {
	s := newService(t)
	s.test(t,
		resource.TestStep{Config: s.ProviderHCL() + list(`status = "Active"`), ExpectError: regexp.MustCompile(`(?s)status\s+value\s+must\s+be\s+one\s+of`)},
		resource.TestStep{Config: s.UnknownProviderHCL() + list(""), ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+read\s+API\s+keys.*depends_on\s+=`)},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, s.RemoveMember(emulator.DefaultOrganizationID, emulator.DefaultOwnerEmail)) },
			Config:    s.ProviderHCL() + list(""), ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+read\s+API\s+keys.*HTTP\s+40[34]`),
		},
	)
}
