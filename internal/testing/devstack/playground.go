// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// PlaygroundDatabase is the database of a playground, with the tables of the guides.
const PlaygroundDatabase = "app"

var playgroundTables = []string{
	"REVOKE CREATE ON SCHEMA public FROM PUBLIC", // The server's own default from version 15 on.
	"CREATE ROLE app_owner",
	"CREATE SCHEMA reporting AUTHORIZATION app_owner",
	"CREATE TABLE public.users (id int PRIMARY KEY, email text)",
	"CREATE TABLE public.products (id int PRIMARY KEY, name text)",
	"CREATE TABLE public.orders (id int PRIMARY KEY, user_id int, total numeric)",
	"CREATE TABLE public.payments (id int PRIMARY KEY, card text)",
	"INSERT INTO public.users VALUES (1, 'ada@example.com')",
	"SET ROLE app_owner",
	"CREATE TABLE reporting.monthly (month date, revenue numeric)",
	"RESET ROLE",
	"CREATE ROLE reporting_reader",
	"GRANT CONNECT ON DATABASE " + PlaygroundDatabase + " TO reporting_reader",
	"GRANT USAGE ON SCHEMA reporting TO reporting_reader",
	"GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO reporting_reader",
}

// Playground is a PostgreSQL server with a database to read from and an emulator, ready to be used by hand.
type Playground struct {
	// PID is the process that owns it.
	PID int `json:"pid"`
	// Environment is what the provider reads: TERRASCALE_ and PG variables. It holds secrets.
	Environment map[string]string `json:"environment"`
	// PostgreSQLLog is the path of the server's log, which holds every statement.
	PostgreSQLLog string `json:"postgresql_log"`
	// DataPlane is where an API key reads the items of a database.
	DataPlane string `json:"data_plane"`
}

// Playground starts one.
func (s *Stack) Playground(ctx context.Context) (*Playground, error) {
	server, err := s.PostgreSQL(ctx, PostgreSQLOptions{Settings: map[string]string{"log_statement": "all"}})
	if err != nil {
		return nil, err
	}
	if err := runSQL(ctx, server.AdminURL("postgres"), "CREATE DATABASE "+PlaygroundDatabase); err != nil {
		return nil, err
	}
	if err := runSQL(ctx, server.AdminURL(PlaygroundDatabase), playgroundTables...); err != nil {
		return nil, err
	}
	service, err := s.Emulator(emulator.Options{})
	if err != nil {
		return nil, err
	}
	token, err := service.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID)
	if err != nil {
		return nil, fmt.Errorf("get a token from the emulator: %w", err)
	}
	return &Playground{
		PID:           os.Getpid(),
		PostgreSQLLog: server.LogFile,
		DataPlane:     service.URL() + "/api/v1/databases/" + emulator.DefaultDatabaseID + "/items",
		Environment: map[string]string{
			"TERRASCALE_ENDPOINT": service.URL(), "TERRASCALE_ACCESS_TOKEN": token.Reveal(),
			"TERRASCALE_ORGANIZATION_ID": emulator.DefaultOrganizationID,
			"PGHOST":                     server.Host, "PGPORT": strconv.Itoa(server.Port), "PGUSER": server.Admin,
			"PGPASSWORD": server.AdminPassword.Reveal(), "PGSSLROOTCERT": server.Authority.CAFile, "PGSSLMODE": "verify-full",
		},
	}, nil
}

func runSQL(ctx context.Context, url string, statements ...string) error {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to the new server: %w", err)
	}
	defer func() { _ = connection.Close(ctx) }()
	for _, statement := range statements {
		if _, err := connection.Exec(ctx, statement); err != nil {
			return fmt.Errorf("prepare the database: %w", err)
		}
	}
	return nil
}

// Exports gives the environment as lines for a shell.
func (p *Playground) Exports() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		fmt.Fprintf(&text, "export %s='%s'\n", name, strings.ReplaceAll(p.Environment[name], "'", `'\''`))
	}
	return text.String()
}

// Write keeps the description in a file that only its owner reads.
func (p *Playground) Write(file string) error {
	content, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the playground: %w", err)
	}
	if err := renameio.WriteFile(file, content, 0o600); err != nil {
		return fmt.Errorf("write the playground: %w", err)
	}
	return nil
}

// ReadPlayground reads what Write wrote.
func ReadPlayground(file string) (*Playground, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the playground: %w", err)
	}
	var p Playground
	if err := json.Unmarshal(content, &p); err != nil {
		return nil, fmt.Errorf("read the playground: %w", err)
	}
	return &p, nil
}
