// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// probeURL gives what is seen through a URL of a server, whose certificate is not checked.
func probeURL(t *testing.T, private *devstack.Redis, userinfo string) (probe.Report, error) {
	t.Helper()
	return redis.Probe(t.Context(), secret.New(fmt.Sprintf("rediss://%s@%s:%d/0?skip_verify=true", userinfo, private.Host, private.Port)), func() {})
}

func TestProbeTellsWhatALoginCanWrite(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{})
	ctx := t.Context()
	root := as(t, private, private.Admin, private.AdminPassword.Reveal())
	require.NoError(t, root.Set(ctx, "app:a", "1", 0).Err())
	require.NoError(t, server.CreateUser(ctx, reader, digests("pw")))
	for name, rules := range map[string][]any{
		"writer":   {"~*", "+@all"},
		"deleter":  {"~*", "+@read", "+@connection", "-@dangerous", "+del", "+set"},
		"some":     {"~app:*", "+@read", "+@connection", "-@dangerous", "+set"},
		"readkeys": {"%R~*", "+@all", "-@admin", "-flushall", "-flushdb", "-swapdb", "-function", "-script", "-pfmerge", "-xreadgroup"},
		"mixed":    {"~app:*", "+@read", "+@connection", "-@dangerous", "+set", "+config|set"},
		"readmost": {"%R~*", "+ping", "+multi", "+discard", "+pfmerge", "+xreadgroup"}, // The server takes these for reading.
		"mute":     {"~*", "+get", "+ping"},
		"emptier":  {"+@connection", "-@dangerous", "+flushall", "+swapdb"},
		"upgrader": {"+@connection", "-@dangerous", "+acl|setuser", "+function|load"},
		"counter":  {"~*", "+get", "+ping", "+incr"},
		"adder":    {"~*", "+get", "+ping", "+sadd", "+rpush", "+multi", "+discard"},
		"caller":   {"&*", "+ping", "+publish"},
		"setter":   {"~*", "+@read", "+@connection", "-@dangerous", "+hset", "+incrby", "+mset", "+unlink", "+sort", "+lrem", "+spop", "+copy"},
	} {
		require.NoError(t, root.Do(ctx, append([]any{"ACL", "SETUSER", name, "reset", "on", ">pw"}, rules...)...).Err())
	}
	before := append(root.Keys(ctx, "*").Val(), "{terrascale-connection-check}") // By the counter, which may do nothing else.
	users := root.Do(ctx, "ACL", "LIST").String()
	for name, test := range map[string]struct {
		writable []string
		unknown  string
	}{
		"reader":   {[]string{}, ""},
		"readmost": {[]string{"PFMERGE", "XREADGROUP"}, ""},
		"mute":     {[]string{}, ""},
		"deleter":  {[]string{"DEL", "SET"}, ""},
		"some":     {nil, "it may run SET, and the server does not say on which keys"},
		"emptier":  {[]string{"FLUSHALL", "SWAPDB"}, ""},
		"upgrader": {[]string{"ACL SETUSER", "FUNCTION LOAD"}, ""},
		"counter":  {[]string{"INCR"}, ""},
		"adder":    {[]string{"RPUSH", "SADD"}, ""},
		"caller":   {[]string{"PUBLISH"}, ""},
		"setter":   {[]string{"HSET", "INCRBY", "MSET", "UNLINK", "SORT", "LREM", "SPOP", "COPY"}, ""},
		"readkeys": {nil, "it may run DEL, UNLINK, EXPIRE"},
		"mixed":    {[]string{"CONFIG SET", "SET, perhaps on some keys"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := probeURL(t, private, name+":pw")
			require.NoError(t, err)
			require.Equal(t, name, report.Username)
			require.Equal(t, &probe.TLS{Version: "TLS 1.3"}, report.TLS)
			if test.unknown != "" {
				require.ErrorIs(t, report.Unknown, redis.ErrUntold, report.Writable)
				require.ErrorContains(t, report.Unknown, test.unknown)
				return
			}
			require.NoError(t, report.Unknown)
			require.ElementsMatch(t, test.writable, report.Writable)
		})
	}
	require.ElementsMatch(t, before, root.Keys(ctx, "*").Val(), "no other key was made")
	require.Equal(t, users, root.Do(ctx, "ACL", "LIST").String(), "no user was made or changed")
	require.Empty(t, root.FunctionList(ctx, goredis.FunctionListQuery{}).Val(), "no function was made")
	require.Equal(t, "1", root.Get(ctx, "app:a").Val())
	report, err := probeURL(t, private, "reader:pw")
	require.NoError(t, err)
	require.Regexp(t, `^[0-9]+\.[0-9]+`, report.ServerVersion)
}

