// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// ErrSetting says that lib/pq does not take a setting of a connection.
var ErrSetting = errors.New("the driver does not take the setting")

// Probe connects with the settings that lib/pq v1.10.9 would use, by its keywords, and looks at what the login may do. It
// changes nothing, and calls connected once the server has answered. The connection itself is pgx's: lib/pq takes PG* variables from its own process and does not say how a
// connection is encrypted.
func Probe(ctx context.Context, settings map[string]secret.String, connected func()) (probe.Report, error) {
	config, verified, err := libpqConfig(settings)
	if err != nil {
		return probe.Report{}, err
	}
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return probe.Report{}, err
	}
	defer func() { _ = connection.Close(context.WithoutCancel(ctx)) }()
	if err := connection.Ping(ctx); err != nil {
		return probe.Report{}, err
	}
	connected()
	report := probe.Report{ServerVersion: connection.PgConn().ParameterStatus("server_version")}
	if encrypted, ok := connection.PgConn().Conn().(*tls.Conn); ok {
		report.TLS = probe.NewTLS(encrypted.ConnectionState(), verified)
	}
	report.Username, report.Writable, report.Unknown = writable(ctx, connection, majorOf(report.ServerVersion))
	return report, nil
}

// majorOf reads the first number of such as "15.14 (Debian 15.14-1)" and "18beta1"; 0 for none.
func majorOf(version string) int {
	digits := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		digits = len(version)
	}
	major, _ := strconv.Atoi(version[:digits]) // What is no number is older than anything that is asked for.
	return major
}

// libpqOnly are the keywords that lib/pq keeps to itself. It sends every other one to the server.
var libpqOnly = []string{
	"host", "port", "user", "password", "dbname", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslinline", "sslsni",
	"fallback_application_name", "connect_timeout", "disable_prepared_binary_result", "binary_parameters", "krbsrvname", "krbspn",
}

// neutral keeps every variable and file of this process out: they are not the gateway's.
const neutral = "host=localhost port=5432 user=nobody password=none dbname=nobody sslmode=disable passfile='' sslrootcert='' sslcert='' sslkey='' " +
	"target_session_attrs=any connect_timeout=0 options='' sslnegotiation=postgres sslcertmode=allow channel_binding=disable " +
	"require_auth='' min_protocol_version=3.0 max_protocol_version=3.0"

// libpqConfig follows lib/pq's rules (conn.go, connector.go, ssl.go); verified is set where the driver checks the server's
// certificate and name.
func libpqConfig(settings map[string]secret.String) (config *pgx.ConnConfig, verified bool, err error) {
	get := func(keyword, otherwise string) string {
		if value, set := settings[keyword]; set {
			return value.Reveal()
		}
		return otherwise
	}
	if config, err = pgx.ParseConfig(neutral); err != nil {
		return nil, false, fmt.Errorf("begin with no settings: %w", err)
	}
	config.Fallbacks = nil
	config.Host, config.Password = get("host", "localhost"), get("password", "")
	port, err := strconv.ParseUint(get("port", "5432"), 10, 16)
	if err != nil {
		return nil, false, fmt.Errorf("%w: port is not a number from 1 to 65535", ErrSetting)
	}
	config.Port = uint16(port)
	if config.User, err = libpqUser(settings); err != nil {
		return nil, false, err
	}
	config.Database = get("dbname", config.User)
	seconds, err := strconv.ParseInt(get("connect_timeout", "0"), 10, 32)
	if err != nil {
		return nil, false, fmt.Errorf("%w: connect_timeout is not a number of seconds", ErrSetting)
	}
	config.ConnectTimeout = time.Duration(max(seconds, 0)) * time.Second
	config.RuntimeParams, err = runtimeParameters(settings)
	if err != nil {
		return nil, false, err
	}
	mode := get("sslmode", "require")
	if strings.HasPrefix(config.Host, "/") || strings.HasPrefix(config.Host, "@") {
		mode = "disable" // A socket has no TLS.
	}
	config.TLSConfig, err = libpqTLS(mode, get)
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return config, mode == "verify-full", err
}

// libpqUser gives the user; lib/pq takes the operating system's where none is set.
func libpqUser(settings map[string]secret.String) (string, error) {
	if name, set := settings["user"]; set {
		return name.Reveal(), nil
	}
	current, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("%w: there is no user, and the operating system gives none: %w", ErrSetting, err)
	}
	return current.Username, nil
}

// runtimeParameters gives what lib/pq sends to the server as settings of the session.
func runtimeParameters(settings map[string]secret.String) (map[string]string, error) {
	parameters := map[string]string{"extra_float_digits": "2"}
	for _, keyword := range slices.Sorted(maps.Keys(settings)) {
		if !slices.Contains(libpqOnly, keyword) {
			parameters[keyword] = settings[keyword].Reveal()
		}
	}
	if fallback, set := settings["fallback_application_name"]; set && parameters["application_name"] == "" {
		parameters["application_name"] = fallback.Reveal()
	}
	encoding := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(parameters["client_encoding"]))
	if _, set := settings["client_encoding"]; set && encoding != "utf8" && encoding != "unicode" {
		return nil, fmt.Errorf("%w: client_encoding is something else than UTF8", ErrSetting)
	}
	if _, set := settings["datestyle"]; set && parameters["datestyle"] != "ISO, MDY" {
		return nil, fmt.Errorf("%w: datestyle is something else than ISO, MDY", ErrSetting)
	}
	parameters["client_encoding"], parameters["datestyle"] = "UTF8", "ISO, MDY"
	return parameters, nil
}
