// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator/store"
)

type (
	// Seed is what an emulator begins with. See ReadSeed for the file form.
	Seed = store.Seed
	// SeedUser is an account.
	SeedUser = store.SeedUser
	// SeedOrganization is an organization with all that is in it.
	SeedOrganization = store.SeedOrganization
	// SeedMember is a member of an organization, or an invitation.
	SeedMember = store.SeedMember
	// SeedKey is an API key.
	SeedKey = store.SeedKey
	// SeedDatabase is a database.
	SeedDatabase = store.SeedDatabase
)

// What DefaultSeed holds. They open nothing but an emulator.
const (
	DefaultOrganizationID = "org_emulator"
	DefaultDatabaseID     = "db_emulator"

	DefaultOwnerEmail  = "owner@example.com" // logs in with DefaultPassword alone
	DefaultAdminEmail  = "admin@example.com" // needs a code of DefaultTOTPSecret too
	DefaultPassword    = "emulator-password"
	DefaultTOTPSecret  = "KRSXE4TBKNRWC3DFKRCVEUSB" //nolint:gosec // made up
	DefaultOwnerUserID = "usr_owner"
	DefaultAdminUserID = "usr_admin"
)

// DefaultSeed is one organization on the plan enterprise, with a database, an owner who logs in by password, and an
// admin who needs a TOTP code too.
func DefaultSeed() Seed {
	billing := "billing@example.com"
	return Seed{
		Users: []SeedUser{
			{ID: DefaultOwnerUserID, Email: DefaultOwnerEmail, Name: "Olivia Owner", Password: secret.New(DefaultPassword)},
			{
				ID: DefaultAdminUserID, Email: DefaultAdminEmail, Name: "Adam Admin",
				Password: secret.New(DefaultPassword), TOTPSecret: secret.New(DefaultTOTPSecret),
			},
		},
		Organizations: []SeedOrganization{{
			ID: DefaultOrganizationID, Name: "Emulated organization", Slug: "emulated", Plan: store.Enterprise,
			BillingEmail: &billing,
			Members: []SeedMember{
				{Email: DefaultOwnerEmail, Role: store.Owner},
				{Email: DefaultAdminEmail, Role: store.Admin},
			},
			Databases: []SeedDatabase{{ID: DefaultDatabaseID, Name: "emulated"}},
		}},
	}
}
