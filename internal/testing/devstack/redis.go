// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// RedisOptions say what a Redis server is made like.
type RedisOptions struct {
	// WithoutACLFile keeps users in the configuration file, where CONFIG REWRITE saves them.
	WithoutACLFile bool
	// WithoutFiles leaves the server no file that it could save users to.
	WithoutFiles bool
	// Settings are lines of the configuration file, such as "slowlog-log-slower-than 0".
	Settings []string
}

// Redis is a running private server. It takes TLS connections only, and the user default is off.
type Redis struct {
	Host          string
	Port          int
	Authority     *Authority
	LogFile       string
	Admin         string
	AdminPassword secret.String

	process *process
	command func() *exec.Cmd
}

// Redis starts a server that ends with the stack. It keeps its data in memory.
func (s *Stack) Redis(ctx context.Context, options RedisOptions) (*Redis, error) {
	binary, err := findBinary("redis-server", "/usr/bin", "redis-server")
	if err != nil {
		return nil, err
	}
	dir, certFile, keyFile, authority, err := s.serverDir("redis")
	if err != nil {
		return nil, err
	}
	server := &Redis{
		Host: "localhost", Authority: authority, LogFile: filepath.Join(dir, "redis.log"),
		Admin: adminUser, AdminPassword: secret.New(rand.Text()),
	}
	if server.Port, err = freePort(); err != nil {
		return nil, err
	}
	digest := sha256.Sum256([]byte(server.AdminPassword.Reveal()))
	users := "user default off\nuser " + server.Admin + " on ~* &* +@all #" + hex.EncodeToString(digest[:]) + "\n"
	settings := "port 0\ntls-port " + strconv.Itoa(server.Port) + "\nbind 127.0.0.1 ::1\n" +
		"tls-cert-file " + certFile + "\ntls-key-file " + keyFile + "\ntls-ca-cert-file " + authority.CAFile +
		"\ntls-auth-clients no\ndir " + dir + "\nsave \"\"\nappendonly no\n"
	for _, setting := range options.Settings {
		settings += setting + "\n"
	}
	configFile := filepath.Join(dir, "redis.conf")
	files := map[string]string{configFile: settings + users}
	if !options.WithoutACLFile && !options.WithoutFiles {
		aclFile := filepath.Join(dir, "users.acl")
		files = map[string]string{configFile: settings + "aclfile " + aclFile + "\n", aclFile: users}
	}
	for path, content := range files {
		if err := writeForService(path, content); err != nil {
			return nil, err
		}
	}
	server.command = func() *exec.Cmd { return exec.Command(binary, configFile) }
	if options.WithoutFiles {
		server.command = func() *exec.Cmd {
			command := exec.Command(binary, "-")
			command.Stdin = strings.NewReader(settings + users)
			return command
		}
	}
	if err := server.start(ctx); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { return server.process.stop(syscall.SIGTERM) })
	return server, nil
}

func (r *Redis) start(ctx context.Context) error {
	var err error
	if r.process, err = startProcess(r.command(), r.LogFile); err != nil {
		return err
	}
	dialer := &tls.Dialer{Config: r.TLS()}
	return r.process.waitReady(ctx, r.LogFile, reaching(net.JoinHostPort(r.Host, strconv.Itoa(r.Port)), dialer.DialContext))
}

// Crash kills the server as the kernel does when memory runs out, and starts it again on its port.
func (r *Redis) Crash(ctx context.Context) error {
	if err := r.process.stop(syscall.SIGKILL); err != nil {
		return err
	}
	return r.start(ctx)
}

// Restart ends the server and starts it again with what it saved.
func (r *Redis) Restart(ctx context.Context) error {
	if err := r.process.stop(syscall.SIGTERM); err != nil {
		return err
	}
	return r.start(ctx)
}

// TLS is what a client verifies the server with.
func (r *Redis) TLS() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(r.Authority.certificate)
	return &tls.Config{RootCAs: roots, ServerName: r.Host, MinVersion: tls.VersionTLS12}
}

// serverDir makes the folder of a server, its authority and its certificate.
func (s *Stack) serverDir(kind string) (dir, certFile, keyFile string, authority *Authority, err error) {
	if dir, err = os.MkdirTemp(s.dir, kind); err != nil {
		return "", "", "", nil, fmt.Errorf("make the server's folder: %w", err)
	}
	if err := giveToServiceUser(dir); err != nil {
		return "", "", "", nil, fmt.Errorf("hand the server's folder to its user: %w", err)
	}
	if authority, err = newAuthority(dir); err != nil {
		return "", "", "", nil, err
	}
	if certFile, keyFile, err = authority.issue("server", x509.ExtKeyUsageServerAuth); err != nil {
		return "", "", "", nil, err
	}
	if err := giveToServiceUser(keyFile); err != nil {
		return "", "", "", nil, fmt.Errorf("hand the server's key to its user: %w", err)
	}
	return dir, certFile, keyFile, authority, nil
}

func writeForService(path, content string) error {
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := giveToServiceUser(path); err != nil {
		return fmt.Errorf("hand %s to the server's user: %w", filepath.Base(path), err)
	}
	return nil
}
