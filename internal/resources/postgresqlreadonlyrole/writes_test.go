// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// writable is how a session leaves default_transaction_read_only, which its login starts with: everybody may.
const writable = "SET default_transaction_read_only = off"

// attemptsDatabase has what the attempts are about. The schema hidden is not granted.
func attemptsDatabase(t *testing.T) *acctest.Database {
	t.Helper()
	return acctest.NewDatabase(t, "attempts",
		"CREATE ROLE attempts_owner", "CREATE ROLE attempts_group", "CREATE ROLE attempts_other LOGIN PASSWORD 'other'",
		"CREATE SCHEMA app AUTHORIZATION attempts_owner", "CREATE SCHEMA hidden AUTHORIZATION attempts_owner",
		"SET ROLE attempts_owner; "+
			"CREATE TABLE app.orders (id int); INSERT INTO app.orders VALUES (1); CREATE TABLE hidden.log (at int); CREATE SEQUENCE app.numbers; "+
			"CREATE MATERIALIZED VIEW app.kept AS SELECT 1 AS one; CREATE VIEW app.simple AS SELECT * FROM app.orders; CREATE VIEW app.redirected AS SELECT 1 AS id; CREATE TABLE app.ruled (id int); "+
			"CREATE RULE all_inserts AS ON INSERT TO app.ruled DO INSTEAD INSERT INTO hidden.log VALUES (NEW.id); "+
			"CREATE FUNCTION app.redirect() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN INSERT INTO hidden.log VALUES (2); RETURN NEW; END'; "+
			"CREATE TRIGGER instead INSTEAD OF INSERT ON app.redirected FOR EACH ROW EXECUTE FUNCTION app.redirect(); RESET ROLE")
}

