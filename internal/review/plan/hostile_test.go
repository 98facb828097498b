// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/plan"
)

type object = map[string]any

// planJSON writes a plan with changes.
func planJSON(t require.TestingT, changes ...object) string {
	content, err := json.Marshal(object{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes})
	require.NoError(t, err)
	return string(content)
}

// changeOf writes a change of a resource of this provider.
func changeOf(kind, label, action string, before, after any) object {
	return object{
		"address": "terrascale_" + kind + "." + label, "mode": "managed", "type": "terrascale_" + kind, "name": label,
		"provider_name": "registry.terraform.io/terrascale/terrascale", "change": object{"actions": strings.Split(action, ","), "before": before, "after": after},
	}
}

func read(t require.TestingT, content string, failOn ...string) *plan.Review {
	review, err := plan.Read(strings.NewReader(content), plan.Options{Now: now, FailOn: failOn})
	require.NoError(t, err)
	return review
}

// outsideCode gives Markdown without its code spans, as CommonMark finds them: a run of backticks up to the next run of the same length.
func outsideCode(markdown string) string {
	var rest strings.Builder
	runs := regexp.MustCompile("`+")
	for markdown != "" {
		at := runs.FindStringIndex(markdown)
		if at == nil {
			rest.WriteString(markdown)
			break
		}
		rest.WriteString(markdown[:at[0]])
		fence, after := markdown[at[0]:at[1]], markdown[at[1]:]
		end := -1
		for _, closing := range runs.FindAllStringIndex(after, -1) {
			if closing[1]-closing[0] == len(fence) {
				end = closing[1]
				break
			}
		}
		if end < 0 {
			rest.WriteString(fence)
			markdown = after
			continue
		}
		rest.WriteString("CODE")
		markdown = after[end:]
	}
	return rest.String()
}

// everywhere is a plan that has a text wherever a plan can have one.
func everywhere(t require.TestingT, text string) string {
	changes := []object{
		changeOf("api_key", text, "create", nil, object{"name": text, "scopes": []any{text}, "expires_in": text, "policy_exceptions": object{text: text}}),
		changeOf("team_member", text, "update", object{"email": text, "role": text}, object{"email": text, "role": "admin"}),
		changeOf("ip_allowlist", text, "create", nil, object{"entries": object{text: object{"description": text, "expires_at": text}}}),
		changeOf("postgresql_readonly_role", text, "create,delete", object{"name": "a"}, object{"name": text, "server": text, "username": text, "valid_until": text,
			"grants": object{text: object{"tables": []any{text}, "except": []any{text}, "columns": object{text: []any{text}}}, "x": object{}}}),
		changeOf("adapter", text, "create", nil, object{"name": text, "connector": text, "connection_string": "{{ env." + text + " }}"}),
		changeOf("organization", text, "update", object{"name": "x", text: "y"}, object{"name": text, text: text}),
		changeOf("not_known_yet", text, "update", object{text: text}, object{text: "x"}),
		changeOf("api_key", "r", "delete,create", object{"name": text}, object{"name": text}),
	}
	changes[0]["previous_address"] = text
	changes[7]["action_reason"] = text
	changes[7]["change"].(object)["replace_paths"] = []any{[]any{text, text}}
	other := changeOf("x", text, "create", nil, object{text: text})
	other["type"], other["provider_name"] = text, "example.com/other/other"
	return planJSON(t, append(changes, other)...)
}

var words = regexp.MustCompile(`^(?:\*\*Access changes:\*\*|### [A-Z]|- |> \*\*(?:Note|Left out):\*\* )[A-Za-z0-9 .,;:()'*→·""/_-]*$`)

func requireHarmless(t require.TestingT, markdown string) {
	for line := range strings.Lines(outsideCode(markdown)) {
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			require.Regexp(t, words, line, "nothing but this package's own words outside of code")
		}
	}
	require.NotRegexp(t, `[\x00-\x09\x0b-\x1f\x{7f}-\x{a0}\x{ad}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}]`, markdown)
}

func TestNamesAreHarmlessInMarkdown(t *testing.T) {
	for _, text := range []string{
		"plain", "`", "``` `", "a`b", " ", "", "`x", "a|b", "line\nbreak\r\n### heading", "<!-- hidden -->", "</code><script>alert(1)</script>", "@everyone @octocat",
		"[link](https://example.com)", "![image](x)", "\u202egnp.exe", "zero\u200bwidth", "\x00\x1b[31mred\x1b[0m", "#123", "~~x~~", "\\`", "\\", "&lt;", "e\u0301\u0301", "\u2028",
		"\x02name\x03", "%s%d", "- item", "$(x)", "日本語", strings.Repeat("x", 5000), strings.Repeat("`", 300),
	} {
		markdown := read(t, everywhere(t, text), plan.RuleNames()...).Markdown()
		requireHarmless(t, markdown)
	}
	rapid.Check(t, func(t *rapid.T) {
		requireHarmless(t, read(t, everywhere(t, rapid.String().Draw(t, "text")), plan.RuleNames()...).Markdown())
	})
}

func TestWhatCanNotBeSeenIsWrittenOut(t *testing.T) {
	review := read(t, planJSON(t, changeOf("team_member", "a", "create", nil, object{"email": "a\u202eb@example.com\n", "role": "owner"})))
	require.Contains(t, review.Markdown(), "`a\\u{202e}b@example.com\\u{a}` is invited as `owner`")
	content, err := review.JSON()
	require.NoError(t, err)
	require.True(t, json.Valid(content))
	require.NotContains(t, string(content), "\u202e")
}

func TestACommentIsNotLongerThanGitHubTakes(t *testing.T) {
	var changes []object
	for i := range 3000 {
		changes = append(changes, changeOf("api_key", fmt.Sprintf("k%05d", i), "create", nil, object{"name": fmt.Sprintf("key %d %s", i, strings.Repeat("日", 100)), "scopes": []any{"*"}}))
	}
	review := read(t, planJSON(t, changes...))
	markdown := review.Markdown()
	require.Less(t, len(markdown), 65536)
	require.Greater(t, len(markdown), 60000)
	require.Regexp(t, `These lines are missing: [0-9]{4} in 'Gains access'`, markdown)
	require.Contains(t, markdown, "3000 gains of access")
	requireHarmless(t, markdown)
	content, err := review.JSON()
	require.NoError(t, err)
	require.Equal(t, 3000, strings.Count(string(content), "is made with the scope"), "JSON has all")
}

func TestLongListsAreTakenApartAndComplete(t *testing.T) {
	var tables []any
	for i := range 45 {
		tables = append(tables, fmt.Sprintf("t%02d", i))
	}
	markdown := read(t, planJSON(t, changeOf("postgresql_readonly_role", "a", "create", nil, object{
		"name": "a", "grants": object{"app.secrets": object{"tables": tables}},
	}))).Markdown()
	require.Equal(t, 3, strings.Count(markdown, "can now read"))
	require.Equal(t, 45, strings.Count(markdown, "`app.secrets.t"), "a schema that is called like a secret is none")
}

func TestTheOrderDoesNotDependOnThePlans(t *testing.T) {
	first, second := changeOf("api_key", "a", "create", nil, object{"name": "a"}), changeOf("api_key", "b", "create", nil, object{"name": "b"})
	require.Equal(t, read(t, planJSON(t, first, second)).Markdown(), read(t, planJSON(t, second, first)).Markdown())
}
