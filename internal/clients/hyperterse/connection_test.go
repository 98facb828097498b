// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestInspectSeesWhatThereIsToSee(t *testing.T) {
	const unknown, verified, unverified = hyperterse.TrustUnknown, hyperterse.TrustVerified, hyperterse.TrustUnverified
	for name, test := range map[string]struct {
		connector, text string
		options         map[string]string
		trust           hyperterse.Trust
		loopback        bool
	}{
		"one reference":        {"postgres", "{{ env.DATABASE_URL }}", nil, unknown, false},
		"two references":       {"redis", "{{env.A}}{{  env.B  }}", nil, unknown, false},
		"every part":           {"postgres", "postgresql://{{ env.U }}:{{ env.P }}@{{ env.H }}:{{ env.PORT }}/{{ env.D }}?sslmode={{ env.M }}", nil, unknown, false},
		"password of two":      {"postgres", "postgres://u:{{ env.A }}{{ env.B }}@h/d?sslmode=verify-full", nil, verified, false},
		"no password":          {"postgres", "postgres://u@h:5432/d?sslmode=require", nil, unverified, false},
		"no mode":              {"postgres", "postgres://u@h/d", nil, unverified, false},
		"mode as an option":    {"postgres", "postgres://u@h/d?sslmode=disable", map[string]string{"sslmode": "verify-full"}, verified, false},
		"loopback":             {"postgres", "postgres://u@localhost,127.0.0.9:1,[::1]:2/d", nil, unverified, true},
		"one is not loopback":  {"postgres", "postgres://u@localhost,db/d", nil, unverified, false},
		"socket in the query":  {"postgres", "postgres:///d?host=/run/postgresql", nil, unverified, true},
		"pairs":                {"postgres", "host=h user = u password='{{ env.P }}' sslmode=verify-full", nil, verified, false},
		"pairs with a socket":  {"postgres", "host=/tmp application_name='it\\'s a=b'", nil, unverified, true},
		"reference, then more": {"postgres", "{{ env.BASE }}?sslmode=verify-full", nil, verified, false},
		"reference, then path": {"postgres", "{{ env.BASE }}/d", nil, unknown, false},
		"reference, pairs":     {"postgres", "{{ env.BASE }} sslmode=require", nil, unverified, false},
		"an @ in a value":      {"postgres", "postgres://h/d?user=me@corp&sslmode=verify-full", nil, verified, false},
		"mysql":                {"mysql", "u:{{ env.P }}@tcp(h:3306)/d?tls=true", nil, verified, false},
		"mysql skips":          {"mysql", "u:{{ env.P }}@tcp(h:3306)/d?tls=skip-verify", nil, unverified, false},
		"mysql without":        {"mysql", "{{ env.U }}:{{ env.P }}@tcp(127.0.0.1:3306)/", nil, unverified, true},
		"mysql socket":         {"mysql", "u@unix(/run/mysqld.sock)/d", nil, unverified, true},
		"mysql default host":   {"mysql", "/d", nil, unverified, true},
		"mysql url":            {"mysql", "mysql://u:{{ env.P }}@h/d", map[string]string{"tls": "true"}, verified, false},
		"mysql by reference":   {"mysql", "u:{{ env.P }}@tcp(h)/d?tls={{ env.T }}", nil, unknown, false},
		"redis":                {"redis", "redis://:{{ env.P }}@h:6379/0", nil, unverified, false},
		"rediss":               {"redis", "rediss://u:{{ env.P }}@h:6379/0", nil, verified, false},
		"rediss skips":         {"redis", "rediss://h?skip_verify=true", nil, unverified, false},
		"options do nothing":   {"redis", "rediss://h", map[string]string{"skip_verify": "true"}, verified, false},
		"scheme by reference":  {"redis", "{{ env.S }}://h:6379", nil, unknown, false},
		"mongodb":              {"mongodb", "mongodb://u:{{ env.P }}@a:1,b:2,[fd00::1]:3/d?TLS=true", nil, verified, false},
		"mongodb without":      {"mongodb", "mongodb://u:{{ env.P }}@a:1,b/d", nil, unverified, false},
		"mongodb insecure":     {"mongodb", "mongodb+srv://h/d?tlsInsecure=true", nil, unverified, false},
		"mongodb+srv":          {"mongodb", "mongodb+srv://u:{{ env.P }}@h/d", nil, verified, false},
		"mongodb+srv, off":     {"mongodb", "mongodb+srv://h/d", map[string]string{"tls": "false"}, unverified, false},
		"password option":      {"postgres", "postgres://h/d", map[string]string{"password": "{{ env.P }}"}, unverified, false},
	} {
		t.Run(name, func(t *testing.T) {
			seen, err := hyperterse.Inspect(test.connector, test.text, test.options)
			require.NoError(t, err)
			require.Equal(t, test.trust, seen.TLS)
			require.Equal(t, test.loopback, seen.Loopback)
			adapter := hyperterse.Adapter{Connector: test.connector, ConnectionString: test.text, Options: test.options}
			require.Equal(t, adapter, adapter.Redacted())
		})
	}
}

