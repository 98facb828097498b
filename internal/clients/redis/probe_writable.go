// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/probe"
)

// ErrUntold says that a server does not let a login find out what it may do.
var ErrUntold = errors.New("what the login may write can't be told")

// attempts are commands that write, for each kind of value, and commands that empty or take over a server, in a form that
// does nothing: on a key that does not exist, or with an argument that is refused. The server looks at its access rules
// before it looks at either, so that the answer tells whether the login may run them. Every login may ask in this way; ACL
// GETUSER and ACL DRYRUN are for administrators. APPEND, DECR, GETSET,
// HSETNX, INCR, LPUSH, PFADD, PFMERGE, RPUSH, SADD and SETNX have no such form; SHUTDOWN and REPLICAOF are too much to ask.
func attempts(key string) [][]any {
	other := key + "-2"
	const no = "nothing" // What no argument may be.
	return [][]any{
		{"DEL", key},
		{"UNLINK", key},
		{"EXPIRE", key, 1},
		{"PERSIST", key},
		{"RENAME", key, other},
		{"COPY", key, other},
		{"MOVE", key, no},
		{"RESTORE", key, -1, ""},
		{"SORT", key, "STORE", other},
		{"SET", key, "", "XX"},
		{"SETEX", key, 0, ""},
		{"MSET", key, "", other},
		{"SETRANGE", key, 0, ""},
		{"SETBIT", key, no, 1},
		{"INCRBY", key, no},
		{"GETDEL", key},
		{"LPUSHX", key, ""},
		{"LPOP", key},
		{"RPOP", key},
		{"LREM", key, 0, ""},
		{"HSET", key, "f", "", "g"},
		{"HINCRBY", key, "f", no},
		{"HDEL", key, "f"},
		{"SREM", key, "m"},
		{"SPOP", key},
		{"SMOVE", key, other, "m"},
		{"ZADD", key, "XX", 1, "m"},
		{"ZINCRBY", key, no, "m"},
		{"ZREM", key, "m"},
		{"GEOADD", key, "XX", 0, 0, "m"},
		{"XADD", key, "NOMKSTREAM", "*", "f", ""},
		{"XTRIM", key, "MAXLEN", 0},
		{"XDEL", key, "0-1"},
		{"FLUSHDB", no},
		{"FLUSHALL", no},
		{"SWAPDB", no, no},
		{"CONFIG", "SET", key, ""},
		{"ACL", "SETUSER", key, no},
		{"ACL", "DELUSER", key},
		{"FUNCTION", "LOAD", no},
		{"FUNCTION", "DELETE", key},
	}
}

// withSubcommands are named by their first two words.
var withSubcommands = []any{"CONFIG", "ACL", "FUNCTION"}

func nameOf(attempt []any) string {
	if slices.Contains(withSubcommands, attempt[0]) {
		return fmt.Sprint(attempt[0], " ", attempt[1])
	}
	return fmt.Sprint(attempt[0])
}

// verdict is what a server says to an attempt.
type verdict int

const (
	refused verdict = iota
	allowed
	// elsewhere means that the login may run the command, but not on this key.
	elsewhere
	unclear
)

// mayWrite lists the commands that write and that the login may run.
func mayWrite(ctx context.Context, client *redis.Client) ([]string, error) {
	key := "{terrascale-connection-check-" + rand.Text() + "}" // In braces both names of RENAME are in one part of a cluster.
	asked := attempts(key)
	answers := make([]*redis.Cmd, len(asked))
	pipeline := client.Pipeline()
	for i, attempt := range asked {
		answers[i] = pipeline.Do(ctx, attempt...)
	}
	_, _ = pipeline.Exec(ctx) // Each answer has its own error.
	var found, onSomeKeys []string
	for i, answer := range answers {
		name, err := nameOf(asked[i]), answer.Err()
		switch judge(err) {
		case allowed:
			found = append(found, name)
		case elsewhere:
			onSomeKeys = append(onSomeKeys, name)
		case unclear:
			return nil, fmt.Errorf("%w: %s: %w", ErrUntold, name, err)
		default:
		}
	}
	if len(found) == 0 && len(onSomeKeys) > 0 {
		return nil, fmt.Errorf("%w: it may run %s, and the server does not say on which keys", ErrUntold, strings.Join(onSomeKeys, ", "))
	}
	return probe.Writes(append(found, perhaps(onSomeKeys)...)), nil
}

func perhaps(commands []string) []string {
	texts := make([]string, len(commands))
	for i, command := range commands {
		texts[i] = command + ", perhaps on some keys"
	}
	return texts
}

// pastTheRules begin answers to what the rules allow: they come first, and what fails here is something else.
var pastTheRules = []string{
	"MOVED ", "ASK ", "READONLY ", "OOM ", "MISCONF ",
	"ERR no such key", "ERR Unknown option", "ERR syntax error", "ERR wrong number of arguments", "ERR value is not", "ERR invalid expire time",
	"ERR Invalid TTL value", "ERR bit offset", "ERR invalid first DB index", "ERR Error in ACL SETUSER", "ERR Missing library metadata",
	"ERR Library not found",
}

// judge reads an answer.
func judge(err error) verdict {
	if err == nil || errors.Is(err, redis.Nil) {
		return allowed
	}
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "NOPERM") && strings.Contains(text, "permissions to access"):
		return elsewhere // Of keys. What it may not run, a server from 7.2 on says with the login's name.
	case strings.HasPrefix(text, "NOPERM"), strings.HasPrefix(text, "ERR unknown command"), strings.HasPrefix(text, "ERR unknown subcommand"):
		return refused
	case slices.ContainsFunc(pastTheRules, func(beginning string) bool { return strings.HasPrefix(text, beginning) }):
		return allowed
	default:
		return unclear
	}
}
