// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const (
	adminUser = "postgres"
	// startAttempts covers a port that somebody else took between its choice and the server's start.
	startAttempts = 5
)

// PostgreSQLOptions say what a PostgreSQL server is made like.
type PostgreSQLOptions struct {
	// BinDir holds initdb and postgres; empty: found on PATH or where Debian puts them.
	BinDir string
	// Settings are server settings beyond the defaults, such as log_statement = all.
	Settings map[string]string
	// CertificateUsers log in with a client certificate of the authority's (Authority.ClientCertificate), and no password.
	CertificateUsers []string
}

// PostgreSQL is a running private server. It takes TLS connections with SCRAM-SHA-256 passwords and nothing else.
type PostgreSQL struct {
	Host      string
	Port      int
	SocketDir string
	Authority *Authority
	LogFile   string
	// Admin is the superuser.
	Admin         string
	AdminPassword secret.String

	dataDir, binaries string
	// settings are arguments of the server's program.
	settings []string
	process  *process
}

// PostgreSQL starts a server that ends with the stack.
func (s *Stack) PostgreSQL(ctx context.Context, options PostgreSQLOptions) (*PostgreSQL, error) {
	dir, err := os.MkdirTemp(s.dir, "pg")
	if err != nil {
		return nil, fmt.Errorf("make the server's folder: %w", err)
	}
	if err := giveToServiceUser(dir); err != nil {
		return nil, fmt.Errorf("hand the server's folder to its user: %w", err)
	}
	binaries, err := findPostgreSQL(options.BinDir)
	if err != nil {
		return nil, err
	}
	authority, err := newAuthority(dir)
	if err != nil {
		return nil, err
	}
	certFile, keyFile, err := authority.issue("server", x509.ExtKeyUsageServerAuth)
	if err != nil {
		return nil, err
	}
	if err := giveToServiceUser(keyFile); err != nil {
		return nil, fmt.Errorf("hand the server's key to its user: %w", err)
	}
	server := &PostgreSQL{
		Host: "localhost", SocketDir: dir, Authority: authority, LogFile: filepath.Join(dir, "postgresql.log"),
		Admin: adminUser, AdminPassword: secret.New(rand.Text()), dataDir: filepath.Join(dir, "data"), binaries: binaries,
	}
	if err := server.initialize(ctx, options.CertificateUsers); err != nil {
		return nil, err
	}
	settings := map[string]string{
		"listen_addresses": "localhost", "unix_socket_directories": dir,
		"ssl": "on", "ssl_cert_file": certFile, "ssl_key_file": keyFile, "ssl_ca_file": authority.CAFile,
		"password_encryption": "scram-sha-256",
		// The data is thrown away: durability would only cost time.
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
	}
	for name, value := range options.Settings {
		settings[name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		server.settings = append(server.settings, "-c", name+"="+settings[name])
	}
	if err := server.start(ctx); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { return server.process.stop(syscall.SIGINT) })
	return server, nil
}

func (p *PostgreSQL) initialize(ctx context.Context, certificateUsers []string) error {
	passwordFile := filepath.Join(filepath.Dir(p.dataDir), "password")
	if err := os.WriteFile(passwordFile, []byte(p.AdminPassword.Reveal()), 0o600); err != nil {
		return fmt.Errorf("write the administrator's password: %w", err)
	}
	defer func() { _ = os.Remove(passwordFile) }()
	if err := giveToServiceUser(passwordFile); err != nil {
		return fmt.Errorf("hand the password file to the server's user: %w", err)
	}
	command := exec.CommandContext(ctx, filepath.Join(p.binaries, "initdb"),
		"--pgdata="+p.dataDir, "--username="+p.Admin, "--pwfile="+passwordFile,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync")
	if err := runAsServiceUser(command); err != nil {
		return err
	}
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, output)
	}
	// The first line that matches decides.
	access := "local all all scram-sha-256\n"
	for _, user := range certificateUsers {
		access += "hostssl all \"" + user + "\" localhost cert\n"
	}
	for _, address := range []string{"127.0.0.1/32", "::1/128"} {
		access += "hostssl replication \"" + p.Admin + "\" " + address + " scram-sha-256\n"
	}
	access += "hostssl all all 127.0.0.1/32 scram-sha-256\n" + "hostssl all all ::1/128 scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(p.dataDir, "pg_hba.conf"), []byte(access), 0o600); err != nil {
		return fmt.Errorf("write pg_hba.conf: %w", err)
	}
	return nil
}

