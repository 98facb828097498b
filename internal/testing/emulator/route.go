// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import "net/http"

// credential is what a route wants in its Authorization header.
type credential int

const (
	nothing credential = iota
	accessToken
	apiKey
)

// route is one operation; its name is the operationId in openapi.yaml.
type route struct {
	operation    string
	method, path string
	needs        credential
	scope        string // of the API key, where one is needed
	handler      func(*call) error
}

func routes() []route {
	const (
		organizations = "/api/v1/organizations"
		organization  = organizations + "/{organizationId}"
		members       = organization + "/members"
		allowlist     = organization + "/ip-allowlist"
		keys          = "/api/v1/management/apikeys"
		databases     = "/api/v1/management/databases"
		repositories  = databases + "/{databaseId}/repositories"
		items         = "/api/v1/databases/{databaseId}/items"
		read, write   = "database:read", "database:write"
		get, post     = http.MethodGet, http.MethodPost
		put, remove   = http.MethodPut, http.MethodDelete
	)
	return []route{
		{"getHealth", get, "/health", nothing, "", health("Healthy")},
		{"getReadiness", get, "/health/ready", nothing, "", health("Ready")},
		{"getLiveness", get, "/health/live", nothing, "", health("Alive")},
		{"listPlans", get, "/api/v1/plans", nothing, "", listPlans},
		{"getPlan", get, "/api/v1/plans/{planId}", nothing, "", getPlan},

		{"loginWithPassword", post, "/auth/password", nothing, "", loginWithPassword},
		{"createMfaChallenge", post, "/auth/mfa/challenge", nothing, "", createMFAChallenge},
		{"verifyMfa", post, "/auth/mfa/verify", nothing, "", verifyMFA},
		{"refreshToken", post, "/auth/refresh", nothing, "", refreshToken},
		{"switchOrganization", post, "/auth/switch-organization", accessToken, "", switchOrganization},

		{"listApiKeys", get, keys, accessToken, "", listAPIKeys},
		{"createApiKey", post, keys, accessToken, "", createAPIKey},
		{"revokeApiKey", remove, keys + "/{keyId}", accessToken, "", revokeAPIKey},

		{"listOrganizations", get, organizations, accessToken, "", listOrganizations},
		{"createOrganization", post, organizations, accessToken, "", createOrganization},
		{"getOrganization", get, organization, accessToken, "", getOrganization},
		{"updateOrganization", put, organization, accessToken, "", updateOrganization},
		{"deleteOrganization", remove, organization, accessToken, "", deleteOrganization},

		{"listMembers", get, members, accessToken, "", listMembers},
		{"inviteMember", post, members, accessToken, "", inviteMember},
		{"updateMember", put, members + "/{memberId}", accessToken, "", updateMember},
		{"removeMember", remove, members + "/{memberId}", accessToken, "", removeMember},

		{"getIpAllowlist", get, allowlist, accessToken, "", getAllowlist},
		{"putIpAllowlist", put, allowlist, accessToken, "", putAllowlist},

		{"listDatabases", get, databases, accessToken, "", listDatabases},
		{"createDatabase", post, databases, accessToken, "", createDatabase},
		{"getDatabase", get, databases + "/{databaseId}", accessToken, "", getDatabase},
		{"deleteDatabase", remove, databases + "/{databaseId}", accessToken, "", deleteDatabase},

		{"listRepositories", get, repositories, accessToken, "", listRepositories},
		{"createRepository", post, repositories, accessToken, "", createRepository},
		{"getRepository", get, repositories + "/{repositoryId}", accessToken, "", getRepository},
		{"deleteRepository", remove, repositories + "/{repositoryId}", accessToken, "", deleteRepository},

		{"listItems", get, items, apiKey, read, listItems},
		{"putItem", put, items, apiKey, write, putItem},
		{"deleteItems", remove, items, apiKey, write, deleteItems},
		{"getItem", get, items + "/{itemId}", apiKey, read, getItem},
		{"putItemById", put, items + "/{itemId}", apiKey, write, putItemByID},
		{"deleteItem", remove, items + "/{itemId}", apiKey, write, deleteItem},
	}
}
