// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis_test

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

func TestAReviewFindsWhatEachUserCanDo(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{})
	run := func(command string) {
		t.Helper()
		words := []any{}
		for _, word := range strings.Fields(command) {
			words = append(words, word)
		}
		require.NoError(t, as(t, private, private.Admin, private.AdminPassword.Reveal()).Do(t.Context(), words...).Err(), command)
	}
	for _, user := range []string{
		"everything on >pw ~* &* +@all", "most on >pw ~* +@all -@dangerous", "maker on >pw +acl", "unmade on >pw +acl -acl",
		"writer on >pw ~app:* %R~ref:* +get +set +del", "reader on >pw %R~* +@read +@write -flushall -flushdb -swapdb", "flusher on >pw +flushall",
		"open on nopass ~app:* +get", "off off >pw ~* +@all", "nobody on ~* +@all",
	} {
		run("ACL SETUSER " + user)
	}
	run("ACL SETUSER selected on >pw %R~* +get (~tmp:* +set)")
	found, err := server.ReviewUsers(t.Context())
	require.NoError(t, err)
	got := map[string]inventory.Login{}
	for _, login := range found.Logins {
		require.NotContains(t, got, login.Name)
		got[login.Name] = login
	}
	for name, test := range map[string]struct {
		superuser, writes []string
		open              string
		own               bool
	}{
		"writer": {writes: []string{"del, set on keys ~app:*"}}, "reader": {}, "flusher": {writes: []string{"flushall"}},
		"maker": {superuser: []string{"acl|load", "acl|setuser"}}, "unmade": {}, "open": {open: "takes any password"}, "selected": {writes: []string{"set on keys ~tmp:*"}},
	} {
		require.Equal(t, inventory.Login{Name: name, Own: test.own, Superuser: test.superuser, Writes: test.writes, Open: test.open}, got[name])
		delete(got, name)
	}
	require.Equal(t, []string{"+@all"}, got["everything"].Superuser)
	require.Empty(t, got["most"].Superuser)
	require.Len(t, got["most"].Writes, 1)
	require.Regexp(t, `^\S+, \S+, \S+ and \d+ more commands on keys ~\*$`, got["most"].Writes[0])
	require.True(t, got[private.Admin].Own)
	require.Equal(t, []string{"+@all"}, got[private.Admin].Superuser)
	require.Len(t, got, 3, "who is off, or has no way in, is not told: %v", got)
	require.Equal(t, []inventory.Untold{{Question: inventory.LastUse, Reason: "Redis does not record when a user was last used."}}, found.Untold)
	require.NotContains(t, fmt.Sprintf("%+v", found), redis.Digest(secret.New("pw")))
}

func TestAReviewSeesSessionsInClear(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	admin := as(t, private, private.Admin, private.AdminPassword.Reveal())
	require.NoError(t, admin.Do(t.Context(), "CONFIG", "SET", "port", port).Err())
	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "clear", "on", ">pw", "+ping").Err())
	client := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:" + port, Username: "clear", Password: "pw", Protocol: 2, DisableIdentity: true, PoolSize: 1})
	t.Cleanup(func() { _ = client.Close() })
	require.NoError(t, client.Ping(t.Context()).Err())
	found, err := server.ReviewUsers(t.Context())
	require.NoError(t, err)
	require.Equal(t, []inventory.Session{{Login: "clear", Address: "127.0.0.1", Count: 1}}, found.InClear)
}

func TestAReviewSaysWhatTheAdminMayNotAsk(t *testing.T) {
	private, _ := start(t, devstack.RedisOptions{})
	admin := as(t, private, private.Admin, private.AdminPassword.Reveal())
	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "small", "on", ">pw", "+acl").Err())
	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "none", "on", ">pw", "+ping").Err())
	look := func(username string) (*inventory.Server, error) {
		server := redis.NewServer(redis.Config{
			Host: private.Host, Port: private.Port, Username: username, Password: secret.New("pw"), TLS: true, CAFile: private.Authority.CAFile,
		})
		t.Cleanup(func() { require.NoError(t, server.Close()) })
		return server.ReviewUsers(t.Context())
	}
	found, err := look("small")
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(found.Untold, func(u inventory.Untold) bool { return u.Question == inventory.Encryption }))
	_, err = look("none")
	require.ErrorContains(t, err, "NOPERM")
}

func TestAReviewAsksTheSameHoweverManyUsersThereAre(t *testing.T) {
	private, _ := start(t, devstack.RedisOptions{})
	admin := as(t, private, private.Admin, private.AdminPassword.Reveal())
	calls := func() int {
		t.Helper()
		info, err := admin.Info(t.Context(), "stats").Result()
		require.NoError(t, err)
		_, after, found := strings.Cut(info, "total_commands_processed:")
		require.True(t, found)
		count, err := strconv.Atoi(strings.Fields(after)[0])
		require.NoError(t, err)
		return count
	}
	cost := func() int {
		t.Helper()
		server := redis.NewServer(redis.Config{
			Host: private.Host, Port: private.Port, Username: private.Admin, Password: private.AdminPassword, TLS: true, CAFile: private.Authority.CAFile,
		})
		defer func() { require.NoError(t, server.Close()) }()
		before := calls()
		_, err := server.ReviewUsers(t.Context())
		require.NoError(t, err)
		return calls() - before
	}
	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "one", "on", ">pw", "~*", "+get", "+set").Err())
	few := cost()
	for i := range 100 {
		require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "user"+strconv.Itoa(i), "on", ">pw", "~*", "+get", "+set").Err())
	}
	require.Equal(t, few, cost())
	require.Less(t, few, 40)
}
