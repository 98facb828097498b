// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/terrascale/terraform-provider-terrascale/internal/probe"
)

// ErrUntold says that a server does not let a login find out what it may do.
var ErrUntold = errors.New("what the login may write can't be told")

// attempts are commands that write, for each kind of value, in a form that does nothing to a key that does not exist. The
// server looks at its access rules before it looks at the key, so that the answer tells whether the login may run them.
// Every login may ask in this way; ACL GETUSER and ACL DRYRUN are for administrators.
func attempts(key string) [][]any {
	return [][]any{
		{"DEL", key},
		{"EXPIRE", key, 1},
		{"RENAME", key, key + "-renamed"},
		{"SET", key, "", "XX"},
		{"SETRANGE", key, 0, ""},
		{"GETDEL", key},
		{"LPUSHX", key, ""},
		{"LPOP", key},
		{"HDEL", key, "f"},
		{"SREM", key, "m"},
		{"ZADD", key, "XX", 1, "m"},
		{"ZREM", key, "m"},
		{"XADD", key, "NOMKSTREAM", "*", "f", ""},
		{"XDEL", key, "0-1"},
		{"CONFIG", "SET", key, ""},
	}
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
	var found, onSomeKeys []string
	for _, attempt := range attempts(key) {
		name := fmt.Sprint(attempt[0])
		if name == "CONFIG" {
			name = "CONFIG SET"
		}
		err := client.Do(ctx, attempt...).Err()
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

// judge reads an answer.
func judge(err error) verdict {
	if err == nil || errors.Is(err, redis.Nil) {
		return allowed
	}
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "NOPERM") && strings.Contains(text, "key"):
		return elsewhere
	case strings.HasPrefix(text, "NOPERM"), strings.HasPrefix(text, "ERR unknown command"):
		return refused
	case strings.HasPrefix(text, "ERR no such key"), strings.HasPrefix(text, "ERR Unknown option"), strings.HasPrefix(text, "ERR syntax error"),
		strings.HasPrefix(text, "MOVED "), strings.HasPrefix(text, "ASK "), strings.HasPrefix(text, "READONLY "), strings.HasPrefix(text, "OOM "), strings.HasPrefix(text, "MISCONF "):
		return allowed // The rules come first: what fails here is something else.
	default:
		return unclear
	}
}
