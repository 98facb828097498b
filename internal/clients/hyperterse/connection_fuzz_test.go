// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// canaryPassword is in no text that the fuzzer makes.
const canaryPassword = "CANARY-5e1f"

// What is formatted is read back by the driver, is known to hold a password, and is shown nowhere. A part that can't be written is named and
// not quoted.
func FuzzFormatConnection(f *testing.F) {
	for _, text := range []string{"a", " a b ", "%41%zz%", "@a@b", "a:b", "/a/b/", "?a?", "#a#", "&a=b&", `'a"b`, `\a\\`, "[]{}()", "{{ x }}", "{{ env.X }}", "žluť", "a\tb\n", "x@tcp(h:1)/d?a=b", "\xff"} {
		for connector := range hyperterse.Connectors {
			f.Add(byte(connector), text, text, text)
		}
	}
	alone(f)
	f.Fuzz(func(t *testing.T, index byte, username, around, parameter string) {
		connector := hyperterse.Connectors[int(index)%len(hyperterse.Connectors)]
		driver := drivers[connector]
		all := username + around + parameter
		if strings.Contains(all, canaryPassword) || strings.Contains(all, "\x00") || username == "" || parameter == "" {
			return
		}
		password := around + canaryPassword + around
		database := username
		if connector == hyperterse.Redis {
			database = "7"
		}
		text, err := hyperterse.FormatConnection(connector, hyperterse.ConnectionFields{
			Host: "db.example.com", Port: "6000", Database: database, Username: username, Password: secret.New(password),
			Parameters: map[string]string{driver.parameter: parameter},
		})
		if err != nil {
			var field *hyperterse.FieldError
			require.ErrorAs(t, err, &field)
			require.NotContains(t, err.Error(), canaryPassword)
			require.Contains(t, username, ":", "the only reason here")
			require.Equal(t, hyperterse.MySQL, connector)
			return
		}
		if !strings.Contains(all, "{{") {
			want := asRead{driver.address, database, username, password, map[string]string{driver.parameter: parameter}}
			require.Equal(t, want, driver.read(t, text.Reveal()), text.Reveal())
		}
		_, err = hyperterse.Inspect(connector, text.Reveal(), nil)
		require.Error(t, err, "%q", text.Reveal())
		require.NotContains(t, err.Error(), canaryPassword)
		require.NotContains(t, hyperterse.Adapter{Name: "a", Connector: connector, ConnectionString: text.Reveal()}.Redacted().ConnectionString, canaryPassword)
		require.NotContains(t, hyperterse.RedactText(text.Reveal()), canaryPassword, "%q", text.Reveal())
		require.NotContains(t, hyperterse.Hide("could not log in: "+text.Reveal()+" "+password, hyperterse.Secrets(connector, text)), canaryPassword, "%q", text.Reveal())
	})
}

// withoutReferences fills each reference in with one digit, which is no secret.
var withoutReferences = regexp.MustCompile(`\{\{\s*env\.\w+\s*\}\}`)

// passwords gives what a connector's driver takes for passwords in a connection string; ok is false where it refuses the string.
func passwords(connector, text string) (found []string, ok bool) {
	switch connector {
	case hyperterse.Postgres:
		settings, err := hyperterse.PostgresSettings(secret.New(text), nil) // As lib/pq reads it.
		if err != nil {
			return nil, false
		}
		if config, err := pgx.ParseConfig(text); err == nil {
			found = append(found, config.Password)
		}
		return append(found, settings["password"].Reveal()), true
	case hyperterse.MySQL:
		config, err := mysql.ParseDSN(text)
		if err != nil {
			return nil, false
		}
		return []string{config.Passwd}, true
	case hyperterse.Redis:
		options, err := redis.ParseURL(text)
		if err != nil {
			return nil, false
		}
		return []string{options.Password}, true
	default:
		parsed, err := connstring.Parse(text)
		if err != nil {
			return nil, false
		}
		return []string{parsed.Password}, true
	}
}

// A connection string that is accepted for a state holds no password, as its driver reads it. One that is refused is not shown, and no error
// quotes what may be secret in it.
func FuzzInspect(f *testing.F) {
	for _, text := range []string{
		"postgres://u:{{ env.P }}@h/d?sslmode=require", "postgres://u:hush@h/d", "host=h password=hush", "host=h password='{{ env.P }}' user=u", "{{ env.X }}", "{{ env.A }}&password=hush",
		"u:hush@tcp(h:3306)/d?tls=true", "u:{{ env.P }}@unix(/s)/", "mysql://u:hush@h/d", "redis://:hush@h/0", "rediss://u:{{ env.P }}@h:6379/0?skip_verify=true",
		"mongodb://u:hush@a,b:27017/d?authSource=admin", "mongodb+srv://u:{{env.P}}@h/?tls=true", "postgres://h/d?user=u&password=hush", "postgres://h/d?Password=hush", "postgres://u:hu%73h@h/",
		"user=u  password = hush", `password=hu\ sh`, "postgres:///?password=hush&password={{ env.P }}", "redis://h?password=hush", "u@tcp(h)/d?passwd=hush", "postgresql://u:p@ss@h/#", "=", "://", "@/",
	} {
		for connector := range hyperterse.Connectors {
			f.Add(byte(connector), text)
		}
	}
	alone(f)
	f.Fuzz(func(t *testing.T, index byte, text string) {
		connector := hyperterse.Connectors[int(index)%len(hyperterse.Connectors)]
		if strings.Contains(text, "hush") {
			requireUnquoted(t, connector, text)
		}
		adapter := hyperterse.Adapter{Name: "a", Connector: connector, ConnectionString: text}
		connection, err := hyperterse.Inspect(connector, text, nil)
		if err != nil {
			if text != "" {
				require.Equal(t, secret.Redacted, adapter.Redacted().ConnectionString)
			}
			return
		}
		require.Equal(t, text, adapter.Redacted().ConnectionString, "what was accepted passes unchanged")
		require.True(t, slices.IsSorted(connection.Parameters))
		found, ok := passwords(connector, withoutReferences.ReplaceAllString(text, "7"))
		if !ok || strings.Contains(text, "passfile") || strings.Contains(text, "service") {
			return // The driver refuses it, or reads it elsewhere.
		}
		for _, password := range found {
			unescaped, err := url.PathUnescape(password)
			require.NoError(t, err)
			require.Empty(t, strings.Trim(unescaped, "7"), "%q was accepted for %s", text, connector)
		}
	})
}

// requireUnquoted checks that no error about a text shows the part of it that may be a password.
func requireUnquoted(t *testing.T, connector, text string) {
	t.Helper()
	_, err := hyperterse.Inspect(connector, text, nil)
	filled := secret.New(text)
	_, driverErr := hyperterse.DriverString(connector, filled, nil)
	_, settingsErr := hyperterse.PostgresSettings(filled, nil)
	for _, err := range []error{err, hyperterse.CheckFilled(connector, filled), driverErr, settingsErr} {
		if err != nil {
			require.NotContains(t, err.Error(), "hush", "%q", text)
		}
	}
}
