// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import (
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// TestJudge has the words of servers that are not at hand, too: from 7.2 on a refusal names the login, which may be any name.
func TestJudge(t *testing.T) {
	require.Equal(t, allowed, judge(nil))
	require.Equal(t, allowed, judge(redis.Nil))
	for text, want := range map[string]verdict{
		"NOPERM this user has no permissions to run the 'set' command or its subcommand":  refused,
		"NOPERM this user has no permissions to run the 'set' command":                    refused,
		"NOPERM User keycloak has no permissions to run the 'set' command":                refused,
		"NOPERM this user has no permissions to access one of the keys used as arguments": elsewhere,
		"NOPERM No permissions to access a key":                                           elsewhere,
		"ERR unknown command 'COPY', with args beginning with: 'a' 'b' ":                  refused,
		"ERR unknown subcommand 'LOAD'. Try FUNCTION HELP.":                               refused,
		"ERR wrong number of arguments for 'hset' command":                                allowed,
		"READONLY You can't write against a read only replica.":                           allowed,
		"LOADING Redis is loading the dataset in memory":                                  unclear,
		"CLUSTERDOWN Hash slot not served":                                                unclear,
	} {
		require.Equal(t, want, judge(errors.New(text)), text)
	}
}
