// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/plan"
)

func TestWhatIsNoPlanIsRefusedWithWhatToRun(t *testing.T) {
	var planFile bytes.Buffer
	writer := zip.NewWriter(&planFile)
	_, err := writer.Create("tfplan")
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	whole := planJSON(t, changeOf("api_key", "a", "create", nil, object{"name": "secret-looking"}))
	for name, test := range map[string]struct{ input, words string }{
		"empty":                  {"", "it is empty"},
		"blank":                  {" \n", "ends too early"},
		"the plan file":          {planFile.String(), "it is the plan file itself"},
		"a state":                {`{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}`, "it is a state"},
		"an empty state":         {`{"format_version":"1.0"}`, "nothing of a plan is in it"},
		"a log of plan -json":    {`{"@level":"info","@message":"x"}` + "\n" + `{"@level":"info"}`, "more follows after its end"},
		"text":                   {"Terraform will perform the following actions:", "no JSON"},
		"a list":                 {"[]", "no object"},
		"null":                   {"null", "no object"},
		"cut off":                {whole[:len(whole)-20], "ends too early"},
		"cut off in a token":     {whole[:30], "ends too early"},
		"two plans":              {whole + whole, "more follows after its end"},
		"no version":             {`{"resource_changes":[]}`, "no format_version"},
		"UTF-16":                 {"\xff\xfe{\x00", "UTF-16"},
		"changes that are none":  {`{"format_version":"1.0","resource_changes":"x"}`, "a list was expected"},
		"a change that is none":  {`{"format_version":"1.0","resource_changes":[1]}`, "another kind"},
		"a version that is none": {`{"format_version":1,"resource_changes":[]}`, "another kind"},
	} {
		_, err := plan.Read(strings.NewReader(test.input), plan.Options{})
		require.ErrorIs(t, err, plan.ErrNotAPlan, name)
		require.ErrorContains(t, err, test.words, name)
		require.ErrorContains(t, err, "terraform show -json tfplan", name)
		require.NotContains(t, err.Error(), "secret-looking", name)
	}
}

func TestPlansOfEachFormatVersionOneAreRead(t *testing.T) {
	for _, version := range []string{"1", "1.0", "1.2", "1.99"} {
		for _, text := range []string{`{"format_version":%q,"resource_changes":[]}`, `{"resource_changes":[],"format_version":%q}`, "\xef\xbb\xbf" + ` {"planned_values":{},"format_version":%q}` + "\n"} {
			_, err := plan.Read(strings.NewReader(fmt.Sprintf(text, version)), plan.Options{})
			require.NoError(t, err)
		}
	}
	for _, version := range []string{"0.1", "0.2", "2.0", "10.0", "", "x"} {
		for _, text := range []string{`{"format_version":%q,"resource_changes":[]}`, `{"resource_changes":[],"format_version":%q}`} {
			_, err := plan.Read(strings.NewReader(fmt.Sprintf(text, version)), plan.Options{})
			require.ErrorIs(t, err, plan.ErrVersion)
			require.ErrorContains(t, err, "this program reads 1.x")
		}
	}
}

func TestAFailingInputIsToldAsItIs(t *testing.T) {
	broken := errors.New("the pipe broke")
	_, err := plan.Read(iotest.ErrReader(broken), plan.Options{})
	require.ErrorIs(t, err, broken)
	_, err = plan.Read(io.MultiReader(strings.NewReader(`{"format_version":"1.0","prior_state":{`), iotest.ErrReader(broken)), plan.Options{})
	require.ErrorIs(t, err, broken)
}

func TestNotes(t *testing.T) {
	markdown := read(t, `{"format_version":"1.0","errored":true,"resource_changes":[]}`).Markdown()
	require.Contains(t, markdown, "planning ended with an error")
	markdown = read(t, `{"format_version":"1.0","complete":false,"deferred_changes":[{"reason":"x"},{}],"resource_changes":null}`).Markdown()
	require.Contains(t, markdown, "2 changes are deferred")
	markdown = read(t, `{"format_version":"1.0","complete":false,"resource_changes":[]}`).Markdown()
	require.Contains(t, markdown, "another one has to follow")
	require.Equal(t, "**Access changes:** This plan changes nothing about access.\n", read(t, `{"format_version":"1.0","planned_values":{}}`).Markdown())
}

