// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// cluster is the server that the tests of this package share; each test has databases of its own on it.
var cluster *devstack.PostgreSQL

func TestMain(m *testing.M) {
	stack, err := devstack.Open()
	if err == nil {
		cluster, err = stack.PostgreSQL(context.Background(),
			devstack.PostgreSQLOptions{Settings: map[string]string{"log_statement": "all", "max_connections": "50", "max_prepared_transactions": "2"}})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "no PostgreSQL for the tests:", err)
		os.Exit(1)
	}
	code := m.Run()
	if err := stack.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// throughPgBouncer starts a pooler in transaction mode before the cluster, and gives its port.
func throughPgBouncer(t *testing.T) int {
	t.Helper()
	stack, err := devstack.Open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Close()) })
	pooler, err := stack.PgBouncer(t.Context(), cluster)
	require.NoError(t, err)
	return pooler.Port
}

// newServer gives a server whose maintenance database is the usual one, and a fresh database with a few objects.
func newServer(t *testing.T, name string) (*postgresql.Server, string) {
	t.Helper()
	database := "db " + name
	admin(t, "postgres", "CREATE DATABASE "+pgx.Identifier{database}.Sanitize(), "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
	admin(t, database,
		"REVOKE CREATE ON SCHEMA public FROM PUBLIC", // The server's own default from version 15 on.
		"CREATE ROLE \"owner of "+name+"\"",
		"CREATE TABLE public.users (id int, secret text); INSERT INTO public.users VALUES (1, 'a')",
		"CREATE TABLE public.orders (id int)",
		"CREATE VIEW public.totals AS SELECT count(*) FROM public.orders",
		"CREATE MATERIALIZED VIEW public.cached AS SELECT 1 AS one",
		"CREATE TABLE public.events (at date) PARTITION BY RANGE (at)",
		"CREATE TABLE public.events_old PARTITION OF public.events DEFAULT",
		"CREATE SCHEMA reporting",
		"CREATE TABLE reporting.monthly (id int)",
		"GRANT CREATE, USAGE ON SCHEMA reporting TO \"owner of "+name+"\"",
	)
	server := postgresql.NewServer(adminConfig())
	t.Cleanup(server.Close)
	return server, database
}

func adminConfig() postgresql.Config {
	return postgresql.Config{
		Host: cluster.Host, Port: cluster.Port, Username: cluster.Admin, Password: cluster.AdminPassword,
		SSLRootCert: cluster.Authority.CAFile,
	}
}

// look reads a role as a run of its own does, that knows it as it is given.
func look(t *testing.T, known postgresql.Role) (*postgresql.Observed, error) {
	t.Helper()
	return lookAs(t, adminConfig(), known)
}

func lookAs(t *testing.T, config postgresql.Config, known postgresql.Role) (*postgresql.Observed, error) {
	t.Helper()
	server := postgresql.NewServer(config)
	defer server.Close()
	return server.ReadRole(t.Context(), known)
}

func admin(t *testing.T, database string, statements ...string) {
	t.Helper()
	as(t, cluster.AdminURL(database), func(c *pgx.Conn) {
		for _, sql := range statements {
			_, err := c.Exec(t.Context(), sql)
			require.NoError(t, err, sql)
		}
	})
}

// create makes a role, and holds what the server says of it against a look afterwards.
func create(t *testing.T, server *postgresql.Server, role postgresql.Role, password secret.String) {
	t.Helper()
	made, err := server.CreateRole(t.Context(), role, password)
	require.NoError(t, err)
	seen, err := look(t, role)
	require.NoError(t, err)
	for name, member := range seen.Members {
		require.Equal(t, member.CanLogin, made.Members[name].CanLogin)
		require.Equal(t, member.Attributes, made.Members[name].Attributes)
		require.Equal(t, seen.PasswordDigest(name), made.PasswordDigest(name))
	}
	require.Len(t, made.Members, len(seen.Members))
	require.Equal(t, seen.ExcessPrivileges(), made.ExcessPrivileges())
	seenGrants, seenOwners := seen.Effective(role)
	madeGrants, madeOwners := made.Effective(role)
	require.Equal(t, seenGrants, madeGrants)
	require.Equal(t, seenOwners, madeOwners)
}

func update(t *testing.T, server *postgresql.Server, name string, role postgresql.Role, password secret.String) {
	t.Helper()
	digest, err := server.UpdateRole(t.Context(), name, role, password)
	require.NoError(t, err)
	require.Equal(t, password.IsEmpty(), digest == "")
}

func as(t *testing.T, url string, do func(*pgx.Conn)) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	do(connection)
	require.NoError(t, connection.Close(context.WithoutCancel(t.Context())))
}

