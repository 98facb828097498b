// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// What stands before the service says 404 of everything: nothing is gone for that.
func TestOnlyTheServiceSaysThatSomethingIsGone(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"HTML":              say(404, "text/html", "<html>Not Found</html>"),
		"JSON of a gateway": say(404, "application/json", `{"title":"Not Found","detail":"no route matched","status":404}`),
		"a problem cut off": say(404, "application/problem+json", `{"title":"Not`),
		"nothing":           say(404, "", ""),
	} {
		t.Run(name, func(t *testing.T) {
			client := hostile(t, answer)
			for call, do := range everyCall {
				err := do(t.Context(), client)
				require.ErrorIs(t, err, terrascale.ErrForeignAnswer, call)
				require.NotErrorIs(t, err, terrascale.ErrNotFound, call)
			}
		})
	}
}

func TestWhatIsGoneIsNotListed(t *testing.T) {
	const organizations = "GET /api/v1/organizations"
	database, repository := "GET /api/v1/management/databases", "GET /api/v1/management/databases/db_1/repositories"
	row := func(body object) http.HandlerFunc { return reply(200, body) }
	key := func(revoked bool) object {
		return object{"keyId": "key_1", "keyPrefix": "ts_live_a", "name": "a", "scopes": []string{}, "createdAt": "2026-01-15T10:00:00Z", "revoked": revoked}
	}
	member := object{"email": "a@b.c", "role": "member", "status": "pending"}
	org := object{"organizationId": "org_1", "organizationName": "One", "role": "owner", "joinedAt": "2026-01-15T10:00:00Z"}
	for name, test := range map[string]struct {
		call, list string
		there      object
		gone       []object
		do         func(context.Context, *terrascale.Client) error
	}{
		"revoke key": {
			"DELETE /api/v1/management/apikeys/key_1", "GET /api/v1/management/apikeys", object{"keys": []object{key(false)}},
			[]object{{"keys": []object{}}, {"keys": []object{key(true)}}}, everyCall["revoke key"],
		},
		"remove member": {
			"DELETE /api/v1/organizations/org_1/members/a@b.c", "GET /api/v1/organizations/org_1/members",
			object{"members": []object{member}}, []object{{"members": []object{}}}, everyCall["remove member"],
		},
		"list members": {
			"GET /api/v1/organizations/org_1/members", organizations, object{"organizations": []object{org}},
			[]object{{"organizations": []object{}}}, everyCall["list members"],
		},
		"get allowlist": {
			getAllowlist, organizations, object{"organizations": []object{org}}, []object{{"organizations": []object{}}}, everyCall["get allowlist"],
		},
		"put allowlist": {
			putAllowlist, organizations, object{"organizations": []object{org}}, []object{{"organizations": []object{}}}, everyCall["put allowlist"],
		},
		"get organization": {
			"GET /api/v1/organizations/org_1", organizations, object{"organizations": []object{org}},
			[]object{{"organizations": []object{}}}, everyCall["get organization"],
		},
		"delete organization": {
			"DELETE /api/v1/organizations/org_1", organizations, object{"organizations": []object{org}},
			[]object{{"organizations": []object{}}}, everyCall["delete organization"],
		},
		"get database": {
			database + "/db_1", database, object{"databases": []object{{"databaseId": "db_1"}}}, []object{{"databases": []object{}}},
			func(ctx context.Context, c *terrascale.Client) error {
				_, err := c.GetDatabase(ctx, "db_1")
				return err
			},
		},
		"delete database": {
			"DELETE /api/v1/management/databases/db_1", database, object{"databases": []object{{"databaseId": "db_1"}}},
			[]object{{"databases": []object{}}},
			func(ctx context.Context, c *terrascale.Client) error { return c.DeleteDatabase(ctx, "db_1") },
		},
		"get repository": {
			repository + "/repo_1", repository, object{"repositories": []object{{"repositoryId": "repo_1"}}},
			[]object{{"repositories": []object{}}},
			func(ctx context.Context, c *terrascale.Client) error {
				_, err := c.GetRepository(ctx, "db_1", "repo_1")
				return err
			},
		},
		"delete repository": {
			"DELETE /api/v1/management/databases/db_1/repositories/repo_1", repository,
			object{"repositories": []object{{"repositoryId": "repo_1"}}}, []object{{"repositories": []object{}}},
			func(ctx context.Context, c *terrascale.Client) error {
				return c.DeleteRepository(ctx, "db_1", "repo_1")
			},
		},
		"list repositories": {
			repository, database, object{"databases": []object{{"databaseId": "db_1"}}}, []object{{"databases": []object{}}},
			func(ctx context.Context, c *terrascale.Client) error {
				_, err := c.ListRepositories(ctx, "db_1")
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ask := func(list http.HandlerFunc) error {
				s := serve(t, map[string]http.HandlerFunc{test.call: problem(404, "Not Found", "no such thing"), test.list: list})
				client, _ := newClient(t, s, terrascale.Config{})
				return test.do(t.Context(), client)
			}
			err := ask(row(test.there))
			require.ErrorIs(t, err, terrascale.ErrStillListed)
			require.NotErrorIs(t, err, terrascale.ErrNotFound)
			for _, gone := range test.gone {
				require.ErrorIs(t, ask(row(gone)), terrascale.ErrNotFound)
			}
			err = ask(problem(403, "Forbidden", "no"))
			require.ErrorIs(t, err, terrascale.ErrForbidden)
			require.NotErrorIs(t, err, terrascale.ErrNotFound, "what can't be looked up is not gone")
		})
	}
}

// A lost answer does not make a 404 true.
func TestARevocationWhoseAnswerWasLostIsLookedUp(t *testing.T) {
	s := serve(t, map[string]http.HandlerFunc{
		"DELETE /api/v1/management/apikeys/key_1": inTurn(hangUp, problem(404, "Not Found", "no such key")),
		"GET /api/v1/management/apikeys": reply(200, object{"keys": []object{{
			"keyId": "key_1", "keyPrefix": "ts_live_a", "name": "a", "scopes": []string{}, "createdAt": "2026-01-15T10:00:00Z",
		}}}),
	})
	client, _ := newClient(t, s, terrascale.Config{MaxRetries: 1})
	require.ErrorIs(t, client.RevokeAPIKey(t.Context(), "key_1"), terrascale.ErrStillListed)
}

func TestAnAnswerWithoutItsListIsNoEmptyList(t *testing.T) {
	lists := map[string]func(context.Context, *terrascale.Client) error{
		"databases": func(ctx context.Context, c *terrascale.Client) error { _, err := c.ListDatabases(ctx); return err },
		"repositories": func(ctx context.Context, c *terrascale.Client) error {
			_, err := c.ListRepositories(ctx, "db_1")
			return err
		},
	}
	for _, call := range []string{"list keys", "list members", "list organizations", "get allowlist", "put allowlist"} {
		lists[call] = everyCall[call]
	}
	for name, body := range map[string]string{
		"an empty object": `{}`,
		"null":            `{"keys":null,"members":null,"organizations":null,"databases":null,"repositories":null,"enabled":true,"entries":null,"callerIp":"127.0.0.1"}`,
		"a list":          `[]`,
	} {
		t.Run(name, func(t *testing.T) {
			client := hostile(t, say(200, "application/json", body))
			for call, list := range lists {
				require.ErrorIs(t, list(t.Context(), client), terrascale.ErrInvalidAnswer, call)
			}
		})
	}
}