// What the CLI does not do in a test says the same in words.
func TestActions(t *testing.T) {
	key := object{"name": "k", "scopes": []any{"database:read"}, "key_id": "1"}
	with := func(c object, more object) object {
		for name, value := range more {
			c[name] = value
		}
		return c
	}
	for want, change := range map[string]object{
		"API key `k` had an old copy left over":                                           with(changeOf("api_key", "a", "delete", key, nil), object{"deposed": "8c3b"}),
		"is replaced, because `name` changes: the new one is made before":                 with(changeOf("api_key", "a", "create,delete", key, key), object{"change": object{"actions": []any{"create", "delete"}, "before": key, "after": key, "replace_paths": []any{[]any{"name"}, []any{"name"}}}}),
		"is replaced: the old one is not managed by Terraform any more":                   changeOf("api_key", "a", "create,forget", key, key),
		"is destroyed, because count is smaller. The key stops working at once.":          with(changeOf("api_key", "a", "delete", key, nil), object{"action_reason": "delete_because_count_index"}),
		"is destroyed. The key, and the one before it, stop working at once.":             changeOf("api_key", "a", "delete", object{"name": "k", "previous": object{"key_id": "0"}}, nil),
		"is replaced, because `name` and `region` change":                                 with(changeOf("database", "a", "x", key, key), object{"change": object{"actions": []any{"delete", "create"}, "before": key, "after": key, "replace_paths": []any{[]any{"region"}, []any{"name", "x"}}}}),
		"`terrascale_new_thing.a` has `limit` changed from `1` to `2`":                    changeOf("new_thing", "a", "update", object{"limit": 1}, object{"limit": 2}),
		"`terrascale_new_thing.a` is made":                                                changeOf("new_thing", "a", "create", nil, object{"limit": 1}),
		"`terrascale_new_thing.a` is destroyed":                                           changeOf("new_thing", "a", "delete", object{"limit": 1}, nil),
		"works without an end (before: until `2099-01-01T00:00:00Z`)":                     changeOf("api_key", "a", "update", object{"name": "k", "expires_at": "2099-01-01T00:00:00Z"}, object{"name": "k"}),
		"`192.0.2.0/24` leaves the IP allowlist: its time is over":                        changeOf("ip_allowlist", "a", "update", object{"entries": object{}}, object{"entries": object{}, "expired_entries": []any{"192.0.2.0/24"}}),
		"The IP allowlist is empty: every address may call the service":                   changeOf("ip_allowlist", "a", "update", object{"entries": object{"192.0.2.0/24": object{}}}, object{"entries": object{}}),
		"The API keys that this member made are revoked first.":                           changeOf("team_member", "a", "delete", object{"email": "a@example.com", "role": "member", "revoke_api_keys_on_removal": true}, nil),
		"PostgreSQL role `r` on server `b` can now read `app.public.t`":                   changeOf("postgresql_readonly_role", "a", "delete,create", object{"name": "r", "server": "a", "grants": object{"app.public": object{"tables": []any{"t"}}}}, object{"name": "r", "server": "b", "grants": object{"app.public": object{"tables": []any{"t"}}}}),
		"can now read `app.public.a`":                                                     changeOf("postgresql_readonly_role", "a", "update", object{"name": "r", "grants": object{"app.public": object{"except": []any{"a"}}}}, object{"name": "r", "grants": object{"app.public": object{}}}),
		"no longer has its old login `r_a`":                                               changeOf("postgresql_readonly_role", "a", "update", object{"name": "r", "username": "r_b", "previous": object{"username": "r_a"}}, object{"name": "r", "username": "r_b"}),
		"is rotated, because it is due; the old key works for `7d` after the apply":       with(changeOf("api_key", "a", "update", nil, nil), object{"change": object{"actions": []any{"update"}, "before": object{"name": "k", "key_id": "1", "created_at": "2026-01-01T00:00:00Z"}, "after": object{"name": "k", "rotation": object{"every": "90d", "overlap": "7d"}, "previous": object{"key_id": "1"}}, "after_unknown": object{"key_id": true, "previous": object{"revoke_at": true}}}}),
		"logs in as `r_a` from now on; `r_b` ends in the same apply":                      changeOf("mysql_readonly_user", "a", "update", object{"name": "r", "username": "r_b"}, object{"name": "r", "username": "r_a"}),
		"can log in without an end (before: until `2027-01-01T00:00:00Z`)":                changeOf("postgresql_readonly_role", "a", "update", object{"name": "r", "valid_until": "2027-01-01T00:00:00Z"}, object{"name": "r"}),
		"can log in until `2027-01-01T00:00:00Z`":                                         changeOf("postgresql_readonly_role", "a", "update", object{"name": "r"}, object{"name": "r", "valid_until": "2027-01-01T00:00:00Z"}),
		"can now log in from everywhere (before: from `10.0.0.1` only)":                   changeOf("mysql_readonly_user", "a", "update", object{"name": "r", "host": "10.0.0.1"}, object{"name": "r", "host": "%"}),
		"has its rules for commands in another order":                                     changeOf("redis_readonly_user", "a", "update", object{"name": "r", "commands": []any{"+get", "-keys"}}, object{"name": "r", "commands": []any{"-keys", "+get"}}),
		"Adapter `a` no longer fills in the variable `X`, which is removed from its file": changeOf("adapter", "a", "update", object{"name": "a", "dotenv": object{"variable": "X"}}, object{"name": "a"}),
		"lets nobody in without a second factor any more":                                 changeOf("organization", "a", "update", object{"name": "a", "require_mfa": false}, object{"name": "a", "require_mfa": true}),
	} {
		require.Contains(t, read(t, planJSON(t, change)).Markdown(), want)
	}
}

