// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// NewServer starts a PostgreSQL server of the test's own, with an empty database, for what the shared one can't show.
func NewServer(t *testing.T, database string, options devstack.PostgreSQLOptions) *Database {
	t.Helper()
	server, err := ownStack(t).PostgreSQL(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	(&Database{PostgreSQL: server, Name: "postgres", t: t}).Exec("CREATE DATABASE " + pgx.Identifier{database}.Sanitize())
	return &Database{PostgreSQL: server, Name: database, t: t}
}

// ownStack opens a stack that ends with the test.
func ownStack(t *testing.T) *devstack.Stack {
	t.Helper()
	own, err := devstack.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := own.Close(); err != nil {
			t.Error(err)
		}
	})
	return own
}

// NoRole checks that a role is not on a server.
func NoRole(database *Database, name string) func(*terraform.State) error {
	return func(*terraform.State) error {
		if database.RoleExists(name) {
			return fmt.Errorf("role %s is on the server", name)
		}
		return nil
	}
}
