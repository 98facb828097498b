// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const mariadbPackage = "mariadb-server"

// MariaDBOptions say what a MariaDB server is made like.
type MariaDBOptions struct {
	// Settings are server settings beyond the defaults, such as general_log = ON.
	Settings map[string]string
	// Statements are run once, when the server is made, each in one line.
	Statements []string
}

// MariaDB is a running private server. It has no anonymous users and no test database; its one account, Admin, logs in over
// TLS from the machine itself.
type MariaDB struct {
	Host          string
	Port          int
	Authority     *Authority
	LogFile       string
	GeneralLog    string
	Admin         string
	AdminPassword secret.String

	process *process
	command func() *exec.Cmd
}

// MariaDB starts a server that ends with the stack.
func (s *Stack) MariaDB(ctx context.Context, options MariaDBOptions) (*MariaDB, error) {
	binary, err := findBinary("mariadbd", "/usr/sbin", mariadbPackage)
	if err != nil {
		return nil, err
	}
	installer, err := findBinary("mariadb-install-db", "/usr/bin", mariadbPackage)
	if err != nil {
		return nil, err
	}
	dir, certFile, keyFile, authority, err := s.serverDir("mariadb")
	if err != nil {
		return nil, err
	}
	server := &MariaDB{
		Host: "127.0.0.1", Authority: authority, LogFile: filepath.Join(dir, "mariadb.log"),
		GeneralLog: filepath.Join(dir, "general.log"), Admin: adminUser, AdminPassword: secret.New(rand.Text()),
	}
	data := filepath.Join(dir, "data")
	// A server that starts removes every temporary table from the folder for them, another server's that runs, too.
	temporary := filepath.Join(dir, "tmp")
	if err := os.Mkdir(temporary, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for temporary tables: %w", err)
	}
	if err := giveToServiceUser(temporary); err != nil {
		return nil, fmt.Errorf("hand the folder for temporary tables to the server's user: %w", err)
	}
	install := exec.CommandContext(ctx, installer, "--no-defaults", "--datadir="+data, "--tmpdir="+temporary, "--skip-test-db",
		"--auth-root-authentication-method=normal", "--skip-name-resolve", "--skip-log-bin")
	if err := runAsServiceUser(install); err != nil {
		return nil, err
	}
	if output, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w: %s", err, output)
	}
	initFile := filepath.Join(dir, "init.sql")
	statements := "CREATE OR REPLACE USER '" + server.Admin + "'@'127.0.0.1' IDENTIFIED BY '" + server.AdminPassword.Reveal() + "' REQUIRE SSL;\n" +
		"GRANT ALL PRIVILEGES ON *.* TO '" + server.Admin + "'@'127.0.0.1' WITH GRANT OPTION;\n" +
		"DELETE FROM mysql.global_priv WHERE User <> '" + server.Admin + "' AND User <> 'mariadb.sys';\nDELETE FROM mysql.proxies_priv;\n" +
		// What root has by default; GRANT PROXY asks for a right that nobody has here.
		"INSERT INTO mysql.proxies_priv (Host, User, With_grant) VALUES ('127.0.0.1', '" + server.Admin + "', 1);\nFLUSH PRIVILEGES;\n"
	for _, statement := range options.Statements {
		statements += statement + ";\n"
	}
	if err := writeForService(initFile, statements); err != nil {
		return nil, err
	}
	settings := map[string]string{
		"datadir": data, "tmpdir": temporary, "bind-address": server.Host, "socket": filepath.Join(dir, "mariadb.sock"),
		"pid-file": filepath.Join(dir, "mariadb.pid"), "init-file": initFile, "skip-name-resolve": "ON",
		"ssl-cert": certFile, "ssl-key": keyFile, "ssl-ca": authority.CAFile,
		"general-log-file": server.GeneralLog, "innodb-flush-log-at-trx-commit": "0", "skip-log-bin": "ON",
		"innodb-buffer-pool-size": "64M", "performance-schema": "OFF",
	}
	for name, value := range options.Settings {
		settings[name] = value
	}
	if err := server.start(ctx, binary, settings); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { return server.process.stop(syscall.SIGTERM) })
	// The accounts are made once; the file holds a password. A server that starts again reads an empty one.
	return server, writeForService(initFile, "")
}

// arguments are those of the server's program.
func (m *MariaDB) arguments(settings map[string]string) []string {
	arguments := []string{"--no-defaults", "--port=" + strconv.Itoa(m.Port)}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		arguments = append(arguments, "--"+name+"="+settings[name])
	}
	return arguments
}

func (m *MariaDB) start(ctx context.Context, binary string, settings map[string]string) error {
	var err error
	for range startAttempts {
		if m.Port, err = freePort(); err != nil {
			return err
		}
		m.command = func() *exec.Cmd { return exec.Command(binary, m.arguments(settings)...) }
		if err = m.run(ctx); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// run starts the server on its port.
func (m *MariaDB) run(ctx context.Context) error {
	var err error
	if m.process, err = startProcess(m.command(), m.LogFile); err != nil {
		return err
	}
	if err = m.process.waitReady(ctx, m.LogFile, m.greets); err != nil {
		_ = m.process.stop(syscall.SIGKILL)
	}
	return err
}

// Crash kills the server as the kernel does when memory runs out, and starts it again on its port.
func (m *MariaDB) Crash(ctx context.Context) error {
	if err := m.process.stop(syscall.SIGKILL); err != nil {
		return err
	}
	return m.run(ctx)
}

// greets waits for the greeting: the server sends it once the accounts are made.
func (m *MariaDB) greets(ctx context.Context) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(m.Host, strconv.Itoa(m.Port)))
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	_, err = connection.Read(make([]byte, 1))
	return err
}

// TLS is what a client verifies the server with.
func (m *MariaDB) TLS() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(m.Authority.certificate)
	return &tls.Config{RootCAs: roots, ServerName: m.Host, MinVersion: tls.VersionTLS12}
}
