// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"crypto/tls"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// mariaDB is the server that all tests of the process share.
var mariaDB *devstack.MariaDB

// MariaDB is the process's server, for one test.
type MariaDB struct {
	*devstack.MariaDB
	t *testing.T
}

// NewMariaDB gives the process's server, which writes every statement to its general log, after statements. Users and databases
// belong to the server: tests name theirs so that they don't meet.
func NewMariaDB(t *testing.T, statements ...string) *MariaDB {
	t.Helper()
	if mariaDB == nil {
		started, err := openStack(t).MariaDB(context.Background(), devstack.MariaDBOptions{
			Settings: map[string]string{"general-log": "ON"},
		})
		if err != nil {
			t.Fatal(err)
		}
		mariaDB = started
	}
	m := &MariaDB{MariaDB: mariaDB, t: t}
	m.Exec(statements...)
	return m
}

// NewMariaDBServer starts a server of the test's own, for what the shared one can't show.
func NewMariaDBServer(t *testing.T, options devstack.MariaDBOptions, statements ...string) *MariaDB {
	t.Helper()
	started, err := ownStack(t).MariaDB(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	m := &MariaDB{MariaDB: started, t: t}
	m.Exec(statements...)
	return m
}

// Open logs in, over verified TLS or in clear. What comes has one connection, so that it is one session.
func (m *MariaDB) Open(username string, password secret.String, config *tls.Config) *sql.DB {
	m.t.Helper()
	driver := mysql.NewConfig()
	driver.Net, driver.Addr = "tcp", fmt.Sprintf("%s:%d", m.Host, m.Port)
	driver.User, driver.Passwd, driver.TLS, driver.Logger = username, password.Reveal(), config, &mysql.NopLogger{}
	connector, err := mysql.NewConnector(driver)
	if err != nil {
		m.t.Fatal(err)
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(1)
	m.t.Cleanup(func() { _ = pool.Close() })
	return pool
}

// TryAs logs in over verified TLS and runs statements until one fails.
func (m *MariaDB) TryAs(username string, password secret.String, statements ...string) error {
	return m.try(username, password, m.TLS(), statements...)
}

// TryInClear logs in without TLS.
func (m *MariaDB) TryInClear(username string, password secret.String) error {
	return m.try(username, password, nil)
}

func (m *MariaDB) try(username string, password secret.String, config *tls.Config, statements ...string) error {
	pool := m.Open(username, password, config)
	defer func() { _ = pool.Close() }()
	ctx := context.Background()
	if err := pool.PingContext(ctx); err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// Exec runs statements as the administrator.
func (m *MariaDB) Exec(statements ...string) {
	m.t.Helper()
	if err := m.TryAs(m.Admin, m.AdminPassword, statements...); err != nil {
		m.t.Fatal(err)
	}
}

// Texts gives the one column of a query's rows, as the administrator sees it.
func (m *MariaDB) Texts(query string) (texts []string) {
	m.t.Helper()
	pool := m.Open(m.Admin, m.AdminPassword, m.TLS())
	defer func() { _ = pool.Close() }()
	rows, err := pool.QueryContext(context.Background(), query)
	if err != nil {
		m.t.Fatalf("%s: %s", query, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			m.t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if err := rows.Err(); err != nil {
		m.t.Fatal(err)
	}
	return texts
}

// UserExists looks a user up, of any host.
func (m *MariaDB) UserExists(name string) bool {
	m.t.Helper()
	return len(m.Texts("SELECT Host FROM mysql.global_priv WHERE User = '"+strings.ReplaceAll(name, "'", "''")+"'")) > 0
}

// Traces lists in what tables of the server something of a user is left, for all names that begin with a prefix.
func (m *MariaDB) Traces(prefix string) []string {
	m.t.Helper()
	var parts []string
	for _, table := range []string{"global_priv", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv", "roles_mapping"} {
		parts = append(parts, fmt.Sprintf("SELECT CONCAT('%s: ', User, '@', Host) FROM mysql.%[1]s WHERE LEFT(User, %d) = '%s'", table, len(prefix), prefix))
	}
	return m.Texts(strings.Join(parts, " UNION ALL "))
}

// Logs gives all that the server wrote to its logs, every statement included.
func (m *MariaDB) Logs() string {
	m.t.Helper()
	var logs strings.Builder
	for _, path := range []string{m.GeneralLog, m.LogFile} {
		content, err := os.ReadFile(path)
		if err != nil {
			m.t.Fatal(err)
		}
		logs.Write(content)
	}
	return logs.String()
}

// ServerHCL gives a provider block whose mysql server "main" is this one, with more attributes if given.
func (m *MariaDB) ServerHCL(attributes ...string) string {
	return fmt.Sprintf(`
provider "terrascale" {
  %s
  mysql = {
    main = {
      host     = %q
      port     = %d
      username = %q
      password = %q
      ca_file  = %q
    }
  }
}
`, strings.Join(attributes, "\n  "), m.Host, m.Port, m.Admin, m.AdminPassword.Reveal(), m.Authority.CAFile)
}
