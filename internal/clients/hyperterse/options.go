// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Advice is what is wrong with an option that the connector takes but its driver does not know.
type Advice struct {
	// Option is its name.
	Option string
	// Problem says what happens with it, Instead what to write.
	Problem, Instead string
}

// driverParameters are the names that each driver itself knows. Sources, in the versions of Hyperterse v1.4.0: lib/pq v1.10.9
// (conn.go), go-sql-driver/mysql v1.9.3 (dsn.go), go-redis v9.17.2 (options.go), mongo-driver v2.5.0 (connstring.go; without
// case).
var driverParameters = map[string][]string{
	Postgres: {
		"application_name", "binary_parameters", "client_encoding", "connect_timeout", "datestyle", "dbname",
		"disable_prepared_binary_result", "fallback_application_name", "geqo", "host", "krbspn", "krbsrvname",
		"options", "password", "port", "sslcert", "sslinline", "sslkey", "sslmode", "sslrootcert", "sslsni", "user",
	},
	MySQL: {
		"allowAllFiles", "allowCleartextPasswords", "allowFallbackToPlaintext", "allowNativePasswords", "allowOldPasswords",
		"charset", "checkConnLiveness", "clientFoundRows", "collation", "columnsWithAlias", "compress",
		"connectionAttributes", "interpolateParams", "loc", "maxAllowedPacket", "multiStatements", "parseTime", "readTimeout",
		"rejectReadOnly", "serverPubKey", "timeTruncate", "timeout", "tls", "writeTimeout",
	},
	Redis: {
		"client_name", "conn_max_idle_time", "conn_max_lifetime", "db", "dial_timeout", "idle_timeout", "max_active_conns",
		"max_conn_age", "max_idle_conns", "max_retries", "max_retry_backoff", "min_idle_conns", "min_retry_backoff", "pool_fifo",
		"pool_size", "pool_timeout", "protocol", "read_timeout", "skip_verify", "write_timeout",
	},
	MongoDB: {
		"appname", "authmechanism", "authmechanismproperties", "authsource", "compressors", "connect", "connecttimeoutms",
		"directconnection", "heartbeatfrequencyms", "heartbeatintervalms", "journal", "loadbalanced", "localthresholdms",
		"maxconnecting", "maxidletimems", "maxpoolsize", "maxstaleness", "maxstalenessseconds", "minpoolsize",
		"readconcernlevel", "readpreference", "readpreferencetags", "replicaset", "retryreads", "retrywrites",
		"servermonitoringmode", "serverselectiontimeoutms", "sockettimeoutms", "srvmaxhosts", "srvservicename", "ssl",
		"sslcertificateauthorityfile", "sslclientcertificatekeyfile", "sslclientcertificatekeypassword", "sslinsecure",
		"timeoutms", "tls", "tlscafile", "tlscertificatefile", "tlscertificatekeyfile", "tlscertificatekeyfilepassword",
		"tlsdisableocspendpointcheck", "tlsinsecure", "tlsprivatekeyfile", "w", "zlibcompressionlevel",
		"zstdcompressionlevel",
	},
}

// sessionSettings are settings of the server that a session may change: the drivers hand them on. They are the part of
// PostgreSQL's list (its chapter "Client Connection Defaults") and of MySQL's and MariaDB's (system variables with session
// scope) that a gateway has a use for. PostgreSQL takes every name with a dot.
var sessionSettings = map[string][]string{
	Postgres: {
		"bytea_output", "client_min_messages", "default_transaction_deferrable", "default_transaction_isolation",
		"default_transaction_read_only", "extra_float_digits", "idle_in_transaction_session_timeout", "idle_session_timeout",
		"intervalstyle", "jit", "lock_timeout", "role", "row_security", "search_path", "standard_conforming_strings",
		"statement_timeout", "temp_buffers", "timezone", "transaction_timeout", "work_mem",
	},
	MySQL: {
		"autocommit", "group_concat_max_len", "innodb_lock_wait_timeout", "lock_wait_timeout", "max_execution_time",
		"max_statement_time", "net_read_timeout", "net_write_timeout", "sql_mode", "time_zone", "transaction_isolation",
		"transaction_read_only", "tx_isolation", "tx_read_only", "wait_timeout",
	},
}

const (
	noPool      = "leave it out: the gateway has no such setting for this connector. Limit the sessions at the server, to instances × pool"
	sslModeName = "sslmode = \"verify-full\""
)

// laterParameters are those that lib/pq knows from v1.11 on.
var laterParameters = []string{
	"hostaddr", "load_balance_hosts", "max_protocol_version", "min_protocol_version", "passfile", "service", "sslnegotiation",
	"ssl_max_protocol_version", "ssl_min_protocol_version", "target_session_attrs", "tz",
}

