// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

var wantedDatabase = terrascale.NewDatabase{Name: "orders", Region: "us-east-1", Settings: []byte(`{"replicas":9007199254740993}`)}

func TestDatabaseIsMadeReadListedAndDeleted(t *testing.T) {
	_, client := withEmulator(t)
	created, err := client.CreateDatabase(t.Context(), wantedDatabase)
	require.NoError(t, err)
	require.Equal(t, terrascale.StatusCreating, created.Status)
	require.JSONEq(t, string(wantedDatabase.Settings), string(created.Settings))
	require.Contains(t, string(created.Settings), "9007199254740993", "numbers stay as they are written")

	var seen []string
	active, err := client.WaitForDatabase(t.Context(), created.ID, func(d terrascale.Database) { seen = append(seen, d.Status) })
	require.NoError(t, err)
	require.Equal(t, []string{terrascale.StatusActive}, seen)
	require.Equal(t, "orders", active.Name)

	minimum := 0.1
	repository, err := client.CreateRepository(t.Context(), created.ID, terrascale.NewRepository{
		Name: "users", EntityName: "User", Schema: map[string]terrascale.RepositoryField{"age": {Type: "number", Min: &minimum}},
	})
	require.NoError(t, err)
	require.InDelta(t, 0.1, *repository.Schema["age"].Min, 0)
	listed, err := client.ListRepositories(t.Context(), created.ID)
	require.NoError(t, err)
	require.Equal(t, []terrascale.Repository{repository}, listed)
	require.NoError(t, client.DeleteRepository(t.Context(), created.ID, repository.ID))
	_, err = client.GetRepository(t.Context(), created.ID, repository.ID)
	require.ErrorIs(t, err, terrascale.ErrNotFound)

	require.NoError(t, client.DeleteDatabase(t.Context(), created.ID))
	require.NoError(t, client.WaitForDatabaseGone(t.Context(), created.ID))
	require.ErrorIs(t, client.DeleteDatabase(t.Context(), created.ID), terrascale.ErrNotFound)
}

func TestEveryDatabaseIsListed(t *testing.T) {
	server, client := withEmulator(t)
	for index := range 120 {
		_, err := client.CreateDatabase(t.Context(), terrascale.NewDatabase{Name: "db-" + string(rune('a'+index/26)) + string(rune('a'+index%26)), Region: "r"})
		require.NoError(t, err)
	}
	listed, err := client.ListDatabases(t.Context())
	require.NoError(t, err)
	require.Len(t, listed, 121)
	require.Equal(t, 2, operations(server, "listDatabases"))
}

func TestTheAnswerToACreationIsLost(t *testing.T) {
	server, client := withEmulator(t)
	server.Inject(emulator.Fault{Operation: "createDatabase", DropAfter: true})
	created, err := client.CreateDatabase(t.Context(), wantedDatabase)
	require.NoError(t, err)
	found, _ := server.Databases(emulator.DefaultOrganizationID)
	require.Equal(t, created.ID, found[len(found)-1].ID)

	// A name that was taken long before is not what came of the call.
	server.Inject(emulator.Fault{Operation: "createDatabase", DropBefore: true, Times: -1})
	_, err = client.CreateDatabase(t.Context(), terrascale.NewDatabase{Name: "orders", Region: "elsewhere"})
	require.ErrorIs(t, err, terrascale.ErrNotMade)
	require.ErrorIs(t, err, terrascale.ErrAnswerLost)
	require.Equal(t, 1+2, operations(server, "createDatabase"), "it is tried twice where nothing is found")
}

func TestWhatDoesNotBecomeActiveIsTold(t *testing.T) {
	server, client := withEmulator(t)
	require.NoError(t, server.SetDatabaseStatus(emulator.DefaultDatabaseID, "Creating"))
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	wait := func(ctx context.Context) error {
		_, err := client.WaitForDatabase(ctx, emulator.DefaultDatabaseID, func(terrascale.Database) {})
		return err
	}
	err := wait(ctx)
	require.ErrorIs(t, err, terrascale.ErrNotActive)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "database db_emulator is Creating after")

	require.NoError(t, server.SetDatabaseStatus(emulator.DefaultDatabaseID, "Error"))
	err = wait(t.Context())
	require.ErrorIs(t, err, terrascale.ErrNotActive)
	require.ErrorContains(t, err, "is Error after")

	require.NoError(t, server.DropDatabase(emulator.DefaultDatabaseID))
	require.ErrorIs(t, wait(t.Context()), terrascale.ErrNotFound)
}

func TestAHostileServiceGetsAnErrorFromTheCallsOfDatabases(t *testing.T) {
	calls := map[string]func(context.Context, *terrascale.Client) error{
		"create": func(ctx context.Context, c *terrascale.Client) error {
			_, err := c.CreateDatabase(ctx, wantedDatabase)
			return err
		},
		"get": func(ctx context.Context, c *terrascale.Client) error {
			_, err := c.GetDatabase(ctx, "db_1")
			return err
		},
		"list":   func(ctx context.Context, c *terrascale.Client) error { _, err := c.ListDatabases(ctx); return err },
		"delete": func(ctx context.Context, c *terrascale.Client) error { return c.DeleteDatabase(ctx, "db_1") },
		"create repository": func(ctx context.Context, c *terrascale.Client) error {
			_, err := c.CreateRepository(ctx, "db_1", terrascale.NewRepository{Name: "a", EntityName: "A"})
			return err
		},
		"get repository": func(ctx context.Context, c *terrascale.Client) error {
			_, err := c.GetRepository(ctx, "db_1", "r_1")
			return err
		},
		"list repositories": func(ctx context.Context, c *terrascale.Client) error {
			_, err := c.ListRepositories(ctx, "db_1")
			return err
		},
		"delete repository": func(ctx context.Context, c *terrascale.Client) error { return c.DeleteRepository(ctx, "db_1", "r_1") },
	}
	for name, answer := range map[string]http.HandlerFunc{
		"JSON that ends early": say(200, "application/json", `{"databases":[{"databaseId":"d`),
		"no ids":               say(200, "application/json", `{"databases":[{"name":"d"}],"repositories":[{"name":"r"}]}`),
		"wrong types":          say(201, "application/json", `{"databaseId":7,"repositoryId":7}`),
		"an HTML page":         say(200, "text/html", "<html>Log in</html>"),
		"an HTML error":        say(502, "text/html", "<html>Bad Gateway</html>"),
	} {
		client := hostile(t, answer)
		for call, try := range calls {
			err := try(t.Context(), client)
			require.Error(t, err, "%s: %s", name, call)
			require.NotContains(t, err.Error(), hostileToken)
		}
	}
	client := hostile(t, say(200, "application/json", "{}"))
	for _, id := range []string{"", ".", ".."} {
		_, err := client.GetDatabase(t.Context(), id)
		require.ErrorIs(t, err, terrascale.ErrInvalidArgument)
		_, err = client.GetRepository(t.Context(), "db_1", id)
		require.ErrorIs(t, err, terrascale.ErrInvalidArgument)
	}
}
