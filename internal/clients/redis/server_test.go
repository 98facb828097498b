// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

var stack *devstack.Stack

func TestMain(m *testing.M) {
	var err error
	if stack, err = devstack.Open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := stack.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func start(t *testing.T, options devstack.RedisOptions) (*devstack.Redis, *redis.Server) {
	t.Helper()
	private, err := stack.Redis(t.Context(), options)
	require.NoError(t, err)
	server := redis.NewServer(redis.Config{
		Host: private.Host, Port: private.Port, Username: private.Admin, Password: private.AdminPassword, TLS: true,
		CAFile: private.Authority.CAFile,
	})
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return private, server
}

// as logs in.
func as(t *testing.T, private *devstack.Redis, username, password string) *goredis.Client {
	t.Helper()
	client := goredis.NewClient(&goredis.Options{
		Addr: fmt.Sprintf("%s:%d", private.Host, private.Port), Username: username, Password: password,
		TLSConfig: private.TLS(), MaxRetries: -1, Protocol: 2, DisableIdentity: true,
	})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func digests(passwords ...string) []string {
	found := []string{}
	for _, password := range passwords {
		found = append(found, redis.Digest(secret.New(password)))
	}
	return found
}

var reader = redis.User{
	Name: "reader", KeyPatterns: []string{"app:*", "cache:?"}, ChannelPatterns: []string{"news.*"},
	Commands: append([]string{"+subscribe"}, redis.DefaultCommands...),
}

func TestAUserReadsItsKeysAndWritesNone(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{})
	ctx := t.Context()
	root := as(t, private, private.Admin, private.AdminPassword.Reveal())
	require.NoError(t, root.Set(ctx, "app:a", "1", 0).Err())
	require.NoError(t, root.Set(ctx, "other", "1", 0).Err())
	require.NoError(t, server.CreateUser(ctx, reader, digests("one", "two")))
	require.ErrorIs(t, server.CreateUser(ctx, reader, digests("x")), redis.ErrUserExists)

	for _, password := range []string{"one", "two"} {
		client := as(t, private, "reader", password)
		require.Equal(t, "1", client.Get(ctx, "app:a").Val())
		require.ErrorContains(t, client.Get(ctx, "other").Err(), "NOPERM")
		for _, command := range [][]any{
			{"SET", "app:a", "2"}, {"DEL", "app:a"}, {"FLUSHALL"}, {"KEYS", "*"}, {"EVAL", "return 1", "0"}, {"CONFIG", "GET", "*"},
			{"ACL", "LIST"}, {"CLIENT", "KILL", "ID", "1"}, {"PUBLISH", "news.a", "x"}, {"GETDEL", "app:a"}, {"SORT", "app:a", "STORE", "app:b"},
		} {
			require.ErrorContains(t, client.Do(ctx, command...).Err(), "NOPERM", "%v", command)
		}
	}
	require.ErrorContains(t, as(t, private, "reader", "three").Ping(ctx).Err(), "WRONGPASS")

	observed, err := server.ReadUser(ctx, reader)
	require.NoError(t, err)
	require.True(t, observed.Enabled)
	require.Equal(t, reader, observed.User)
	require.ElementsMatch(t, digests("one", "two"), observed.Digests)
	require.Empty(t, observed.Excess)

	// Another set of passwords takes the place of the old one, in one step.
	require.NoError(t, server.SetUser(ctx, reader, digests("two")))
	require.ErrorContains(t, as(t, private, "reader", "one").Ping(ctx).Err(), "WRONGPASS")
	require.NoError(t, private.Restart(ctx))
	require.NoError(t, as(t, private, "reader", "two").Ping(ctx).Err(), "it was saved")
}

func TestWhatSomebodyAddsShows(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{})
	ctx := t.Context()
	require.NoError(t, server.CreateUser(ctx, reader, digests("one")))
	root := as(t, private, private.Admin, private.AdminPassword.Reveal())
	require.NoError(t, root.Do(ctx, "ACL", "SETUSER", "reader", "nopass", "~all:*", "%W~w:*", "+@write", "+client|kill", "+publish", "off", "(+set ~s:*)").Err())
	observed, err := server.ReadUser(ctx, reader)
	require.NoError(t, err)
	require.False(t, observed.Enabled)
	require.Equal(t, []string{
		"any password", "writing keys: ~all:*", "writing keys: %W~w:*", "commands: +@write", "1 selectors of its own", "commands: +publish", "commands: +client|kill",
	}, observed.Excess)
	require.NoError(t, server.SetUser(ctx, reader, digests("one")))
	observed, err = server.ReadUser(ctx, reader)
	require.NoError(t, err)
	require.Equal(t, redis.Observed{User: reader, Enabled: true, Digests: digests("one")}, observed)

	require.NoError(t, server.DropUser(ctx, "reader"))
	require.ErrorIs(t, server.DropUser(ctx, "reader"), redis.ErrUserNotFound)
	_, err = server.ReadUser(ctx, reader)
	require.ErrorIs(t, err, redis.ErrUserNotFound)
}

