// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
)

// canLogIn tries a short-lived login.
func canLogIn(t *testing.T, database string, credential postgresql.Credential) bool {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), cluster.URL(database, credential.Username, credential.Password))
	if err != nil {
		return false
	}
	require.NoError(t, connection.Close(t.Context()))
	return true
}

// roleNames lists the server's roles that begin with a text.
func roleNames(t *testing.T, prefix string) []string {
	t.Helper()
	names := []string{}
	as(t, cluster.AdminURL("postgres"), func(c *pgx.Conn) {
		rows, err := c.Query(t.Context(), "SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1) ORDER BY 1", prefix)
		require.NoError(t, err)
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		names = append(names, found...)
	})
	return names
}

func TestCredentialLivesAndEnds(t *testing.T) {
	server, database := newServer(t, "credential")
	// A name as long as the server takes, with more than one byte to some letters and quotes in it.
	role := strings.Repeat("ž\"", 21)
	admin(t, database, "CREATE ROLE "+pgx.Identifier{role}.Sanitize(),
		"GRANT USAGE ON SCHEMA reporting TO "+pgx.Identifier{role}.Sanitize(),
		"GRANT SELECT ON reporting.monthly TO "+pgx.Identifier{role}.Sanitize())
	until := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	credential, err := server.OpenCredential(t.Context(), role, until)
	require.NoError(t, err)
	require.LessOrEqual(t, len(credential.Username), 63)
	require.Regexp(t, `^tftmp_(ž")+ž?_[a-z2-7]{16}$`, credential.Username)
	other, err := server.OpenCredential(t.Context(), role, until)
	require.NoError(t, err)
	require.NotEqual(t, credential.Username, other.Username)
	require.NotEqual(t, credential.Password.Reveal(), other.Password.Reveal())

	as(t, cluster.URL(database, credential.Username, credential.Password), func(c *pgx.Conn) {
		_, err := c.Exec(t.Context(), "SELECT * FROM reporting.monthly")
		require.NoError(t, err)
		_, err = c.Exec(t.Context(), "INSERT INTO reporting.monthly VALUES (1)")
		require.ErrorContains(t, err, "read-only transaction")
		_, err = c.Exec(t.Context(), "SET default_transaction_read_only = off")
		require.NoError(t, err)
		_, err = c.Exec(t.Context(), "INSERT INTO reporting.monthly VALUES (1)")
		require.ErrorContains(t, err, "permission denied")
		var limit int
		var expiry time.Time
		require.NoError(t, c.QueryRow(t.Context(),
			"SELECT rolconnlimit, rolvaliduntil FROM pg_roles WHERE rolname = current_user").Scan(&limit, &expiry))
		require.Equal(t, 5, limit)
		require.True(t, until.Equal(expiry))
	})

	later := until.Add(time.Hour)
	require.NoError(t, server.ExtendCredential(t.Context(), credential.Username, later))
	observed, err := look(t, postgresql.Role{Name: credential.Username})
	require.NoError(t, err)
	require.True(t, later.Equal(*observed.Members[credential.Username].Attributes.ValidUntil))

	session, err := pgx.Connect(t.Context(), cluster.URL(database, credential.Username, credential.Password))
	require.NoError(t, err)
	require.NoError(t, server.CloseCredential(t.Context(), credential.Username))
	require.Error(t, session.Ping(t.Context()), "its sessions are over")
	require.False(t, canLogIn(t, database, credential))
	require.NoError(t, server.CloseCredential(t.Context(), credential.Username), "closing twice is no error")
	require.ErrorIs(t, server.ExtendCredential(t.Context(), credential.Username, later), postgresql.ErrRoleNotFound)
	require.True(t, canLogIn(t, database, other), "the other one goes on")
	require.NoError(t, server.CloseCredential(t.Context(), other.Username))
	require.Empty(t, roleNames(t, "tftmp_ž"))

	log, err := os.ReadFile(cluster.LogFile)
	require.NoError(t, err)
	require.Contains(t, string(log), "CREATE ROLE \"tftmp_", "the log was looked at")
	for _, made := range []postgresql.Credential{credential, other} {
		require.NotContains(t, string(log), made.Password.Reveal())
	}
}

