// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

func TestRedactText(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"nothing: here = to, hide":      "nothing: here = to, hide",
		"postgres://u:hush@h/d?a=b":     "postgres://u:(redacted)@h/d?a=b",
		"redis://:hush@h:6379/0":        "redis://:(redacted)@h:6379/0",
		"mongodb://u:hush@a,b:2/d":      "mongodb://u:(redacted)@a,b:2/d",
		"postgres://u@h:5432/d":         "postgres://u@h:5432/d",
		"https://example.com:8443/a@b":  "https://example.com:(redacted)@b",
		"https://example.com/a?b=c@d":   "https://example.com/a?b=c@d",
		"postgres://u:{{ env.P }}@h/d":  "postgres://u:{{ env.P }}@h/d",
		"postgres://u:hu/s@h@h/d?a=b@c": "postgres://u:(redacted)@h/d?a=b@c",
		"postgres://h/d?user=u&password=hush&sslmode=require":     "postgres://h/d?user=u&password=(redacted)&sslmode=require",
		"postgres://h/d?password=hu&sh":                           "postgres://h/d?password=(redacted)",
		"u:hush@tcp(h:3306)/d":                                    "u:(redacted)@tcp(h:3306)/d",
		"u:hu sh@x:/@unix(/s)/d?loc=UTC":                          "u:(redacted)@unix(/s)/d?loc=UTC",
		"u:hush@/d":                                               "u:(redacted)@/d",
		"u:{{ env.P }}@tcp(h:3306)/d":                             "u:{{ env.P }}@tcp(h:3306)/d",
		"dial u:hush@tcp(h:3306)/d failed, see /var/log":          "dial u:(redacted)@tcp(h:3306)/d failed, see /var/log",
		"host=h password=hush sslmode=require":                    "host=h password=(redacted) sslmode=require",
		`host=h password = 'hu\'sh x' user=u`:                     `host=h password = '(redacted)' user=u`,
		"password='hu''sh' user=u":                                "password='(redacted)' user=u",
		"password='hush":                                          "password='(redacted)'",
		`password=hu\ sh user=u`:                                  `password=(redacted) user=u`,
		"password={{ env.P }} user=u":                             "password={{ env.P }} user=u",
		"password='{{ env.P }}' user=u":                           "password='{{ env.P }}' user=u",
		"password={{ env.P }}hush user=u":                         "password=(redacted) user=u",
		`{"user":"u","password":"hu\"sh","port":1}`:               `{"user":"u","password":"(redacted)","port":1}`,
		"PGPASSWORD=hush psql":                                    "PGPASSWORD=(redacted) psql",
		"sslpassword=hush token: hush":                            "sslpassword=(redacted) token: (redacted)",
		"from postgres://u:hush@h/d to redis://:hush@h/0, please": "from postgres://u:(redacted)@h/d to redis://:(redacted)@h/0, please",
		"two lines\nmysql://u:hush@h/d\n":                         "two lines\nmysql://u:(redacted)@h/d\n",
		"password=":                                               "password=",
		"postgres://u:{{ env.A }}hush{{ env.B }}@h/d and more":    "postgres://u:(redacted)@h/d and more",
		"postgres://{{ env.U }}:hush@h/d and more":                "postgres://{{ env.U }}:(redacted)@h/d and more",
		"u:{{ env.A }}hush@tcp(h)/d and more":                     "u:(redacted)@tcp(h)/d and more",
		`password = "password": "hush"`:                           `password = "(redacted)": "(redacted)"`,
	} {
		t.Run(text, func(t *testing.T) {
			got := hyperterse.RedactText(text)
			require.Equal(t, want, got)
			require.Equal(t, got, hyperterse.RedactText(got), "what is redacted stays as it is")
		})
	}
}

func TestNoPasswordIsLeftInAConnectionString(t *testing.T) {
	for _, connector := range hyperterse.Connectors {
		t.Run(connector, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				fields := hyperterse.ConnectionFields{Host: "h", Username: "gateway", Database: "0"}
				without, err := hyperterse.FormatConnection(connector, fields)
				require.NoError(t, err)
				fields.Password = secret.New(rapid.String().Filter(func(s string) bool { return s != "" }).Draw(t, "password"))
				text, err := hyperterse.FormatConnection(connector, fields)
				require.NoError(t, err)
				redacted := hyperterse.RedactText(text.Reveal())
				at := "gateway@"
				require.Contains(t, without.Reveal(), at)
				require.Equal(t, strings.Replace(without.Reveal(), at, "gateway:"+secret.Redacted+"@", 1), redacted)
			})
		})
	}
}