// What is left out allows nothing.
func TestAUserOfNothingMayDoNothing(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{})
	require.NoError(t, server.CreateUser(t.Context(), redis.User{Name: "nobody"}, digests("one")))
	client := as(t, private, "nobody", "one")
	require.ErrorContains(t, client.Get(t.Context(), "a").Err(), "NOPERM")
	require.ErrorContains(t, client.Do(t.Context(), "SUBSCRIBE", "a").Err(), "NOPERM")
}

func TestWhatIsNoTargetAndNoRuleIsRefused(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{})
	for _, name := range []string{"default", private.Admin} {
		require.ErrorIs(t, server.SetUser(t.Context(), redis.User{Name: name}, nil), redis.ErrOwnUser)
		require.ErrorIs(t, server.DropUser(t.Context(), name), redis.ErrOwnUser)
	}
	for _, rule := range []string{"", "+", "get", "~*", ">password", "nopass", "allcommands", "+@all", "+@write", "+@string", "+@fast", "+ get", "+set", "+config|get", "+acl", "+@connection", "+publish", "+script", "+eval_nothing_so"} {
		err := server.CreateUser(t.Context(), redis.User{Name: "ruled", Commands: []string{rule}}, digests("x"))
		require.Error(t, err, rule)
		_, err = server.ReadUser(t.Context(), redis.User{Name: "ruled"})
		require.ErrorIs(t, err, redis.ErrUserNotFound, rule)
	}
	for _, pattern := range []string{"", "a b", "a\tb", "a\x00b"} {
		require.ErrorIs(t, redis.CheckPattern(pattern), redis.ErrPattern)
	}
}

func TestUsersAreSavedWhereTheServerKeepsThem(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{WithoutACLFile: true})
	require.NoError(t, server.CreateUser(t.Context(), reader, digests("one")))
	require.NoError(t, private.Restart(t.Context()))
	require.NoError(t, as(t, private, "reader", "one").Ping(t.Context()).Err())

	private, server = start(t, devstack.RedisOptions{WithoutFiles: true})
	require.ErrorIs(t, server.CreateUser(t.Context(), reader, digests("one")), redis.ErrNotSaved)
	require.NoError(t, as(t, private, "reader", "one").Ping(t.Context()).Err(), "it is in force")
}

func TestConnectionErrorsHoldNoPassword(t *testing.T) {
	private, _ := start(t, devstack.RedisOptions{})
	const password = "s3cr3t-of-nobody"
	for name, config := range map[string]redis.Config{
		"wrong password":  {Host: private.Host, Port: private.Port, TLS: true, CAFile: private.Authority.CAFile},
		"unknown root":    {Host: private.Host, Port: private.Port, TLS: true},
		"in clear":        {Host: private.Host, Port: private.Port},
		"no such file":    {Host: private.Host, Port: private.Port, TLS: true, CAFile: "/nowhere.pem"},
		"nothing listens": {Host: "127.0.0.1", Port: 1},
	} {
		t.Run(name, func(t *testing.T) {
			config.Username, config.Password = "nobody", secret.New(password)
			server := redis.NewServer(config)
			t.Cleanup(func() { _ = server.Close() })
			_, err := server.ReadUser(context.WithoutCancel(t.Context()), redis.User{Name: "any"})
			require.Error(t, err)
			require.NotContains(t, err.Error(), password)
		})
	}
}