// That something sensitive changes is no secret; what it was and becomes is.
func TestWhatIsSensitiveIsToldAsChanged(t *testing.T) {
	for kind, attributes := range map[string]object{
		"api_key":                  {"scopes": []any{"database:read"}, "expires_in": "1d", "age_recipients": []any{"age1x"}},
		"ip_allowlist":             {"entries": object{"192.0.2.0/24": object{}}, "enabled": true},
		"ip_allowlist_entry":       {"cidr": "192.0.2.0/24", "expires_at": "2099-01-01T00:00:00Z"},
		"postgresql_readonly_role": {"grants": object{"app.public": object{"tables": []any{"t"}}}, "future_tables_owned_by": []any{"o"}},
		"mysql_readonly_user":      {"grants": object{"app": object{}}, "host": "10.0.0.1"},
		"redis_readonly_user":      {"key_patterns": []any{"app:*"}, "commands": []any{"+get"}},
		"adapter":                  {"connector": "redis", "dotenv": object{"variable": "A"}, "options": object{"a": "b"}},
		"organization":             {"require_mfa": true, "billing_email": "a@example.com"},
	} {
		for attribute, was := range attributes {
			c := changeOf(kind, "a", "update", object{attribute: was}, object{attribute: []any{"CHANGED"}})
			c["change"].(object)["before_sensitive"], c["change"].(object)["after_sensitive"] = object{attribute: true}, object{attribute: true}
			markdown := read(t, planJSON(t, c)).Markdown()
			require.Contains(t, markdown, "has another `"+attribute+"`", kind)
			require.NotContains(t, markdown, "CHANGED")
			require.Equal(t, 1, strings.Count(markdown, "\n- "), markdown)
		}
	}
}

func TestExceptionsThatComeOrGo(t *testing.T) {
	markdown := read(t, planJSON(t, changeOf("api_key", "a", "update", object{"name": "k", "policy_exceptions": object{"slow-rotation": "SEC-1"}},
		object{"name": "k", "policy_exceptions": object{"unbounded-key": "SEC-2"}}))).Markdown()
	require.Contains(t, markdown, "- API key `k` has an exception from the rule `unbounded-key` from now on: `SEC-2`\n- API key `k` no longer has an exception from the rule `slow-rotation`\n")
	require.Equal(t, 3, strings.Count(markdown, "\n- "), markdown)
}

