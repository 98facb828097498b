// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysql

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
)

// MySQL keeps its accounts otherwise than MariaDB, whose server the other tests run.
func TestWaysToLogInToMySQL(t *testing.T) {
	for name, test := range map[string]struct {
		row  []string
		want inventory.Login
	}{
		"as it is to be":       {[]string{"u", "%", "caching_sha2_password", "", "set", "90"}, inventory.Login{}},
		"by the default":       {[]string{"u", "%", "caching_sha2_password", "", "set", "-1"}, inventory.Login{NeverExpires: true}},
		"for ever":             {[]string{"u", "%", "caching_sha2_password", "", "set", "0"}, inventory.Login{NeverExpires: true}},
		"in an old way":        {[]string{"u", "%", "mysql_native_password", "", "set", "90"}, inventory.Login{OldPassword: "mysql_native_password"}},
		"without a password":   {[]string{"u", "%", "caching_sha2_password", "", "empty", "0"}, inventory.Login{Open: "has no password"}},
		"by another directory": {[]string{"u", "%", "authentication_ldap_simple", "", "empty", "0"}, inventory.Login{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := reviewed{ways: map[account]way{}, variables: map[string]string{"default_password_lifetime": "0"}}
			r.addWay(test.row)
			who := account{"u", "%"}
			require.True(t, r.ways[who].isOpenToOthers())
			test.want.Name = "u@%"
			require.Equal(t, test.want, r.login(&roster{grants: map[account][]Grant{}}, who, r.ways[who]))
		})
	}
	r := reviewed{ways: map[account]way{}}
	r.addWay([]string{"root", "localhost", "auth_socket", "", "empty", "0"})
	require.False(t, r.ways[account{"root", "localhost"}].isOpenToOthers())
	r.addWay([]string{"root", "localhost", "mysql_native_password", `["unix_socket", "ed25519"]`, "set", "0"})
	require.Equal(t, []string{"mysql_native_password", "unix_socket", "ed25519"}, r.ways[account{"root", "localhost"}].plugins)
}

func TestWhatIsLoggedAndCounted(t *testing.T) {
	for name, test := range map[string]struct {
		variables map[string]string
		want      []string
	}{
		"nothing":       {map[string]string{"general_log": "OFF", "slow_query_log": "ON", "long_query_time": "10.000000"}, nil},
		"everything":    {map[string]string{"general_log": "ON", "slow_query_log": "OFF", "long_query_time": "0"}, []string{"general_log = ON"}},
		"to nowhere":    {map[string]string{"general_log": "ON", "log_output": "NONE"}, nil},
		"as slow":       {map[string]string{"slow_query_log": "1", "long_query_time": "0.000000"}, []string{"slow_query_log = ON with long_query_time = 0"}},
		"no such thing": {map[string]string{}, nil},
	} {
		require.Equal(t, test.want, (&reviewed{variables: test.variables}).logged(), name)
	}
	r := &reviewed{}
	r.addStatus([]string{"Uptime", "90"})
	r.addStatus([]string{"Performance_schema_users_lost", "0"})
	require.Equal(t, 90*time.Second, r.uptime)
	require.False(t, r.lost)
	r.addStatus([]string{"Performance_schema_users_lost", "2"})
	require.True(t, r.lost)
}
