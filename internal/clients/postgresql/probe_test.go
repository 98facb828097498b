// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// probeAs looks at a database of the cluster as a login whose password is pw.
func probeAs(t *testing.T, database, username string) probe.Report {
	t.Helper()
	report, err := probeSettings(t, map[string]string{
		"host": cluster.Host, "port": strconv.Itoa(cluster.Port), "dbname": database, "user": username, "password": "pw",
		"sslmode": "verify-full", "sslrootcert": cluster.Authority.CAFile,
	})
	require.NoError(t, err)
	require.NoError(t, report.Unknown)
	return report
}

func probeSettings(t *testing.T, settings map[string]string) (probe.Report, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	secrets := map[string]secret.String{}
	for keyword, value := range settings {
		secrets[keyword] = secret.New(value)
	}
	return postgresql.Probe(ctx, secrets, func() {})
}

func TestProbeTellsWhatALoginCanWriteAndThroughWhat(t *testing.T) {
	_, database := newServer(t, "probed")
	admin(t, database,
		"CREATE ROLE probed LOGIN PASSWORD 'pw'", "GRANT USAGE ON SCHEMA reporting TO probed",
		"GRANT SELECT ON public.users, reporting.monthly TO probed",
		"ALTER ROLE probed SET default_transaction_read_only = on",
		"CREATE SEQUENCE public.counted", "CREATE SCHEMA closed", "CREATE TABLE closed.t (id int)")
	report := probeAs(t, database, "probed")
	require.Equal(t, "probed", report.Username)
	require.Equal(t, &probe.TLS{Version: "TLS 1.3", Verified: true}, report.TLS)
	require.NotEmpty(t, report.ServerVersion)
	require.Empty(t, report.Writable, "a role with read privileges only")
	arguments := "IN a integer, IN text"
	if serverVersion(t) < 14 {
		arguments = "a integer, text"
	}

	excess := func() []string {
		t.Helper()
		observed, err := look(t, postgresql.Role{Name: "probed", Login: "probed", Grants: []postgresql.Grant{
			{Database: database, Schema: "public", Tables: []string{"users"}}, {Database: database, Schema: "reporting", Tables: []string{"monthly"}},
		}})
		require.NoError(t, err)
		return observed.ExcessPrivileges("probed")
	}
	require.Empty(t, excess())
	for _, step := range []struct {
		grant, revoke string
		want          []string
		// excess is what the resource says of the same login, where that is not the same.
		excess []string
	}{
		{"GRANT INSERT ON public.orders TO PUBLIC", "REVOKE INSERT ON public.orders FROM PUBLIC", []string{"INSERT on public.orders via PUBLIC"}, nil},
		{"GRANT UPDATE (secret) ON public.users TO probed", "REVOKE UPDATE (secret) ON public.users FROM probed", []string{"UPDATE on public.users (secret)"}, nil},
		{"GRANT DELETE, TRUNCATE ON public.users TO probed", "REVOKE DELETE, TRUNCATE ON public.users FROM probed", []string{"DELETE, TRUNCATE on public.users"}, nil},
		{"GRANT USAGE ON SEQUENCE public.counted TO probed", "REVOKE USAGE ON SEQUENCE public.counted FROM probed", []string{"USAGE on sequence public.counted"}, nil},
		{"GRANT CREATE ON SCHEMA reporting TO PUBLIC", "REVOKE CREATE ON SCHEMA reporting FROM PUBLIC", []string{"CREATE on schema reporting via PUBLIC"}, nil},
		{fmt.Sprintf("GRANT CREATE ON DATABASE %q TO probed", database), fmt.Sprintf("REVOKE CREATE ON DATABASE %q FROM probed", database), []string{"CREATE on database " + database}, nil},
		{"CREATE ROLE probed_group; GRANT UPDATE ON public.orders TO probed_group; GRANT probed_group TO probed", "REVOKE probed_group FROM probed; DROP OWNED BY probed_group; DROP ROLE probed_group", []string{"UPDATE on public.orders via probed_group"}, []string{"UPDATE on public.orders via probed_group", "membership in probed_group"}},
		{"CREATE ROLE probed_admin CREATEROLE NOINHERIT; GRANT probed_admin TO probed", "DROP ROLE probed_admin", []string{"CREATEROLE via probed_admin"}, []string{"membership in probed_admin"}},
		{"ALTER TABLE public.orders OWNER TO probed", "ALTER TABLE public.orders OWNER TO " + cluster.Admin, []string{"ownership on public.orders"}, nil},
		{"ALTER ROLE probed CREATEDB", "ALTER ROLE probed NOCREATEDB", []string{"CREATEDB"}, nil},
		{"ALTER ROLE probed SUPERUSER", "ALTER ROLE probed NOSUPERUSER", []string{"SUPERUSER"}, nil},
		{"GRANT TRIGGER ON public.users TO probed", "REVOKE TRIGGER ON public.users FROM probed", []string{"TRIGGER on public.users"}, nil},
		{"SELECT lo_create(4711); GRANT UPDATE ON LARGE OBJECT 4711 TO probed", "SELECT lo_unlink(4711)", []string{"UPDATE on large object 4711"}, nil},
		{"SELECT lo_create(4711); GRANT ALL ON LARGE OBJECT 4711 TO PUBLIC", "SELECT lo_unlink(4711)", []string{"UPDATE on large object 4711 via PUBLIC"}, nil},
		{"SELECT lo_create(4711); ALTER LARGE OBJECT 4711 OWNER TO probed", "SELECT lo_unlink(4711)", []string{"ownership on large object 4711"}, nil},
		{"SELECT lo_create(4711); GRANT SELECT ON LARGE OBJECT 4711 TO probed", "SELECT lo_unlink(4711)", nil, []string{"SELECT on large object 4711"}},
		{"GRANT INSERT ON closed.t TO probed", "REVOKE INSERT ON closed.t FROM probed", nil, []string{"INSERT on closed.t"}},
		{"GRANT TEMPORARY ON DATABASE postgres TO PUBLIC", "SELECT 1", nil, nil},
		{"CREATE FUNCTION public.bump() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO public.orders VALUES (1)'", "DROP FUNCTION public.bump()", []string{"EXECUTE on public.bump(), SECURITY DEFINER of postgres, via PUBLIC"}, nil},
		{"CREATE PROCEDURE public.bump(a int, text) LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO public.orders VALUES (1)'; REVOKE EXECUTE ON PROCEDURE public.bump FROM PUBLIC; GRANT EXECUTE ON PROCEDURE public.bump TO probed", "DROP PROCEDURE public.bump", []string{"EXECUTE on public.bump(" + arguments + "), SECURITY DEFINER of postgres"}, nil},
		{"CREATE ROLE probed_group; CREATE FUNCTION public.bump() RETURNS void LANGUAGE sql SECURITY DEFINER AS ''; REVOKE EXECUTE ON FUNCTION public.bump FROM PUBLIC; GRANT EXECUTE ON FUNCTION public.bump TO probed_group; GRANT probed_group TO probed", "DROP FUNCTION public.bump(); DROP ROLE probed_group", []string{"EXECUTE on public.bump(), SECURITY DEFINER of postgres, via probed_group"}, []string{"EXECUTE on public.bump(), SECURITY DEFINER of postgres, via probed_group", "membership in probed_group"}},
		{"CREATE FUNCTION public.bump() RETURNS void LANGUAGE sql AS ''", "DROP FUNCTION public.bump()", nil, nil},
		{"CREATE FUNCTION closed.bump() RETURNS void LANGUAGE sql SECURITY DEFINER AS ''", "DROP FUNCTION closed.bump()", nil, nil},
		{"CREATE FUNCTION public.bump() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NEW; END'", "DROP FUNCTION public.bump()", nil, nil},
		{"CREATE FUNCTION public.bump() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN END'", "DROP FUNCTION public.bump()", nil, nil},
		{"GRANT USAGE ON SEQUENCE public.counted TO PUBLIC", "REVOKE USAGE ON SEQUENCE public.counted FROM PUBLIC", []string{"USAGE on sequence public.counted via PUBLIC"}, nil},
		{"GRANT TRIGGER ON public.users TO PUBLIC", "REVOKE TRIGGER ON public.users FROM PUBLIC", []string{"TRIGGER on public.users via PUBLIC"}, nil},
		{"GRANT INSERT ON closed.t TO PUBLIC", "REVOKE INSERT ON closed.t FROM PUBLIC", nil, nil},
		{"SELECT lo_create(4711), lo_create(4712); ALTER LARGE OBJECT 4711 OWNER TO probed; ALTER LARGE OBJECT 4712 OWNER TO probed", "SELECT lo_unlink(4711), lo_unlink(4712)", []string{"ownership on 2 large objects, such as 4711"}, nil},
	} {
		admin(t, database, step.grant)
		require.Equal(t, step.want, nilIfEmpty(probeAs(t, database, "probed").Writable), step.grant)
		if step.excess == nil {
			step.excess = step.want
		}
		require.Equal(t, step.excess, nilIfEmpty(excess()), step.grant)
		admin(t, database, step.revoke)
		require.Empty(t, probeAs(t, database, "probed").Writable, step.revoke)
	}
}

