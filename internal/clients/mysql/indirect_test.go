// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestIndirectPrivileges(t *testing.T) {
	m, server := newServer(t, "mine", "yours")
	user := reader("indirect", mysql.DatabaseGrant{Database: "mine"})
	user.Host = "127.0.0.0/255.0.0.0"
	_, err := server.CreateUser(t.Context(), user, secret.New("x"))
	require.NoError(t, err)
	m.Exec("CREATE ROLE indirect_role", "GRANT DELETE ON yours.* TO indirect_role", "GRANT indirect_role TO PUBLIC",
		"GRANT SELECT ON mine.* TO PUBLIC", "GRANT SELECT ON mine.t TO PUBLIC", "GRANT UPDATE (id) ON yours.t TO PUBLIC", "GRANT FILE ON *.* TO PUBLIC",
		"CREATE USER indirect@'127.0.0.1'", "GRANT INSERT ON yours.t TO indirect@'127.0.0.1'", "GRANT SELECT ON yours.* TO indirect@'127.0.0.1'",
		"CREATE USER indirect@'10.0.0.0/255.0.0.0'", "GRANT DROP ON yours.* TO indirect@'10.0.0.0/255.0.0.0'",
		"GRANT PROCESS ON *.* TO indirect@'127.0.0.1'",
		"CREATE USER ''@'127.%'", "GRANT TRIGGER ON yours.* TO ''@'127.%'", "GRANT INSERT ON yours.other TO ''@'127.%'")
	observed, err := server.ReadUser(t.Context(), user)
	require.NoError(t, err)
	require.Equal(t, user.Grants, observed.Grants())
	want := []string{
		"DELETE on yours.* via PUBLIC", "FILE on *.* via PUBLIC", "INSERT on yours.t via 'indirect'@'127.0.0.1'",
		"SELECT on yours.* via 'indirect'@'127.0.0.1'", "TRIGGER on yours.* via ''@'127.%'", "UPDATE (id) on yours.t via PUBLIC",
		"membership in role indirect_role via PUBLIC",
	}
	require.Equal(t, want, observed.Excess())
	require.Equal(t, want, mysql.RemainingExcess(observed.Excess()))
	m.Exec("DROP ROLE indirect_role", "REVOKE ALL PRIVILEGES, GRANT OPTION FROM PUBLIC", "DROP USER indirect@'127.0.0.1'",
		"DROP USER indirect@'10.0.0.0/255.0.0.0'", "DROP USER ''@'127.%'")
	require.NoError(t, server.DropUser(t.Context(), user))
}

func TestTheServerTakesPrivilegesByNameAndClient(t *testing.T) {
	m, server := newServer(t, "lent")
	user := reader("lender", mysql.DatabaseGrant{Database: "lent", Tables: []string{"v"}})
	user.Host = "127.0.0.0/255.0.0.0"
	_, err := server.CreateUser(t.Context(), user, secret.New("x"))
	require.NoError(t, err)
	insert := func(table string) error {
		return m.TryAs("lender", secret.New("x"), "INSERT INTO lent."+table+" VALUES (2)")
	}
	require.ErrorContains(t, insert("t"), "denied")
	m.Exec("CREATE USER lender@'%'", "GRANT INSERT ON lent.t TO lender@'%'")
	require.NoError(t, insert("t"))
	require.ErrorContains(t, insert("other"), "denied")
	m.Exec("CREATE USER ''@'%'", "GRANT INSERT ON lent.* TO ''@'%'")
	require.NoError(t, insert("other"))
	m.Exec("DROP USER ''@'%'", "DROP USER lender@'%'")
	require.NoError(t, server.DropUser(t.Context(), user))
}

// Whoever reads a view that runs with its definer's rights calls the functions in it with those: reading may write.
func TestViewsThatCallFunctionsAreWaysToWrite(t *testing.T) {
	m, server := newServer(t, "calls", "calls_`other`")
	m.Exec("CREATE FUNCTION calls.bump() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO calls.t VALUES (2); RETURN 1; END",
		"CREATE FUNCTION `calls_``other```.`odd (``name``` () RETURNS INT DETERMINISTIC RETURN 1",
		"CREATE SQL SECURITY DEFINER VIEW calls.writes AS SELECT calls.bump() AS one",
		"CREATE SQL SECURITY INVOKER VIEW calls.harmless AS SELECT calls.bump() AS one",
		"CREATE SQL SECURITY DEFINER VIEW calls.odd AS SELECT `calls_``other```.`odd (``name```() AS one")
	user := reader("calls", mysql.DatabaseGrant{Database: "calls"})
	observed, err := server.CreateUser(t.Context(), user, secret.New("x"))
	require.NoError(t, err)
	require.NoError(t, m.TryAs("calls", secret.New("x"), "SELECT * FROM calls.writes"))
	require.Equal(t, []string{"2"}, m.Texts("SELECT COUNT(*) FROM calls.t"), "a read that wrote")
	require.ErrorContains(t, m.TryAs("calls", secret.New("x"), "SELECT * FROM calls.harmless"), "lack rights")
	definer := m.Admin + "@127.0.0.1"
	want := []string{
		"EXECUTE on function calls.bump via view calls.writes, SQL SECURITY DEFINER of " + definer,
		"EXECUTE on function calls_`other`.odd (`name` via view calls.odd, SQL SECURITY DEFINER of " + definer,
	}
	require.Equal(t, want, observed.Excess())
	require.Equal(t, want, mysql.RemainingExcess(observed.Excess()))
	seen, err := client(t, m, m.Admin, m.AdminPassword).ReadUser(t.Context(), user)
	require.NoError(t, err)
	require.Equal(t, want, seen.Excess())

	narrow := reader("calls", mysql.DatabaseGrant{Database: "calls", Tables: []string{"t", "harmless"}})
	_, err = server.UpdateUser(t.Context(), user, narrow, secret.String{})
	require.NoError(t, err)
	seen, err = server.ReadUser(t.Context(), narrow)
	require.NoError(t, err)
	require.Empty(t, seen.Excess())
	m.Exec("GRANT SELECT ON calls.* TO PUBLIC")
	seen, err = client(t, m, m.Admin, m.AdminPassword).ReadUser(t.Context(), narrow)
	require.NoError(t, err)
	require.Subset(t, seen.Excess(), want, "what everybody reads counts too")
	m.Exec("REVOKE SELECT ON calls.* FROM PUBLIC")
	require.NoError(t, server.DropUser(t.Context(), narrow))
}
