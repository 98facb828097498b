// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// asRead is what a driver read.
type asRead struct {
	address, database, username, password string
	parameters                            map[string]string
}

// readPostgres asks pgx.
func readPostgres(t require.TestingT, text string) asRead {
	config, err := pgx.ParseConfig(text)
	require.NoError(t, err)
	return asRead{
		fmt.Sprintf("%s %d", config.Host, config.Port), config.Database, config.User, config.Password, config.RuntimeParams,
	}
}

// readMySQL asks go-sql-driver/mysql.
func readMySQL(t require.TestingT, text string) asRead {
	config, err := mysql.ParseDSN(text)
	require.NoError(t, err)
	return asRead{config.Net + " " + config.Addr, config.DBName, config.User, config.Passwd, config.Params}
}

// readRedis asks go-redis.
func readRedis(t require.TestingT, text string) asRead {
	options, err := redis.ParseURL(text)
	require.NoError(t, err)
	return asRead{options.Addr, fmt.Sprint(options.DB), options.Username, options.Password, map[string]string{"client_name": options.ClientName}}
}

// readMongoDB asks the MongoDB driver.
func readMongoDB(t require.TestingT, text string) asRead {
	parsed, err := connstring.Parse(text)
	require.NoError(t, err)
	return asRead{strings.Join(parsed.Hosts, ","), parsed.Database, parsed.Username, parsed.Password, map[string]string{"appName": parsed.AppName}}
}

// drivers are the connectors, what each driver reads from the host and port below, and a free parameter.
var drivers = map[string]struct {
	read      func(require.TestingT, string) asRead
	address   string
	parameter string
}{
	"postgres": {readPostgres, "db.example.com 6000", "application_name"},
	"mysql":    {readMySQL, "tcp db.example.com:6000", "sql_mode"},
	"redis":    {readRedis, "db.example.com:6000", "client_name"},
	"mongodb":  {readMongoDB, "db.example.com:6000", "appName"},
}

// alone keeps the environment of who runs the tests out of what pgx reads.
func alone(t testing.TB) {
	t.Helper()
	for _, name := range []string{"PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSSLMODE", "PGSERVICE", "PGAPPNAME", "PGOPTIONS"} {
		t.Setenv(name, "")
	}
	t.Setenv("PGPASSFILE", "/nonexistent")
}

func roundTrip(t require.TestingT, connector, username, password, database, parameter string) {
	driver := drivers[connector]
	want := asRead{driver.address, database, username, password, map[string]string{driver.parameter: parameter}}
	text, err := hyperterse.FormatConnection(connector, hyperterse.ConnectionFields{
		Host: "db.example.com", Port: "6000", Database: database, Username: username, Password: secret.New(password),
		Parameters: want.parameters,
	})
	require.NoError(t, err)
	require.Equal(t, want, driver.read(t, text.Reveal()), text.Reveal())
}

func TestEveryCharacterInEveryPartIsReadBack(t *testing.T) {
	alone(t)
	classes := map[string]string{
		"letters": "Ab9", "space": " a b ", "plus": "+a+", "percent": "%41%zz%", "at": "@a@b", "colon": "a:b", "slash": "/a/b/",
		"question": "?a?", "hash": "#a#", "ampersand": "&a=b&", "equals": "=", "quotes": `'a"b` + "`", "backslash": `\a\\`,
		"brackets": "[]{}()<>", "others": "!$*,;|^~-_.", "braces": "{{ x }}", "non-ASCII": "žluťoučký 🐴", "control": "a\tb\nc\rd",
		"a DSN": "x@tcp(h:1)/d?a=b", "a URL": "postgres://u:p@h/d?sslmode=disable",
	}
	for connector := range drivers {
		for class, text := range classes {
			t.Run(connector+"/"+class, func(t *testing.T) {
				username, database := text, text
				if connector == "redis" {
					database = "7"
				}
				if connector == "mysql" {
					username = strings.ReplaceAll(username, ":", "")
				}
				roundTrip(t, connector, username, text, database, text)
			})
		}
	}
}

