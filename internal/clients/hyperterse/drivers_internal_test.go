// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/lib/pq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
)

// What the lists say, the drivers themselves say.

func TestGoSQLDriverKnowsItsParameters(t *testing.T) {
	values := map[string]string{
		"charset": "utf8mb4", "collation": "utf8mb4_bin", "connectionAttributes": "a:b", "loc": "UTC", "maxAllowedPacket": "1024",
		"readTimeout": "1s", "writeTimeout": "1s", "timeout": "1s", "timeTruncate": "1s", "tls": "true", "compress": "true",
	}
	for _, name := range driverParameters[MySQL] {
		if name == "serverPubKey" {
			_, err := mysql.ParseDSN("/?serverPubKey=none")
			require.ErrorContains(t, err, "unknown server pub key", "it is known: keys are registered by name")
			continue
		}
		value := values[name]
		if value == "" {
			value = "true"
		}
		config, err := mysql.ParseDSN("u@tcp(h)/?" + name + "=" + value)
		require.NoError(t, err, name)
		require.Empty(t, config.Params, name)
	}
	for _, name := range append(slices.Clone(sessionSettings[MySQL]), "max_connections", "sslmode", "parsetime") {
		config, err := mysql.ParseDSN("u@tcp(h)/?" + name + "=1")
		require.NoError(t, err, name)
		require.Contains(t, config.Params, name, "it goes to the server")
	}
}

func TestGoRedisKnowsItsParameters(t *testing.T) {
	for _, name := range driverParameters[Redis] {
		value := "1"
		if strings.HasSuffix(name, "timeout") || strings.HasSuffix(name, "backoff") || strings.Contains(name, "_time") || name == "max_conn_age" {
			value = "1s"
		}
		_, err := redis.ParseURL("rediss://h?" + name + "=" + value)
		require.NoError(t, err, name)
	}
	for name := range replacements[Redis] {
		_, err := redis.ParseURL("redis://h?" + name + "=1")
		require.ErrorContains(t, err, "unexpected option", name)
	}
}

func TestTheMongoDBDriverKnowsItsParameters(t *testing.T) {
	for name := range replacements[MongoDB] {
		parsed, err := connstring.Parse("mongodb://h/?" + name + "=x")
		require.NoError(t, err, name)
		require.Contains(t, parsed.UnknownOptions, name)
	}
	for _, name := range driverParameters[MongoDB] {
		// A value that the parameter does not take shows, too, that it is known.
		for _, value := range []string{"1", "true", "x"} {
			parsed, err := connstring.Parse("mongodb://h/?" + name + "=" + value)
			if err == nil {
				require.NotContains(t, parsed.UnknownOptions, name)
			}
		}
	}
}

// TestLibpqSendsTheRest looks at what lib/pq sends a server first: what it does not keep to itself.
func TestLibpqSendsTheRest(t *testing.T) {
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "PG") {
			t.Setenv(name, value)
			require.NoError(t, os.Unsetenv(name))
		}
	}
	fixed := map[string]string{
		"host": "127.0.0.1", "sslmode": "disable", "client_encoding": "UTF8", "datestyle": "ISO, MDY", "connect_timeout": "5", "port": "", "binary_parameters": "yes", "disable_prepared_binary_result": "yes",
		"krbsrvname": "postgres", "krbspn": "postgres/h",
	}
	sent := func(name string) bool {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		startup := make(chan string, 1)
		go func() {
			connection, err := listener.Accept()
			if err != nil {
				startup <- err.Error()
				return
			}
			defer func() { _ = connection.Close() }()
			var length [4]byte
			_, _ = io.ReadFull(connection, length[:])
			message := make([]byte, min(binary.BigEndian.Uint32(length[:]), 4096)-4)
			_, _ = io.ReadFull(connection, message)
			startup <- string(message)
		}()
		value, isFixed := fixed[name]
		if !isFixed {
			value = "1"
		}
		port := listener.Addr().(*net.TCPAddr).Port
		dsn := fmt.Sprintf("host=127.0.0.1 user=u sslmode=disable port=%d", port)
		if value != "" {
			dsn = fmt.Sprintf("%s %s='%s'", dsn, name, value)
		}
		connector, err := pq.NewConnector(dsn)
		require.NoError(t, err, name)
		_, err = connector.Connect(context.WithoutCancel(t.Context()))
		require.NoError(t, listener.Close()) // One that never connected is not waited for.
		require.Error(t, err, "nobody answers")
		return strings.Contains(<-startup, "\x00"+name+"\x00")
	}
	// lib/pq knows these, and the server as well.
	toServer := []string{"application_name", "client_encoding", "datestyle", "geqo", "options", "user"}
	for _, name := range driverParameters[Postgres] {
		require.Equal(t, slices.Contains(toServer, name), sent(name), name)
	}
	for _, name := range slices.Concat(laterParameters, []string{"max_connections", "ssl_mode", "pool_size"}) {
		require.True(t, sent(name), name)
	}
}
