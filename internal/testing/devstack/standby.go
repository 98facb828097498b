// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// Standby starts a server that follows another one, as a hot standby, and ends with the stack. It has the other's authority and logins.
func (s *Stack) Standby(ctx context.Context, primary *PostgreSQL) (*PostgreSQL, error) {
	dir, err := os.MkdirTemp(s.dir, "pg")
	if err != nil {
		return nil, fmt.Errorf("make the standby's folder: %w", err)
	}
	if err := giveToServiceUser(dir); err != nil {
		return nil, fmt.Errorf("hand the standby's folder to its user: %w", err)
	}
	certFile, keyFile, err := primary.Authority.issue("standby", x509.ExtKeyUsageServerAuth)
	if err != nil {
		return nil, err
	}
	if err := giveToServiceUser(keyFile); err != nil {
		return nil, fmt.Errorf("hand the standby's key to its user: %w", err)
	}
	standby := *primary
	standby.SocketDir, standby.LogFile, standby.dataDir = dir, filepath.Join(dir, "postgresql.log"), filepath.Join(dir, "data")
	// The last of two arguments counts.
	standby.settings = append(append([]string{}, primary.settings...),
		"-c", "unix_socket_directories="+dir, "-c", "ssl_cert_file="+certFile, "-c", "ssl_key_file="+keyFile)
	// Without a name, libpq looks for a certificate in the home of who started the tests.
	source := primary.AdminURL("postgres") + "&sslcert=" + url.QueryEscape(filepath.Join(dir, "none"))
	command := exec.CommandContext(ctx, filepath.Join(primary.binaries, "pg_basebackup"), "--pgdata="+standby.dataDir,
		"--dbname="+source, "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
	if err := runAsServiceUser(command); err != nil {
		return nil, err
	}
	if output, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pg_basebackup: %w: %s", err, output)
	}
	if err := standby.start(ctx); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { return standby.process.stop(syscall.SIGINT) })
	return &standby, nil
}

// Promote makes a standby a primary, and waits until it is.
func (p *PostgreSQL) Promote(ctx context.Context) error {
	connection, err := pgx.Connect(ctx, p.AdminURL("postgres"))
	if err != nil {
		return fmt.Errorf("promote the standby: %w", err)
	}
	defer func() { _ = connection.Close(ctx) }()
	if _, err := connection.Exec(ctx, "SELECT pg_promote()"); err != nil {
		return fmt.Errorf("promote the standby: %w", err)
	}
	return nil
}