func TestAnyTextInAnyPartIsReadBack(t *testing.T) {
	alone(t)
	for connector := range drivers {
		t.Run(connector, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				// NUL is in no setting that a server takes; the driver refuses it before anything is sent.
				part := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 })).Filter(func(s string) bool { return s != "" })
				username, database := part.Draw(t, "username"), part.Draw(t, "database")
				if connector == "redis" {
					database = "0"
				}
				if connector == "mysql" {
					username = strings.ReplaceAll(username, ":", "") + "u"
				}
				roundTrip(t, connector, username, part.Draw(t, "password"), database, part.Draw(t, "parameter"))
			})
		})
	}
}

func TestFormatConnection(t *testing.T) {
	password := secret.New("p@ss")
	for name, test := range map[string]struct {
		connector string
		fields    hyperterse.ConnectionFields
		want      string
	}{
		"postgres":             {"postgres", hyperterse.ConnectionFields{Host: "h", Database: "d", Username: "u", Password: password, Parameters: map[string]string{"sslmode": "verify-full", "application_name": "a b"}}, "postgres://u:p%40ss@h:5432/d?application_name=a%20b&sslmode=verify-full"},
		"no database":          {"postgres", hyperterse.ConnectionFields{Host: "h"}, "postgres://h:5432/"},
		"no password":          {"postgres", hyperterse.ConnectionFields{Host: "h", Username: "u"}, "postgres://u@h:5432/"},
		"IPv6":                 {"postgres", hyperterse.ConnectionFields{Host: "2001:db8::1", Port: "1"}, "postgres://[2001:db8::1]:1/"},
		"IPv6 in brackets":     {"postgres", hyperterse.ConnectionFields{Host: "[::1]"}, "postgres://[::1]:5432/"},
		"IPv6 with a zone":     {"postgres", hyperterse.ConnectionFields{Host: "fe80::1%eth0"}, "postgres://[fe80::1%25eth0]:5432/"},
		"socket":               {"postgres", hyperterse.ConnectionFields{Host: "/run/postgresql", Port: "5433", Database: "d", Username: "u", Password: password}, "postgres://u:p%40ss@/d?host=%2Frun%2Fpostgresql&port=5433"},
		"references":           {"postgres", hyperterse.ConnectionFields{Host: "{{ env.H }}", Port: "{{ env.PORT }}", Database: "{{env.D}}", Username: "{{ env.U }}", Password: secret.New("a b{{ env.P }}c d")}, "postgres://{{ env.U }}:a%20b{{ env.P }}c%20d@{{ env.H }}:{{ env.PORT }}/{{env.D}}"},
		"mysql":                {"mysql", hyperterse.ConnectionFields{Host: "h", Database: "a/b", Username: "u", Password: secret.New("p@s:s/?"), Parameters: map[string]string{"charset": "utf8mb4,utf8", "loc": "Europe/Prague", "tls": "true"}}, "u:p@s:s/?@tcp(h:3306)/a%2Fb?charset=utf8mb4,utf8&loc=Europe%2FPrague&tls=true"},
		"mysql, nobody":        {"mysql", hyperterse.ConnectionFields{Host: "::1"}, "tcp([::1]:3306)/"},
		"mysql, no password":   {"mysql", hyperterse.ConnectionFields{Host: "fe80::1%eth0", Username: "u@corp"}, "u@corp@tcp([fe80::1%eth0]:3306)/"},
		"mysql, socket":        {"mysql", hyperterse.ConnectionFields{Host: "/run/mysqld (1)/s.sock", Username: "u"}, "u@unix(/run/mysqld (1)/s.sock)/"},
		"redis":                {"redis", hyperterse.ConnectionFields{Host: "h", Database: "3", Password: password}, "redis://:p%40ss@h:6379/3"},
		"redis, user only":     {"redis", hyperterse.ConnectionFields{Host: "h", Username: "u", Parameters: map[string]string{"tls": "false"}}, "redis://u@h:6379/"},
		"rediss":               {"redis", hyperterse.ConnectionFields{Host: "::1", Parameters: map[string]string{"tls": "true", "read_timeout": "3s"}}, "rediss://[::1]:6379/?read_timeout=3s"},
		"mongodb":              {"mongodb", hyperterse.ConnectionFields{Host: "a,b.c,::1", Username: "u", Password: password, Parameters: map[string]string{"replicaSet": "rs0"}}, "mongodb://u:p%40ss@a:27017,b.c:27017,[::1]:27017/?replicaSet=rs0"},
		"mongodb+srv":          {"mongodb", hyperterse.ConnectionFields{Host: "c.example.net", Port: "27017", Database: "d", Parameters: map[string]string{"srv": "true"}}, "mongodb+srv://c.example.net/d"},
		"mongodb, not srv":     {"mongodb", hyperterse.ConnectionFields{Host: "h", Parameters: map[string]string{"srv": "false"}}, "mongodb://h:27017/"},
		"database of slashes":  {"postgres", hyperterse.ConnectionFields{Host: "h", Database: "/d"}, "postgres://h:5432/?dbname=%2Fd"},
		"mysql by a reference": {"mysql", hyperterse.ConnectionFields{Host: "h", Username: "u", Password: secret.New("{{ env.P }}"), Parameters: map[string]string{"timeout": "{{ env.T }}"}}, "u:{{ env.P }}@tcp(h:3306)/?timeout={{ env.T }}"},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(test.fields.Parameters)
			got, err := hyperterse.FormatConnection(test.connector, test.fields)
			require.NoError(t, err)
			require.Equal(t, test.want, got.Reveal())
			require.Len(t, test.fields.Parameters, before, "the caller's map stays")
			if !strings.Contains(test.want, "env.") && test.fields.Password.IsEmpty() {
				_, err := hyperterse.Inspect(test.connector, test.want, nil)
				require.NoError(t, err, "an adapter takes it")
			}
		})
	}
}

