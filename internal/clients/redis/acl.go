// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// DefaultCommands let a user read and manage its own connection, and nothing that an administrator does.
var DefaultCommands = []string{"+@read", "+@connection", "-@dangerous"}

// grantable are the categories that hold nothing that writes.
var grantable = []string{"read", "connection"}

// What can be wrong with a rule or a pattern.
var (
	ErrRule    = errors.New("not a rule that only reads")
	ErrPattern = errors.New("not a pattern")
)

// User is a user that can only read.
type User struct {
	Name string
	// KeyPatterns and ChannelPatterns are glob patterns; none means no key and no channel.
	KeyPatterns, ChannelPatterns []string
	// Commands are rules such as "+@read" and "-keys", in the order in which the server takes them.
	Commands []string
}

// CheckRule refuses a rule that is none, or that allows a category that writes. Whether a single command writes, the server
// knows: SetUser asks it.
func CheckRule(rule string) error {
	if len(strings.TrimPrefix(rule[min(1, len(rule)):], "@")) == 0 || (rule[0] != '+' && rule[0] != '-') || strings.ContainsFunc(rule, unicode.IsSpace) {
		return fmt.Errorf("%w: %q is neither +command nor -command, nor +@category nor -@category", ErrRule, rule)
	}
	category, isCategory := strings.CutPrefix(rule, "+@")
	if isCategory && !slices.Contains(grantable, category) {
		return fmt.Errorf("%w: category %q holds commands that do more; write +@%s, or single commands", ErrRule, category,
			strings.Join(grantable, " and +@"))
	}
	return nil
}

// CheckPattern refuses what the server can't keep as a pattern, or a name.
func CheckPattern(pattern string) error {
	if pattern == "" || strings.ContainsFunc(pattern, func(r rune) bool { return unicode.IsSpace(r) || r == 0 }) {
		return fmt.Errorf("%w: %q is empty, or holds a space or a zero byte", ErrPattern, pattern)
	}
	return nil
}

// rules are the whole of a user as ACL SETUSER takes it: what is not named is not allowed. Keys are for reading only: a command that
// writes needs both a rule that allows it and the key, but for XREADGROUP and PFMERGE, which the server takes for reading.
func (u User) rules(digests []string) []any {
	rules := []any{"reset", "on"}
	for _, digest := range digests {
		rules = append(rules, "#"+digest)
	}
	for _, pattern := range u.KeyPatterns {
		rules = append(rules, "%R~"+pattern)
	}
	for _, pattern := range u.ChannelPatterns {
		rules = append(rules, "&"+pattern)
	}
	for _, command := range u.Commands {
		rules = append(rules, command)
	}
	return rules
}

// Observed is a user as the server has it.
type Observed struct {
	User
	Enabled bool
	// Digests are those of its passwords: SHA-256, in hexadecimal.
	Digests []string
	// Excess is what goes beyond a user that can only read, in words.
	Excess []string
}

// observe reads the fields of ACL GETUSER.
func observe(name string, fields map[string]any) (Observed, error) {
	observed := Observed{User: User{Name: name}}
	keys, isText := fields["keys"].(string)
	if !isText {
		return observed, fmt.Errorf("%w: it does not tell reading from writing keys", ErrTooOld)
	}
	flags := texts(fields["flags"])
	observed.Enabled = slices.Contains(flags, "on")
	if slices.Contains(flags, "nopass") {
		observed.Excess = append(observed.Excess, "any password")
	}
	observed.Digests = texts(fields["passwords"])
	for _, pattern := range strings.Fields(keys) {
		rights, keys, found := strings.Cut(pattern, "~")
		if !found {
			observed.Excess = append(observed.Excess, "keys: "+pattern) // It is not understood, so that it may be anything.
			continue
		}
		if rights != "%W" && !slices.Contains(observed.KeyPatterns, keys) {
			observed.KeyPatterns = append(observed.KeyPatterns, keys)
		}
		if rights != "%R" {
			observed.Excess = append(observed.Excess, "writing keys: "+pattern)
		}
	}
	channels, _ := fields["channels"].(string)
	for _, pattern := range strings.Fields(channels) {
		observed.ChannelPatterns = append(observed.ChannelPatterns, strings.TrimPrefix(pattern, "&"))
	}
	commands, _ := fields["commands"].(string)
	for i, rule := range strings.Fields(commands) {
		if i == 0 && rule == "-@all" {
			continue
		}
		observed.Commands = append(observed.Commands, rule)
		if err := CheckRule(rule); err != nil {
			observed.Excess = append(observed.Excess, ruleInWords(rule))
		}
	}
	if selectors, _ := fields["selectors"].([]any); len(selectors) > 0 {
		observed.Excess = append(observed.Excess, fmt.Sprintf("%d selectors of its own", len(selectors)))
	}
	return observed, nil
}

// ruleInWords says that a rule allows more than reading.
func ruleInWords(rule string) string { return "commands: " + rule }

func sortedKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

func texts(value any) []string {
	list, _ := value.([]any)
	found := make([]string, 0, len(list))
	for _, element := range list {
		if text, ok := element.(string); ok {
			found = append(found, text)
		}
	}
	return found
}
