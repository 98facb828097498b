// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// TestAccUserWritesByNoKnownWay logs in as the user and tries.
func TestAccUserWritesByNoKnownWay(t *testing.T) {
	m := newDatabase(t, "attempts")
	const password = "attempts-of-a-reader"
	m.Exec("INSERT INTO attempts.orders VALUES (1)",
		"CREATE SEQUENCE attempts.numbers", "CREATE TABLE attempts.versioned (id INT) WITH SYSTEM VERSIONING",
		"CREATE DATABASE attemptshidden", "CREATE TABLE attemptshidden.log (id INT)",
		"CREATE FUNCTION attemptshidden.bump() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO attemptshidden.log VALUES (1); RETURN 1; END",
		"CREATE FUNCTION attempts.bump() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO attemptshidden.log VALUES (1); RETURN 1; END",
		"CREATE PROCEDURE attempts.push() MODIFIES SQL DATA SQL SECURITY DEFINER INSERT INTO attemptshidden.log VALUES (2)",
		"CREATE SQL SECURITY DEFINER VIEW attempts.open_orders AS SELECT * FROM attempts.orders",
		"CREATE SQL SECURITY INVOKER VIEW attempts.own_rights AS SELECT attemptshidden.bump() AS one",
		"CREATE ROLE attempts_writer", "GRANT INSERT ON attempts.orders TO attempts_writer",
	)
	// What attempts make goes: the user would be the triggers' definer.
	undone := []string{
		"DROP TRIGGER IF EXISTS attempts.after_insert", "DROP TRIGGER IF EXISTS attempts.before_insert", "DROP TABLE IF EXISTS attempts.made",
		"DROP VIEW IF EXISTS attempts.made_view", "DROP PROCEDURE IF EXISTS attempts.made",
	}
	definer := m.Admin + "@127.0.0.1"
	public := func(statement, privilege, on string) acctest.Attempt {
		return acctest.Attempt{
			Name: statement, Statements: []string{statement}, Allow: []string{"GRANT " + privilege + " ON " + on + " TO PUBLIC"},
			Forbid: []string{"REVOKE " + privilege + " ON " + on + " FROM PUBLIC", undone[2]}, Says: privilege + " on " + on + " via PUBLIC",
		}
	}
	own := func(statement, privilege, on string) acctest.Attempt {
		return acctest.Attempt{
			Name: statement + " granted", Statements: []string{statement}, Allow: []string{"GRANT " + privilege + " ON " + on + " TO attempts@'127.0.0.0/255.0.0.0'"},
			Forbid: []string{"REVOKE " + privilege + " ON " + on + " FROM attempts@'127.0.0.0/255.0.0.0'", undone[0]}, Says: privilege + " on " + on,
		}
	}
	// lent is what another account gives: one of the same name, or, for whole databases, one of none.
	lent := func(statement, privilege, on, account string) acctest.Attempt {
		return acctest.Attempt{
			Name:       statement + " lent by " + account,
			Statements: []string{statement}, Allow: []string{"CREATE USER " + account, "GRANT " + privilege + " ON " + on + " TO " + account},
			Forbid: append([]string{"DROP USER " + account}, undone...), Says: privilege + " on " + on + " via " + account,
			CheckSays: privilege + " on " + on + " via an account of the same name, or of none",
		}
	}
	viewWrites := "a write via view attempts.writing, SQL SECURITY DEFINER of " + definer
	view := func(name, text, says string) acctest.Attempt {
		return acctest.Attempt{
			Name: name, Statements: []string{"SELECT * FROM attempts.writing"}, Allow: []string{text},
			Forbid: []string{"DROP VIEW attempts.writing"}, Says: says,
			Absent: true, CheckSays: viewWrites,
		}
	}
	refused := func(statements ...string) acctest.Attempt {
		return acctest.Attempt{Name: statements[len(statements)-1], Statements: statements}
	}
	free := func(statement, why string) acctest.Attempt {
		return acctest.Attempt{Name: statement, Statements: []string{statement}, Free: why}
	}
	calling := "EXECUTE on function attemptshidden.bump via view attempts.writing, SQL SECURITY DEFINER of " + definer
	acctest.Attempts{
		Resource: m.ServerHCL() + user(`
  name                = "attempts"
  host                = "127.0.0.0/8"
  grants              = { attempts = {} }
  password_wo         = "`+password+`"
  password_wo_version = 1`),
		Address: address,
		Check: fmt.Sprintf("connector = \"mysql\"\n  connection_string = \"attempts:{{ env.ATTEMPTS_PW }}@tcp(127.0.0.1:%d)/attempts\"\n"+
			"  options = { tls = \"skip-verify\" }", m.Port),
		Environment: []string{"ATTEMPTS_PW=" + password},
		Try: func(statements ...string) error {
			return m.TryAs("attempts", secret.New(password), statements...)
		},
		Exec:    func(statements ...string) { m.Exec(statements...) },
		Refused: "denied|lack rights",
	}.Run(t, []acctest.Attempt{
		public("INSERT INTO attempts.orders VALUES (2)", "INSERT", "attempts.orders"),
		public("DELETE FROM attempts.orders WHERE id = 7", "DELETE", "attempts.orders"),
		public("UPDATE attempts.open_orders SET id = 3", "UPDATE", "attempts.open_orders"),
		public("CALL attempts.push()", "EXECUTE", "procedure attempts.push"),
		public("SELECT attempts.bump()", "EXECUTE", "function attempts.bump"),
		public("CREATE TABLE IF NOT EXISTS attempts.made (id INT)", "CREATE", "attempts.*"),
		public("CREATE TEMPORARY TABLE attempts.fleeting (id INT)", "CREATE TEMPORARY TABLES", "attempts.*"),
		public("DROP EVENT IF EXISTS attempts.nightly", "EVENT", "attempts.*"),
		own("INSERT INTO attempts.open_orders VALUES (4)", "INSERT", "attempts.open_orders"),
		own("SELECT NEXTVAL(attempts.numbers)", "INSERT", "attempts.numbers"),
		own("SELECT SETVAL(attempts.numbers, 1000)", "INSERT", "attempts.numbers"),
		own("CREATE TRIGGER attempts.after_insert AFTER INSERT ON attempts.users FOR EACH ROW SET @a = 1", "TRIGGER", "attempts.users"),
		own("LOCK TABLES attempts.users WRITE", "LOCK TABLES", "attempts.*"),
		{
			Name: "a role", Statements: []string{"INSERT INTO attempts.orders VALUES (2)"},
			Allow: []string{
				"GRANT attempts_writer TO attempts@'127.0.0.0/255.0.0.0'", "SET DEFAULT ROLE attempts_writer FOR attempts@'127.0.0.0/255.0.0.0'",
			},
			Forbid: []string{"REVOKE attempts_writer FROM attempts@'127.0.0.0/255.0.0.0'"},
			Says:   "INSERT on attempts.orders via role attempts_writer", CheckSays: "INSERT on attempts.orders via attempts_writer",
		},
		lent("INSERT INTO attempts.orders VALUES (2)", "INSERT", "attempts.orders", "'attempts'@'%'"),
		lent("UPDATE attempts.users SET name = 'c'", "UPDATE", "attempts.users", "'attempts'@'%'"),
		lent("DELETE FROM attemptshidden.log", "DELETE", "attemptshidden.*", "'attempts'@'%'"),
		lent("DELETE FROM attempts.users WHERE id = 7", "DELETE", "attempts.users", "'attempts'@'%'"),
		lent("INSERT INTO attempts.orders VALUES (5)", "INSERT", "attempts.*", "''@'%'"),
		lent("DELETE FROM attempts.orders WHERE id = 5", "DELETE", "attempts.*", "''@'%'"),
		lent("CREATE TABLE IF NOT EXISTS attempts.made (id INT)", "CREATE", "attempts.*", "''@'%'"),
		lent("DROP TABLE IF EXISTS attempts.made", "DROP", "attempts.*", "''@'%'"),
		lent("ALTER TABLE attempts.orders COMMENT 'x'", "ALTER", "attempts.*", "''@'%'"),
		lent("DROP EVENT IF EXISTS attempts.nightly", "EVENT", "attempts.*", "''@'%'"),
		lent("CREATE TRIGGER attempts.before_insert BEFORE INSERT ON attempts.users FOR EACH ROW SET @a = 1", "TRIGGER", "attempts.*", "''@'%'"),
		lent("CREATE TEMPORARY TABLE attempts.fleeting (id INT)", "CREATE TEMPORARY TABLES", "attempts.*", "''@'%'"),
		lent("CREATE VIEW attempts.made_view AS SELECT 1 AS one", "CREATE VIEW", "attempts.*", "''@'%'"),
		lent("CREATE PROCEDURE attempts.made() SET @a = 1", "CREATE ROUTINE", "attempts.*", "''@'%'"),
		lent("DROP PROCEDURE IF EXISTS attempts.made", "ALTER ROUTINE", "attempts.*", "''@'%'"),
		lent("DELETE HISTORY FROM attempts.versioned", "DELETE HISTORY", "attempts.*", "''@'%'"),
		lent("LOCK TABLES attempts.users WRITE", "LOCK TABLES", "attempts.*", "''@'%'"),
		lent("GRANT SELECT ON attempts.users TO attempts_writer", "GRANT OPTION", "attempts.*", "''@'%'"),
		{
			Name: "a routine lent", Statements: []string{"SELECT attempts.bump()"},
			Allow:  []string{"CREATE USER 'attempts'@'%'", "GRANT EXECUTE ON FUNCTION attempts.bump TO 'attempts'@'%'"},
			Forbid: []string{"DROP USER 'attempts'@'%'"}, Says: "EXECUTE on function attempts.bump via 'attempts'@'%'",
			CheckSays: "EXECUTE on function attempts.bump via an account of the same name, or of none",
		},
		{
			Name: "routines of a database lent", Statements: []string{"CALL attempts.push()"},
			Allow:  []string{"CREATE USER ''@'%'", "GRANT EXECUTE ON attempts.* TO ''@'%'"},
			Forbid: []string{"DROP USER ''@'%'"}, Says: "EXECUTE on attempts.* via ''@'%'",
			CheckSays: "EXECUTE on procedure attempts.push via an account of the same name, or of none",
		},
		view("a view that calls", "CREATE SQL SECURITY DEFINER VIEW attempts.writing AS SELECT attemptshidden.bump() AS one", calling),
		{
			Name: "a view of a view that calls", Statements: []string{"SELECT * FROM attempts.writing"},
			Allow: []string{
				"CREATE SQL SECURITY DEFINER VIEW attemptshidden.inner_one AS SELECT attemptshidden.bump() AS one",
				"CREATE SQL SECURITY DEFINER VIEW attempts.writing AS SELECT one + 1 AS two FROM attemptshidden.inner_one",
			},
			Forbid: []string{"DROP VIEW attempts.writing, attemptshidden.inner_one"}, Says: calling, Absent: true, CheckSays: viewWrites,
		},
		view("a view of a view with the caller's rights", "CREATE SQL SECURITY DEFINER VIEW attempts.writing AS SELECT one + 1 AS two FROM attempts.own_rights", calling),
		view("a view that draws a number", "CREATE SQL SECURITY DEFINER VIEW attempts.writing AS SELECT NEXTVAL(attempts.numbers) AS one",
			"NEXTVAL on sequence attempts.numbers via view attempts.writing, SQL SECURITY DEFINER of "+definer),
		refused("SELECT * FROM attempts.own_rights"),
		refused("INSERT INTO attemptshidden.log VALUES (1)"), refused("CREATE DATABASE attempts_made"), refused("DROP TABLE attempts.orders"),
		refused("TRUNCATE attempts.orders"), refused("CREATE VIEW attempts.v AS SELECT 1"), refused("CREATE FUNCTION attempts.f() RETURNS INT RETURN 1"),
		// The server closes files to everybody (--secure-file-priv): FILE itself is named in TestProbeTellsWhatALoginCanWriteAndThroughWhat.
		refused("SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/no'"), refused("LOAD DATA INFILE '/etc/passwd' INTO TABLE attempts.users"),
		refused("CREATE EVENT attempts.e ON SCHEDULE EVERY 1 DAY DO SET @a = 1"), refused("SET GLOBAL read_only = 0"), refused("FLUSH TABLES"),
		refused("ANALYZE TABLE attempts.orders"), refused("OPTIMIZE TABLE attempts.orders"), refused("INSERT INTO mysql.user (User) VALUES ('x')"),
		refused("SET PASSWORD FOR root@localhost = PASSWORD('x')"), refused("CREATE USER attempts_made"), refused("GRANT SELECT ON attempts.* TO PUBLIC"),
		refused("REPLACE INTO attempts.orders VALUES (1)"), refused("SELECT LASTVAL(attempts.numbers), NEXTVAL(attempts.numbers)"), refused("INSTALL SONAME 'x'"),
		refused("CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')"), refused("PURGE BINARY LOGS BEFORE '2000-01-01'"), refused("DO SETVAL(attempts.numbers, 5)"),
		free("SELECT GET_LOCK('attempts', 0)", "it is a name that others may ask for, no data: the page says so"),
		free("SELECT * FROM attempts.orders FOR UPDATE", "it holds rows while its transaction lasts: the page says so"),
		free("SET PASSWORD = PASSWORD('"+password+"')", "its own; another one shows as drift: the page says so"),
		free("SET SESSION sql_mode = ''", "it is the session's own"),
	})
}

// TestAccUserThatChangesItsOwnPasswordIsSeen has what a user may always write: the next plan sees it, and the apply undoes it.
func TestAccUserThatChangesItsOwnPasswordIsSeen(t *testing.T) {
	m := newDatabase(t, "ownpassword")
	w := acctest.NewWorkspace(t, m.ServerHCL()+user(`
  name                = "ownpassword"
  grants              = { ownpassword = {} }
  password_wo         = "one"
  password_wo_version = 1`))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, m.TryAs("ownpassword", secret.New("one"), "SET PASSWORD = PASSWORD('another')"))
	require.NoError(t, m.TryAs("ownpassword", secret.New("another")))
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "1 to change")
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, m.TryAs("ownpassword", secret.New("one")))
	require.ErrorContains(t, m.TryAs("ownpassword", secret.New("another")), "denied")
	w.Must("destroy", "-auto-approve", "-input=false", "-no-color")
}
