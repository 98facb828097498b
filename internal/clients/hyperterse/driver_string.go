// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// DriverString gives what Hyperterse v1.4.0 hands to a connector's driver: a connection string whose references are filled
// in, with the options behind it as driver parameters. For mysql a URL becomes a DSN; for redis the options are dropped. An
// error is ErrMalformed and quotes nothing.
func DriverString(connector string, filled secret.String, options map[string]string) (secret.String, error) {
	text := filled.Reveal()
	switch connector {
	case Postgres:
		if isPostgresURL(text) {
			return withQuery(text, options), nil
		}
		for _, name := range slices.Sorted(maps.Keys(options)) {
			text += " " + name + "=" + options[name] // As it is: the gateway quotes nothing.
		}
		return secret.New(text), nil
	case MySQL:
		return mysqlDriverString(text, options)
	case MongoDB:
		return withQuery(text, options), nil
	default:
		return filled, nil
	}
}

func isPostgresURL(text string) bool {
	return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// withQuery sets parameters of a URL.
func withQuery(text string, options map[string]string) secret.String {
	if len(options) == 0 {
		return secret.New(text)
	}
	before, query, _ := strings.Cut(text, "?")
	values, _ := url.ParseQuery(query) // What can't be read of it is dropped, as the gateway does.
	for name, value := range options {
		values.Set(name, value)
	}
	return secret.New(before + "?" + values.Encode())
}

func mysqlDriverString(text string, options map[string]string) (secret.String, error) {
	if !strings.HasPrefix(text, "mysql://") {
		separator := "?"
		if strings.Contains(text, "?") {
			separator = "&"
		}
		for _, name := range slices.Sorted(maps.Keys(options)) {
			text += separator + name + "=" + options[name]
			separator = "&"
		}
		return secret.New(text), nil
	}
	address, err := url.Parse(text)
	if err != nil {
		return secret.String{}, malformed("it is no URL")
	}
	port := address.Port()
	if port == "" {
		port = usualPorts[MySQL]
	}
	user := address.User.Username()
	if password, _ := address.User.Password(); password != "" {
		user += ":" + password
	}
	// The brackets of an IPv6 address are lost on the way: such a URL does not work.
	dsn := user + "@tcp(" + address.Hostname() + ":" + port + ")/" + strings.TrimPrefix(address.Path, "/")
	return withQuery(strings.TrimSuffix(dsn+"?"+address.RawQuery, "?"), options), nil
}

// libpqVariables are the environment variables that lib/pq v1.10.9 takes a setting from.
var libpqVariables = map[string]string{
	"PGHOST": "host", "PGPORT": "port", "PGDATABASE": "dbname", "PGUSER": "user", "PGPASSWORD": "password",
	"PGOPTIONS": "options", "PGAPPNAME": "application_name", "PGSSLMODE": "sslmode", "PGSSLCERT": "sslcert",
	"PGSSLKEY": "sslkey", "PGSSLROOTCERT": "sslrootcert", "PGSSLSNI": "sslsni", "PGCONNECT_TIMEOUT": "connect_timeout",
	"PGCLIENTENCODING": "client_encoding", "PGDATESTYLE": "datestyle", "PGTZ": "timezone", "PGGEQO": "geqo",
}

// PostgresSettings gives what lib/pq reads out of a driver string, by its keywords (host, user, sslmode, …), and what it
// takes from variables where the string does not say. An error is ErrMalformed and quotes nothing.
func PostgresSettings(driverString secret.String, variables map[string]secret.String) (map[string]secret.String, error) {
	settings := map[string]secret.String{}
	for variable, keyword := range libpqVariables {
		if value, set := variables[variable]; set {
			settings[keyword] = value
		}
	}
	text := driverString.Reveal()
	if !isPostgresURL(text) {
		pairs, err := keyValues(placeholders{text: text})
		for keyword, value := range pairs {
			settings[keyword] = secret.New(value)
		}
		return settings, err
	}
	address, err := url.Parse(text)
	if err != nil {
		return nil, malformed("it is no URL")
	}
	set := func(keyword, value string) {
		if value != "" {
			settings[keyword] = secret.New(value)
		}
	}
	password, _ := address.User.Password()
	set("user", address.User.Username())
	set("password", password)
	set("dbname", strings.TrimPrefix(address.Path, "/"))
	if host, port, err := net.SplitHostPort(address.Host); err == nil {
		set("host", host)
		set("port", port)
	} else {
		set("host", address.Host)
	}
	for keyword, values := range address.Query() {
		set(keyword, values[0])
	}
	return settings, nil
}
