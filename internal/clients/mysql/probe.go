// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// What keeps a DSN from being used. The driver's own words quote parts of it, and are left out.
var (
	ErrDSN     = errors.New("the driver can't read the connection string")
	ErrTLSName = errors.New("tls names a configuration that the gateway does not have: write true, skip-verify or preferred")
)

// unknownTLSName begins what the driver says of such a name.
const unknownTLSName = "invalid value / unknown config name"

// Probe connects with a DSN as go-sql-driver/mysql reads it, and looks at what the login may do. It changes nothing, and
// calls connected once the server has answered.
func Probe(ctx context.Context, dsn secret.String, connected func()) (probe.Report, error) {
	config, err := mysql.ParseDSN(dsn.Reveal())
	switch {
	case err != nil && strings.HasPrefix(err.Error(), unknownTLSName):
		return probe.Report{}, ErrTLSName
	case err != nil:
		return probe.Report{}, ErrDSN
	}
	config.Logger = &mysql.NopLogger{}
	// Answers about transactions that may not write are what the look at a login goes by: they don't say that this is a replica.
	config.RejectReadOnly = false
	var report probe.Report
	if config.TLS != nil {
		config.TLS = config.TLS.Clone()
		verified := !config.TLS.InsecureSkipVerify
		config.TLS.VerifyConnection = func(state tls.ConnectionState) error {
			report.TLS = probe.NewTLS(state, verified)
			return nil
		}
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return probe.Report{}, ErrDSN
	}
	database := sql.OpenDB(connector)
	defer func() { _ = database.Close() }()
	connection, err := database.Conn(ctx)
	if err != nil {
		return probe.Report{}, err
	}
	defer func() { _ = connection.Close() }()
	if err := connection.PingContext(ctx); err != nil {
		return probe.Report{}, err
	}
	connected()
	if err := connection.QueryRowContext(ctx, "SELECT CURRENT_USER(), VERSION()").Scan(&report.Username, &report.ServerVersion); err != nil {
		report.Unknown = fmt.Errorf("who the login is: %w", err)
		return report, nil
	}
	found, err := grantsOfLogin(ctx, connection, strings.Contains(report.ServerVersion, "MariaDB"))
	if err != nil {
		report.Unknown = fmt.Errorf("what the login may do: %w", err)
		return report, nil
	}
	report.Writable = probe.Writes(found)
	return report, nil
}
