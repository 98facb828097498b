// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlcredential_test

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/postgresqlcredential"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// configured makes the value of a schema with some attributes set, as Terraform sends it.
func configured(t *testing.T, kind tftypes.Type, attributes map[string]tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	object, ok := kind.(tftypes.Object)
	require.True(t, ok)
	values := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	for name, value := range attributes {
		values[name] = value
	}
	dynamic, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	require.NoError(t, err)
	return &dynamic
}

// validUntil reads a login's expiry.
func validUntil(t *testing.T, database *acctest.Database, name string) time.Time {
	t.Helper()
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, database.AdminURL("postgres"))
	require.NoError(t, err)
	defer func() { _ = connection.Close(ctx) }()
	var until time.Time
	require.NoError(t, connection.QueryRow(ctx, "SELECT rolvaliduntil FROM pg_roles WHERE rolname = $1", name).Scan(&until))
	return until
}

// TestALongRunExtendsTheLogin speaks Terraform's protocol, with a clock that moves.
func TestALongRunExtendsTheLogin(t *testing.T) {
	database := newDatabase(t, "longrun")
	start := time.Now().UTC().Truncate(time.Second)
	clock := acctest.NewClock(start)
	server, err := acctest.Providers(provider.WithClock(clock.Now))[provider.Name]()
	require.NoError(t, err)
	ctx := t.Context()
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	require.NoError(t, err)

	providerType := schemas.Provider.ValueType()
	servers := providerType.(tftypes.Object).AttributeTypes["postgresql"].(tftypes.Map)
	entry := servers.ElementType.(tftypes.Object)
	settings := map[string]tftypes.Value{}
	for name, kind := range entry.AttributeTypes {
		settings[name] = tftypes.NewValue(kind, nil)
	}
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	settings["host"], settings["username"] = text(database.Host), text(database.Admin)
	settings["port"] = tftypes.NewValue(tftypes.Number, database.Port)
	settings["password"], settings["sslrootcert"] = text(database.AdminPassword.Reveal()), text(database.Authority.CAFile)
	configure, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: configured(t, providerType,
		map[string]tftypes.Value{"postgresql": tftypes.NewValue(servers, map[string]tftypes.Value{"main": tftypes.NewValue(entry, settings)})})})
	require.NoError(t, err)
	require.Empty(t, configure.Diagnostics)

	kind := schemas.EphemeralResourceSchemas[postgresqlcredential.TypeName].ValueType()
	opened, err := server.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: postgresqlcredential.TypeName,
		Config:   configured(t, kind, map[string]tftypes.Value{"server": text("main"), "role": text("longrun_reader"), "ttl": text("2h")}),
	})
	require.NoError(t, err)
	require.Empty(t, opened.Diagnostics)
	require.Equal(t, start.Add(time.Hour), opened.RenewAt.UTC(), "half-way")
	names := shortLived(t, database, "longrun")
	require.Len(t, names, 1)
	require.True(t, start.Add(2*time.Hour).Equal(validUntil(t, database, names[0])))

	clock.Advance(time.Hour)
	renewed, err := server.RenewEphemeralResource(ctx, &tfprotov6.RenewEphemeralResourceRequest{
		TypeName: postgresqlcredential.TypeName, Private: opened.Private,
	})
	require.NoError(t, err)
	require.Empty(t, renewed.Diagnostics)
	require.Equal(t, start.Add(2*time.Hour), renewed.RenewAt.UTC())
	require.True(t, start.Add(3*time.Hour).Equal(validUntil(t, database, names[0])))

	for range 2 { // Closing what is gone is no error.
		closed, err := server.CloseEphemeralResource(ctx, &tfprotov6.CloseEphemeralResourceRequest{
			TypeName: postgresqlcredential.TypeName, Private: renewed.Private,
		})
		require.NoError(t, err)
		require.Empty(t, closed.Diagnostics)
		require.Empty(t, shortLived(t, database, "longrun"))
	}
	lost, err := server.RenewEphemeralResource(ctx, &tfprotov6.RenewEphemeralResourceRequest{
		TypeName: postgresqlcredential.TypeName, Private: renewed.Private,
	})
	require.NoError(t, err)
	require.Len(t, lost.Diagnostics, 1)
	require.Equal(t, "Unable to extend short-lived PostgreSQL login", lost.Diagnostics[0].Summary)
	require.Contains(t, lost.Diagnostics[0].Detail, names[0])
}