func TestRotationIsTakenApart(t *testing.T) {
	markdown := read(t, planJSON(t, changeOf("api_key", "a", "update", object{"name": "k", "rotation": nil},
		object{"name": "k", "rotation": object{"every": "90d", "overlap": nil, "trigger": "1"}}))).Markdown()
	require.Equal(t, "**Access changes:** 1 other change\n\n### Other changes of the provider\n\n- API key `k` has `rotation.every` set to `90d`\n", markdown)
}

// A value of which a part is unknown is not told as lost, and what is unknown is told.
func TestUnknownValues(t *testing.T) {
	c := changeOf("api_key", "a", "update", object{"name": "k", "scopes": []any{"database:read"}, "key_id": "1"}, object{"name": "k", "scopes": []any{nil}})
	c["change"].(object)["after_unknown"] = object{"scopes": []any{true}, "key_id": true}
	markdown := read(t, planJSON(t, c), plan.RuleNames()...).Markdown()
	require.NotContains(t, markdown, "loses")
	require.Contains(t, markdown, "API key `k`: `scopes` is known after the apply only")
	for _, unknown := range []any{true, object{"app.public": true}, object{"app.public": object{"tables": true}}} {
		c = changeOf("postgresql_readonly_role", "a", "update", object{"name": "r", "grants": object{"app.public": object{"tables": []any{"t"}}}}, object{"name": "r"})
		c["change"].(object)["after_unknown"] = object{"grants": unknown}
		markdown = read(t, planJSON(t, c)).Markdown()
		require.Contains(t, markdown, "PostgreSQL role `r`: `grants` is known after the apply only")
		require.NotContains(t, markdown, "no longer")
	}
}

// many writes a plan with a great many changes, and looks at the heap meanwhile.
type many struct {
	left    int
	rest    []byte
	isBegun bool
	changes func(i int) []byte
	peak    uint64
}

func (m *many) Read(buffer []byte) (int, error) {
	if len(m.rest) == 0 {
		switch {
		case !m.isBegun:
			m.isBegun = true
			m.rest = []byte(`{"prior_state":{"values":[` + strings.Repeat(`{"a":"b"},`, 1000) + `0]},"resource_changes":[`)
		case m.left > 0:
			m.left--
			m.rest = append(m.changes(m.left), ',')
			if m.left == 0 {
				m.rest = append(m.rest[:len(m.rest)-1], []byte(`],"format_version":"1.2"}`)...)
			}
			if m.left%2500 == 0 {
				m.measure()
			}
		default:
			return 0, io.EOF
		}
	}
	n := copy(buffer, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// measure notes what is alive on the heap.
func (m *many) measure() {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	m.peak = max(m.peak, stats.HeapAlloc)
}

// A plan is read as it comes: what is held is the review, and one change.
func TestFiftyThousandChangesAreReadInBoundedMemory(t *testing.T) {
	padding := strings.Repeat("x", 2000)
	input := &many{left: 50000}
	input.changes = func(i int) []byte {
		c := changeOf("api_key", fmt.Sprintf("k%d", i), "no-op", object{"name": padding}, object{"name": padding, "expires_in": "30d"})
		switch {
		case i%100 == 0:
			c = changeOf("api_key", fmt.Sprintf("k%d", i), "create", nil, object{"name": fmt.Sprintf("key-%d", i), "padding": padding, "expires_in": "30d", "scopes": []any{"database:read"}})
		case i%2 == 0:
			c["type"], c["provider_name"] = "other_thing", "registry.terraform.io/other/other"
			c["change"].(object)["actions"] = []any{"update"}
		}
		content, err := json.Marshal(c)
		require.NoError(t, err)
		return content
	}
	input.measure()
	before := input.peak
	review, err := plan.Read(input, plan.Options{Now: now, FailOn: plan.RuleNames()})
	require.NoError(t, err)
	require.Contains(t, review.Markdown(), "500 gains of access · other providers: 24500 updated")
	// The input is more than 150 MB.
	require.Less(t, input.peak-before, uint64(8<<20))
}

// One long line of what is not needed is not held either.
func TestPartsThatAreNotNeededAreSkipped(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 20000) + strings.Repeat("]}", 20000)
	review := read(t, `{"planned_values":`+deep+`,"format_version":"1.0","something":`+deep+`,"resource_changes":[]}`)
	require.NotEmpty(t, review.Summary)
}
