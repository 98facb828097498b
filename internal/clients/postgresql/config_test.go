// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Variables that are meant for another server change nothing, and a pooler gets no startup parameter that it refuses.
func TestPoolConfigTakesNothingFromTheEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"PGOPTIONS": "-c statement_timeout=1", "PGAPPNAME": "somebody else", "PGSSLMODE": "disable", "PGUSER": "somebody",
		"PGPASSWORD": "else", "PGHOST": "elsewhere", "PGPORT": "1", "PGDATABASE": "other", "PGTARGETSESSIONATTRS": "read-only",
	} {
		t.Setenv(name, value)
	}
	config, err := Config{Host: "db.example.com", Username: "admin"}.withDefaults().poolConfig("app")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"application_name": applicationName}, config.ConnConfig.RuntimeParams)
	require.Equal(t, "db.example.com", config.ConnConfig.Host)
	require.Equal(t, uint16(DefaultPort), config.ConnConfig.Port)
	require.Equal(t, "app", config.ConnConfig.Database)
	require.Equal(t, "admin", config.ConnConfig.User)
	require.Empty(t, config.ConnConfig.Password)
	require.Equal(t, "db.example.com", config.ConnConfig.TLSConfig.ServerName)
	require.False(t, config.ConnConfig.TLSConfig.InsecureSkipVerify)
	require.Nil(t, config.ConnConfig.ValidateConnect)
}
