// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// reviewed gives what a review says of a login. Of what it can write, what comes from the databases of other tests is left out.
func reviewed(t *testing.T, found *inventory.Server, name, database string) inventory.Login {
	t.Helper()
	index := slices.IndexFunc(found.Logins, func(l inventory.Login) bool { return l.Name == name })
	require.GreaterOrEqual(t, index, 0, name)
	login := found.Logins[index]
	login.Writes = slices.DeleteFunc(slices.Clone(login.Writes), func(text string) bool {
		return strings.Contains(text, " in database ") && !strings.HasSuffix(text, " in database "+database)
	})
	return login
}

func TestAReviewFindsWhatEachLoginCanDo(t *testing.T) {
	server, database := newServer(t, "reviewed")
	const endsLate = " VALID UNTIL '2100-01-01'"
	writing := "pg_write_all_data"
	if serverVersion(t) < 14 {
		writing = "pg_signal_backend"
	}
	admin(t, database,
		"CREATE ROLE review_super SUPERUSER LOGIN PASSWORD 'pw'"+endsLate,
		"CREATE ROLE review_maker CREATEROLE CREATEDB LOGIN PASSWORD 'pw'"+endsLate,
		"CREATE ROLE review_executor LOGIN PASSWORD 'pw'"+endsLate, "GRANT pg_execute_server_program TO review_executor",
		"CREATE ROLE review_writer LOGIN PASSWORD 'pw'"+endsLate, "GRANT "+writing+" TO review_writer",
		"CREATE ROLE review_clerks", "GRANT INSERT ON public.orders TO review_clerks",
		"CREATE ROLE review_clerk LOGIN PASSWORD 'pw'"+endsLate, "GRANT review_clerks TO review_clerk",
		"CREATE ROLE review_owner LOGIN PASSWORD 'pw'"+endsLate, "ALTER TABLE public.users OWNER TO review_owner",
		"CREATE ROLE review_reader LOGIN PASSWORD 'pw'", "GRANT SELECT ON public.users TO review_reader",
		"CREATE ROLE review_certified LOGIN",
		"SET password_encryption = 'md5'", "CREATE ROLE review_old LOGIN PASSWORD 'pw'"+endsLate, "RESET password_encryption",
	)
	found, err := server.ReviewLogins(t.Context())
	require.NoError(t, err)
	for _, want := range []inventory.Login{
		{Name: "review_super", Superuser: []string{"SUPERUSER"}},
		{Name: "review_maker", Superuser: []string{"CREATEROLE"}, Writes: []string{"CREATEDB"}},
		{Name: "review_executor", Superuser: []string{"membership in pg_execute_server_program"}},
		{Name: "review_writer", Writes: []string{"membership in " + writing}},
		{Name: "review_clerk", Writes: []string{"INSERT on public.orders via review_clerks in database " + database}},
		{Name: "review_owner", Writes: []string{"ownership on public.users in database " + database}},
		{Name: "review_reader", NeverExpires: true},
		{Name: "review_certified"},
		{Name: "review_old", OldPassword: "md5"},
		{Name: cluster.Admin, Own: true, Superuser: []string{"SUPERUSER"}, NeverExpires: true},
	} {
		got := reviewed(t, found, want.Name, database)
		require.ElementsMatch(t, want.Writes, got.Writes, want.Name)
		want.Writes, got.Writes = nil, nil
		require.Equal(t, want, got)
	}
	require.False(t, slices.ContainsFunc(found.Logins, func(l inventory.Login) bool { return l.Name == "review_clerks" }), "it can't log in")
	require.Contains(t, found.Logged, "log_statement = all")
	require.Equal(t, []inventory.Untold{{Question: inventory.LastUse, Reason: "PostgreSQL does not record when a login was last used."}}, found.Untold)

	// What everybody may do, each login may.
	admin(t, database, "GRANT UPDATE ON public.orders TO PUBLIC")
	fresh := postgresql.NewServer(adminConfig())
	t.Cleanup(fresh.Close)
	found, err = fresh.ReviewLogins(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"UPDATE on public.orders via PUBLIC in database " + database}, reviewed(t, found, "review_reader", database).Writes)
}