// replacements are names that look right for a connector, and what to write.
var replacements = map[string]map[string]string{
	Postgres: {
		"max_connections": noPool + " (connection_limit of terrascale_postgresql_readonly_role)", "pool_size": noPool,
		"max_open_conns": noPool, "max_idle_conns": noPool, "min_connections": noPool, "pool_max_conns": noPool,
		"ssl_mode": sslModeName, "ssl": sslModeName, "tls": sslModeName,
		"timeout": `connect_timeout = "10" (seconds)`, "connection_timeout": `connect_timeout = "10" (seconds)`,
		"schema": `search_path = "reporting"`, "database": "dbname, or the database in connection_string",
	},
	MySQL: {
		"max_connections": noPool + " (max_user_connections of the user)", "pool_size": noPool, "max_open_conns": noPool,
		"max_idle_conns": noPool, "ssl": `tls = "true"`, "ssl_mode": `tls = "true"`, "sslmode": `tls = "true"`,
		"connect_timeout": `timeout = "10s"`, "connection_timeout": `timeout = "10s"`, "read_timeout": `readTimeout = "30s"`,
		"write_timeout": `writeTimeout = "30s"`, "parse_time": `parseTime = "true"`, "parsetime": `parseTime = "true"`,
	},
	Redis: {
		"ssl": "rediss:// in place of redis://", "tls": "rediss:// in place of redis://", "max_connections": "pool_size=10",
		"timeout": "read_timeout=3s", "socket_timeout": "read_timeout=3s", "connect_timeout": "dial_timeout=10s",
		"connection_timeout": "dial_timeout=10s", "ssl_cert_reqs": "rediss://, which verifies the certificate",
	},
	MongoDB: {
		"max_connections": `maxPoolSize = "10"`, "pool_size": `maxPoolSize = "10"`, "max_pool_size": `maxPoolSize = "10"`,
		"min_pool_size": `minPoolSize = "1"`, "connect_timeout": `connectTimeoutMS = "10000"`, "timeout": `timeoutMS = "30000"`,
		"ssl_mode": `tls = "true"`, "sslmode": `tls = "true"`, "replica_set": `replicaSet = "rs0"`, "auth_source": `authSource = "admin"`,
	},
}

// CheckOptions finds the options that do not do what they seem to: a connector's driver does not know them, or they refer to
// the environment. They are in the order of their names.
func CheckOptions(connector string, options map[string]string) []Advice {
	var found []Advice
	for _, name := range slices.Sorted(maps.Keys(options)) {
		problem, instead := checkParameter(connector, name)
		switch names := References(options[name]); {
		case connector == Redis:
			problem = "Hyperterse ignores every option of a redis adapter."
			instead = "leave it out, or write a parameter of the driver into connection_string, such as ?read_timeout=3s"
		case len(names) > 0:
			problem = "Hyperterse fills in references in connection_string only, version 2 too, though its documentation names options: the driver gets " +
				"the braces as they are."
			instead = fmt.Sprintf("%s=%s, in connection_string", name, Reference(names[0]))
		}
		if problem != "" {
			found = append(found, Advice{name, problem, instead})
		}
	}
	return found
}

// CheckParameters finds the parameters of a connection string (Connection.Parameters) that the connector's driver does not
// know.
func CheckParameters(connector string, names []string) []Advice {
	var found []Advice
	for _, name := range names {
		if problem, instead := checkParameter(connector, name); problem != "" {
			found = append(found, Advice{name, problem, instead})
		}
	}
	return found
}

func checkParameter(connector, name string) (problem, instead string) {
	known := driverParameters[connector]
	lower := strings.ToLower(name)
	switch connector {
	case Redis:
		if slices.Contains(known, name) {
			return "", ""
		}
		problem = "The driver (go-redis) does not know it and refuses the whole connection string: the gateway does not start."
	case Postgres:
		if slices.Contains(known, name) || slices.Contains(sessionSettings[connector], lower) || strings.Contains(name, ".") {
			return "", ""
		}
		if slices.Contains(laterParameters, name) {
			return "The driver (lib/pq) knows it from v1.11 on. Hyperterse v1.4.0 has v1.10.9, which sends it to the server, and that " +
				"refuses it.", "leave it out, unless the gateway's release has a later driver"
		}
		problem = "The driver (lib/pq) does not know it and sends it to the server as a session setting; one that the server does " +
			"not let a session change stops the gateway as it starts."
	case MySQL:
		if slices.Contains(known, name) || slices.Contains(sessionSettings[connector], lower) {
			return "", ""
		}
		problem = "The driver (go-sql-driver/mysql) does not know it and sets it as a system variable of the session; one that the " +
			"server does not know, or does not let a session change, fails every connection."
	case MongoDB:
		if slices.Contains(known, lower) {
			return "", ""
		}
		problem = "The driver does not know it and ignores it."
	default:
		return "", ""
	}
	if instead = replacements[connector][lower]; instead == "" {
		instead = "leave it out, unless you know that the server takes it"
		if close := sameLetters(known, name); close != "" {
			instead = fmt.Sprintf("%s, which is how the driver spells it", close)
		}
	}
	return problem, instead
}

// sameLetters finds the name that differs from another only in case, _ and -.
func sameLetters(names []string, name string) string {
	letters := func(s string) string { return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s)) }
	for _, candidate := range names {
		if letters(candidate) == letters(name) {
			return candidate
		}
	}
	return ""
}