func TestInlinePasswordsAreFoundAndNeverShown(t *testing.T) {
	for name, test := range map[string]struct {
		connector, text string
		options         map[string]string
	}{
		"postgres url":          {"postgres", "postgresql://u:hush@h/d", nil},
		"escaped":               {"postgres", "postgres://u:%68ush@h/d", nil},
		"with an @":             {"postgres", "postgres://u:hu@sh@h/d", nil},
		"partly a reference":    {"postgres", "postgres://u:hush{{ env.P }}@h/d", nil},
		"in the query":          {"postgres", "postgres://h/d?user=u&password=hush", nil},
		"second in the query":   {"postgres", "postgres://u:{{ env.P }}@h/d?sslpassword=hush", nil},
		"pairs":                 {"postgres", "host=h password=hush", nil},
		"quoted pairs":          {"postgres", "host=h password = 'hu\\'sh x'", nil},
		"key of a certificate":  {"postgres", "host=h sslpassword=hush", nil},
		"after a reference":     {"postgres", "{{ env.U }}:hush@h/d", nil},
		"scheme by reference":   {"postgres", "{{ env.S }}://u:hush@h/d", nil},
		"pairs after reference": {"postgres", "{{ env.B }} password=hush", nil},
		"mysql":                 {"mysql", "u:hush@tcp(h:3306)/d", nil},
		"mysql, any character":  {"mysql", "u:hu@s:h/@tcp(h:3306)/d", nil},
		"mysql, reference":      {"mysql", "{{ env.U }}:hush@tcp(h:3306)/d", nil},
		"mysql url":             {"mysql", "mysql://u:hush@h/d", nil},
		"redis":                 {"redis", "redis://:hush@h:6379", nil},
		"rediss":                {"redis", "rediss://u:hush@{{ env.H }}:6379/0", nil},
		"mongodb":               {"mongodb", "mongodb://u:hush@a,b:2/d", nil},
		"mongodb+srv":           {"mongodb", "mongodb+srv://u:hush@a/d", nil},
		"mongodb, key":          {"mongodb", "mongodb://a/d?tlsCertificateKeyFilePassword=hush", nil},
		"an option":             {"postgres", "{{ env.DATABASE_URL }}", map[string]string{"password": "hush"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := hyperterse.Inspect(test.connector, test.text, test.options)
			require.ErrorIs(t, err, hyperterse.ErrInlinePassword)
			require.NotContains(t, err.Error(), "hush")
			shown := hyperterse.Adapter{Connector: test.connector, ConnectionString: test.text, Options: test.options}.Redacted()
			if test.options == nil {
				require.Equal(t, secret.Redacted, shown.ConnectionString)
			} else {
				require.Equal(t, map[string]string{"password": secret.Redacted}, shown.Options)
				require.Equal(t, map[string]string{"password": "hush"}, test.options, "the adapter itself stays")
			}
		})
	}
}

func TestMalformedConnectionStringsAreRefusedUnquoted(t *testing.T) {
	for name, test := range map[string]struct{ connector, text, words string }{
		"empty":                {"postgres", "", "it is empty"},
		"another scheme":       {"postgres", "mysql://u:hush@h/d", "none of postgresql://, postgres://"},
		"no scheme":            {"redis", "127.0.0.1:6379", "none of redis://, rediss://"},
		"bare word":            {"postgres", "hush", "none of postgresql://"},
		"port":                 {"postgres", "postgres://h:hush/d", "a host or its port"},
		"hash in the password": {"postgres", "postgres://u:12#hush@h/d", "write # as %23"},
		"slash in it":          {"mongodb", "mongodb://u:12/hush@h/d", "/ as %2F"},
		"question mark in it":  {"redis", "redis://u:12?hush@h/d", "? as %3F"},
		"percent in it":        {"postgres", "postgres://u:hush%@h/d", "write it as %25"},
		"bad query":            {"postgres", "postgres://h/d?a=%hush", "after the question mark"},
		"quote not closed":     {"postgres", "host=h password='hush", "a quote is not closed"},
		"no pair":              {"postgres", "host=h hush", "neither a URL nor"},
		"mysql, no slash":      {"mysql", "u:hush@tcp(h:3306)", "no / before the database"},
		"mysql, no brackets":   {"mysql", "u:hush@h:3306/d", "the address is not in brackets"},
		"mysql, other scheme":  {"mysql", "postgres://u:hush@h/d", "it starts with postgres://"},
		"bad reference":        {"postgres", "postgres://u:{{ env.hush-hush }}@h/d", "write {{ env.NAME }}"},
		"no env":               {"postgres", "{{ hush }}", "write {{ env.NAME }}"},
		"line break":           {"postgres", "{{ env.A }}\n", "line break"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := hyperterse.Inspect(test.connector, test.text, nil)
			require.ErrorIs(t, err, hyperterse.ErrMalformed)
			require.ErrorContains(t, err, test.words)
			require.NotContains(t, err.Error(), "hush")
		})
	}
	_, err := hyperterse.Inspect("oracle", "x", nil)
	require.EqualError(t, err, `there is no connector "oracle": write one of postgres, mysql, redis, mongodb`)
}