func TestAReviewSeesDoorsSessionsAndWhatIsLogged(t *testing.T) {
	server, database := newServer(t, "review doors")
	admin(t, database,
		"CREATE ROLE review_clear LOGIN PASSWORD 'pw'",
		"ALTER ROLE review_clear IN DATABASE \""+database+"\" SET log_statement = 'ddl'",
		"ALTER ROLE review_clear SET log_min_duration_statement = 0", "ALTER DATABASE \""+database+"\" SET log_statement = 'none'",
		"COPY (SELECT 'host all review_clear localhost scram-sha-256') TO PROGRAM 'cat >> pg_hba.conf'", "SELECT pg_reload_conf()",
	)
	config, err := pgx.ParseConfig(fmt.Sprintf("host=%s port=%d dbname='%s' user=review_clear password=pw sslmode=disable", cluster.Host, cluster.Port, database))
	require.NoError(t, err)
	var session *pgx.Conn
	require.Eventually(t, func() bool {
		session, err = pgx.ConnectConfig(t.Context(), config)
		return err == nil
	}, time.Minute, 20*time.Millisecond, "the server takes the new line")
	t.Cleanup(func() { _ = session.Close(t.Context()) })

	found, err := server.ReviewLogins(t.Context())
	require.NoError(t, err)
	require.Len(t, found.InClear, 1)
	require.Equal(t, "review_clear", found.InClear[0].Login)
	require.Equal(t, 1, found.InClear[0].Count)
	require.Contains(t, []string{"127.0.0.1", "::1"}, found.InClear[0].Address)
	last := found.Doors[len(found.Doors)-1]
	require.Positive(t, last.Line)
	last.Line = 0
	require.Equal(t, inventory.Door{
		Type: "host", Databases: []string{"all"}, Users: []string{"review_clear"}, Address: "localhost", Method: "scram-sha-256",
	}, last)
	require.Contains(t, found.Logged, "log_statement = ddl for role review_clear in database "+database)
	require.Contains(t, found.Logged, "log_min_duration_statement = 0 for role review_clear")
	require.NotContains(t, strings.Join(found.Logged, "; "), "none")
}

func TestAReviewSaysWhatAnOrdinaryAdminMayNotAsk(t *testing.T) {
	_, database := newServer(t, "review limits")
	admin(t, database, "CREATE ROLE review_limited LOGIN CREATEROLE PASSWORD 'pw'", "REVOKE CONNECT ON DATABASE \""+database+"\" FROM PUBLIC")
	config := adminConfig()
	config.Username, config.Password = "review_limited", secret.New("pw")
	server := postgresql.NewServer(config)
	t.Cleanup(server.Close)
	found, err := server.ReviewLogins(t.Context())
	require.NoError(t, err)
	var questions []inventory.Question
	for _, untold := range found.Untold {
		questions = append(questions, untold.Question)
	}
	for _, question := range []inventory.Question{
		inventory.LastUse, inventory.Passwords, inventory.Expiry, inventory.Encryption, inventory.Doors, inventory.Privileges,
	} {
		require.Contains(t, questions, question)
	}
	require.Contains(t, found.Untold, inventory.Untold{Question: inventory.Privileges, Reason: "The admin may not connect to database " + database + "."})
	require.Empty(t, found.Doors)
	own := reviewed(t, found, "review_limited", database)
	require.True(t, own.Own)
	require.Equal(t, []string{"CREATEROLE"}, own.Superuser)
}

func TestAReviewAsksTheSameHoweverManyLoginsThereAre(t *testing.T) {
	_, database := newServer(t, "review cost")
	cost := func() int {
		t.Helper()
		server := postgresql.NewServer(adminConfig())
		defer server.Close()
		meter, err := cluster.NewMeter()
		require.NoError(t, err)
		_, err = server.ReviewLogins(t.Context())
		require.NoError(t, err)
		seen, err := meter.Read()
		require.NoError(t, err)
		return seen.Statements
	}
	few := cost()
	var roles strings.Builder
	for i := range 100 {
		fmt.Fprintf(&roles, "CREATE ROLE review_cost_%d LOGIN; GRANT INSERT ON public.orders TO review_cost_%d; ", i, i)
	}
	admin(t, database, roles.String())
	require.Equal(t, few, cost())
	var databases int
	as(t, cluster.AdminURL("postgres"), func(c *pgx.Conn) {
		require.NoError(t, c.QueryRow(t.Context(), "SELECT count(*) FROM pg_database WHERE datallowconn AND NOT datistemplate").Scan(&databases))
	})
	require.LessOrEqual(t, few, 15+3*databases)
}

// A server may have more databases than it takes connections.
func TestManyDatabasesDoNotTakeAllConnections(t *testing.T) {
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	small, err := stack.PostgreSQL(t.Context(), devstack.PostgreSQLOptions{Settings: map[string]string{"max_connections": "18"}})
	require.NoError(t, err)
	grants := make([]postgresql.Grant, 24)
	quickly := ""
	if serverVersion(t) >= 15 {
		quickly = " STRATEGY wal_log"
	}
	as(t, small.AdminURL("postgres"), func(c *pgx.Conn) {
		for i := range grants {
			grants[i] = postgresql.Grant{Database: fmt.Sprintf("tenant_%02d", i), Schema: "public"}
			_, err := c.Exec(t.Context(), "CREATE DATABASE "+grants[i].Database+quickly)
			require.NoError(t, err)
		}
	})
	server := postgresql.NewServer(postgresql.Config{
		Host: small.Host, Port: small.Port, Username: small.Admin, Password: small.AdminPassword, SSLRootCert: small.Authority.CAFile,
	})
	t.Cleanup(server.Close)
	_, err = server.ReviewLogins(t.Context())
	require.NoError(t, err, "a review")
	_, err = server.CreateRole(t.Context(), postgresql.Role{Name: "tenants", Grants: grants}, secret.New("pw"))
	require.NoError(t, err, "a role that reads all of them")
}