func TestRoleReadsAndNothingElse(t *testing.T) {
	server, database := newServer(t, "reads")
	owner := "owner of reads"
	password := secret.New("correct horse $1 'battery' \\ staple")
	role := postgresql.Role{
		Name: "reader of reads",
		Grants: []postgresql.Grant{
			{Database: database, Schema: "public", Tables: []string{"users", "totals", "cached", "events"}},
			{Database: database, Schema: "reporting"},
		},
		FutureTablesOwnedBy: []string{owner},
		Attributes: postgresql.Attributes{
			ConnectionLimit: 7, StatementTimeout: 30 * time.Second, IdleInTransactionSessionTimeout: time.Minute,
		},
	}
	create(t, server, role, password)
	_, err := server.CreateRole(t.Context(), role, password)
	require.ErrorIs(t, err, postgresql.ErrRoleExists)

	admin(t, database, "SET ROLE \"owner of reads\"; CREATE TABLE reporting.later (id int)")
	as(t, cluster.URL(database, role.Name, password), func(c *pgx.Conn) {
		for _, table := range []string{"public.users", "public.totals", "public.cached", "public.events", "reporting.monthly", "reporting.later"} {
			_, err := c.Exec(t.Context(), "SELECT * FROM "+table)
			require.NoError(t, err)
		}
		_, err := c.Exec(t.Context(), "SELECT * FROM public.orders")
		require.ErrorContains(t, err, "permission denied")
		for _, sql := range []string{
			"INSERT INTO public.users VALUES (2)", "UPDATE public.users SET id = 3", "DELETE FROM public.users",
			"CREATE TABLE public.mine (id int)", "CREATE SCHEMA mine", "TRUNCATE public.users",
		} {
			_, err := c.Exec(t.Context(), sql)
			require.ErrorContains(t, err, "read-only transaction", sql)
			_, err = c.Exec(t.Context(), "SET default_transaction_read_only = off")
			require.NoError(t, err)
			_, err = c.Exec(t.Context(), sql)
			require.ErrorContains(t, err, "permission denied", sql)
			_, err = c.Exec(t.Context(), "RESET default_transaction_read_only")
			require.NoError(t, err)
		}
		var timeout string
		require.NoError(t, c.QueryRow(t.Context(), "SHOW statement_timeout").Scan(&timeout))
		require.Equal(t, "30s", timeout)
	})

	observed, err := look(t, role)
	require.NoError(t, err)
	login := observed.Members[role.Name]
	require.True(t, login.CanLogin)
	require.True(t, login.ReadOnly)
	require.Equal(t, role.Attributes, login.Attributes)
	require.Empty(t, observed.ExcessPrivileges(role.Name))
	grants, owners := observed.Effective(role)
	require.Equal(t, []postgresql.Grant{
		{Database: database, Schema: "public", Tables: []string{"cached", "events", "totals", "users"}},
		{Database: database, Schema: "reporting"},
	}, grants)
	require.Equal(t, []string{owner}, owners)

	log, err := cluster.Log()
	require.NoError(t, err)
	require.NotContains(t, log, "battery", "the password is in the server's log")
	require.Contains(t, log, "SCRAM-SHA-256$4096:", "the log was looked at")
}

