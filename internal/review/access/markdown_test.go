// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package access_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/inventory"
	"github.com/terrascale/terraform-provider-terrascale/internal/review/access"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

var update = flag.Bool("update", false, "write the golden file anew")

// faulty is a review with something in every part.
func faulty() access.Input {
	organization := sound()
	organization.Keys = append(organization.Keys, access.Key{
		Name: "legacy", Prefix: "ts_live_wxyz", Scopes: []string{"*"}, Created: *ago(400 * day), LastUsed: ago(200 * day), CreatorID: "usr_gone",
	})
	organization.Members[1].MFA = nil
	return access.Input{
		Organization: &organization,
		Servers: []access.Server{
			{Kind: access.PostgreSQL, Name: "main", Server: inventory.Server{
				Logins: []inventory.Login{
					{Name: "postgres", Own: true, Superuser: []string{"SUPERUSER"}},
					{Name: "app", Writes: []string{"INSERT on public.orders via PUBLIC in database app"}, OldPassword: "md5", NeverExpires: true},
				},
				Untold: []inventory.Untold{{Question: inventory.LastUse, Reason: "PostgreSQL does not record when a login was last used."}},
			}},
			{Kind: access.Redis, Name: "cache", Server: inventory.Server{Logins: []inventory.Login{{Name: "old", Open: "takes any password"}}}},
		},
		Exceptions: map[string]map[string]string{
			"PostgreSQL role main/app": {policy.EndlessLogin: "rotated by hand each quarter, OPS-7"},
			"API key reports":          {policy.UnusedKey: "used once a year"},
		},
	}
}

func TestTheMarkdownIsAsItWas(t *testing.T) {
	const golden = "testdata/review.md"
	got := review(faulty()).Markdown()
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestTheOrderDoesNotDependOnTheInput(t *testing.T) {
	want := review(faulty())
	input := faulty()
	slices.Reverse(input.Organization.Keys)
	slices.Reverse(input.Organization.Members)
	slices.Reverse(input.Servers)
	slices.Reverse(input.Servers[1].Logins)
	require.Equal(t, want, review(input))
	require.Equal(t, want.Markdown(), review(input).Markdown())
}

func TestHostileNamesStayNames(t *testing.T) {
	for _, name := range []string{
		"a | b", `a \| b`, "``` @octocat", "<img src=x>", "[x](http://example.com)", "line\nfeed", "\u202eevil", "tab\tbed", "`", "", " ", "| --- |",
		strings.Repeat("x", 5000), "%s%d%!", "\x00", "日本|語", "a\\",
	} {
		organization := sound()
		organization.Name, organization.RequiresMFA = name, false
		organization.Keys[0].Name, organization.Keys[0].Prefix, organization.Keys[0].CreatorID = name, name, "gone"+name
		organization.Keys[0].Scopes = []string{"*"}
		organization.Members[1].Email, organization.Members[1].Role, organization.Members[1].MFA = name, name, new(false)
		result := review(access.Input{
			Organization: &organization,
			Servers: []access.Server{{Kind: access.PostgreSQL, Name: name, Server: inventory.Server{
				Logins: []inventory.Login{{Name: name, Writes: []string{name}, OldPassword: name}}, Logged: []string{name},
				InClear: []inventory.Session{{Login: name, Address: name, Count: 1}},
				Doors:   []inventory.Door{{Type: "host", Users: []string{name}, Databases: []string{name}, Address: name, Method: "trust"}},
				Untold:  []inventory.Untold{{Question: inventory.Privileges, Reason: name}},
			}}},
			Exceptions: map[string]map[string]string{name: {policy.UnusedKey: name}},
		})
		require.GreaterOrEqual(t, len(result.Findings), 8, name)
		written := result.Markdown()
		columns := map[string]int{"Findings": 5, "Exceptions": 4, "Not known": 3}
		title := ""
		for _, line := range strings.Split(written, "\n") {
			if after, isTitle := strings.CutPrefix(line, "### "); isTitle {
				title = after
			}
			if strings.HasPrefix(line, "|") {
				require.Equal(t, columns[title]+1, strings.Count(line, "|"), "%q: %s", name, line)
			}
			outside := outsideCode(line)
			for _, mark := range []string{"@", "<", "](", "example.com", "xxx", "octocat", "evil", "`"} {
				require.NotContains(t, outside, mark, "%q: %s", name, line)
			}
		}
		require.NotContains(t, written, "\u202e")
		require.NotContains(t, written, "\x00")
	}
}

// outsideCode gives a line of Markdown without its code spans, as CommonMark finds them.
func outsideCode(line string) string {
	var outside strings.Builder
	for line != "" {
		before, after, found := strings.Cut(line, "`")
		outside.WriteString(before)
		if !found {
			break
		}
		rest := strings.TrimLeft(after, "`")
		fence := strings.Repeat("`", len(after)-len(rest)+1)
		end := -1
		for at := 0; at < len(rest); {
			next := strings.Index(rest[at:], "`")
			if next < 0 {
				break
			}
			run := at + next
			length := len(rest[run:]) - len(strings.TrimLeft(rest[run:], "`"))
			if length == len(fence) {
				end = run
				break
			}
			at = run + length
		}
		if end < 0 {
			outside.WriteString(fence)
			line = rest
			continue
		}
		line = rest[end+len(fence):]
	}
	return outside.String()
}

func TestALongReviewSaysWhatIsMissing(t *testing.T) {
	var s inventory.Server
	for i := range 3000 {
		s.Logins = append(s.Logins, inventory.Login{Name: fmt.Sprintf("app_%04d", i), Superuser: []string{"SUPERUSER"}})
	}
	organization := sound()
	result := review(access.Input{Organization: &organization, Servers: []access.Server{{Kind: access.PostgreSQL, Name: "main", Server: s}}})
	require.Len(t, result.Findings, 3000)
	written := result.Markdown()
	require.Less(t, len(written), 65536)
	require.Contains(t, written, "**Left out:** this review is too long for a comment.")
	require.Regexp(t, `\d+ in 'Findings'`, written)
}
