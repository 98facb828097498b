// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
)

var (
	// takeovers are commands with which one can give oneself all others, or the machine.
	takeovers = []string{"acl|load", "acl|setuser", "config|set", "module|load"}
	// keyless are commands that write, and need no key.
	keyless = []string{"flushall", "flushdb", "swapdb"}
)

// mostCommands is how many commands of a user are named.
const mostCommands = 3

// listedUser is a user as ACL LIST gives it, without its passwords.
type listedUser struct {
	name            string
	enabled, anyone bool
	password        bool
	permissions     []permissions
}

// permissions are what a user, or one of its selectors, may do.
type permissions struct{ keys, commands []string }

// ReviewUsers reads who can log in to the server, and how, in a number of commands that does not grow with the users.
func (s *Server) ReviewUsers(ctx context.Context) (*inventory.Server, error) {
	client, err := s.connect()
	if err != nil {
		return nil, err
	}
	pipeline := client.Pipeline()
	own, listed := pipeline.Do(ctx, "ACL", "WHOAMI"), pipeline.Do(ctx, "ACL", "LIST")
	port, clients := pipeline.Do(ctx, "CONFIG", "GET", "port"), pipeline.Do(ctx, "CLIENT", "LIST")
	_, _ = pipeline.Exec(ctx) // Each command has its own error.
	username, err := own.Text()
	if err != nil {
		return nil, fmt.Errorf("ask who the admin is: %w", err)
	}
	lines, err := listed.StringSlice()
	if err != nil {
		return nil, fmt.Errorf("list the users: %w", err)
	}
	found := &inventory.Server{}
	found.Tell(inventory.LastUse, "Redis does not record when a user was last used.")
	if err := addSessions(found, port, clients); err != nil {
		return nil, err
	}
	for _, line := range lines {
		user := parseUser(line)
		if !user.enabled || !user.password && !user.anyone {
			continue // Nobody can log in as this one.
		}
		login := inventory.Login{Name: user.name, Own: user.name == username}
		if user.anyone {
			login.Open = "takes any password"
		}
		if login.Superuser, login.Writes, err = s.powersOf(ctx, client, user); err != nil {
			return nil, err
		}
		found.Logins = append(found.Logins, login)
	}
	return found, nil
}

// parseUser reads a line of ACL LIST. The server allows no space in a name or a pattern.
func parseUser(line string) listedUser {
	var user listedUser
	base := permissions{}
	words := strings.Fields(line)
	for i := 0; i < len(words); i++ {
		word := words[i]
		switch {
		case i == 0:
		case i == 1:
			user.name = word
		case word == "on":
			user.enabled = true
		case word == "nopass":
			user.anyone = true
		case strings.HasPrefix(word, "#"):
			user.password = true
		case strings.HasPrefix(word, "("):
			selector := permissions{}
			for ; i < len(words); i++ {
				selector.add(strings.TrimSuffix(strings.TrimPrefix(words[i], "("), ")"))
				if strings.HasSuffix(words[i], ")") {
					break
				}
			}
			user.permissions = append(user.permissions, selector)
		default:
			base.add(word)
		}
	}
	user.permissions = append(user.permissions, base)
	return user
}

func (p *permissions) add(word string) {
	switch {
	case word == "":
	case strings.HasPrefix(word, "~"), strings.HasPrefix(word, "%"):
		p.keys = append(p.keys, word)
	case strings.ContainsAny(word[:1], "+-"):
		p.commands = append(p.commands, strings.ToLower(word))
	}
}

// powersOf says what lets a user do everything, and which commands that write it may run on which keys. The server's rules come to the same in
// many ways: what counts is the commands that they allow.
func (s *Server) powersOf(ctx context.Context, client *redis.Client, user listedUser) (superuser, writes []string, err error) {
	writing, err := s.members(ctx, client, "write")
	if err != nil {
		return nil, nil, err
	}
	for _, p := range user.permissions {
		allowed, err := s.expand(ctx, client, p.commands)
		if err != nil {
			return nil, nil, err
		}
		superuser = append(superuser, p.takeovers(allowed)...)
		if text := p.writes(allowed, writing); text != "" {
			writes = append(writes, text)
		}
	}
	slices.Sort(superuser)
	slices.Sort(writes)
	return slices.Compact(superuser), slices.Compact(writes), nil
}

func (p permissions) takeovers(allowed map[string]bool) []string {
	held := slices.DeleteFunc(slices.Clone(takeovers), func(command string) bool { return !allowed[command] })
	if len(held) > 0 && slices.Contains(p.commands, "+@all") {
		return []string{"+@all"}
	}
	return held
}

func (p permissions) writes(allowed map[string]bool, writing []string) string {
	keys := slices.DeleteFunc(slices.Clone(p.keys), func(pattern string) bool { return strings.HasPrefix(pattern, "%R~") })
	commands := slices.DeleteFunc(slices.Clone(writing), func(command string) bool {
		return !allowed[command] || len(keys) == 0 && !slices.Contains(keyless, command)
	})
	if len(commands) == 0 {
		return ""
	}
	text := strings.Join(commands[:min(len(commands), mostCommands)], ", ")
	if more := len(commands) - mostCommands; more > 0 {
		text += fmt.Sprintf(" and %d more commands", more)
	}
	if len(keys) > 0 {
		text += " on keys " + strings.Join(keys, " ")
	}
	return text
}

// addSessions finds sessions in clear: those that came to the port that has no TLS.
func addSessions(found *inventory.Server, port, clients *redis.Cmd) error {
	setting, err := port.StringSlice()
	if isRefusal(err) || err == nil && len(setting) != 2 {
		found.Tell(inventory.Encryption, "The admin may not read which port has no TLS (CONFIG GET).")
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the server's port: %w", err)
	}
	if setting[1] == "0" {
		return nil // There is no such port.
	}
	list, err := clients.Text()
	if isRefusal(err) {
		found.Tell(inventory.Encryption, "The admin may not list the sessions (CLIENT LIST).")
		return nil
	}
	if err != nil {
		return fmt.Errorf("list the sessions: %w", err)
	}
	found.InClear = sessionsInClear(list, setting[1])
	return nil
}

// isRefusal reports whether the server itself said no.
func isRefusal(err error) bool {
	return err != nil && (strings.HasPrefix(err.Error(), "NOPERM") || strings.HasPrefix(err.Error(), "ERR unknown"))
}

// sessionsInClear reads the lines of CLIENT LIST, such as id=3 addr=192.0.2.1:50000 laddr=192.0.2.9:6379 … user=app.
func sessionsInClear(list, clearPort string) []inventory.Session {
	counts := map[inventory.Session]int{}
	for line := range strings.Lines(list) {
		fields := map[string]string{}
		for _, word := range strings.Fields(line) {
			name, value, _ := strings.Cut(word, "=")
			fields[name] = value
		}
		_, port, err := net.SplitHostPort(fields["laddr"])
		from, _, fromErr := net.SplitHostPort(fields["addr"])
		if err == nil && fromErr == nil && port == clearPort && net.ParseIP(from) != nil {
			counts[inventory.Session{Login: fields["user"], Address: from}]++
		}
	}
	var found []inventory.Session
	for session, count := range counts {
		session.Count = count
		found = append(found, session)
	}
	slices.SortFunc(found, func(a, b inventory.Session) int {
		return cmp.Or(strings.Compare(a.Login, b.Login), strings.Compare(a.Address, b.Address))
	})
	return found
}
