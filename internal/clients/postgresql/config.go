// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Defaults of a connection, where neither the configuration nor the environment says otherwise.
const (
	DefaultPort           = 5432
	DefaultDatabase       = "postgres"
	DefaultSSLMode        = "verify-full"
	DefaultConnectTimeout = 15 * time.Second
	DefaultMaxConnections = 4
	applicationName       = "terraform-provider-terrascale"
	// idleTimeout closes what a long apply no longer needs; idleCheck is how often the pool looks.
	idleTimeout = 10 * time.Second
	idleCheck   = 5 * time.Second
)

// SSLModes are libpq's, from none to full verification. The two that fall back to clear text are left out on purpose.
var SSLModes = []string{"disable", "require", "verify-ca", "verify-full"}

// Config is how one server is reached, with libpq's meanings. Zero values mean the defaults above.
type Config struct {
	// Host is a name, an address, or a socket's folder (starts with a slash).
	Host string
	Port int
	// Database is the one that is connected to for what is not about a certain database.
	Database string
	Username string
	Password secret.String
	SSLMode  string
	// SSLRootCert, SSLCert and SSLKey are paths of PEM files.
	SSLRootCert, SSLCert, SSLKey string
	ConnectTimeout               time.Duration
	// LockTimeout is the longest that one statement waits for another session.
	LockTimeout time.Duration
	// MaxConnections is the most that are open to one database at a time.
	MaxConnections int
	// SSH is the bastion to go through; nil for none.
	SSH *SSH
}

// IsLoopback reports whether the traffic never leaves the machine, or the bastion: a socket, or a loopback name or address.
func (c Config) IsLoopback() bool {
	if c.isSocket() || strings.EqualFold(c.Host, "localhost") {
		return true
	}
	address := net.ParseIP(c.Host)
	return address != nil && address.IsLoopback()
}

func (c Config) isSocket() bool { return strings.HasPrefix(c.Host, "/") }

func (c Config) withDefaults() Config {
	if c.Port == 0 {
		c.Port = DefaultPort
	}
	if c.Database == "" {
		c.Database = DefaultDatabase
	}
	if c.SSLMode == "" {
		c.SSLMode = DefaultSSLMode
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = DefaultConnectTimeout
	}
	if c.LockTimeout == 0 {
		c.LockTimeout = DefaultLockTimeout
	}
	if c.MaxConnections == 0 {
		c.MaxConnections = DefaultMaxConnections
	}
	return c
}

// poolConfig states every setting, so that no PG* variable meant for another server changes this one.
func (c Config) poolConfig(database string) (*pgxpool.Config, error) {
	sslMode := c.SSLMode
	if c.isSocket() {
		sslMode = "disable" // A socket has no TLS; the mode is for what crosses a network.
	}
	settings := [][2]string{
		{"host", c.Host}, {"port", strconv.Itoa(c.Port)}, {"dbname", database}, {"user", c.Username},
		{"password", c.Password.Reveal()}, {"sslmode", sslMode}, {"sslrootcert", c.SSLRootCert},
		{"sslcert", c.SSLCert}, {"sslkey", c.SSLKey}, {"application_name", applicationName}, {"options", ""},
		{"target_session_attrs", "any"},
	}
	var text strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, setting := range settings {
		fmt.Fprintf(&text, "%s='%s' ", setting[0], escape.Replace(setting[1]))
	}
	config, err := pgxpool.ParseConfig(text.String())
	if err != nil {
		return nil, fmt.Errorf("read the connection settings: %w", withoutSecret(err, c.Password))
	}
	// It stands above to keep PGOPTIONS out; poolers refuse it, even empty.
	delete(config.ConnConfig.RuntimeParams, "options")
	config.ConnConfig.ConnectTimeout = c.ConnectTimeout
	// One round trip a query, and nothing kept on the server that a pooler in between could lose.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.MaxConns = int32(min(c.MaxConnections, 1000)) //nolint:gosec // bounded on this line.
	config.MaxConnIdleTime = idleTimeout
	config.HealthCheckPeriod = idleCheck
	return config, nil
}
