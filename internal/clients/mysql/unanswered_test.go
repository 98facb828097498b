// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// A call that ends while the server is silent says so where it may have left a user.
func TestWhatMayBeLeftIsSaid(t *testing.T) {
	m, _ := newServer(t, "silent")
	proxy := acctest.NewCutProxy(t, net.JoinHostPort(m.Host, strconv.Itoa(m.Port)))
	user := reader("silent", mysql.DatabaseGrant{Database: "silent"})
	for step, test := range []struct {
		what            string
		saysSo, isThere bool
	}{
		{"the look at users", false, false}, {"the look for databases", false, false}, {"CREATE USER", true, true},
		{"GRANT and the unlocking, which are taken back", false, false}, {"the look at what came of it", true, true},
	} {
		err := createUnanswered(t, m, proxy, step, user)
		require.ErrorIs(t, err, context.Canceled, test.what)
		require.Equal(t, test.saysSo, errors.Is(err, mysql.ErrMayBeLeft), "%s: %s", test.what, err)
		require.Equal(t, test.isThere, m.UserExists("silent"), test.what)
		m.Exec("DROP USER IF EXISTS silent")
	}
}

// createUnanswered makes a user, and ends the call when the server's answer to one of its messages is held back. What comes by
// another connection then is answered.
func createUnanswered(t *testing.T, m *acctest.MariaDB, proxy *acctest.CutProxy, step int, user mysql.User) error {
	t.Helper()
	server := mysql.NewServer(mysql.Config{
		Host: m.Host, Port: proxy.Port(), Username: m.Admin, Password: m.AdminPassword, TLS: mysql.TLSVerify, CAFile: m.Authority.CAFile,
	})
	_, err := server.ReadUser(t.Context(), user)
	require.ErrorIs(t, err, mysql.ErrUserNotFound, "it is connected, and each message is a statement from here on")
	ctx, cancel := context.WithCancel(t.Context())
	reached, done, stopped := proxy.CutAnswerAt(step), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-reached:
			proxy.CutAt(-1)
			cancel()
		case <-done:
		}
	}()
	_, err = server.CreateUser(ctx, user, secret.New("x"))
	close(done)
	<-stopped
	cancel()
	proxy.CutAt(-1)
	require.NoError(t, server.Close())
	return err
}
