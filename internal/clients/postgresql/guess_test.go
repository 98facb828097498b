// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// What the database holds is taken from the last look, and a role is right all the same where that has changed meanwhile.
func TestRolesAreRightWhereTheDatabaseHasChanged(t *testing.T) {
	server, database := newServer(t, "guess")
	without := func(name string) postgresql.Role {
		role := reader(name, database)
		role.Grants[0].Except = []string{"orders"} // Tables are named one by one.
		return role
	}
	listed := func(name string) postgresql.Role {
		role := reader(name, database)
		role.Grants[0].Tables = []string{"guess gone", "users"}
		return role
	}
	reads := func(role postgresql.Role, table string) (err error) {
		as(t, cluster.URL(database, role.Name, secret.New("x")), func(c *pgx.Conn) {
			_, err = c.Exec(t.Context(), "SELECT * FROM "+table)
		})
		return err
	}
	begun := func(role postgresql.Role) int {
		number, _ := transactions(t, func() { create(t, server, role, secret.New("x")) })
		return number
	}
	admin(t, database, `CREATE TABLE "guess gone" (id int)`)
	create(t, server, without("guess first"), secret.New("x"))
	create(t, server, without("guess second"), secret.New("x"))
	require.Equal(t, 1, begun(without("guess third")))

	admin(t, database, `CREATE TABLE "guess new" (id int)`)
	require.Equal(t, 2, begun(without("guess fourth")), "the first one is rolled back")
	require.NoError(t, reads(without("guess fourth"), `"guess new"`))
	require.ErrorContains(t, reads(without("guess fourth"), "orders"), "denied")

	create(t, server, listed("guess fifth"), secret.New("x"))
	admin(t, database, `DROP TABLE "guess gone"`)
	_, err := server.CreateRole(t.Context(), listed("guess sixth"), secret.New("x"))
	require.ErrorIs(t, err, postgresql.ErrObjectNotFound)
	require.ErrorContains(t, err, `table public.guess gone in database `+database+`: not found`)
	require.NotContains(t, roleNames(t, "guess"), "guess sixth")

	// Of those that are made together each is right.
	admin(t, database, `CREATE TABLE "guess newer" (id int)`)
	roles := []postgresql.Role{without("guess 1"), listed("guess 2"), without("guess 3"), reader("guess 4", database)}
	errs := atOnce(roles, func(r postgresql.Role) error {
		_, err := server.CreateRole(t.Context(), r, secret.New("x"))
		return err
	})
	require.ErrorIs(t, errs[1], postgresql.ErrObjectNotFound)
	for _, i := range []int{0, 2, 3} {
		require.NoError(t, errs[i])
		require.NoError(t, reads(roles[i], `"guess newer"`))
	}
}
