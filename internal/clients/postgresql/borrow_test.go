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

const adminPassword = "of-an-admin-that-is-no-superuser"

// newAdmin makes an admin that may make roles and no more, and a database whose objects belong to an owner.
func newAdmin(t *testing.T, name string, memberships ...string) (server *postgresql.Server, database string, config postgresql.Config) {
	t.Helper()
	_, database = newServer(t, name)
	adminName := "admin of " + name
	owner, quoted := pgx.Identifier{"owner of " + name}.Sanitize(), pgx.Identifier{adminName}.Sanitize()
	admin(t, database,
		"CREATE ROLE "+quoted+" LOGIN CREATEROLE PASSWORD '"+adminPassword+"'",
		"GRANT CONNECT ON DATABASE "+pgx.Identifier{database}.Sanitize()+" TO "+quoted,
		"CREATE SCHEMA owned AUTHORIZATION "+owner,
		"CREATE TABLE owned.a (id int, secret text)", "ALTER TABLE owned.a OWNER TO "+owner,
		"CREATE SEQUENCE owned.s", "ALTER SEQUENCE owned.s OWNER TO "+owner,
	)
	admin(t, database, memberships...)
	config = adminConfig()
	config.Username, config.Password = adminName, secret.New(adminPassword)
	server = postgresql.NewServer(config)
	t.Cleanup(server.Close)
	return server, database, config
}

// memberships describes what an admin is a member of, and how far.
func memberships(t *testing.T, adminName string) (found []string) {
	t.Helper()
	as(t, cluster.AdminURL("postgres"), func(c *pgx.Conn) {
		rows, err := c.Query(t.Context(), `SELECT (to_jsonb(m) - 'oid' - 'roleid' - 'member' - 'grantor')::text || g.rolname
			FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
			WHERE u.rolname = $1 AND g.rolname LIKE 'owner of %' ORDER BY 1`, adminName)
		require.NoError(t, err)
		found, err = pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
	})
	return found
}

