// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

func newBastion(t *testing.T) *devstack.Bastion {
	t.Helper()
	bastion, err := devstack.NewBastion()
	require.NoError(t, err)
	t.Cleanup(func() { _ = bastion.Close() })
	return bastion
}

// through gives the admin's settings by way of a bastion.
func through(bastion *devstack.Bastion) postgresql.Config {
	config := adminConfig()
	config.ConnectTimeout = 5 * time.Second
	config.SSH = &postgresql.SSH{
		Host: bastion.Host, Port: bastion.Port, User: bastion.User, PrivateKey: bastion.PrivateKey, HostKey: bastion.HostKey,
	}
	return config
}

// nobody looks for a role that is not there, past what was read before: only a connection gives ErrRoleNotFound.
func nobody(ctx context.Context, server *postgresql.Server) error {
	return server.DropRole(ctx, "nobody at all", true)
}

func serve(t *testing.T, config postgresql.Config) *postgresql.Server {
	t.Helper()
	server := postgresql.NewServer(config)
	t.Cleanup(server.Close)
	return server
}

func TestBastionIsSharedByAllDatabases(t *testing.T) {
	direct, database := newServer(t, "bastion")
	bastion := newBastion(t)
	server := serve(t, through(bastion))
	role := postgresql.Role{
		Name: "through_bastion", Attributes: postgresql.Attributes{ConnectionLimit: postgresql.NoConnectionLimit},
		Grants: []postgresql.Grant{
			{Database: database, Schema: "reporting", Tables: []string{"monthly"}},
			{Database: "postgres", Schema: "public"},
		},
	}
	create(t, server, role, secret.New("any"))
	require.NoError(t, direct.DropRole(t.Context(), role.Name, true))
	require.Equal(t, 1, bastion.Accepted())
	for _, target := range bastion.Targets() {
		require.Equal(t, net.JoinHostPort(cluster.Host, strconv.Itoa(cluster.Port)), target, "the bastion resolves the name")
	}
}

func TestBastionIsReachedAgain(t *testing.T) {
	bastion := newBastion(t)
	server := serve(t, through(bastion))
	require.ErrorIs(t, nobody(t.Context(), server), postgresql.ErrRoleNotFound)
	for i := 2; i < 5; i++ {
		bastion.Drop()
		require.Eventually(t, func() bool {
			// Until the client has seen the end, it may use what it has open once more.
			return errors.Is(nobody(t.Context(), server), postgresql.ErrRoleNotFound)
		}, 10*time.Second, time.Millisecond)
		require.Equal(t, i, bastion.Accepted())
	}
	server.Close()
	require.ErrorIs(t, nobody(t.Context(), server), postgresql.ErrRoleNotFound, "a closed server opens again")
	server.Close()
	require.Eventually(t, func() bool { return bastion.Open() == 0 }, 5*time.Second, time.Millisecond, "closed with the server")
}

