// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// TestAccUserMadeByHandIsAdopted imports what people make by hand: what can be read stays as it is, and each other change is in the plan.
func TestAccUserMadeByHandIsAdopted(t *testing.T) {
	r := acctest.NewRedis(t, devstack.RedisOptions{})
	r.Exec("SET app:one 1")
	r.Exec("SET cache:one 1")
	r.Exec("SET else:one 1")
	const password = "made-by-hand-2019"
	for name, test := range map[string]struct {
		rules    string
		patterns []any
		commands []any
		// goes are the entries of excess_privileges.
		goes []any
	}{
		"mixed": {
			"~app:* %R~cache:* +@read +ping", []any{"app:*", "cache:*"}, []any{"+@read", "+ping"}, []any{"writing keys: ~app:*"},
		},
		"writer": {
			"%RW~app:* %W~cache:* +@read +@write +ping", []any{"app:*"}, nil,
			[]any{"commands: +@write", "writing keys: %W~cache:*", "writing keys: ~app:*"},
		},
		"listener": {
			"~app:* &news +@read +@write +subscribe +fcall_ro", []any{"app:*"}, []any{"+@read", "+subscribe", "+fcall_ro"},
			[]any{"commands: +@write", "writing keys: ~app:*"},
		},
		"everything": {"~* &* +@all", []any{"*"}, []any{
			"+@read", "+@connection", "-@admin", "+subscribe", "+psubscribe", "+ssubscribe", "+unsubscribe", "+punsubscribe", "+sunsubscribe",
		}, []any{"commands: +@all", "writing keys: ~*"}},
		"careful": {
			"~app:* resetchannels +@all -@dangerous", []any{"app:*"}, []any{"+@read", "+@connection", "-@dangerous"},
			[]any{"commands: +@all", "writing keys: ~app:*"},
		},
		"single": {"~app:* +get +set +ping", []any{"app:*"}, []any{"+get", "+ping"}, []any{"commands: +set", "writing keys: ~app:*"}},
		"rotated": { // The password that the test logs in with is added before the rules.
			"~app:* +@read", []any{"app:*"}, []any{"+@read"},
			[]any{"a password that was added outside of Terraform", "writing keys: ~app:*"},
		},
		"twice": {"%R~app:* ~app:* +@read", []any{"app:*"}, []any{"+@read"}, []any{"writing keys: ~app:*"}},
		"tidy":  {"%R~app:* +@read +@connection -@dangerous", []any{"app:*"}, []any{"+@read", "+@connection", "-@dangerous"}, []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			older := ""
			if name == "rotated" {
				older = ">an-older-one"
			}
			r.Exec(fmt.Sprintf("ACL SETUSER %s on %s >%s %s", name, older, password, test.rules))
			readable := func() (found []string) {
				for _, key := range []string{"app:one", "cache:one", "else:one"} {
					if r.TryAs(name, secret.New(password), "GET", key) == nil {
						found = append(found, key)
					}
				}
				return found
			}
			could := readable()
			require.NotEmpty(t, could)
			w := acctest.NewWorkspace(t, r.ServerHCL()+fmt.Sprintf("import {\n  to = %s\n  id = \"main/%s\"\n}\n", address, name))
			before, after := w.PlanImported()
			said := w.Must("show", "-no-color", "plan")
			require.ElementsMatch(t, test.patterns, before["key_patterns"])
			if test.commands != nil {
				require.Equal(t, test.commands, before["commands"])
			}
			require.Equal(t, test.goes, before["excess_privileges"])
			for _, attribute := range []string{"key_patterns", "channel_patterns", "commands", "password_version", "password_fingerprint"} {
				require.Equal(t, before[attribute], after[attribute], attribute)
			}
			require.Empty(t, after["excess_privileges"])
			for _, text := range test.goes {
				require.Contains(t, strings.Join(strings.Fields(said), " "), text)
			}
			w.Must("apply", "-input=false", "-no-color", "plan")
			require.Equal(t, could, readable(), "the password stays, and what it can read")
			require.ErrorContains(t, r.TryAs(name, secret.New(password), "SET", "app:one", "2"), "NOPERM")
			require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "No changes.")
		})
	}
}