// A routine of an extension that is known to change nothing is left out; one of the same name that somebody made is not.
func TestHarmlessRoutinesOfExtensionsAreLeftOut(t *testing.T) {
	_, database := newServer(t, "harmless")
	admin(t, database, "CREATE ROLE harmless LOGIN PASSWORD 'pw'",
		"CREATE FUNCTION public.get_schema_version() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")
	require.Len(t, probeAs(t, database, "harmless").Writable, 1)
	// The extension itself is not on this machine: the one that every database has takes its name.
	admin(t, database, "ALTER EXTENSION plpgsql ADD FUNCTION public.get_schema_version()")
	require.Len(t, probeAs(t, database, "harmless").Writable, 1)
	if serverVersion(t) < 13 {
		t.Log("PostgreSQL 12 lets nobody rename an extension without a restart: the rest is not looked at")
		return
	}
	admin(t, database, "SET allow_system_table_mods = on; UPDATE pg_catalog.pg_extension SET extname = 'pg_graphql' WHERE extname = 'plpgsql'")
	require.Empty(t, probeAs(t, database, "harmless").Writable)
}

// nilIfEmpty makes no list and an empty one the same.
func nilIfEmpty(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

func TestProbeListsNoMoreThanHelps(t *testing.T) {
	_, database := newServer(t, "much")
	admin(t, database, "CREATE ROLE much LOGIN PASSWORD 'pw'",
		"DO $$ BEGIN FOR i IN 1..150 LOOP EXECUTE format('CREATE TABLE public.t%s ()', i); EXECUTE format('GRANT INSERT ON public.t%s TO much', i); END LOOP; END $$")
	writable := probeAs(t, database, "much").Writable
	require.Len(t, writable, 101)
	require.Equal(t, "and 50 more", writable[100])
}

// TestProbeGetsWhereTheGatewaysDriverGets opens the same strings with lib/pq itself.
func TestProbeGetsWhereTheGatewaysDriverGets(t *testing.T) {
	_, database := newServer(t, "driver")
	admin(t, database, "CREATE ROLE driver LOGIN PASSWORD 'p w''\\x'", "GRANT CONNECT ON DATABASE \"db driver\" TO driver")
	for _, name := range []string{"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE", "PGSSLROOTCERT"} {
		t.Setenv(name, "")
		require.NoError(t, os.Unsetenv(name))
	}
	port := strconv.Itoa(cluster.Port)
	url := "postgresql://driver:p%20w%27%5Cx@localhost:" + port + "/db%20driver?"
	pairs := `host=localhost port=` + port + ` user=driver password='p w\'\\x' dbname='db driver' `
	roots := "sslrootcert=" + cluster.Authority.CAFile
	notPEM := filepath.Join(t.TempDir(), "not.pem")
	require.NoError(t, os.WriteFile(notPEM, []byte("no certificate"), 0o600))
	type seen struct {
		reachable, verified bool
	}
	for dsn, want := range map[string]seen{
		url + "sslmode=verify-full&" + roots: {true, true},
		url + roots:                          {true, false},
		url:                                  {true, false},
		url + "sslmode=require":              {true, false},
		url + "sslmode=require&" + "sslrootcert=/nowhere.pem":           {true, false},
		url + "sslmode=require&sslrootcert=" + notPEM:                   {false, false},
		url + "sslmode=verify-ca&" + roots:                              {true, false},
		url + "sslmode=verify-ca":                                       {false, false},
		url + "sslmode=verify-full":                                     {false, false},
		url + "sslmode=disable":                                         {false, false},
		url + "sslmode=prefer":                                          {false, false},
		url + "ssl_mode=require":                                        {false, false},
		url + "max_connections=10":                                      {false, false},
		url + "search_path=public&statement_timeout=1000":               {true, false},
		url + "connect_timeout=x":                                       {false, false},
		url + "client_encoding=latin1":                                  {false, false},
		url + "sslsni=0&sslmode=verify-full&" + roots:                   {true, true},
		url + "sslmode=verify-full&sslcert=/nowhere.crt&" + roots:       {true, true},
		pairs + "sslmode=verify-full " + roots:                          {true, true},
		pairs + "sslmode = verify-full " + roots:                        {true, true},
		pairs + "hostaddr=127.0.0.1":                                    {false, false},
		pairs + "fallback_application_name=gw":                          {true, false},
		"postgres://driver:wrong@localhost:" + port + "/db%20driver":    {false, false},
		"postgres://driver:p%20w%27%5Cx@localhost:" + port + "/nowhere": {false, false},
		"postgres://driver:p%20w%27%5Cx@localhost:1/db%20driver":        {false, false},
		"postgres:///db%20driver?host=" + cluster.SocketDir + "&port=" + port + "&user=driver&password=p%20w%27%5Cx": {true, false},
	} {
		t.Run(dsn, func(t *testing.T) {
			settings, err := hyperterse.PostgresSettings(secret.New(dsn), nil)
			require.NoError(t, err)
			report, err := postgresql.Probe(t.Context(), settings, func() {})
			require.Equal(t, want.reachable, err == nil, "%v", err)
			require.Equal(t, want.verified, report.TLS != nil && report.TLS.Verified)

			connector, err := pq.NewConnector(dsn)
			if err == nil {
				database := sql.OpenDB(connector)
				err = database.PingContext(t.Context())
				require.NoError(t, database.Close())
			}
			require.Equal(t, want.reachable, err == nil, "lib/pq itself: %v", err)
		})
	}
}

func TestProbeKeepsTheRunnersOwnSettingsOut(t *testing.T) {
	_, database := newServer(t, "alone")
	admin(t, database, "CREATE ROLE alone LOGIN PASSWORD 'pw'")
	for name, value := range map[string]string{
		"PGHOST": "nowhere.invalid", "PGUSER": cluster.Admin, "PGPASSWORD": cluster.AdminPassword.Reveal(), "PGSSLMODE": "disable",
		"PGSSLROOTCERT": "/nowhere.pem", "PGCHANNELBINDING": "require", "PGREQUIREAUTH": "none", "PGOPTIONS": "-c nonsense=1",
		"PGTARGETSESSIONATTRS": "standby", "PGCONNECT_TIMEOUT": "x", "PGSSLNEGOTIATION": "direct", "PGMINPROTOCOLVERSION": "3.2",
	} {
		t.Setenv(name, value)
	}
	require.Equal(t, "alone", probeAs(t, database, "alone").Username)
	_, err := probeSettings(t, map[string]string{"host": cluster.Host, "port": strconv.Itoa(cluster.Port), "user": cluster.Admin, "dbname": database})
	require.Error(t, err, "the runner's password is not the gateway's")
}

// TestProbeOfServersThatLie has a server that says nothing and one that says anything.
func TestProbeOfServersThatLie(t *testing.T) {
	for name, say := range map[string]string{"nothing": "", "garbage": "SSH-2.0-OpenSSH_9.2\r\n\x00\xff", "not encrypted": "N"} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { _ = listener.Close() })
			go func() {
				for {
					connection, err := listener.Accept()
					if err != nil {
						return
					}
					_, _ = connection.Write([]byte(say))
				}
			}()
			address, _ := listener.Addr().(*net.TCPAddr)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err = postgresql.Probe(ctx, map[string]secret.String{
				"host": secret.New("127.0.0.1"), "port": secret.New(strconv.Itoa(address.Port)), "user": secret.New("u"), "password": secret.New("hush"),
			}, func() { t.Error("nothing answered as a server does") })
			require.Error(t, err)
			require.NotContains(t, err.Error(), "hush")
		})
	}
}