func TestDriversReadAddressesBack(t *testing.T) {
	alone(t)
	format := func(connector string, fields hyperterse.ConnectionFields) string {
		text, err := hyperterse.FormatConnection(connector, fields)
		require.NoError(t, err)
		return text.Reveal()
	}
	require.Equal(t, "2001:db8::1 5432", readPostgres(t, format("postgres", hyperterse.ConnectionFields{Host: "2001:db8::1"})).address)
	require.Equal(t, "fe80::1%eth0 5432", readPostgres(t, format("postgres", hyperterse.ConnectionFields{Host: "fe80::1%eth0"})).address)
	socket := readPostgres(t, format("postgres", hyperterse.ConnectionFields{Host: "/tmp/a b&c", Port: "7", Database: "d", Username: "u", Password: secret.New("@/")}))
	require.Equal(t, "/tmp/a b&c 7", socket.address)
	require.Equal(t, []string{"d", "u", "@/"}, []string{socket.database, socket.username, socket.password})

	require.Equal(t, "tcp [::1]:3306", readMySQL(t, format("mysql", hyperterse.ConnectionFields{Host: "::1"})).address)
	require.Equal(t, "tcp [fe80::1%eth0]:3306", readMySQL(t, format("mysql", hyperterse.ConnectionFields{Host: "fe80::1%eth0"})).address)
	require.Equal(t, "unix /run/(x)/s", readMySQL(t, format("mysql", hyperterse.ConnectionFields{Host: "/run/(x)/s", Username: "a@b", Password: secret.New("@unix(/x)/")})).address)

	require.Equal(t, "[::1]:6379", readRedis(t, format("redis", hyperterse.ConnectionFields{Host: "::1"})).address)
	for tls, encrypted := range map[string]bool{"true": true, "false": false} {
		options, err := redis.ParseURL(format("redis", hyperterse.ConnectionFields{Host: "h", Parameters: map[string]string{"tls": tls}}))
		require.NoError(t, err)
		require.Equal(t, encrypted, options.TLSConfig != nil)
	}
	config, err := pgx.ParseConfig(format("postgres", hyperterse.ConnectionFields{Host: "h", Parameters: map[string]string{"sslmode": "verify-full"}}))
	require.NoError(t, err)
	require.Equal(t, "h", config.TLSConfig.ServerName)
}