func TestDriftShowsAndUpdateMendsIt(t *testing.T) {
	server, database := newServer(t, "drift")
	role := postgresql.Role{
		Name:                "reader of drift",
		Grants:              []postgresql.Grant{{Database: database, Schema: "public"}},
		FutureTablesOwnedBy: []string{"owner of drift"},
		Attributes:          postgresql.Attributes{ConnectionLimit: postgresql.NoConnectionLimit},
	}
	create(t, server, role, secret.New("first"))
	admin(t, "postgres", "CREATE ROLE \"group of drift\"", "GRANT \"group of drift\" TO \"reader of drift\"")
	admin(t, database,
		"REVOKE SELECT ON public.users FROM \"reader of drift\"",
		"GRANT TRUNCATE, INSERT ON public.orders TO \"reader of drift\"",
		"GRANT SELECT ON public.totals TO \"reader of drift\" WITH GRANT OPTION",
		"GRANT UPDATE (id) ON public.orders TO \"reader of drift\"",
		"GRANT USAGE ON SCHEMA reporting TO \"reader of drift\"",
		"GRANT SELECT ON reporting.monthly TO \"reader of drift\"",
		"GRANT UPDATE, DELETE ON public.orders TO PUBLIC",
		"GRANT TRUNCATE, INSERT ON public.orders TO \"group of drift\"",
		"CREATE FUNCTION public.f(a int, b text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
		"GRANT EXECUTE ON FUNCTION public.f(int, text) TO \"reader of drift\"",
		"ALTER DEFAULT PRIVILEGES FOR ROLE \"owner of drift\" IN SCHEMA public GRANT INSERT ON TABLES TO \"reader of drift\"",
		"ALTER DEFAULT PRIVILEGES FOR ROLE \"owner of drift\" GRANT SELECT ON SEQUENCES TO \"reader of drift\"",
		"ALTER ROLE \"reader of drift\" RESET default_transaction_read_only",
		"ALTER ROLE \"reader of drift\" CREATEDB",
	)

	observed, err := look(t, role)
	require.NoError(t, err)
	require.False(t, observed.Members[role.Name].ReadOnly)
	require.Equal(t, []string{
		"CREATEDB", "DELETE, UPDATE on public.orders via PUBLIC", "EXECUTE on public.f(a integer, b text)",
		"GRANT OPTION FOR SELECT on public.totals", "INSERT, SELECT on future tables of owner of drift in schema public",
		"INSERT, TRUNCATE on public.orders", "INSERT, TRUNCATE on public.orders via group of drift", "SELECT on future sequences of owner of drift",
		"UPDATE on public.orders (id)", "membership in group of drift", "read-write transactions by default",
	}, observed.ExcessPrivileges(role.Name))
	require.Equal(t, []string{"DELETE, UPDATE on public.orders via PUBLIC"}, postgresql.RemainingExcess(observed.ExcessPrivileges(role.Name)))
	grants, _ := observed.Effective(role)
	require.Equal(t, []postgresql.Grant{
		{Database: database, Schema: "public", Tables: []string{"cached", "events", "events_old", "orders", "totals"}},
		{Database: database, Schema: "reporting", Tables: []string{"monthly"}},
	}, grants)

	update(t, server, role.Name, role, secret.String{})
	observed, err = look(t, role)
	require.NoError(t, err)
	require.Equal(t, []string{"DELETE, UPDATE on public.orders via PUBLIC"}, observed.ExcessPrivileges(role.Name))
	require.True(t, observed.Members[role.Name].ReadOnly)
	grants, owners := observed.Effective(role)
	require.Equal(t, role.Grants, grants)
	require.Equal(t, role.FutureTablesOwnedBy, owners)
	as(t, cluster.URL(database, role.Name, secret.New("first")), func(*pgx.Conn) {})
}

