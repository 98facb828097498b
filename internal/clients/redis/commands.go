// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// beyondReading are the categories that no single command may be of.
var beyondReading = []string{"write", "admin", "dangerous"}

// changing are the categories that no rules together may allow a command of. What is dangerous alone reads, such as KEYS.
var changing = beyondReading[:2]

// uncategorized are commands that send others something, or take something from them, and that the server has in none of these categories.
var uncategorized = []string{"function|kill", "publish", "script|flush", "script|kill", "spublish"}

// checkCommands refuses rules that allow writing or administering, by what the server says of the commands: one by one, and all together.
func (s *Server) checkCommands(ctx context.Context, client *redis.Client, commands []string) error {
	for _, rule := range commands {
		if err := s.checkCommand(ctx, client, rule); err != nil {
			return err
		}
	}
	found, err := s.changes(ctx, client, commands)
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%w: the rules together allow %s; write -@dangerous or -@admin after +@connection", ErrRule, strings.Join(sortedKeys(found), ", "))
	}
	return err
}

// changes gives the commands among those that rules allow that write, or administer.
func (s *Server) changes(ctx context.Context, client *redis.Client, rules []string) (map[string]bool, error) {
	allowed, err := s.expand(ctx, client, rules)
	if err != nil {
		return nil, err
	}
	beyond := slices.Clone(uncategorized)
	for _, category := range changing {
		members, err := s.members(ctx, client, category)
		if err != nil {
			return nil, err
		}
		beyond = append(beyond, members...)
	}
	maps.DeleteFunc(allowed, func(command string, _ bool) bool { return !slices.Contains(beyond, command) })
	return allowed, nil
}

// addExcess names what a user's rules allow beyond reading: the rules, and what only comes of several together. It reports whether there
// is any.
func (s *Server) addExcess(ctx context.Context, client *redis.Client, observed *Observed) (isMore bool, err error) {
	var excess []string
	for _, rule := range observed.Commands {
		err := s.checkCommand(ctx, client, rule)
		if err != nil && !errors.Is(err, ErrRule) {
			return false, err
		}
		if err != nil {
			excess = append(excess, rule)
		}
	}
	together, err := s.changes(ctx, client, observed.Commands)
	if err != nil {
		return false, err
	}
	named, err := s.expand(ctx, client, excess)
	if err != nil {
		return false, err
	}
	for _, command := range sortedKeys(together) {
		if !named[command] {
			excess = append(excess, "+"+command)
		}
	}
	for _, rule := range excess {
		if text := ruleInWords(rule); !slices.Contains(observed.Excess, text) {
			observed.Excess = append(observed.Excess, text)
		}
	}
	return len(excess) > 0, nil
}

func (s *Server) checkCommand(ctx context.Context, client *redis.Client, rule string) error {
	if err := CheckRule(rule); err != nil {
		return err
	}
	name, allows := strings.CutPrefix(strings.ToLower(rule), "+")
	if !allows || strings.HasPrefix(name, "@") {
		return nil
	}
	for _, member := range uncategorized {
		if covers(name, member) {
			return fmt.Errorf("%w: %q changes what others see or run", ErrRule, member)
		}
	}
	for _, category := range beyondReading {
		members, err := s.members(ctx, client, category)
		if err != nil {
			return err
		}
		for _, member := range members {
			if covers(name, member) {
				return fmt.Errorf("%w: the server has %q in category %q", ErrRule, member, category)
			}
		}
	}
	return nil
}

// readingRules are what rules that do more come to most often, once nothing but reading is left of them.
var readingRules = [][]string{DefaultCommands, readingAtMost, {"+@read", "-@dangerous"}, {"+@read"}}

// readingAtMost is all that a user can be given by categories. Among the commands for connections are such as CLIENT KILL.
var readingAtMost = []string{"+@read", "+@connection", "-@admin"}

// subscribing are the rules of who listens on channels. They are in no category that may be configured.
var subscribing = []string{"+subscribe", "+psubscribe", "+ssubscribe", "+unsubscribe", "+punsubscribe", "+sunsubscribe"}

