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

// expectLogins checks who can log in, by password.
func expectLogins(t *testing.T, database string, passwords map[string]string, refused map[string]string) {
	t.Helper()
	for username, password := range passwords {
		as(t, cluster.URL(database, username, secret.New(password)), func(c *pgx.Conn) {
			_, err := c.Exec(t.Context(), "SELECT * FROM reporting.monthly")
			require.NoError(t, err, username)
			_, err = c.Exec(t.Context(), "INSERT INTO reporting.monthly VALUES (1)")
			require.ErrorContains(t, err, "read-only transaction", username)
		})
	}
	for username, password := range refused {
		_, err := pgx.Connect(t.Context(), cluster.URL(database, username, secret.New(password)))
		require.Error(t, err, username)
	}
}

func TestLoginsInTurn(t *testing.T) {
	server, database := newServer(t, "turn")
	role := postgresql.Role{
		Name:              "turner",
		Grants:            []postgresql.Grant{{Database: database, Schema: "reporting"}},
		Attributes:        postgresql.Attributes{ConnectionLimit: 5},
		Login:             "turner_a",
		TerminateSessions: true,
	}
	create(t, server, role, secret.New("one"))
	expectLogins(t, database, map[string]string{"turner_a": "one"}, map[string]string{"turner": "one"})
	observed, err := look(t, role)
	require.NoError(t, err)
	require.Empty(t, observed.ExcessPrivileges(role.Login))
	require.Equal(t, 5, observed.Members["turner_a"].Attributes.ConnectionLimit)

	// A rotation: both work through the overlap.
	role.Login, role.Previous = postgresql.NextLogin("turner", "turner_a"), "turner_a"
	update(t, server, "turner", role, secret.New("two"))
	expectLogins(t, database, map[string]string{"turner_a": "one", "turner_b": "two"}, nil)

	// Its end: the session of the old one is over.
	session, err := pgx.Connect(t.Context(), cluster.URL(database, "turner_a", secret.New("one")))
	require.NoError(t, err)
	role.Previous = ""
	update(t, server, "turner", role, secret.String{})
	require.Error(t, session.Ping(t.Context()))
	expectLogins(t, database, map[string]string{"turner_b": "two"}, map[string]string{"turner_a": "one"})

	// A login that is enabled by hand does not bring the old password back.
	admin(t, "postgres", "ALTER ROLE turner_a LOGIN")
	expectLogins(t, database, nil, map[string]string{"turner_a": "one"})
	observed, err = look(t, role)
	require.NoError(t, err)
	require.Equal(t, []string{"LOGIN for turner_a"}, observed.ExcessPrivileges(role.Login))

	// The next rotation takes the first login again; without an overlap the other ends at once.
	role.Login = postgresql.NextLogin("turner", "turner_b")
	update(t, server, "turner", role, secret.New("three"))
	expectLogins(t, database, map[string]string{"turner_a": "three"}, map[string]string{"turner_b": "two"})

	// A rename takes the logins along.
	role.Name, role.Login = "turned", "turned_a"
	update(t, server, "turner", role, secret.String{})
	expectLogins(t, database, map[string]string{"turned_a": "three"}, map[string]string{"turner_a": "three"})

	// What a login is given itself goes beyond the role, and is taken away.
	admin(t, database, "GRANT SELECT ON public.users TO turned_a", "CREATE ROLE turned_group", "GRANT turned_group TO turned_a",
		"ALTER ROLE turned_a CREATEDB")
	observed, err = look(t, role)
	require.NoError(t, err)
	require.Equal(t, []string{
		"CREATEDB for login turned_a", "SELECT on public.users for login turned_a", "membership in turned_group for login turned_a",
	}, observed.ExcessPrivileges(role.Login))
	require.Empty(t, postgresql.RemainingExcess(observed.ExcessPrivileges(role.Login)))
	update(t, server, "turned", role, secret.String{})
	observed, err = look(t, role)
	require.NoError(t, err)
	require.Empty(t, observed.ExcessPrivileges(role.Login))

	// Without rotation the role itself logs in: first beside the old login, then alone.
	role.Login, role.Previous = "turned", "turned_a"
	update(t, server, "turned", role, secret.New("four"))
	expectLogins(t, database, map[string]string{"turned": "four", "turned_a": "three"}, nil)
	role.Previous = ""
	update(t, server, "turned", role, secret.String{})
	expectLogins(t, database, map[string]string{"turned": "four"}, map[string]string{"turned_a": "three"})
	observed, err = look(t, role)
	require.NoError(t, err)
	require.Len(t, observed.Members, 1, "the logins are gone")

	// And back: the role that logs in stays valid through the overlap.
	role.Login, role.Previous = "turned_a", "turned"
	update(t, server, "turned", role, secret.New("five"))
	expectLogins(t, database, map[string]string{"turned": "four", "turned_a": "five"}, nil)

	require.NoError(t, server.DropRole(t.Context(), "turned", true))
	expectLogins(t, database, nil, map[string]string{"turned": "four", "turned_a": "five"})
	_, err = look(t, postgresql.Role{Name: "turned"})
	require.ErrorIs(t, err, postgresql.ErrRoleNotFound)
}

func TestALoginsNameThatIsTakenIsNotTakenOver(t *testing.T) {
	server, database := newServer(t, "taken")
	admin(t, "postgres", "CREATE ROLE keeper_a LOGIN")
	role := postgresql.Role{
		Name: "keeper", Login: "keeper_a", Grants: []postgresql.Grant{{Database: database, Schema: "public"}},
		Attributes: postgresql.Attributes{ConnectionLimit: -1},
	}
	_, err := server.CreateRole(t.Context(), role, secret.New("x"))
	require.ErrorIs(t, err, postgresql.ErrRoleExists)
	require.ErrorContains(t, err, "keeper_a")
	_, err = look(t, postgresql.Role{Name: "keeper"})
	require.ErrorIs(t, err, postgresql.ErrRoleNotFound, "nothing is half-made")

	role.Login = ""
	create(t, server, role, secret.New("x"))
	require.NoError(t, server.DropRole(t.Context(), "keeper", true))
	admin(t, "postgres", "DROP ROLE keeper_a")
}
