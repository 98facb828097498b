// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/delayproxy"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// peerUsers is how many MariaDB users are measured.
const peerUsers = 50

// peer is a usual provider, where its binary is given.
type peer struct{ name, source string }

var (
	postgresqlPeer = peer{"postgresql", "cyrilgdn/postgresql"}
	mysqlPeer      = peer{"mysql", "petoju/mysql"}
)

func (b *bench) binaryOf(p peer) string { return filepath.Join(b.peers, "terraform-provider-"+p.name) }

// has reports whether there is one to measure against.
func (b *bench) has(p peer) bool {
	if b.peers == "" {
		return false
	}
	_, err := os.Stat(b.binaryOf(p))
	return err == nil
}

// peerVersions names the providers that are there, as Go noted it when they were built.
func (o options) peerVersions() []string {
	var names []string
	for _, p := range []peer{postgresqlPeer, mysqlPeer} {
		built, err := buildinfo.ReadFile(filepath.Join(o.peers, "terraform-provider-"+p.name))
		if o.peers == "" || err != nil {
			continue
		}
		version := built.Main.Version
		for _, setting := range built.Settings {
			if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
				version = setting.Value[:12]
			}
		}
		names = append(names, p.source+" "+version)
	}
	return names
}

// checkPeers is an error where a folder is given and has none of them.
func (b *bench) checkPeers() error {
	if b.peers != "" && !b.has(postgresqlPeer) && !b.has(mysqlPeer) {
		return fmt.Errorf("-peer: neither %s nor %s is there", b.binaryOf(postgresqlPeer), b.binaryOf(mysqlPeer))
	}
	return nil
}

// threeSteps are what is measured with both providers.
func threeSteps(count int, delay time.Duration, named func(string) string) []step {
	return []step{
		{of: key{count, delay, named(stepApply)}, arguments: []string{"apply", "-auto-approve"}, leavesState: true},
		{of: key{count, delay, named(stepPlan)}, arguments: []string{"plan", "-detailed-exitcode"}},
		{of: key{count, delay, named(stepDestroy)}, arguments: []string{"destroy", "-auto-approve"}},
	}
}

// measurePeer makes as many roles with the usual provider, in the layout that costs it least: logins without privileges of their own, one
// group that holds them, and memberships that somebody else looks after.
func (b *bench) measurePeer(ctx context.Context, measured results, port, roles int, delay time.Duration) error {
	if !b.has(postgresqlPeer) {
		return nil
	}
	return b.measureWith(ctx, measured, subject{postgresqlPeer.source, b.binaryOf(postgresqlPeer)}, b.meter,
		peerRolesConfiguration(b.server, port, roles), threeSteps(roles, delay, theirs))
}

// measureUsers makes users of MariaDB with both providers.
func (b *bench) measureUsers(ctx context.Context, measured results, delay time.Duration) (err error) {
	if !b.has(mysqlPeer) {
		return nil
	}
	_, _ = fmt.Fprintf(b.progress, "%d MariaDB users, %s added\n", peerUsers, delay)
	port, done, err := behind(b.mariaDB.Host, b.mariaDB.Port, delay)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	err = b.measureWith(ctx, measured, b.itself(), b.mariaMeter, usersConfiguration(b.mariaDB, port), threeSteps(peerUsers, delay, users))
	if err != nil {
		return err
	}
	both := func(step string) string { return users(theirs(step)) }
	authority, err := filepath.Abs(b.mariaDB.Authority.CAFile)
	if err != nil {
		return err
	}
	return b.measureWith(ctx, measured, subject{mysqlPeer.source, b.binaryOf(mysqlPeer)}, b.mariaMeter,
		peerUsersConfiguration(b.mariaDB, authority, port), threeSteps(peerUsers, delay, both))
}

// behind gives the port of a server, or of a proxy before it that adds to each round trip until done is called.
func behind(host string, port int, delay time.Duration) (seen int, done func() error, err error) {
	if delay == 0 {
		return port, func() error { return nil }, nil
	}
	proxy, err := delayproxy.New(net.JoinHostPort(host, strconv.Itoa(port)), delay)
	if err != nil {
		return 0, nil, err
	}
	return proxy.Port(), proxy.Close, nil
}

// subject is a provider that is measured.
type subject struct{ source, binary string }

func (b *bench) itself() subject { return subject{terraformcli.Source, b.provider} }

func peerRolesConfiguration(server *devstack.PostgreSQL, port, roles int) string {
	return fmt.Sprintf(`terraform {
  required_providers {
    postgresql = { source = %q }
  }
}

provider "postgresql" {
  host        = %q
  port        = %d
  database    = "app"
  username    = %q
  password    = %q
  sslmode     = "verify-full"
  sslrootcert = %q
}

resource "postgresql_role" "group" {
  name = "readers"
}

resource "postgresql_grant" "usage" {
  count       = %[7]d
  database    = "app"
  role        = postgresql_role.group.name
  schema      = "s${count.index}"
  object_type = "schema"
  privileges  = ["USAGE"]
}

resource "postgresql_grant" "select" {
  count       = %[7]d
  database    = "app"
  role        = postgresql_role.group.name
  schema      = "s${count.index}"
  object_type = "table"
  privileges  = ["SELECT"]
}

resource "postgresql_default_privileges" "future" {
  count       = %[7]d
  database    = "app"
  role        = postgresql_role.group.name
  owner       = "app_owner"
  schema      = "s${count.index}"
  object_type = "table"
  privileges  = ["SELECT"]
}

resource "postgresql_role" "reader" {
  count    = %[8]d
  name     = "peer_${count.index}"
  login    = true
  password = "benchmark-${count.index}"
}
`, postgresqlPeer.source, server.Host, port, server.Admin, server.AdminPassword.Reveal(), server.Authority.CAFile, schemas, roles)
}

func usersConfiguration(server *devstack.MariaDB, port int) string {
	return fmt.Sprintf(`terraform {
  required_providers {
    terrascale = { source = %q }
  }
}

provider "terrascale" {
  mysql = {
    default = { host = %q, port = %d, username = %q, password = %q, ca_file = %q }
  }
}

resource "terrascale_mysql_readonly_user" "reader" {
  count  = %d
  name   = "reader_${count.index}"
  grants = { for number in range(%d) : "s${number}" => {} }
}
`, terraformcli.Source, server.Host, port, server.Admin, server.AdminPassword.Reveal(), server.Authority.CAFile, peerUsers, schemas)
}

func peerUsersConfiguration(server *devstack.MariaDB, authority string, port int) string {
	return fmt.Sprintf(`terraform {
  required_providers {
    mysql = { source = %q }
  }
}

provider "mysql" {
  endpoint = "%s:%d"
  username = %q
  password = %q
  custom_tls {
    config_key = "custom"
    ca_cert    = %q
  }
}

resource "mysql_user" "reader" {
  count              = %[7]d
  user               = "peer_${count.index}"
  host               = "%%"
  plaintext_password = "benchmark-${count.index}"
}

resource "mysql_grant" "reader" {
  count      = %[7]d * %[8]d
  user       = mysql_user.reader[floor(count.index / %[8]d)].user
  host       = "%%"
  database   = "s${count.index %% %[8]d}"
  privileges = ["SELECT"]
}
`, mysqlPeer.source, server.Host, port, server.Admin, server.AdminPassword.Reveal(), authority, peerUsers, schemas)
}