// adoptCommands leaves of the rules of a user what may be configured: all that reads, listens or manages its own connection, in few rules where
// it can (Redis 7.0 writes them at length). The rules that do more go to the excess.
func (s *Server) adoptCommands(ctx context.Context, client *redis.Client, observed *Observed) error {
	isMore, err := s.addExcess(ctx, client, observed)
	if err != nil {
		return err
	}
	rules, named := observed.Commands, []string{}
	if len(observed.ChannelPatterns) > 0 {
		named = append(named, subscribing...)
	}
	for _, rule := range rules {
		err := s.checkCommand(ctx, client, rule)
		if err != nil && !errors.Is(err, ErrRule) {
			return err
		}
		if err == nil && strings.HasPrefix(rule, "+") && !strings.HasPrefix(rule, "+@") {
			named = append(named, rule)
		}
	}
	allowed, err := s.expand(ctx, client, rules)
	if err != nil {
		return err
	}
	mayStay, err := s.expand(ctx, client, slices.Concat(readingAtMost, named))
	if err != nil {
		return err
	}
	maps.DeleteFunc(allowed, func(command string, _ bool) bool { return isMore && !mayStay[command] })
	named = slices.DeleteFunc(named, func(rule string) bool { return !allowed[strings.ToLower(rule[1:])] })
	for _, candidate := range readingRules {
		base, err := s.expand(ctx, client, candidate)
		if err != nil {
			return err
		}
		candidate = slices.Clone(candidate)
		for _, rule := range named {
			if !base[strings.ToLower(rule[1:])] && !slices.Contains(candidate, rule) {
				candidate = append(candidate, rule)
			}
		}
		found, err := s.expand(ctx, client, candidate)
		if err != nil {
			return err
		}
		if maps.Equal(found, allowed) {
			observed.Commands = candidate
			return nil
		}
	}
	if !isMore {
		return nil
	}
	observed.Commands = []string{}
	for _, command := range sortedKeys(allowed) {
		// What also administers can't be allowed by itself.
		if err := s.checkCommand(ctx, client, "+"+command); err == nil {
			observed.Commands = append(observed.Commands, "+"+command)
		} else if !errors.Is(err, ErrRule) {
			return err
		}
	}
	return nil
}

// covers reports whether a command is another, or the one that the other is a subcommand of.
func covers(name, member string) bool { return name == member || strings.HasPrefix(member, name+"|") }

// sameCommands reports whether two lists of rules come to the same. Redis 7.0 does not keep the rules that it is given: it
// makes others that come to the same, in any order.
func (s *Server) sameCommands(ctx context.Context, client *redis.Client, a, b []string) (bool, error) {
	first, err := s.expand(ctx, client, a)
	if err != nil {
		return false, err
	}
	second, err := s.expand(ctx, client, b)
	return maps.Equal(first, second), err
}

// expand gives the commands that rules allow, one after the other.
func (s *Server) expand(ctx context.Context, client *redis.Client, rules []string) (map[string]bool, error) {
	allowed := map[string]bool{}
	for _, rule := range rules {
		if len(rule) < 2 {
			continue
		}
		name, isCategory := strings.CutPrefix(strings.ToLower(rule[1:]), "@")
		category := "all"
		if isCategory {
			category = name
		}
		members, err := s.members(ctx, client, category)
		if err != nil {
			return nil, err
		}
		for _, member := range members {
			switch {
			case !isCategory && !covers(name, member):
			case rule[0] == '+':
				allowed[member] = true
			default:
				delete(allowed, member)
			}
		}
	}
	return allowed, nil
}

// members gives the commands of a category, subcommands as command|subcommand; "all" gives those of every category.
func (s *Server) members(ctx context.Context, client *redis.Client, category string) ([]string, error) {
	s.mu.Lock()
	known, ok := s.categories[category]
	s.mu.Unlock()
	if ok {
		return known, nil
	}
	names := []string{category}
	if category == "all" {
		var err error
		if names, err = client.Do(ctx, "ACL", "CAT").StringSlice(); err != nil {
			return nil, fmt.Errorf("ask for the categories of commands: %w", err)
		}
	}
	found := map[string]bool{}
	for _, name := range names {
		members, err := client.Do(ctx, "ACL", "CAT", name).StringSlice()
		if err != nil {
			return nil, fmt.Errorf("ask for the commands of category %s: %w", name, err)
		}
		for _, member := range members {
			found[member] = true
		}
	}
	known = sortedKeys(found)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.categories[category] = known
	return known, nil
}