// TestAccRoleWritesByNoKnownWay logs in as the role and tries.
func TestAccRoleWritesByNoKnownWay(t *testing.T) {
	database := attemptsDatabase(t)
	const password = "attempts-of-a-reader"
	try := func(name string, statements ...string) acctest.Attempt {
		return acctest.Attempt{Name: name, Statements: append([]string{writable}, statements...)}
	}
	refused := func(statement string) acctest.Attempt { return try(statement, statement) }
	free := func(statement, why string) acctest.Attempt {
		attempt := try(statement, statement)
		attempt.Free = why
		return attempt
	}
	// made works once somebody allowed it.
	made := func(statement, allow, forbid, says string) acctest.Attempt {
		attempt := try(statement+" after "+allow, statement)
		attempt.Allow, attempt.Forbid, attempt.Says = []string{allow}, strings.Split(forbid, "; "), says
		return attempt
	}
	// public is made for a grant to everybody.
	public := func(statement, privilege, on, says string) acctest.Attempt {
		return made(statement, "GRANT "+privilege+" ON "+on+" TO PUBLIC", "REVOKE "+privilege+" ON "+on+" FROM PUBLIC", privilege+" on "+says+" via PUBLIC")
	}
	absent := func(attempt acctest.Attempt) acctest.Attempt {
		attempt.Absent = true
		return attempt
	}
	const bump = " RETURNS int LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO hidden.log VALUES (1) RETURNING 1'; RESET ROLE"
	const definer = ", SECURITY DEFINER of attempts_owner, via PUBLIC"
	hidden := "SET ROLE attempts_owner; CREATE FUNCTION hidden.bump()" + bump + "; SET ROLE attempts_owner; "
	attempts := []acctest.Attempt{
		public("INSERT INTO app.orders VALUES (2)", "INSERT", "app.orders", "app.orders"),
		public("UPDATE app.orders SET id = 3", "UPDATE", "app.orders", "app.orders"),
		public("DELETE FROM app.orders WHERE id = 7", "DELETE", "app.orders", "app.orders"),
		public("TRUNCATE app.orders", "TRUNCATE", "app.orders", "app.orders"),
		public("INSERT INTO app.simple VALUES (3)", "INSERT", "app.simple", "app.simple"),
		public("INSERT INTO app.redirected VALUES (3)", "INSERT", "app.redirected", "app.redirected"),
		public("INSERT INTO app.ruled VALUES (3)", "INSERT", "app.ruled", "app.ruled"),
		public("SELECT nextval('app.numbers')", "USAGE", "SEQUENCE app.numbers", "sequence app.numbers"),
		public("SELECT setval('app.numbers', 1000)", "UPDATE", "SEQUENCE app.numbers", "sequence app.numbers"),
		made("CREATE TABLE public.made (id int)", "GRANT CREATE ON SCHEMA public TO PUBLIC", "REVOKE CREATE ON SCHEMA public FROM PUBLIC; DROP TABLE public.made",
			"CREATE on schema public via PUBLIC"),
		made("CREATE SCHEMA made", "GRANT CREATE ON DATABASE attempts TO PUBLIC", "REVOKE CREATE ON DATABASE attempts FROM PUBLIC; DROP SCHEMA made",
			"CREATE on database attempts via PUBLIC"),
		absent(made("SELECT app.bump()", "SET ROLE attempts_owner; CREATE FUNCTION app.bump()"+bump, "DROP FUNCTION app.bump()", "EXECUTE on app.bump()"+definer)),
		absent(made("CALL app.push()", "SET ROLE attempts_owner; CREATE PROCEDURE app.push() LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO hidden.log VALUES (1)'; RESET ROLE",
			"DROP PROCEDURE app.push()", "EXECUTE on app.push()"+definer)),
		// A view was parsed by its owner: who reads it needs EXECUTE on what it calls, and no schema.
		absent(made("SELECT * FROM app.calls", hidden+"CREATE VIEW app.calls AS SELECT hidden.bump() AS one; GRANT SELECT ON app.calls TO attempts_reader; RESET ROLE",
			"DROP VIEW app.calls; DROP FUNCTION hidden.bump()", "EXECUTE on hidden.bump()"+definer)),
		absent(made("SELECT 'x'::app.checked", hidden+"CREATE DOMAIN app.checked AS text CHECK (hidden.bump() = 1); RESET ROLE",
			"DROP DOMAIN app.checked; DROP FUNCTION hidden.bump()", "EXECUTE on hidden.bump()"+definer)),
		absent(made("SELECT OPERATOR(app.!!) 1", "SET ROLE attempts_owner; CREATE FUNCTION hidden.bump(int)"+bump+
			"; SET ROLE attempts_owner; CREATE OPERATOR app.!! (RIGHTARG = int, FUNCTION = hidden.bump); RESET ROLE",
			"DROP OPERATOR app.!! (NONE, int); DROP FUNCTION hidden.bump(int)", "EXECUTE on hidden.bump(integer)"+definer)),
		absent(made("SELECT app.untrusted()", "CREATE LANGUAGE attemptsu HANDLER plpgsql_call_handler; "+
			"CREATE FUNCTION app.untrusted() RETURNS int LANGUAGE attemptsu AS 'BEGIN RETURN 1; END'",
			"DROP LANGUAGE attemptsu CASCADE", "EXECUTE on app.untrusted(), in the untrusted language attemptsu, via PUBLIC")),
		// A superuser's functions, opened to everybody.
		made("SELECT lo_import('/dev/null', 4713), lo_unlink(4713)", "GRANT EXECUTE ON FUNCTION lo_import(text, oid) TO PUBLIC",
			"REVOKE EXECUTE ON FUNCTION lo_import(text, oid) FROM PUBLIC", "EXECUTE on pg_catalog.lo_import(text, oid) via PUBLIC"),
		made("SELECT pg_reload_conf()", "GRANT EXECUTE ON FUNCTION pg_reload_conf() TO attempts_reader", "REVOKE EXECUTE ON FUNCTION pg_reload_conf() FROM attempts_reader",
			"EXECUTE on pg_catalog.pg_reload_conf()"),
		made("COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'", "GRANT pg_execute_server_program TO attempts_reader", "REVOKE pg_execute_server_program FROM attempts_reader",
			"membership in pg_execute_server_program"),
		made("COPY (SELECT 1) TO '/dev/null'", "GRANT pg_write_server_files TO attempts_reader", "REVOKE pg_write_server_files FROM attempts_reader",
			"membership in pg_write_server_files"),
		made("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'attempts_other'", "GRANT pg_signal_backend TO attempts_reader",
			"REVOKE pg_signal_backend FROM attempts_reader", "membership in pg_signal_backend"),
		made("SET ROLE attempts_group", "GRANT INSERT ON app.orders TO attempts_group; GRANT attempts_group TO attempts_reader",
			"REVOKE attempts_group FROM attempts_reader; REVOKE INSERT ON app.orders FROM attempts_group", "INSERT on app.orders via attempts_group"),
		made("SELECT pg_create_physical_replication_slot('attempts'), pg_drop_replication_slot('attempts')", "ALTER ROLE attempts_reader REPLICATION",
			"ALTER ROLE attempts_reader NOREPLICATION", "REPLICATION"),
		made("CREATE ROLE attempts_made", "ALTER ROLE attempts_reader CREATEROLE", "ALTER ROLE attempts_reader NOCREATEROLE; DROP ROLE attempts_made", "CREATEROLE"),
		made("CREATE DATABASE attempts_made", "ALTER ROLE attempts_reader CREATEDB", "ALTER ROLE attempts_reader NOCREATEDB; DROP DATABASE attempts_made", "CREATEDB"),
		// What is its own.
		{
			Name: "lo_create", Statements: []string{writable, "SELECT lo_create(4714)", "SELECT lo_put(4714, 0, 'x')"}, Free: "PostgreSQL lets everybody make large objects",
			Forbid: []string{"SELECT lo_unlink(4714)"}, Says: "ownership on large object 4714",
		},
		free("SELECT pg_advisory_lock(1)", "a lock is no data"), free("CREATE TEMPORARY TABLE fleeting (id int)", "it is the session's own"),
		free("NOTIFY attempts, 'x'", "a message is no data"), free("SELECT pg_logical_emit_message(false, 'x', 'x')", "it is in no table"),
		free("ALTER ROLE attempts_reader PASSWORD '"+password+"'", "its own"),
		free("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = user AND pid <> pg_backend_pid()", "its own sessions"),
		free("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", "of what it makes itself, which is nothing"),
		free("ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC", "as before"),
		refused("INSERT INTO app.orders VALUES (1)"), refused("SELECT lo_export(1, '/dev/null')"), refused("COPY app.orders TO '/dev/null'"),
		refused("CREATE EXTENSION file_fdw"), refused("CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw"), refused("COMMENT ON TABLE app.orders IS 'x'"),
		refused("COMMENT ON ROLE attempts_owner IS 'x'"), refused("ALTER TABLE app.orders ADD x int"), refused("SET ROLE attempts_owner"),
		refused("ALTER ROLE attempts_owner PASSWORD 'x'"), refused("ALTER ROLE attempts_reader CREATEDB"), refused("ALTER ROLE attempts_reader VALID UNTIL 'infinity'"),
		free("GRANT SELECT ON app.orders TO attempts_owner", "it is a warning: nothing is granted"), refused("SELECT * FROM app.orders FOR UPDATE"), refused("DO $$ BEGIN LOCK TABLE app.orders IN EXCLUSIVE MODE; END $$"),
		refused("CREATE TRIGGER x AFTER INSERT ON app.orders FOR EACH ROW EXECUTE FUNCTION app.redirect()"), refused("ALTER SYSTEM SET work_mem = '1MB'"),
		refused("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> user AND usename IS NOT NULL"), refused("CREATE PUBLICATION p"),
		refused("SET session_replication_role = replica"), refused("CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE c AS 'x'"), refused("REINDEX TABLE app.orders"),
		refused("CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION app.redirect()"), refused("CREATE CAST (int AS text) WITH INOUT"),
		refused("SELECT app.redirect()"), refused("REFRESH MATERIALIZED VIEW app.kept"), refused("SELECT pg_switch_wal()"), refused("CHECKPOINT"),
		// A server has no room for them (max_prepared_transactions) unless somebody gives it some.
		{Name: "PREPARE TRANSACTION", Statements: []string{writable, "BEGIN", "PREPARE TRANSACTION 'attempts'"}},
		// Without leaving it, the session takes no writes.
		{Name: "read-only by default", Statements: []string{"CREATE TABLE public.never (id int)"}},
	}
	if majorVersion(t, database) >= 15 {
		attempts = append(attempts, made("ALTER SYSTEM SET work_mem = '4MB'", "GRANT ALTER SYSTEM ON PARAMETER work_mem TO attempts_reader",
			"REVOKE ALTER SYSTEM ON PARAMETER work_mem FROM attempts_reader", "SET, ALTER SYSTEM on parameter work_mem"))
		attempts[len(attempts)-1].CheckSays = "ALTER SYSTEM on parameter work_mem"
	}
	isAlive := database.Session("attempts_other", secret.New("other"))
	require.NoError(t, isAlive())
	attempts = append(attempts, ofForeignServers(t, database, made)...)
	acctest.Attempts{
		Resource: database.ServerHCL() + role(`
  name                = "attempts_reader"
  grants              = { "attempts.app" = { tables = ["orders", "simple", "redirected", "ruled"] } }
  password_wo         = "`+password+`"
  password_wo_version = 1`),
		Address: address,
		Check: fmt.Sprintf("connector = \"postgres\"\n  connection_string = \"postgresql://attempts_reader:{{ env.ATTEMPTS_PW }}@%s:%d/attempts?sslmode=require\"",
			database.Host, database.Port),
		Environment: []string{"ATTEMPTS_PW=" + password},
		Try: func(statements ...string) error {
			err := database.TryAs("attempts_reader", secret.New(password), statements...)
			if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
				err = fmt.Errorf("%w: %s", err, answer.Detail)
			}
			return err
		},
		Exec:    func(statements ...string) { database.Exec(statements...) },
		Refused: "permission denied|must be|can't|cannot execute|only superuser|must have|are disabled|only be called as triggers",
	}.Run(t, attempts)
}