func TestUpdateRoleRenamesAndMoves(t *testing.T) {
	server, first := newServer(t, "update one")
	_, second := newServer(t, "update two")
	role := postgresql.Role{
		Name:       "before",
		Grants:     []postgresql.Grant{{Database: first, Schema: "public"}},
		Attributes: postgresql.Attributes{ConnectionLimit: 3},
	}
	create(t, server, role, secret.New("old"))
	until := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	role.Name = "after"
	role.Grants = []postgresql.Grant{{Database: second, Schema: "reporting", Tables: []string{"monthly"}}}
	role.Attributes = postgresql.Attributes{ConnectionLimit: 4, ValidUntil: &until, StatementTimeout: 1500 * time.Millisecond}
	update(t, server, "before", role, secret.New("new"))

	_, err := look(t, postgresql.Role{Name: "before"})
	require.ErrorIs(t, err, postgresql.ErrRoleNotFound)
	observed, err := look(t, postgresql.Role{Name: "after"})
	require.NoError(t, err)
	require.Equal(t, 4, observed.Members["after"].Attributes.ConnectionLimit)
	require.True(t, until.Equal(*observed.Members["after"].Attributes.ValidUntil))
	require.Equal(t, 1500*time.Millisecond, observed.Members["after"].Attributes.StatementTimeout)
	grants, _ := observed.Effective(role)
	require.Equal(t, role.Grants, grants)
	as(t, cluster.URL(second, "after", secret.New("new")), func(*pgx.Conn) {})
	_, err = pgx.Connect(t.Context(), cluster.URL(second, "after", secret.New("old")))
	require.ErrorContains(t, err, "password authentication failed")
}

func TestFailedCreateLeavesNothing(t *testing.T) {
	server, first := newServer(t, "fail one")
	_, second := newServer(t, "fail two")
	for name, grants := range map[string][]postgresql.Grant{
		"a table that is missing":                        {{Database: first, Schema: "public", Tables: []string{"users", "nope"}}},
		"a schema that is missing":                       {{Database: first, Schema: "nope"}},
		"a table that is missing in the second database": {{Database: first, Schema: "public"}, {Database: second, Schema: "public", Tables: []string{"nope"}}},
	} {
		t.Run(name, func(t *testing.T) {
			role := postgresql.Role{Name: "half", Grants: grants, Attributes: postgresql.Attributes{ConnectionLimit: -1}}
			_, err := server.CreateRole(t.Context(), role, secret.New("x"))
			require.ErrorIs(t, err, postgresql.ErrObjectNotFound)
			require.ErrorContains(t, err, "nope")
			_, err = look(t, postgresql.Role{Name: "half"})
			require.ErrorIs(t, err, postgresql.ErrRoleNotFound)
		})
	}
}

func TestDropRole(t *testing.T) {
	server, first := newServer(t, "drop one")
	_, second := newServer(t, "drop two")
	role := postgresql.Role{
		Name:                "leaver",
		Grants:              []postgresql.Grant{{Database: first, Schema: "public"}, {Database: second, Schema: "reporting"}},
		FutureTablesOwnedBy: []string{"owner of drop one"},
		Attributes:          postgresql.Attributes{ConnectionLimit: -1},
	}
	create(t, server, role, secret.New("x"))
	admin(t, first, "CREATE TABLE public.kept (id int); ALTER TABLE public.kept OWNER TO leaver")

	err := server.DropRole(t.Context(), "leaver", true)
	require.ErrorIs(t, err, postgresql.ErrRoleOwnsObjects)
	require.ErrorContains(t, err, "table public.kept in database "+first)
	as(t, cluster.URL(first, "leaver", secret.New("x")), func(*pgx.Conn) {})

	admin(t, first, "ALTER TABLE public.kept OWNER TO postgres")
	session, err := pgx.Connect(t.Context(), cluster.URL(first, "leaver", secret.New("x")))
	require.NoError(t, err)
	require.NoError(t, server.DropRole(t.Context(), "leaver", true))
	require.Error(t, session.Ping(t.Context()), "the session has ended")
	require.ErrorIs(t, server.DropRole(t.Context(), "leaver", true), postgresql.ErrRoleNotFound)
	admin(t, first, "SELECT * FROM public.kept")
	for _, database := range []string{first, second} {
		as(t, cluster.AdminURL(database), func(c *pgx.Conn) {
			var left int
			require.NoError(t, c.QueryRow(t.Context(), "SELECT count(*) FROM pg_default_acl").Scan(&left))
			require.Zero(t, left)
		})
	}
}

