// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"strings"
	"testing"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/mysqlreadonlyuser"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestConformance(t *testing.T) {
	m := acctest.NewMariaDB(t, "CREATE DATABASE listed", "CREATE TABLE listed.users (id int)")
	acctest.ReadOnlyLogin{
		Type: mysqlreadonlyuser.TypeName, Host: m.Host, Port: m.Port, Admin: m.AdminPassword,
		Logs: []string{m.GeneralLog, m.LogFile},
		ProviderHCL: func(port int) string {
			through := *m.MariaDB
			through.Port = port
			return (&acctest.MariaDB{MariaDB: &through}).ServerHCL()
		},
		Arguments: `host   = "127.0.0.1"
  grants = { listed = {} }`,
		ImportID: func(name string) string { return "main/" + name + "@127.0.0.1" },
		Read: func(login acctest.Login) error {
			return m.TryAs(login.Username, login.Password, "SELECT * FROM listed.users")
		},
		Write: func(login acctest.Login) error {
			return m.TryAs(login.Username, login.Password, "DELETE FROM listed.users")
		},
		Exceed: func(name string) { m.Exec("GRANT DELETE ON listed.* TO '" + name + "'@'127.0.0.1'") },
		Drop:   func(name string) { m.Exec("DROP USER '" + name + "'@'127.0.0.1'") },
		Present: func(prefix string) []string {
			return m.Traces(strings.ReplaceAll(prefix, "'", "''"))
		},
	}.Conform(t)
}