// ofForeignServers are attempts through a server that leads back to this one, with what dblink and postgres_fdw bring.
func ofForeignServers(t *testing.T, database *acctest.Database, made func(statement, allow, forbid, says string) acctest.Attempt) (attempts []acctest.Attempt) {
	t.Helper()
	available := database.Texts("SELECT name::text FROM pg_available_extensions WHERE name IN ('dblink', 'postgres_fdw') ORDER BY 1")
	if len(available) < 2 {
		t.Logf("of dblink and postgres_fdw, this server has %v: what they do is not tried", available)
		return nil
	}
	// The server's own home folder may be one that it can't look for certificates in.
	database.Exec("CREATE EXTENSION dblink", "CREATE EXTENSION postgres_fdw",
		"CREATE ROLE attempts_remote LOGIN PASSWORD 'remote'", "GRANT CONNECT ON DATABASE attempts TO attempts_remote", "GRANT USAGE ON SCHEMA hidden TO attempts_remote",
		"GRANT INSERT, SELECT ON hidden.log TO attempts_remote",
		fmt.Sprintf("CREATE SERVER back FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%s', port '%d', dbname 'attempts', sslcert '/nowhere', sslrootcert '/nowhere')", database.Host, database.Port),
		"CREATE USER MAPPING FOR PUBLIC SERVER back OPTIONS (user 'attempts_remote', password 'remote')",
		"CREATE FOREIGN TABLE app.far (at int) SERVER back OPTIONS (schema_name 'hidden', table_name 'log')")
	t.Cleanup(func() {
		database.Exec("DROP EXTENSION dblink CASCADE", "DROP EXTENSION postgres_fdw CASCADE", "DROP OWNED BY attempts_remote", "DROP ROLE attempts_remote")
	})
	const through = "SELECT dblink_exec('back', 'INSERT INTO hidden.log VALUES (9)')"
	return []acctest.Attempt{
		made(through, "GRANT USAGE ON FOREIGN SERVER back TO PUBLIC", "REVOKE USAGE ON FOREIGN SERVER back FROM PUBLIC", "USAGE on foreign server back via PUBLIC"),
		made(through, "GRANT USAGE ON FOREIGN SERVER back TO attempts_reader", "REVOKE USAGE ON FOREIGN SERVER back FROM attempts_reader", "USAGE on foreign server back"),
		made("INSERT INTO app.far VALUES (10)", "GRANT INSERT ON app.far TO PUBLIC", "REVOKE INSERT ON app.far FROM PUBLIC", "INSERT on app.far via PUBLIC"),
		made("CREATE SERVER own FOREIGN DATA WRAPPER postgres_fdw", "GRANT CREATE ON DATABASE attempts TO attempts_reader; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO attempts_reader",
			"DROP SERVER own; REVOKE USAGE ON FOREIGN DATA WRAPPER postgres_fdw FROM attempts_reader; REVOKE CREATE ON DATABASE attempts FROM attempts_reader",
			"USAGE on foreign data wrapper postgres_fdw"),
		made(fmt.Sprintf("SELECT dblink_connect_u('host=%s port=%d dbname=attempts user=attempts_remote password=remote sslcert=/nowhere sslrootcert=/nowhere')", database.Host, database.Port), "GRANT EXECUTE ON FUNCTION dblink_connect_u(text) TO PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC",
			"REVOKE EXECUTE ON FUNCTION dblink_connect_u(text) FROM PUBLIC", "EXECUTE on public.dblink_connect_u(text), SECURITY DEFINER of postgres, via PUBLIC"),
	}
}