func TestPartsThatCanNotBeWritten(t *testing.T) {
	for name, test := range map[string]struct {
		connector string
		fields    hyperterse.ConnectionFields
		want      string
	}{
		"no host":              {"postgres", hyperterse.ConnectionFields{}, "host: it is empty"},
		"host with a port":     {"postgres", hyperterse.ConnectionFields{Host: "hush.example.com:5432"}, "host: it holds a port"},
		"host is a URL":        {"mysql", hyperterse.ConnectionFields{Host: "mysql://u:hush@h"}, "host: it is neither a name nor an address"},
		"host has a space":     {"redis", hyperterse.ConnectionFields{Host: "hush hush"}, "host: it is neither"},
		"two hosts":            {"postgres", hyperterse.ConnectionFields{Host: "hush,b"}, "host: it is neither"},
		"redis socket":         {"redis", hyperterse.ConnectionFields{Host: "/hush"}, "host: a socket's path does not work"},
		"mysql socket":         {"mysql", hyperterse.ConnectionFields{Host: "/hu@sh"}, "host: the driver can't read"},
		"port in words":        {"postgres", hyperterse.ConnectionFields{Host: "h", Port: "hush"}, "port: write a whole number"},
		"port 0":               {"postgres", hyperterse.ConnectionFields{Host: "h", Port: "0"}, "port: write a whole number"},
		"port too large":       {"postgres", hyperterse.ConnectionFields{Host: "h", Port: "65536"}, "port: write a whole number"},
		"password of nobody":   {"postgres", hyperterse.ConnectionFields{Host: "h", Password: secret.New("hush")}, "username: there is a password"},
		"colon in mysql user":  {"mysql", hyperterse.ConnectionFields{Host: "h", Username: "hu:sh"}, "username: the driver can't read"},
		"mysql plain":          {"mysql", hyperterse.ConnectionFields{Host: "h", Parameters: map[string]string{"collation": "hush/x"}}, "collation: the driver reads no special"},
		"user":                 {"mysql", hyperterse.ConnectionFields{Host: "h", Parameters: map[string]string{"user": "hush"}}, "user: write username"},
		"dbname":               {"postgres", hyperterse.ConnectionFields{Host: "h", Parameters: map[string]string{"DBName": "hush"}}, "DBName: write database"},
		"no parameter's name":  {"postgres", hyperterse.ConnectionFields{Host: "h", Parameters: map[string]string{"a&b": "hush"}}, "a&b: this is no name"},
		"redis database":       {"redis", hyperterse.ConnectionFields{Host: "h", Database: "hush"}, "database: write the database's number"},
		"redis tls":            {"redis", hyperterse.ConnectionFields{Host: "h", Parameters: map[string]string{"tls": "hush"}}, "tls: write true or false"},
		"mongodb srv":          {"mongodb", hyperterse.ConnectionFields{Host: "h", Parameters: map[string]string{"srv": "hush"}}, "srv: write true or false"},
		"one of several hosts": {"mongodb", hyperterse.ConnectionFields{Host: "a,,hush"}, "host: it is neither"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := hyperterse.FormatConnection(test.connector, test.fields)
			var field *hyperterse.FieldError
			require.ErrorAs(t, err, &field)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "hush", "no part is quoted")
		})
	}
	_, err := hyperterse.FormatConnection("oracle", hyperterse.ConnectionFields{Host: "h"})
	require.EqualError(t, err, `there is no connector "oracle": write one of postgres, mysql, redis, mongodb`)
}
