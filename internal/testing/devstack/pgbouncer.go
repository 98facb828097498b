// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// poolSize is how many sessions a pooler holds for each database and user: few, so that its clients take turns with them.
const poolSize = 4

// PgBouncer is a pooler that runs.
type PgBouncer struct {
	Port int

	host, binary, configFile, logFile string
	process                           *process
}

// PgBouncer starts a pooler in transaction mode before a server, that ends with the stack. The host name and the
// authority are the server's; who may log in at the server may log in at the pooler, over TLS and with the same password.
func (s *Stack) PgBouncer(ctx context.Context, server *PostgreSQL) (*PgBouncer, error) {
	binary, err := findBinary("pgbouncer", "/usr/sbin", "pgbouncer")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(s.dir, "pgbouncer")
	if err != nil {
		return nil, fmt.Errorf("make the pooler's folder: %w", err)
	}
	if err := giveToServiceUser(dir); err != nil {
		return nil, fmt.Errorf("hand the pooler's folder to its user: %w", err)
	}
	certFile, keyFile, err := server.Authority.issue("pooler", x509.ExtKeyUsageServerAuth)
	if err != nil {
		return nil, err
	}
	if err := giveToServiceUser(keyFile); err != nil {
		return nil, fmt.Errorf("hand the pooler's key to its user: %w", err)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	configFile, usersFile, logFile := filepath.Join(dir, "pgbouncer.ini"), filepath.Join(dir, "users.txt"), filepath.Join(dir, "pgbouncer.log")
	files := map[string]string{
		usersFile: fmt.Sprintf("%q %q\n", server.Admin, server.AdminPassword.Reveal()),
		configFile: "[databases]\n* = host=" + server.Host + " port=" + strconv.Itoa(server.Port) + " auth_user=" + server.Admin + "\n" +
			"[pgbouncer]\nlisten_addr = localhost\nlisten_port = " + strconv.Itoa(port) + "\nunix_socket_dir =\n" +
			"pool_mode = transaction\ndefault_pool_size = " + strconv.Itoa(poolSize) + "\n" +
			"auth_type = scram-sha-256\nauth_file = " + usersFile + "\n" +
			"client_tls_sslmode = require\nclient_tls_cert_file = " + certFile + "\nclient_tls_key_file = " + keyFile + "\n" +
			"server_tls_sslmode = verify-full\nserver_tls_ca_file = " + server.Authority.CAFile + "\n",
	}
	for path, content := range files {
		if err := writeForService(path, content); err != nil {
			return nil, err
		}
	}
	p := &PgBouncer{Port: port, host: server.Host, binary: binary, configFile: configFile, logFile: logFile}
	if err := p.start(ctx); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { return p.process.stop(syscall.SIGINT) })
	return p, nil
}

func (p *PgBouncer) start(ctx context.Context) (err error) {
	if p.process, err = startProcess(exec.Command(p.binary, p.configFile), p.logFile); err != nil {
		return err
	}
	var dialer net.Dialer
	return p.process.waitReady(ctx, p.logFile, reaching(net.JoinHostPort(p.host, strconv.Itoa(p.Port)), dialer.DialContext))
}

// Crash kills the pooler, and with it all connections that go through it, and starts it again on its port.
func (p *PgBouncer) Crash(ctx context.Context) error {
	if err := p.process.stop(syscall.SIGKILL); err != nil {
		return err
	}
	return p.start(ctx)
}