func TestProbeRefusesWhatTheDriverRefuses(t *testing.T) {
	good := map[string]string{"host": cluster.Host, "port": strconv.Itoa(cluster.Port), "user": "u", "password": "hush"}
	dir := t.TempDir()
	openKey := filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(openKey, nil, 0o600))
	require.NoError(t, os.Chmod(openKey, 0o644))
	for words, settings := range map[string]map[string]string{
		"port is not a number":       {"port": "5432,5433"},
		"connect_timeout":            {"connect_timeout": "10s"},
		"sslmode is":                 {"sslmode": "allow"},
		"client_encoding":            {"client_encoding": "sql_ascii"},
		"datestyle":                  {"datestyle": "German"},
		"no certificate in PEM form": {"sslmode": "verify-ca", "sslrootcert": openKey},
		"sslrootcert: open":          {"sslmode": "verify-full", "sslrootcert": filepath.Join(dir, "none")},
		"open to others":             {"sslcert": openKey, "sslkey": openKey},
		"no pair of certificate":     {"sslinline": "true", "sslcert": "x", "sslkey": "y"},
		"sslcert and sslkey: open":   {"sslcert": openKey, "sslkey": filepath.Join(dir, "none")},
	} {
		merged := maps.Clone(good)
		maps.Copy(merged, settings)
		_, err := probeSettings(t, merged)
		require.ErrorIs(t, err, postgresql.ErrSetting, slices.Collect(maps.Keys(settings)))
		require.ErrorContains(t, err, words)
		require.NotContains(t, err.Error(), "hush")
	}
}

// The gateway's driver sends a setting that PgBouncer refuses unless told to ignore it; so does the check.
func TestProbeThroughPgBouncerFailsAsTheGatewayDoes(t *testing.T) {
	_, database := newServer(t, "pooled probe")
	admin(t, "postgres", "CREATE ROLE pooled LOGIN PASSWORD 'pw'")
	port := strconv.Itoa(throughPgBouncer(t))
	_, err := probeSettings(t, map[string]string{
		"host": cluster.Host, "port": port, "dbname": database, "user": "pooled", "password": "pw",
		"sslmode": "verify-full", "sslrootcert": cluster.Authority.CAFile,
	})
	require.ErrorContains(t, err, "extra_float_digits")
	driver, openErr := sql.Open("postgres", fmt.Sprintf("host=%s port=%s dbname='%s' user=pooled password=pw sslmode=verify-full sslrootcert=%s",
		cluster.Host, port, database, cluster.Authority.CAFile))
	require.NoError(t, openErr)
	defer func() { _ = driver.Close() }()
	require.ErrorContains(t, driver.PingContext(t.Context()), "extra_float_digits")
}