// TestProbeOfAServerThatDoesNotTakeWritesNow has a replica, which refuses every write after it looked at the rules.
func TestProbeOfAServerThatDoesNotTakeWritesNow(t *testing.T) {
	private, _ := start(t, devstack.RedisOptions{})
	root := as(t, private, private.Admin, private.AdminPassword.Reveal())
	require.NoError(t, root.Do(t.Context(), "REPLICAOF", "127.0.0.1", "1").Err())
	report, err := probeURL(t, private, private.Admin+":"+private.AdminPassword.Reveal())
	require.NoError(t, err)
	require.NoError(t, report.Unknown)
	require.Contains(t, report.Writable, "SET")
}

// TestEveryCommandThatWritesIsTried holds the attempts to what the server counts among those that write, and to what it says of each.
func TestEveryCommandThatWritesIsTried(t *testing.T) {
	private, _ := start(t, devstack.RedisOptions{})
	ctx := t.Context()
	root := as(t, private, private.Admin, private.AdminPassword.Reveal())
	writing, err := root.Do(ctx, "ACL", "CAT", "write").StringSlice()
	require.NoError(t, err)
	require.Greater(t, len(writing), 90)
	tried := redis.Tried()
	for _, command := range writing {
		name := strings.ToUpper(strings.ReplaceAll(command, "|", " "))
		require.Contains(t, tried, name)
		// A login that may run this one and no other is no reader.
		require.NoError(t, root.Do(ctx, "ACL", "SETUSER", "one", "reset", "on", ">pw", "~*", "+"+command).Err())
		report, err := probeURL(t, private, "one:pw")
		if err != nil { // Before Redis 7.2 it may not even PING.
			require.ErrorContains(t, err, "NOPERM")
			require.NoError(t, root.Do(ctx, "ACL", "SETUSER", "one", "+ping").Err())
			report, err = probeURL(t, private, "one:pw")
		}
		require.NoError(t, err)
		require.NoError(t, report.Unknown, name)
		require.Equal(t, []string{name}, report.Writable)
	}
	require.Equal(t, []string{"{terrascale-connection-check}"}, root.Keys(ctx, "*").Val(), "one key for all that have no form which does nothing")
}

func TestProbeChecksTheServersCertificate(t *testing.T) {
	private, _ := start(t, devstack.RedisOptions{})
	userinfo := private.Admin + ":" + private.AdminPassword.Reveal()
	url := secret.New(fmt.Sprintf("rediss://%s@%s:%d/0", userinfo, private.Host, private.Port))
	_, err := redis.Probe(t.Context(), url, func() {})
	require.ErrorContains(t, err, "certificate signed by unknown authority")
	require.NotContains(t, err.Error(), private.AdminPassword.Reveal())
	_, err = redis.Probe(t.Context(), secret.New(strings.Replace(url.Reveal(), "rediss", "redis", 1)), func() {})
	require.ErrorContains(t, err, "wants TLS (rediss://)")
}

func TestProbeOfServersThatLie(t *testing.T) {
	for name, say := range map[string]string{"nothing": "", "garbage": "\x00\xffHTTP/1.1 400 Bad Request\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Cleanup(func() { _ = listener.Close() })
			go func() {
				for {
					connection, err := listener.Accept()
					if err != nil {
						return
					}
					_, _ = connection.Write([]byte(say))
				}
			}()
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err = redis.Probe(ctx, secret.New("redis://u:hush@"+listener.Addr().String()), func() {})
			require.Error(t, err)
			require.NotContains(t, err.Error(), "hush")
			require.Less(t, time.Since(began), 5*time.Second, "the caller's time was kept")
		})
	}
	_, err := redis.Probe(t.Context(), secret.New("redis://u:hu%ZZsh@h"), func() {})
	require.ErrorIs(t, err, redis.ErrURL)
	require.NotContains(t, err.Error(), "sh@")
}

// TestProbeOfAServerInClear has the oldest way: no user, no password, no encryption.
func TestProbeOfAServerInClear(t *testing.T) {
	private, _ := start(t, devstack.RedisOptions{})
	root := as(t, private, private.Admin, private.AdminPassword.Reveal())
	port := freePort(t)
	require.NoError(t, root.ConfigSet(t.Context(), "port", port).Err())
	require.NoError(t, root.Do(t.Context(), "ACL", "SETUSER", "default", "on", "nopass", "~*", "+@all").Err())
	report, err := redis.Probe(t.Context(), secret.New("redis://127.0.0.1:"+port), func() {})
	require.NoError(t, err)
	require.Nil(t, report.TLS)
	require.Equal(t, "default", report.Username)
	require.Contains(t, report.Writable, "SET")
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port
}
