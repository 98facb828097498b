// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// cluster is the PostgreSQL server that all tests of the process share.
var cluster *devstack.PostgreSQL

// Database is a fresh database of one test.
type Database struct {
	*devstack.PostgreSQL
	Name string
	t    *testing.T
}

// NewDatabase makes a database with the statements given, on the process's PostgreSQL server, which logs every
// statement. Roles belong to the server: tests name theirs so that they don't meet.
func NewDatabase(t *testing.T, name string, statements ...string) *Database {
	t.Helper()
	if cluster == nil {
		started, err := openStack(t).PostgreSQL(context.Background(), devstack.PostgreSQLOptions{
			Settings: map[string]string{"log_statement": "all", "log_connections": "on"},
		})
		if err != nil {
			t.Fatal(err)
		}
		cluster = started
		if err := makeManagedAdmin(t, cluster); err != nil {
			t.Fatal(err)
		}
	}
	// The server's own default from version 15 on.
	const closed = "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
	(&Database{PostgreSQL: cluster, Name: "postgres", t: t}).Exec("CREATE DATABASE "+pgx.Identifier{name}.Sanitize(), closed)
	database := &Database{PostgreSQL: cluster, Name: name, t: t}
	database.Exec(closed)
	database.Exec(statements...)
	return database
}

// NewPgBouncer starts a pooler in transaction mode before the server.
func (d *Database) NewPgBouncer() *devstack.PgBouncer {
	d.t.Helper()
	pooler, err := openStack(d.t).PgBouncer(context.Background(), d.PostgreSQL)
	if err != nil {
		d.t.Fatal(err)
	}
	return pooler
}

// NewStandby starts a server that follows this one.
func (d *Database) NewStandby() *Database {
	d.t.Helper()
	standby, err := openStack(d.t).Standby(d.t.Context(), d.PostgreSQL)
	if err != nil {
		d.t.Fatal(err)
	}
	return &Database{PostgreSQL: standby, Name: d.Name, t: d.t}
}

// Exec runs statements as the superuser.
func (d *Database) Exec(statements ...string) {
	d.t.Helper()
	if err := d.TryAs(d.Admin, d.AdminPassword, statements...); err != nil {
		d.t.Fatal(err)
	}
	if managed != nil && d.Name != "postgres" {
		if err := d.TryAs(d.Admin, d.AdminPassword, handOver); err != nil {
			d.t.Fatal(err)
		}
	}
}

// TryAs logs in over verified TLS and runs statements until one fails.
func (d *Database) TryAs(username string, password secret.String, statements ...string) error {
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, d.URL(d.Name, username, password))
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close(ctx) }()
	for _, statement := range statements {
		if _, err := connection.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// Session logs in and stays; what it gives asks whether the session is still there.
func (d *Database) Session(username string, password secret.String) (isAlive func() error) {
	d.t.Helper()
	connection, err := pgx.Connect(context.Background(), d.URL(d.Name, username, password))
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = connection.Close(context.Background()) })
	return func() error {
		_, err := connection.Exec(context.Background(), "SELECT 1")
		return err
	}
}

// RoleExists looks a role up.
func (d *Database) RoleExists(name string) bool {
	d.t.Helper()
	return len(d.Texts("SELECT rolname::text FROM pg_roles WHERE rolname = $1", name)) > 0
}

// In is another database of the server.
func (d *Database) In(name string) *Database {
	return &Database{PostgreSQL: d.PostgreSQL, Name: name, t: d.t}
}

// Texts gives the one column of a query's rows, as the superuser sees it.
func (d *Database) Texts(query string, arguments ...any) []string {
	d.t.Helper()
	return d.texts("postgres", query, arguments...)
}

// TextsHere is Texts in this database, for what belongs to one.
func (d *Database) TextsHere(query string, arguments ...any) []string {
	d.t.Helper()
	return d.texts(d.Name, query, arguments...)
}

func (d *Database) texts(database, query string, arguments ...any) []string {
	d.t.Helper()
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, d.AdminURL(database))
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = connection.Close(ctx) }()
	rows, err := connection.Query(ctx, query, arguments...)
	if err != nil {
		d.t.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.t.Fatal(err)
	}
	return texts
}

// LogContains reports whether the server's log holds a text.
func (d *Database) LogContains(text string) bool {
	d.t.Helper()
	log, err := d.Log()
	if err != nil {
		d.t.Fatal(err)
	}
	return strings.Contains(log, text)
}

// ServerHCL gives a provider block whose postgresql server "main" is the process's, with more attributes if given.
func (d *Database) ServerHCL(attributes ...string) string {
	username, password := d.Admin, d.AdminPassword
	if managed != nil {
		username, password = managed.username, managed.password
	}
	return fmt.Sprintf(`
provider "terrascale" {
  %s
  postgresql = {
    main = {
      host        = %q
      port        = %d
      username    = %q
      password    = %q
      sslrootcert = %q
    }
  }
}
`, strings.Join(attributes, "\n  "), d.Host, d.Port, username, password.Reveal(), d.Authority.CAFile)
}
