// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// querier is a connection, or a pool's.
type querier interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, arguments ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults
}

// reading is one query of several that go to the server in one round trip.
type reading struct {
	sql       string
	arguments []any
	// collect takes the rows.
	collect func(pgx.Rows) error
}

// settings are what the provider's statements depend on. Server, database or admin may have set anything else. Without jit the server does
// not compile what it is asked: by its estimates many of the catalogue's queries are worth that, and then take a second instead of
// milliseconds.
var settings = [][2]string{
	{"jit", "off"}, {"datestyle", "ISO, MDY"}, {"intervalstyle", "postgres"}, {"timezone", "UTC"}, {"search_path", "pg_catalog"},
	{"standard_conforming_strings", "on"}, {"client_encoding", "UTF8"}, {"bytea_output", "hex"}, {"extra_float_digits", "1"},
	{"quote_all_identifiers", "off"}, {"array_nulls", "on"}, {"transform_null_equals", "off"}, {"row_security", "on"},
	{"statement_timeout", "5min"}, {"lock_timeout", "1min"},
	// A provider that vanishes lets go of its lock.
	{"idle_in_transaction_session_timeout", "1min"},
}

// pinSettings sets them for this transaction, or, without one, for this round trip: nothing leaks through a pooler.
var pinSettings = func() string {
	calls := make([]string, len(settings))
	for i, setting := range settings {
		calls[i] = fmt.Sprintf("pg_catalog.set_config('%s', '%s', true)", setting[0], setting[1])
	}
	return "SELECT " + strings.Join(calls, ", ")
}()

// read runs queries in one round trip.
func read(ctx context.Context, q querier, readings ...reading) error {
	batch := &pgx.Batch{}
	batch.Queue(pinSettings)
	for _, r := range readings {
		batch.Queue(r.sql, r.arguments...).Query(r.collect)
	}
	if err := q.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("read the catalogue: %w", err)
	}
	return nil
}

// collectInto gives a collector that appends each row, by the positions of the fields.
func collectInto[T any](rows *[]T) func(pgx.Rows) error {
	return func(found pgx.Rows) error {
		collected, err := pgx.CollectRows(found, pgx.RowToStructByPos[T])
		*rows = append(*rows, collected...)
		return err
	}
}

// readTexts gives the reading of a query of one column, whose rows are appended.
func readTexts(found *[]string, query string, arguments ...any) reading {
	return reading{query, arguments, func(rows pgx.Rows) error {
		collected, err := pgx.CollectRows(rows, pgx.RowTo[string])
		*found = append(*found, collected...)
		return err
	}}
}
