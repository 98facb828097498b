// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

func TestMeter(t *testing.T) {
	ctx := t.Context()
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	server, err := stack.PostgreSQL(ctx, devstack.PostgreSQLOptions{Settings: devstack.MeterSettings()})
	require.NoError(t, err)
	meter, err := server.NewMeter()
	require.NoError(t, err)

	connection, err := pgx.Connect(ctx, server.AdminURL("postgres"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close(ctx)) })
	tx, err := connection.Begin(ctx)
	require.NoError(t, err)
	var one int
	require.NoError(t, tx.QueryRow(ctx, "SELECT $1::int\n/*\n LOG:  statement: of the text, not of the log */",
		pgx.QueryExecModeExec, 1).Scan(&one))
	batch := &pgx.Batch{}
	batch.Queue("SELECT 2")
	batch.Queue("SELECT 3")
	require.NoError(t, tx.SendBatch(ctx, batch).Close())
	require.NoError(t, tx.Commit(ctx))

	seen, err := meter.Read()
	require.NoError(t, err)
	require.Equal(t, devstack.Activity{Connections: 1, Statements: 5}, seen, "BEGIN, three queries, COMMIT")
	seen, err = meter.Read()
	require.NoError(t, err)
	require.Zero(t, seen, "what was read is not counted again")
}