func TestOptionsThatTheDriverDoesNotKnow(t *testing.T) {
	for name, test := range map[string]struct {
		connector, option string
		problem, instead  string
	}{
		"known":              {"postgres", "sslmode", "", ""},
		"session setting":    {"postgres", "statement_timeout", "", ""},
		"any case":           {"postgres", "TimeZone", "", ""},
		"of an extension":    {"postgres", "app.tenant", "", ""},
		"max_connections":    {"postgres", "max_connections", "sends it to the server", "connection_limit of terrascale_postgresql_readonly_role"},
		"ssl_mode":           {"postgres", "ssl_mode", "sends it to the server", `sslmode = "verify-full"`},
		"spelling":           {"postgres", "ssl_root_cert", "sends it to the server", "sslrootcert, which is how the driver spells it"},
		"of a later driver":  {"postgres", "target_session_attrs", "from v1.11 on", "unless the gateway's release"},
		"never heard of":     {"postgres", "frobnicate", "sends it to the server", "leave it out, unless"},
		"mysql":              {"mysql", "parseTime", "", ""},
		"mysql's variable":   {"mysql", "sql_mode", "", ""},
		"mysql, case counts": {"mysql", "parsetime", "system variable", `parseTime = "true"`},
		"mysql's spelling":   {"mysql", "multi_statements", "system variable", "multiStatements, which"},
		"mongodb, any case":  {"mongodb", "MAXPOOLSIZE", "", ""},
		"pool_size":          {"mongodb", "pool_size", "ignores it", `maxPoolSize = "10"`},
		"redis":              {"redis", "pool_size", "ignores every option", "into connection_string"},
	} {
		t.Run(name, func(t *testing.T) {
			found := hyperterse.CheckOptions(test.connector, map[string]string{test.option: "1"})
			if test.problem == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, test.option, found[0].Option)
			require.Contains(t, found[0].Problem, test.problem)
			require.Contains(t, found[0].Instead, test.instead)
		})
	}
}

func TestParametersOfAConnectionStringAreSeen(t *testing.T) {
	for _, test := range []struct {
		connector, text string
		want            []string
	}{
		{"postgres", "postgres://u@h/d?sslmode=require&max_connections=1", []string{"max_connections", "sslmode"}},
		{"postgres", "host=h ssl_mode=require", []string{"host", "ssl_mode"}},
		{"postgres", "{{ env.URL }}?pool_size=1&{{ env.K }}=2", []string{"pool_size"}},
		{"mysql", "u@tcp(h)/d?parsetime=true", []string{"parsetime"}},
		{"mysql", "u@tcp(h)/d", nil},
		{"redis", "redis://h?ssl=true", []string{"ssl"}},
		{"mongodb", "mongodb://h/?pool_size=1", []string{"pool_size"}},
	} {
		seen, err := hyperterse.Inspect(test.connector, test.text, nil)
		require.NoError(t, err)
		require.Equal(t, test.want, seen.Parameters, test.text)
	}
	for connector, names := range map[string][]string{
		"postgres": {"sslmode", "search_path"}, "mysql": {"tls", "sql_mode"}, "redis": {"pool_size"}, "mongodb": {"maxPoolSize"},
	} {
		require.Empty(t, hyperterse.CheckParameters(connector, names))
	}
	found := hyperterse.CheckParameters("redis", []string{"db", "ssl"})
	require.Len(t, found, 1)
	require.Contains(t, found[0].Problem, "refuses the whole connection string")
	require.Contains(t, found[0].Instead, "rediss://")
}

func TestReferencesInOptionsAreNotFilledIn(t *testing.T) {
	found := hyperterse.CheckOptions("postgres", map[string]string{"sslrootcert": "{{ env.CA }}", "connect_timeout": "10"})
	require.Equal(t, []hyperterse.Advice{{
		Option:  "sslrootcert",
		Problem: "Hyperterse fills in references in connection_string only, version 2 too, though its documentation names options: the driver gets the braces as they are.",
		Instead: "sslrootcert={{ env.CA }}, in connection_string",
	}}, found)
}

func TestNames(t *testing.T) {
	for _, name := range []string{"a", "users_db", "A-1"} {
		require.NoError(t, hyperterse.CheckName(name))
	}
	for _, name := range []string{"", "1a", "_a", "a b", "a.b", "ñ", "a\n"} {
		require.Error(t, hyperterse.CheckName(name))
	}
	for _, name := range []string{"A", "_a1"} {
		require.NoError(t, hyperterse.CheckVariable(name))
	}
	for _, name := range []string{"", "1A", "A-B", "A.B", "A\n"} {
		require.Error(t, hyperterse.CheckVariable(name))
	}
	require.Equal(t, []string{"A", "B"}, hyperterse.References("{{ env.A }}{{env.B}}{{ env.A }}{{ nope.C }}"))
	require.Equal(t, "{{ env.A }}", hyperterse.Reference("A"))
	require.Equal(t, "REDIS_URL", hyperterse.SuggestedVariable("redis"))
}