func TestSweepDropsOnlyItsOwnAndExpired(t *testing.T) {
	server, database := newServer(t, "sweep")
	admin(t, database, "CREATE ROLE sweep_reader")
	past, future := time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	expired, err := server.OpenCredential(t.Context(), "sweep_reader", past)
	require.NoError(t, err)
	require.False(t, canLogIn(t, database, expired), "the server refuses it by itself")
	live, err := server.OpenCredential(t.Context(), "sweep_reader", future)
	require.NoError(t, err)
	owner, err := server.OpenCredential(t.Context(), "sweep_reader", past)
	require.NoError(t, err)
	marker := "'Short-lived login, made and dropped by terraform-provider-terrascale.'"
	admin(t, database,
		"CREATE ROLE tftmp_sweep_without_comment LOGIN VALID UNTIL '2001-01-01'",
		"CREATE ROLE tftmp_sweep_other_comment LOGIN VALID UNTIL '2001-01-01'", "COMMENT ON ROLE tftmp_sweep_other_comment IS 'mine'",
		"CREATE ROLE tftmp_sweep_forever LOGIN VALID UNTIL 'infinity'", "COMMENT ON ROLE tftmp_sweep_forever IS "+marker,
		"CREATE ROLE tftmp_sweep_no_expiry LOGIN", "COMMENT ON ROLE tftmp_sweep_no_expiry IS "+marker,
		"CREATE ROLE tftmpxsweep_other_name LOGIN VALID UNTIL '2001-01-01'", "COMMENT ON ROLE tftmpxsweep_other_name IS "+marker,
		"CREATE TABLE public.keepsake (id int)", "ALTER TABLE public.keepsake OWNER TO "+owner.Username,
	)
	foreign := []string{
		"tftmp_sweep_forever", "tftmp_sweep_no_expiry", "tftmp_sweep_other_comment", "tftmp_sweep_without_comment", "tftmpxsweep_other_name",
	}
	err = server.SweepCredentials(t.Context())
	require.ErrorIs(t, err, postgresql.ErrRoleOwnsObjects, "what owns something is never dropped")
	require.ErrorContains(t, err, "table public.keepsake")
	require.ErrorContains(t, err, owner.Username)
	left := roleNames(t, "tftmp")
	require.Subset(t, left, append([]string{live.Username, owner.Username}, foreign...))
	require.NotContains(t, left, expired.Username)
	require.True(t, canLogIn(t, database, live))

	for _, name := range foreign {
		if !strings.Contains(name, "forever") && !strings.Contains(name, "no_expiry") {
			require.NoError(t, server.CloseCredential(t.Context(), name), "no login of the provider's: left alone")
			require.ErrorIs(t, server.ExtendCredential(t.Context(), name, future), postgresql.ErrRoleNotFound)
		}
		require.Contains(t, roleNames(t, "tftmp"), name)
		admin(t, database, "DROP ROLE "+name)
	}
	admin(t, database, "DROP TABLE public.keepsake")
	require.NoError(t, server.SweepCredentials(t.Context()))
	require.Equal(t, []string{live.Username}, roleNames(t, "tftmp_sweep"))

	// One that came to own something while it lived stays, and nobody can log in with it.
	admin(t, database, "CREATE TABLE public.keepsake (id int)", "ALTER TABLE public.keepsake OWNER TO "+live.Username)
	require.ErrorIs(t, server.CloseCredential(t.Context(), live.Username), postgresql.ErrRoleOwnsObjects)
	require.False(t, canLogIn(t, database, live))
	admin(t, database, "DROP TABLE public.keepsake")
	require.NoError(t, server.CloseCredential(t.Context(), live.Username))
	require.Empty(t, roleNames(t, "tftmp_sweep"))
}

func TestCheckReader(t *testing.T) {
	server, database := newServer(t, "checked")
	_, err := server.CheckReader(t.Context(), "checked_nobody")
	require.ErrorIs(t, err, postgresql.ErrRoleNotFound)
	_, err = server.OpenCredential(t.Context(), "checked_nobody", time.Now().Add(time.Hour))
	require.ErrorIs(t, err, postgresql.ErrRoleNotFound)
	require.Empty(t, roleNames(t, "tftmp_checked_nobody"), "nothing is half-made")

	admin(t, database, "CREATE ROLE checked_reader", "GRANT SELECT ON public.users TO checked_reader",
		// PostgreSQL 12 and 13 know no such role.
		"DO $$BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pg_read_all_data') THEN GRANT pg_read_all_data TO checked_reader; END IF; END$$",
		"CREATE ROLE checked_writer", "GRANT INSERT ON public.orders TO checked_writer", "CREATE ROLE checked_member IN ROLE checked_writer",
		"CREATE ROLE checked_elevated CREATEDB CREATEROLE", "CREATE ROLE checked_owner", "ALTER TABLE public.orders OWNER TO checked_owner")
	excess, err := server.CheckReader(t.Context(), "checked_reader")
	require.NoError(t, err)
	require.Empty(t, excess)
	excess, err = server.CheckReader(t.Context(), "checked_writer")
	require.NoError(t, err)
	require.Equal(t, []string{"INSERT on public.orders"}, excess)
	excess, err = server.CheckReader(t.Context(), "checked_member")
	require.NoError(t, err)
	require.Equal(t, []string{"membership in checked_writer"}, excess)
	_, err = server.CheckReader(t.Context(), "checked_elevated")
	require.ErrorIs(t, err, postgresql.ErrElevatedRole)
	require.ErrorContains(t, err, "CREATEROLE, CREATEDB")
	_, err = server.CheckReader(t.Context(), "checked_owner")
	require.ErrorIs(t, err, postgresql.ErrElevatedRole)
	require.ErrorContains(t, err, "table public.orders")
	_, err = server.CheckReader(t.Context(), cluster.Admin)
	require.ErrorIs(t, err, postgresql.ErrElevatedRole)
}
