// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// sources maps every operation of the contract to who vouches for it.
var sources = map[string]string{
	"loginWithPassword": "published", "createMfaChallenge": "published", "verifyMfa": "published",
	"refreshToken": "published", "switchOrganization": "published",
	"listApiKeys": "published", "createApiKey": "published", "revokeApiKey": "published",
	"listOrganizations": "published", "createOrganization": "published", "getOrganization": "published",
	"updateOrganization": "published", "deleteOrganization": "published",
	"listMembers": "published", "inviteMember": "published", "updateMember": "published", "removeMember": "published",
	"getIpAllowlist": "assumed", "putIpAllowlist": "assumed",
	"listDatabases": "published", "createDatabase": "published", "getDatabase": "published", "deleteDatabase": "published",
	"listRepositories": "published", "createRepository": "published", "getRepository": "published",
	"deleteRepository": "published", "listPlans": "published", "getPlan": "published",
	"getHealth": "published", "getReadiness": "published", "getLiveness": "published",
	"listItems": "emulator", "putItem": "emulator", "deleteItems": "emulator",
	"getItem": "emulator", "putItemById": "emulator", "deleteItem": "emulator",
}

func loadContract(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	require.NoError(t, err)
	return document
}

func TestContractIsValid(t *testing.T) {
	require.NoError(t, loadContract(t).Validate(t.Context()))
}

func TestContractTellsPublishedFromAssumed(t *testing.T) {
	found := map[string]string{}
	for path, item := range loadContract(t).Paths.Map() {
		for method, operation := range item.Operations() {
			require.NotEmpty(t, operation.Summary, "%s %s", method, path)
			source, _ := operation.Extensions["x-source"].(string)
			found[operation.OperationID] = source
		}
	}
	require.Equal(t, sources, found)
}

func TestContractRequiredAndNullable(t *testing.T) {
	schemas := loadContract(t).Components.Schemas
	for _, row := range []struct {
		schema, property   string
		required, nullable bool
	}{
		{"Member", "userId", true, true},
		{"Member", "name", true, true},
		{"Member", "joinedAt", true, true},
		{"Member", "email", true, false},
		{"Member", "mfaEnabled", false, false},
		{"ApiKey", "createdBy", false, false},
		{"ApiKey", "expiresAt", false, true},
		{"ApiKey", "lastUsedAt", true, true},
		{"CreatedApiKey", "apiKey", true, false},
		{"OrganizationSettings", "allowedRegions", true, true},
	} {
		schema := schemas[row.schema].Value
		require.Contains(t, schema.Properties, row.property, row.schema)
		require.Equal(t, row.nullable, schema.Properties[row.property].Value.Nullable, "%s.%s", row.schema, row.property)
		if row.required {
			require.Contains(t, schema.Required, row.property, row.schema)
		} else {
			require.NotContains(t, schema.Required, row.property, row.schema)
		}
	}
}
