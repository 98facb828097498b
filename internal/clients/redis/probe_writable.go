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

// verdict is what a server says to an attempt.
type verdict int

const (
	refused verdict = iota
	allowed
	// elsewhere means that the login may run the command, but not on this key, or channel.
	elsewhere
	unclear
)

// answers are what a server said to attempts.
type answers struct{ found, elsewhere []string }

// mayWrite lists the commands that write and that the login may run.
func mayWrite(ctx context.Context, client *redis.Client) ([]string, error) {
	key := "{" + keyOfTheCheck + "-" + rand.Text() + "}" // In braces both names of RENAME are in one part of a cluster.
	session := client.Conn()                             // A transaction belongs to one.
	defer func() { _ = session.Close() }()
	var told answers
	if err := told.ask(ctx, session, attempts(key)); err != nil {
		return nil, err
	}
	if err := told.askFormless(ctx, session, key); err != nil {
		return nil, err
	}
	if len(told.found) == 0 && len(told.elsewhere) > 0 {
		return nil, fmt.Errorf("%w: it may run %s, and the server does not say on which keys, or channels", ErrUntold, strings.Join(told.elsewhere, ", "))
	}
	return probe.Writes(append(told.found, perhaps(told.elsewhere)...)), nil
}

// ask makes attempts in one round trip.
func (a *answers) ask(ctx context.Context, session *redis.Conn, asked [][]any) error {
	pipeline := session.Pipeline()
	for _, attempt := range asked {
		pipeline.Do(ctx, attempt...)
	}
	answers, _ := pipeline.Exec(ctx) // Each answer has its own error.
	for _, answer := range answers {
		if err := a.take(nameOf(answer.Args()), answer.Err()); err != nil {
			return err
		}
	}
	return nil
}

func (a *answers) take(name string, answer error) error {
	switch judge(answer) {
	case allowed:
		a.found = append(a.found, name)
	case elsewhere:
		a.elsewhere = append(a.elsewhere, name)
	case unclear:
		return fmt.Errorf("%w: %s: %w", ErrUntold, name, answer)
	default:
	}
	return nil
}

// askFormless asks about the commands that have no form which does nothing. In a transaction the server looks at its rules when it queues a
// command; nothing that is queued is run. A login that may not open one, and of which nothing else is known, has to try, on one key that all
// checks share: a login that can only read is refused each time, and whatever works is the last that is tried.
func (a *answers) askFormless(ctx context.Context, session *redis.Conn, key string) error {
	switch judge(session.Do(ctx, "MULTI").Err()) {
	case allowed:
		err := a.ask(ctx, session, formless(key))
		if discarded := session.Do(ctx, "DISCARD").Err(); err == nil && discarded != nil && judge(discarded) != refused {
			err = fmt.Errorf("%w: DISCARD: %w", ErrUntold, discarded)
		}
		return err
	default:
	}
	for _, attempt := range formless("{" + keyOfTheCheck + "}") {
		if len(a.found) > 0 || len(a.elsewhere) > 0 {
			break
		}
		if err := a.ask(ctx, session, [][]any{attempt}); err != nil {
			return err
		}
	}
	return nil
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
	"ERR Library not found", "ERR timeout is not", "ERR The XGROUP subcommand requires the key to exist", "NOGROUP ", "ERR No such client",
	"ERR SCRIPT FLUSH only support", "ERR FUNCTION FLUSH only supports", "ERR DUMP payload version", "ERR The specified key does not exist",
	"ERR Invalid master port", "ERR REPLICAOF not allowed", "WRONGTYPE ",
}

// judge reads an answer.
func judge(err error) verdict {
	if err == nil || errors.Is(err, redis.Nil) {
		return allowed
	}
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "NOPERM") && strings.Contains(text, "permissions to access"):
		return elsewhere // Of keys or channels. What it may not run, a server from 7.2 on says with the login's name.
	case strings.HasPrefix(text, "NOPERM"), strings.HasPrefix(text, "ERR unknown command"), strings.HasPrefix(text, "ERR unknown subcommand"):
		return refused
	case slices.ContainsFunc(pastTheRules, func(beginning string) bool { return strings.HasPrefix(text, beginning) }):
		return allowed
	default:
		return unclear
	}
}