// serverVersion gives the major version.
func serverVersion(t *testing.T) (version int) {
	t.Helper()
	as(t, cluster.AdminURL("postgres"), func(c *pgx.Conn) {
		require.NoError(t, c.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int / 10000").Scan(&version))
	})
	return version
}

func TestAnAdminThatIsNoSuperuserBorrowsTheOwnersRights(t *testing.T) {
	const createrole, adminOption, member = "borrow createrole", "borrow admin", "borrow member"
	asksFor := map[string]string{
		adminOption: `GRANT "owner of borrow admin" TO "admin of borrow admin" WITH ADMIN OPTION`,
		member:      `GRANT "owner of borrow member" TO "admin of borrow member"`,
	}
	if serverVersion(t) < 16 {
		asksFor[createrole] = "" // Enough there; what it needs later is the next test's.
	}
	for name, membership := range asksFor {
		t.Run(name, func(t *testing.T) {
			given := []string{}
			if membership != "" {
				given = append(given, membership)
			}
			server, database, config := newAdmin(t, name, given...)
			adminName := config.Username
			before := memberships(t, adminName)
			role := postgresql.Role{
				Name: "reader of " + name, Login: "reader of " + name + "_a",
				Grants:              []postgresql.Grant{{Database: database, Schema: "owned", Sequences: true}},
				FutureTablesOwnedBy: []string{"owner of " + name}, TerminateSessions: true,
				Attributes: postgresql.Attributes{ConnectionLimit: postgresql.NoConnectionLimit},
			}
			_, err := server.CreateRole(t.Context(), role, secret.New("x"))
			require.NoError(t, err)
			require.Equal(t, before, memberships(t, adminName), "what was borrowed is given back")
			admin(t, database, `SET ROLE "owner of `+name+`"; CREATE TABLE owned.later (id int)`)
			session, err := pgx.Connect(t.Context(), cluster.URL(database, role.Login, secret.New("x")))
			require.NoError(t, err)
			for _, sql := range []string{"SELECT * FROM owned.a", "SELECT * FROM owned.s", "SELECT * FROM owned.later"} {
				_, err := session.Exec(t.Context(), sql)
				require.NoError(t, err, sql)
			}

			admin(t, database, `GRANT INSERT ON owned.a TO "`+role.Name+`"`, `REVOKE SELECT ON owned.s FROM "`+role.Name+`"`)
			_, err = server.UpdateRole(t.Context(), role.Name, role, secret.String{})
			require.NoError(t, err)
			observed, err := lookAs(t, config, role)
			require.NoError(t, err)
			require.Empty(t, observed.ExcessPrivileges(role.Login))
			grants, owners := observed.Effective(role)
			require.Equal(t, role.Grants, grants)
			require.Equal(t, role.FutureTablesOwnedBy, owners)

			require.NoError(t, server.DropRole(t.Context(), role.Name, true))
			require.Error(t, session.Ping(t.Context()), "the session has ended")
			require.Equal(t, before, memberships(t, adminName))
			_, err = look(t, role)
			require.ErrorIs(t, err, postgresql.ErrRoleNotFound)
		})
	}
}

func TestAnAdminWithoutRightsIsToldWhatToRun(t *testing.T) {
	name := "no rights"
	server, database, config := newAdmin(t, name)
	adminName := config.Username
	role := func(schema string) postgresql.Role {
		return postgresql.Role{
			Name: "reader of " + name, Grants: []postgresql.Grant{{Database: database, Schema: schema}},
			Attributes: postgresql.Attributes{ConnectionLimit: postgresql.NoConnectionLimit},
		}
	}
	// Objects of a superuser: nobody can act for it.
	_, err := server.CreateRole(t.Context(), role("reporting"), secret.New("x"))
	require.ErrorIs(t, err, postgresql.ErrNoRights)
	var rights *postgresql.RightsError
	require.ErrorAs(t, err, &rights)
	require.Equal(t, []string{
		`GRANT USAGE ON SCHEMA "reporting" TO "` + adminName + `" WITH GRANT OPTION`,
		`GRANT SELECT ON TABLE "reporting"."monthly" TO "` + adminName + `" WITH GRANT OPTION`,
	}, rights.Statements)
	_, err = look(t, role("reporting"))
	require.ErrorIs(t, err, postgresql.ErrRoleNotFound, "nothing is half-made")
	admin(t, database, rights.Statements...)
	_, err = server.CreateRole(t.Context(), role("reporting"), secret.New("x"))
	require.NoError(t, err, "what it asked for is enough")
	_, err = server.UpdateRole(t.Context(), role("reporting").Name, role("reporting"), secret.String{})
	require.NoError(t, err)
	// What a superuser gave, only a superuser can take away.
	admin(t, database, "SELECT lo_create(4711)", `GRANT UPDATE ON LARGE OBJECT 4711 TO "`+role("reporting").Name+`"`)
	require.ErrorAs(t, server.DropRole(t.Context(), role("reporting").Name, true), &rights)
	require.Equal(t, []string{`DROP OWNED BY "` + role("reporting").Name + `"`}, rights.Statements)
	admin(t, database, rights.Statements...)
	require.NoError(t, server.DropRole(t.Context(), role("reporting").Name, true))

	if serverVersion(t) < 16 {
		return // There CREATEROLE is enough to act for an owner that is no superuser.
	}
	_, err = server.CreateRole(t.Context(), role("owned"), secret.New("x"))
	require.ErrorAs(t, err, &rights)
	require.Equal(t, []string{`GRANT "owner of no rights" TO "admin of no rights" WITH INHERIT TRUE, SET TRUE`}, rights.Statements)
	admin(t, database, rights.Statements...)
	_, err = server.CreateRole(t.Context(), role("owned"), secret.New("x"))
	require.NoError(t, err, "what it asked for is enough")
	require.NoError(t, server.DropRole(t.Context(), role("owned").Name, true))
}

func TestAMembershipThatDoesNotInheritIsNamed(t *testing.T) {
	want := `ALTER ROLE "admin of noinherit" INHERIT;`
	if serverVersion(t) >= 16 {
		// There each membership says by itself how far it goes.
		want = `GRANT "owner of noinherit" TO "admin of noinherit" WITH INHERIT TRUE, SET TRUE;`
	}
	server, database, _ := newAdmin(t, "noinherit",
		`ALTER ROLE "admin of noinherit" NOINHERIT`, `GRANT "owner of noinherit" TO "admin of noinherit"`)
	_, err := server.CreateRole(t.Context(), postgresql.Role{
		Name: "reader of noinherit", Grants: []postgresql.Grant{{Database: database, Schema: "owned"}},
		Attributes: postgresql.Attributes{ConnectionLimit: postgresql.NoConnectionLimit},
	}, secret.New("x"))
	require.ErrorIs(t, err, postgresql.ErrNoRights)
	require.ErrorContains(t, err, want)
}

// A privilege that somebody with a grant option gave can only be taken away in that one's name.
func TestPrivilegesOfAnotherGrantorAreRevoked(t *testing.T) {
	server, database := newServer(t, "grantor")
	role := postgresql.Role{
		Name: "reader of grantor", Grants: []postgresql.Grant{{Database: database, Schema: "reporting"}},
		Attributes: postgresql.Attributes{ConnectionLimit: postgresql.NoConnectionLimit},
	}
	create(t, server, role, secret.New("x"))
	admin(t, database, "CREATE ROLE lender", "GRANT USAGE ON SCHEMA public TO lender",
		"GRANT SELECT, INSERT ON public.users TO lender WITH GRANT OPTION",
		`SET ROLE lender; GRANT SELECT, INSERT ON public.users TO "reader of grantor"; RESET ROLE`)
	update(t, server, role.Name, role, secret.String{})
	observed, err := look(t, role)
	require.NoError(t, err)
	require.Empty(t, observed.ExcessPrivileges(role.Name))
	grants, _ := observed.Effective(role)
	require.Equal(t, role.Grants, grants)
	require.NoError(t, server.DropRole(t.Context(), role.Name, true))
}