// A server that takes a connection and stops there is given up, by the client's own limit or by the caller's time.
func TestServerThatStopsIsGivenUp(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{})
	reads := redis.User{Name: "stops", KeyPatterns: []string{"*"}, Commands: []string{"+get"}}
	require.NoError(t, server.CreateUser(t.Context(), reads, digests("a")))
	info, err := as(t, private, private.Admin, private.AdminPassword.Reveal()).Info(t.Context(), "server").Result()
	require.NoError(t, err)
	_, rest, _ := strings.Cut(info, "process_id:")
	number, _, _ := strings.Cut(rest, "\r")
	pid, err := strconv.Atoi(number)
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	defer func() { require.NoError(t, syscall.Kill(pid, syscall.SIGCONT)) }()

	_, err = server.ReadUser(t.Context(), reads)
	require.ErrorIs(t, err, redis.ErrNoAnswer)
	require.ErrorContains(t, err, "waited ")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	for name, call := range map[string]func() error{
		"set user stops":  func() error { return server.SetUser(ctx, reads, digests("b")) },
		"drop user stops": func() error { return server.DropUser(ctx, "stops") },
	} {
		err := call()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, name)
	}
	require.Less(t, time.Since(began), 2*time.Second, "the caller's time counts, not the client's")
}

// A function or a script runs with its caller's rules: who made it lends no rights, so that it is no way to write.
func TestFunctionsAndScriptsWriteNoMoreThanTheirCaller(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{})
	admin := as(t, private, private.Admin, private.AdminPassword.Reveal())
	const library = "#!lua name=lib\nredis.register_function('bump', function(keys) return redis.call('INCR', keys[1]) end)\n" +
		"redis.register_function('hidden', function() return redis.call('INCR', 'k') end)"
	require.NoError(t, admin.FunctionLoad(t.Context(), library).Err())
	reads := redis.User{Name: "calls", KeyPatterns: []string{"*"}, Commands: []string{"+@read", "+fcall", "+eval", "+eval_ro"}}
	require.NoError(t, server.CreateUser(t.Context(), reads, digests("a")))
	client := as(t, private, "calls", "a")
	require.NoError(t, client.EvalRO(t.Context(), "return redis.call('GET', KEYS[1]) or ''", []string{"k"}).Err(), "reading works")
	for name, call := range map[string]error{
		"FCALL":                   client.FCall(t.Context(), "bump", []string{"k"}).Err(),
		"FCALL, its key not said": client.FCall(t.Context(), "hidden", nil).Err(),
		"EVAL, its key not said":  client.Eval(t.Context(), "return redis.call('INCR', 'k')", nil).Err(),
		"EVAL":                    client.Eval(t.Context(), "return redis.call('INCR', KEYS[1])", []string{"k"}).Err(),
	} {
		require.Error(t, call, name)
		require.Regexp(t, "NOPERM|can't run this command|No permissions", call.Error(), name)
	}
	require.Zero(t, admin.Exists(t.Context(), "k").Val())
}