// start starts the server on a free port.
func (p *PostgreSQL) start(ctx context.Context) error {
	var err error
	for range startAttempts {
		if p.Port, err = freePort(); err != nil {
			return err
		}
		if err = p.run(ctx); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// run starts the server on its port, and stops it again when it does not answer.
func (p *PostgreSQL) run(ctx context.Context) error {
	arguments := append([]string{"-D", p.dataDir, "-p", strconv.Itoa(p.Port)}, p.settings...)
	var err error
	// The server outlives the call, so the context does not end it.
	p.process, err = startProcess(exec.Command(filepath.Join(p.binaries, "postgres"), arguments...), p.LogFile)
	if err != nil {
		return err
	}
	err = p.process.waitReady(ctx, p.LogFile, func(ctx context.Context) error {
		connection, err := pgx.Connect(ctx, p.AdminURL("postgres"))
		if err == nil {
			err = connection.Close(ctx)
		}
		return err
	})
	if err != nil {
		_ = p.process.stop(syscall.SIGQUIT)
	}
	return err
}

// BecomeStandby starts the server again as a hot standby, which nobody can write to.
func (p *PostgreSQL) BecomeStandby(ctx context.Context) error {
	if err := p.process.stop(syscall.SIGINT); err != nil {
		return err
	}
	signal := filepath.Join(p.dataDir, "standby.signal")
	if err := os.WriteFile(signal, nil, 0o600); err != nil {
		return fmt.Errorf("make the server a standby: %w", err)
	}
	if err := giveToServiceUser(signal); err != nil {
		return fmt.Errorf("hand %s to the server's user: %w", filepath.Base(signal), err)
	}
	return p.run(ctx)
}

// Crash kills the server as the kernel does when memory runs out, and starts it again on its port. Its sessions end by themselves meanwhile.
func (p *PostgreSQL) Crash(ctx context.Context) error {
	if err := p.process.stop(syscall.SIGKILL); err != nil {
		return err
	}
	var err error
	for end := time.Now().Add(startTimeout); time.Now().Before(end) && ctx.Err() == nil; {
		if err = p.run(ctx); err == nil { // Until the last session is gone, it refuses to start.
			return nil
		}
	}
	return err
}

// URL is a connection string over TLS, verified in full. It holds the password.
func (p *PostgreSQL) URL(database, username string, password secret.String) string {
	address := url.URL{
		Scheme: "postgresql", User: url.UserPassword(username, password.Reveal()),
		Host: net.JoinHostPort(p.Host, strconv.Itoa(p.Port)), Path: "/" + database,
		RawQuery: url.Values{"sslmode": {"verify-full"}, "sslrootcert": {p.Authority.CAFile}}.Encode(),
	}
	return address.String()
}

// AdminURL is the superuser's connection string.
func (p *PostgreSQL) AdminURL(database string) string {
	return p.URL(database, p.Admin, p.AdminPassword)
}

// Log returns what the server has logged.
func (p *PostgreSQL) Log() (string, error) {
	content, err := os.ReadFile(p.LogFile)
	if err != nil {
		return "", fmt.Errorf("read the server's log: %w", err)
	}
	return string(content), nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = listener.Close() }()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("find a free port: unexpected address %s", listener.Addr())
	}
	return address.Port, nil
}

// BinDirVariable names the environment variable that says where initdb and postgres are, so that the same tests can run
// on another version.
const BinDirVariable = "DEVSTACK_POSTGRESQL_BIN"

// findPostgreSQL returns the folder that holds initdb and postgres: the one given, the variable's, Debian's newest, or
// PATH's.
func findPostgreSQL(given string) (string, error) {
	if given == "" {
		given = os.Getenv(BinDirVariable)
	}
	candidates := []string{given}
	if given == "" {
		debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
		slices.SortFunc(debian, func(a, b string) int { return cmp.Compare(majorVersion(b), majorVersion(a)) })
		candidates = debian
		if initdb, err := exec.LookPath("initdb"); err == nil {
			candidates = append(candidates, filepath.Dir(initdb))
		}
	}
	for _, candidate := range candidates {
		initdb, initdbErr := os.Stat(filepath.Join(candidate, "initdb"))
		postgres, postgresErr := os.Stat(filepath.Join(candidate, "postgres"))
		if initdbErr == nil && postgresErr == nil && !initdb.IsDir() && !postgres.IsDir() {
			return candidate, nil
		}
	}
	return "", errors.New("no PostgreSQL server found: install it (on Debian: apt-get install postgresql), or put its bin folder on PATH")
}

// majorVersion reads the 15 of /usr/lib/postgresql/15/bin.
func majorVersion(binDir string) int {
	version, _ := strconv.Atoi(strings.TrimSpace(filepath.Base(filepath.Dir(binDir))))
	return version
}
