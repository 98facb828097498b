// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// TestLaterRolesOfARunAreAsLookedAt makes roles after the first of a run, whose privileges are looked at in another way.
func TestLaterRolesOfARunAreAsLookedAt(t *testing.T) {
	server, database := newServer(t, "later")
	admin(t, database, "CREATE SEQUENCE public.numbers", "GRANT SELECT, INSERT ON public.orders TO PUBLIC",
		"CREATE SCHEMA empty", `ALTER DEFAULT PRIVILEGES FOR ROLE "owner of later" IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC`)
	public := postgresql.Grant{Database: database, Schema: "public"}
	for name, role := range map[string]postgresql.Role{
		"whole": {Grants: []postgresql.Grant{public}, FutureTablesOwnedBy: []string{"owner of later"}},
		"tables": {Grants: []postgresql.Grant{
			{Database: database, Schema: "public", Tables: []string{"users", "totals"}}, {Database: database, Schema: "reporting"},
		}},
		"columns": {Grants: []postgresql.Grant{
			{Database: database, Schema: "public", Tables: []string{"events"}, Columns: map[string][]string{"users": {"id"}}},
		}},
		"sequences": {
			Grants:              []postgresql.Grant{{Database: database, Schema: "public", Sequences: true}, {Database: database, Schema: "empty"}},
			FutureTablesOwnedBy: []string{"owner of later"}, Login: "later sequences_a",
		},
	} {
		role.Name = "later " + name
		role.Attributes.ConnectionLimit = postgresql.NoConnectionLimit
		create(t, server, role, secret.New("of-"+name))
	}
}

// TestALaterRoleThatLacksSomethingIsAnError has the server take away again what it is asked to grant.
func TestALaterRoleThatLacksSomethingIsAnError(t *testing.T) {
	server, database := newServer(t, "lacking")
	role := postgresql.Role{
		Name: "lacking first", Grants: []postgresql.Grant{{Database: database, Schema: "public"}},
		Attributes: postgresql.Attributes{ConnectionLimit: postgresql.NoConnectionLimit},
	}
	create(t, server, role, secret.New("of-the-first"))
	admin(t, database, `CREATE FUNCTION take_away() RETURNS event_trigger LANGUAGE plpgsql AS
		$$ BEGIN REVOKE SELECT ON public.users FROM "lacking second"; END $$`,
		"CREATE EVENT TRIGGER take_away ON ddl_command_end WHEN TAG IN ('GRANT') EXECUTE FUNCTION take_away()")
	role.Name = "lacking second"
	_, err := server.CreateRole(t.Context(), role, secret.New("of-the-second"))
	require.ErrorIs(t, err, postgresql.ErrIncomplete)
	require.ErrorContains(t, err, "SELECT on public.users (owner "+cluster.Admin+")")
	_, err = look(t, role)
	require.ErrorIs(t, err, postgresql.ErrRoleNotFound)
}
