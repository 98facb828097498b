// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ruleForms are what a user that can only read may be made of, as Redis reads ACL SETUSER: on, a digest, keys to read, channels, and single
// commands or one of two categories.
var ruleForms = regexp.MustCompile(`(?s)^(?:reset|on|#[0-9a-f]{64}|%R~[^\s\x00]+|&[^\s\x00]+|[+-][^@].*|-@.+|\+@(?:read|connection))$`)

// Patterns and rules that are accepted make a user of exactly these, one argument each, and are read back from ACL GETUSER without an excess.
func FuzzRules(f *testing.F) {
	for _, pair := range [][2]string{
		{"app:*", "+@read"}, {"*", "-keys"}, {"a b", "+@all"}, {"~", "+get"}, {"%W~x", "+@connection"}, {"", ""}, {"\x00", "+"}, {"é*", "-@dangerous"}, {"a\u00a0b", "+config|get"}, {"x", "+@READ"},
		{"allkeys", "allcommands"}, {"a~b", "nopass"}, {">pw", ">pw"}, {"\xff", "+\xff"}, {"#", "reset"}, {"[a-z]?\\*", "+@read "}, {"(", ")"}, {"x", "+@"}, {"x", "+a\x00b"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, pattern, rule string) {
		ruleErr, patternErr := CheckRule(rule), CheckPattern(pattern)
		if ruleErr != nil {
			require.ErrorIs(t, ruleErr, ErrRule)
		}
		if patternErr != nil {
			require.ErrorIs(t, patternErr, ErrPattern)
		}
		if ruleErr != nil || patternErr != nil {
			return
		}
		u := User{Name: "u", KeyPatterns: []string{pattern}, ChannelPatterns: []string{pattern}, Commands: []string{rule}}
		digest := strings.Repeat("0f", 32)
		var keys, channels, commands []string
		for _, one := range u.rules([]string{digest}) {
			text, isText := one.(string)
			require.True(t, isText)
			require.Regexp(t, ruleForms, text, "%q and %q", pattern, rule)
			switch text[0] {
			case '%':
				keys = append(keys, text)
			case '&':
				channels = append(channels, text)
			case '+', '-':
				commands = append(commands, text)
			}
		}
		observed, err := observe("u", map[string]any{
			"flags": []any{"on"}, "passwords": []any{digest}, "keys": strings.Join(keys, " "), "channels": strings.Join(channels, " "),
			"commands": "-@all " + strings.Join(commands, " "),
		})
		require.NoError(t, err)
		require.Equal(t, Observed{User: u, Enabled: true, Digests: []string{digest}, Excess: nil}, observed)
	})
}

// What a server says of a user, whatever it is, is read, and what goes beyond reading is never left out.
func FuzzObserve(f *testing.F) {
	f.Add("on", "%R~app:*", "&*", "-@all +@read", 0)
	f.Add("nopass", "~*", "", "+@all", 1)
	f.Add("off", "%W~a %RW~b", "&a &b", "-@all +get -set +@write", 2)
	f.Add("", "", "", "", 0)
	f.Add("on", "%R", "x", "-@all -@all +", 1)
	f.Fuzz(func(t *testing.T, flag, keys, channels, commands string, selectors int) {
		fields := map[string]any{"flags": []any{flag, 7}, "passwords": "none", "keys": keys, "channels": channels, "commands": commands, "selectors": make([]any, max(0, min(selectors, 9)))}
		observed, err := observe("u", fields)
		require.NoError(t, err)
		writes := flag == "nopass" || selectors > 0
		for _, pattern := range strings.Fields(keys) {
			writes = writes || !strings.HasPrefix(pattern, "%R~")
		}
		for i, rule := range strings.Fields(commands) {
			category, isCategory := strings.CutPrefix(rule, "+@")
			writes = writes || isCategory && category != "read" && category != "connection" || i == 0 && rule == "allcommands"
		}
		if writes {
			require.NotEmpty(t, observed.Excess, "%q %q %q", flag, keys, commands)
		}
		delete(fields, "keys")
		_, err = observe("u", fields)
		require.ErrorIs(t, err, ErrTooOld)
	})
}