func TestManyRolesAtOnce(t *testing.T) {
	server, database := newServer(t, "many")
	another := postgresql.NewServer(adminConfig())
	t.Cleanup(another.Close)
	everyone := func(do func(*postgresql.Server, postgresql.Role) error) error {
		var group errgroup.Group
		for i := range 20 {
			role := postgresql.Role{
				Name:                fmt.Sprintf("many %d", i),
				Grants:              []postgresql.Grant{{Database: database, Schema: "public"}, {Database: database, Schema: "reporting"}},
				FutureTablesOwnedBy: []string{"owner of many"},
				Attributes:          postgresql.Attributes{ConnectionLimit: -1},
			}
			group.Go(func() error { return do([]*postgresql.Server{server, another}[i%2], role) })
		}
		return group.Wait()
	}
	require.NoError(t, everyone(func(s *postgresql.Server, r postgresql.Role) error {
		_, err := s.CreateRole(t.Context(), r, secret.New("x"))
		return err
	}))
	require.NoError(t, everyone(func(s *postgresql.Server, r postgresql.Role) error {
		return s.DropRole(t.Context(), r.Name, true)
	}))
}

func TestHostileNames(t *testing.T) {
	server, database := newServer(t, "hostile")
	names := []string{
		`a"b`, `a""; DROP TABLE public.users; --`, "a'b", `back\slash`, "semi;colon", "dot.ted", "with space", "UPPER", "émoji 🐘",
		"%s$1?", "new\nline", strings.Repeat("x", 63),
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			quoted := pgx.Identifier{name}.Sanitize()
			admin(t, database, "CREATE SCHEMA "+quoted, "CREATE TABLE "+quoted+"."+quoted+" (id int)")
			role := postgresql.Role{
				Name:       name,
				Grants:     []postgresql.Grant{{Database: database, Schema: name, Tables: []string{name}}},
				Attributes: postgresql.Attributes{ConnectionLimit: -1},
			}
			create(t, server, role, secret.New(name))
			observed, err := look(t, role)
			require.NoError(t, err)
			grants, _ := observed.Effective(role)
			require.Equal(t, role.Grants, grants)
			as(t, cluster.URL(database, name, secret.New(name)), func(c *pgx.Conn) {
				_, err := c.Exec(t.Context(), "SELECT * FROM "+quoted+"."+quoted)
				require.NoError(t, err)
			})
			require.NoError(t, server.DropRole(t.Context(), name, true))
		})
	}
	admin(t, database, "SELECT * FROM public.users")
}

func TestConnectionErrorsHoldNoPassword(t *testing.T) {
	const password = "s3cr3t-of-nobody"
	for name, config := range map[string]postgresql.Config{
		"wrong password":  {Host: cluster.Host, Port: cluster.Port, SSLRootCert: cluster.Authority.CAFile},
		"unknown root":    {Host: cluster.Host, Port: cluster.Port},
		"nothing listens": {Host: "127.0.0.1", Port: 1},
		"bad mode":        {Host: cluster.Host, Port: cluster.Port, SSLMode: "sometimes"},
	} {
		t.Run(name, func(t *testing.T) {
			config.Username, config.Password = "nobody", secret.New(password)
			server := postgresql.NewServer(config)
			t.Cleanup(server.Close)
			_, err := look(t, postgresql.Role{Name: "any"})
			require.Error(t, err)
			require.NotContains(t, err.Error(), password)
			require.NotContains(t, fmt.Sprintf("%+v %#v", server, config), password)
		})
	}
}