// TestAccRoleThatChangesItselfIsSeen has what a login may always write: the next plan sees it, and the apply undoes it.
func TestAccRoleThatChangesItselfIsSeen(t *testing.T) {
	database := newDatabase(t, "itself")
	w := acctest.NewWorkspace(t, database.ServerHCL()+role(`
  name                = "itself_reader"
  grants              = { "itself.public" = { tables = ["users"] } }
  password_wo         = "one"
  password_wo_version = 1`))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	try := func(password string, statements ...string) error {
		return database.TryAs("itself_reader", secret.New(password), append([]string{writable}, statements...)...)
	}
	require.NoError(t, try("one", "ALTER ROLE itself_reader SET default_transaction_read_only = off", "ALTER ROLE itself_reader SET search_path = pg_temp",
		"ALTER ROLE itself_reader IN DATABASE itself SET work_mem = '1GB'"))
	planned := w.Must("plan", "-input=false", "-no-color")
	for _, said := range []string{"read-write transactions by default", "setting search_path", "setting work_mem in database itself"} {
		require.Contains(t, planned, said)
	}
	if !acctest.IsManagedAdmin() { // Only a superuser may see what the server keeps of a password.
		require.NoError(t, try("one", "ALTER ROLE itself_reader PASSWORD 'another'"))
	}
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, try("one"))
	require.Error(t, try("another"))
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	w.Must("destroy", "-auto-approve", "-input=false", "-no-color")
}