// Users that are changed at the same time are sent and saved together. One that the server refuses fails alone.
func TestUsersThatAreChangedAtOnceAreSavedOnce(t *testing.T) {
	private, server := start(t, devstack.RedisOptions{})
	ctx := t.Context()
	root := as(t, private, private.Admin, private.AdminPassword.Reveal())
	users := make([]redis.User, 10)
	for i := range users {
		users[i] = reader
		users[i].Name = fmt.Sprintf("reader%d", i)
	}
	users[4].Commands = append([]string{"+nosuchcommand"}, reader.Commands...)
	atOnce := func(do func(redis.User) error) (errs []error, saves int) {
		require.NoError(t, root.ConfigResetStat(ctx).Err())
		errs = make([]error, len(users))
		var running sync.WaitGroup
		for i, user := range users {
			running.Go(func() { errs[i] = do(user) })
		}
		running.Wait()
		_, after, _ := strings.Cut(root.Info(ctx, "commandstats").Val(), "cmdstat_acl|save:calls=")
		count, _, _ := strings.Cut(after, ",")
		saves, err := strconv.Atoi(count)
		require.NoError(t, err)
		return errs, saves
	}
	check := func(errs []error, words string) {
		t.Helper()
		for i, err := range errs {
			if i == 4 {
				require.ErrorContains(t, err, words)
			} else {
				require.NoError(t, err)
			}
		}
	}
	errs, saves := atOnce(func(u redis.User) error { return server.CreateUser(ctx, u, digests(u.Name)) })
	check(errs, "nosuchcommand")
	require.LessOrEqual(t, saves, 5)
	for i, user := range users {
		err := as(t, private, user.Name, user.Name).Ping(ctx).Err()
		require.Equal(t, i == 4, err != nil, "%v", err)
	}
	errs, saves = atOnce(func(u redis.User) error { return server.DropUser(ctx, u.Name) })
	check(errs, redis.ErrUserNotFound.Error())
	require.LessOrEqual(t, saves, 5)
	listed, err := root.ACLList(ctx).Result()
	require.NoError(t, err)
	require.NotContains(t, strings.Join(listed, "\n"), "reader")
}

// A server, or what stands before it, that does not know a command says what came with it.
func TestAnUnknownCommandsArgumentsAreInNoError(t *testing.T) {
	for _, commands := range [][]string{{"AUTH", "HELLO"}, {"ACL"}} {
		var settings []string
		for _, command := range commands {
			settings = append(settings, `rename-command `+command+` ""`)
		}
		private, server := start(t, devstack.RedisOptions{Settings: settings})
		digest := redis.Digest(secret.New("whatever"))
		user := redis.User{Name: "reader"}
		err := server.SetUser(t.Context(), user, []string{digest})
		require.Error(t, err)
		_, readErr := server.ReadUser(t.Context(), user)
		require.Error(t, readErr)
		for _, said := range []string{err.Error(), readErr.Error()} {
			require.Contains(t, strings.ToUpper(said), "UNKNOWN COMMAND '"+commands[0])
			require.NotContains(t, said, private.AdminPassword.Reveal())
			require.NotContains(t, said, digest)
		}
	}
}

// Who makes a user of the same name at the same moment is told of it, and changes nothing.
func TestAUserIsMadeByOneOnly(t *testing.T) {
	private, one := start(t, devstack.RedisOptions{})
	other := redis.NewServer(redis.Config{
		Host: private.Host, Port: private.Port, Username: private.Admin, Password: private.AdminPassword, TLS: true, CAFile: private.Authority.CAFile,
	})
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	for round := range 20 {
		user := reader
		user.Name = fmt.Sprintf("once%d", round)
		var errs [2]error
		var running sync.WaitGroup
		for i, server := range []*redis.Server{one, other} {
			running.Go(func() { errs[i] = server.CreateUser(t.Context(), user, digests(strconv.Itoa(i))) })
		}
		running.Wait()
		winner := 0
		if errs[0] != nil {
			winner = 1
		}
		require.NoError(t, errs[winner])
		require.ErrorIs(t, errs[1-winner], redis.ErrUserExists)
		require.NoError(t, as(t, private, user.Name, strconv.Itoa(winner)).Ping(t.Context()).Err())
		require.Error(t, as(t, private, user.Name, strconv.Itoa(1-winner)).Ping(t.Context()).Err())
	}
}