func TestBastionHonoursTheContext(t *testing.T) {
	bastion := newBastion(t)
	server := serve(t, through(bastion))
	require.ErrorIs(t, nobody(t.Context(), server), postgresql.ErrRoleNotFound)
	as(t, cluster.AdminURL("postgres"), func(c *pgx.Conn) {
		tx, err := c.Begin(t.Context())
		require.NoError(t, err)
		// The provider's own lock holds a change up until the context ends.
		_, err = tx.Exec(t.Context(), "SELECT pg_advisory_xact_lock($1)", int64(0x7465727261736361))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, err = server.CreateRole(ctx, postgresql.Role{
			Name: "never", Grants: []postgresql.Grant{{Database: "postgres", Schema: "public"}},
		}, secret.New("any"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		// The statement is cancelled at the server, through the bastion.
		require.Eventually(t, func() bool {
			var waiting int
			require.NoError(t, tx.QueryRow(t.Context(),
				"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").Scan(&waiting))
			return waiting == 0
		}, 10*time.Second, 10*time.Millisecond)
		require.NoError(t, tx.Rollback(t.Context()))
	})
	for _, target := range bastion.Targets() {
		require.Equal(t, net.JoinHostPort(cluster.Host, strconv.Itoa(cluster.Port)), target)
	}
}

// silent accepts connections and says nothing.
func silent(t *testing.T) (host string, port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return "127.0.0.1", listener.Addr().(*net.TCPAddr).Port
}

func TestBastionErrors(t *testing.T) {
	other := newBastion(t)
	silentHost, silentPort := silent(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	rsaPublic, err := ssh.NewPublicKey(&rsaKey.PublicKey)
	require.NoError(t, err)
	rsaHostKey := string(ssh.MarshalAuthorizedKey(rsaPublic))
	for name, test := range map[string]struct {
		change func(*postgresql.Config)
		want   string
		is     error
	}{
		"wrong host key":           {func(c *postgresql.Config) { c.SSH.HostKey = other.HostKey }, "it showed SHOWN (ssh-ed25519)", postgresql.ErrUnknownBastion},
		"host key of another kind": {func(c *postgresql.Config) { c.SSH.HostKey = rsaHostKey }, "it showed SHOWN (ssh-ed25519)", postgresql.ErrUnknownBastion},
		"no host key":              {func(c *postgresql.Config) { c.SSH.HostKey = "" }, "host_key", postgresql.ErrSSHHostKey},
		"another user":             {func(c *postgresql.Config) { c.SSH.User = "mallory" }, "unable to authenticate", nil},
		"another key":              {func(c *postgresql.Config) { c.SSH.PrivateKey = other.PrivateKey }, "unable to authenticate", nil},
		"no key":                   {func(c *postgresql.Config) { c.SSH.PrivateKey = secret.String{} }, "private_key", postgresql.ErrSSHPrivateKey},
		"nothing listens":          {func(c *postgresql.Config) { c.SSH.Port = 1 }, "127.0.0.1:1", nil},
		"no database there":        {func(c *postgresql.Config) { c.Port = 1 }, "through the SSH bastion", nil},
		"says nothing": {func(c *postgresql.Config) {
			c.SSH.Host, c.SSH.Port, c.ConnectTimeout = silentHost, silentPort, 200*time.Millisecond
		}, strconv.Itoa(silentPort), postgresql.ErrSSHNoAnswer},
		// The certificate is for localhost: TLS is verified against the server's name, wherever the bastion leads.
		"another server's name": {func(c *postgresql.Config) { c.Host = "0.0.0.0" }, "certificate", nil},
	} {
		t.Run(name, func(t *testing.T) {
			bastion := newBastion(t)
			config := through(bastion)
			test.change(&config)
			err := nobody(t.Context(), serve(t, config))
			require.Error(t, err)
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
			}
			require.ErrorContains(t, err, strings.ReplaceAll(test.want, "SHOWN", bastion.Fingerprint))
			require.NotErrorIs(t, err, postgresql.ErrRoleNotFound)
			for _, hidden := range []secret.String{config.Password, config.SSH.PrivateKey} {
				for _, line := range strings.Fields(hidden.Reveal()) {
					if len(line) > 10 {
						require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, config, config), line)
					}
				}
			}
		})
	}
}

func TestSSHKeysAreChecked(t *testing.T) {
	bastion := newBastion(t)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("a passphrase"))
	require.NoError(t, err)

	require.NoError(t, postgresql.CheckSSHPrivateKey(bastion.PrivateKey))
	for text, want := range map[string]string{
		"":                                 "neither in OpenSSH's form nor PEM",
		"hunter2":                          "neither in OpenSSH's form nor PEM",
		string(pem.EncodeToMemory(locked)): "a passphrase protects it",
		bastion.HostKey:                    "neither in OpenSSH's form nor PEM",
		bastion.PrivateKey.Reveal()[:120]:  "neither in OpenSSH's form nor PEM",
	} {
		err := postgresql.CheckSSHPrivateKey(secret.New(text))
		require.ErrorIs(t, err, postgresql.ErrSSHPrivateKey)
		require.ErrorContains(t, err, want)
		if text != "" {
			require.NotContains(t, err.Error(), text)
		}
	}

	for _, line := range []string{
		bastion.HostKey, bastion.HostKey + " a comment\n", "bastion.example.com " + bastion.HostKey, "[10.0.0.1]:2222 " + bastion.HostKey,
		"# from ssh-keyscan\n" + bastion.HostKey,
	} {
		require.NoError(t, postgresql.CheckSSHHostKey(line), line)
	}
	for line, want := range map[string]string{
		"":                                       "is expected",
		"ssh-ed25519":                            "is expected",
		bastion.Fingerprint:                      "is expected",
		"@cert-authority * " + bastion.HostKey:   "is expected",
		"@revoked * " + bastion.HostKey:          "is expected",
		bastion.HostKey + "\n" + bastion.HostKey: "more than one line",
	} {
		err := postgresql.CheckSSHHostKey(line)
		require.ErrorIs(t, err, postgresql.ErrSSHHostKey, line)
		require.ErrorContains(t, err, want, line)
	}
}
