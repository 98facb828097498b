// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/plan"
)

const canary = "CANARY-5e1f"

// plant puts the canary into a value at places that chance says, and marks them as sensitive. It gives the value and its marks.
func plant(v any, chance func() bool) (planted, marks any) {
	if chance() {
		return canary, true
	}
	switch v := v.(type) {
	case object:
		planted, marks := object{}, object{}
		for _, name := range sortedKeys(v) {
			planted[name], marks[name] = plant(v[name], chance)
		}
		return planted, marks
	case []any:
		planted, marks := []any{}, []any{}
		for _, element := range v {
			p, m := plant(element, chance)
			planted, marks = append(planted, p), append(marks, m)
		}
		return planted, marks
	default:
		return v, false
	}
}

func sortedKeys(v object) []string {
	var names []string
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// scatter replaces every text of a value.
func scatter(v any) any {
	switch v := v.(type) {
	case object:
		scattered := object{}
		for name, part := range v {
			scattered[name] = scatter(part)
		}
		return scattered
	case []any:
		scattered := []any{}
		for _, element := range v {
			scattered = append(scattered, scatter(element))
		}
		return scattered
	case nil:
		return nil
	default:
		return canary
	}
}

// plantAll plants the canary in the changes of a plan and in all that a review has no use for.
func plantAll(document object, chance func() bool) {
	for _, part := range []string{"resource_changes", "resource_drift"} {
		changes, _ := document[part].([]any)
		for _, element := range changes {
			c, _ := element.(object)
			change, isObject := c["change"].(object)
			if !isObject {
				continue
			}
			for _, side := range []string{"before", "after"} {
				if provider, _ := c["provider_name"].(string); path.Base(provider) != "terrascale" {
					change[side] = scatter(change[side])
				}
				if change[side] != nil {
					change[side], change[side+"_sensitive"] = plant(change[side], chance)
				}
			}
		}
	}
	for _, part := range []string{"variables", "planned_values", "output_changes", "prior_state", "checks", "relevant_attributes"} {
		if document[part] != nil {
			document[part] = scatter(document[part])
		}
	}
	document["variables"] = object{"secret": object{"value": canary}}
	document["output_changes"] = object{"secret": object{"actions": []any{"create"}, "after": canary, "after_sensitive": true}}
	document["something_new"] = []any{canary}
}

func requireNoCanary(t *testing.T, document object) {
	t.Helper()
	content, err := json.Marshal(document)
	require.NoError(t, err)
	review, err := plan.Read(bytes.NewReader(content), plan.Options{Now: now, FailOn: plan.RuleNames()})
	if err != nil {
		require.NotContains(t, err.Error(), canary)
		return
	}
	asJSON, err := review.JSON()
	require.NoError(t, err)
	require.NotContains(t, string(asJSON), canary)
	require.NotContains(t, review.Markdown(), canary)
}

func plans(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*/plan.json")
	require.NoError(t, err)
	contents := map[string][]byte{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		contents[filepath.Base(filepath.Dir(file))] = content
	}
	return contents
}

func parse(t *testing.T, content []byte) object {
	t.Helper()
	var document object
	require.NoError(t, json.Unmarshal(content, &document))
	return document
}

// What is sensitive in a plan, at any depth, and what a review has no use for, comes out in no format.
func TestNothingSensitiveComesOut(t *testing.T) {
	for name, content := range plans(t) {
		t.Run(name, func(t *testing.T) {
			document := parse(t, content)
			plantAll(document, func() bool { return true })
			requireNoCanary(t, document)
			for seed := range uint64(40) {
				random := rand.New(rand.NewPCG(seed, 0))
				document := parse(t, content)
				plantAll(document, func() bool { return random.IntN(4) == 0 })
				requireNoCanary(t, document)
			}
		})
	}
}

// The values that the CLI itself marked as sensitive in the stored plans do not come out either.
func TestTheSecretsOfRealPlansDoNotComeOut(t *testing.T) {
	found := 0
	for name, content := range plans(t) {
		var secrets []string
		changes, _ := parse(t, content)["resource_changes"].([]any)
		for _, element := range changes {
			change := element.(object)["change"].(object)
			secrets = append(secrets, marked(change["before"], change["before_sensitive"])...)
			secrets = append(secrets, marked(change["after"], change["after_sensitive"])...)
		}
		review := read(t, string(content), plan.RuleNames()...)
		asJSON, err := review.JSON()
		require.NoError(t, err)
		for _, secret := range secrets {
			found++
			require.NotContains(t, review.Markdown()+string(asJSON), secret, name)
		}
		require.NotContains(t, review.Markdown()+string(asJSON), "canary", name)
	}
	require.Greater(t, found, 10)
}

// marked gives the texts under marks.
func marked(v, marks any) []string {
	if marks == true {
		if text, isText := v.(string); isText && len(text) > 10 && !strings.HasPrefix(text, "database:") {
			return []string{text}
		}
		return nil
	}
	var found []string
	parts, _ := v.(object)
	below, _ := marks.(object)
	for name, part := range parts {
		found = append(found, marked(part, below[name])...)
	}
	return found
}

// A secret that nobody marked is known by its name.
func TestSecretsAreKnownByTheirNames(t *testing.T) {
	secrets := object{}
	for _, name := range []string{
		"password", "Password", "admin_password", "passwd", "secret", "client_secret", "secret_encrypted", "api_token", "access_token", "totp_secret", "password_wo", "value_wo",
		"anything_wo", "private_key", "credentials", "passphrase", "password_fingerprint",
	} {
		secrets[name] = canary
	}
	changed := object{}
	for name := range secrets {
		changed[name] = canary + "-2"
	}
	for _, kind := range []string{"api_key", "postgresql_readonly_role", "organization", "not_known_yet"} {
		requireNoCanary(t, object{"format_version": "1.0", "resource_changes": []any{
			changeOf(kind, "a", "update", secrets, changed), changeOf(kind, "b", "create", nil, secrets), changeOf(kind, "c", "delete", secrets, nil),
			changeOf(kind, "d", "update", object{"x": secrets}, object{"x": changed}),
		}})
	}
}

// The provider makes other values of a sensitive one, which Terraform does not mark.
func TestWhatIsMadeOfASecretDoesNotComeOut(t *testing.T) {
	role := func(suffix string, grants any) object {
		return object{"name": canary, "username": canary + suffix, "grants": grants, "excess_privileges": []any{"ownership by " + canary}}
	}
	c := changeOf("postgresql_readonly_role", "a", "update", role("_a", object{}), role("_b", object{"app.public": object{"tables": []any{"orders"}}}))
	c["change"].(object)["before_sensitive"], c["change"].(object)["after_sensitive"] = object{"name": true}, object{"name": true}
	requireNoCanary(t, object{"format_version": "1.0", "resource_changes": []any{c}})
	require.Contains(t, read(t, planJSON(t, c)).Markdown(), "`terrascale_postgresql_readonly_role.a` logs in as (sensitive) from now on; (sensitive) ends in the same apply")
	require.Contains(t, read(t, planJSON(t, c)).Markdown(), "can now read `app.public.orders`")
}

// A connection string may hold a password that somebody wrote into the file by hand.
func TestConnectionStringsAreNotShown(t *testing.T) {
	requireNoCanary(t, object{"format_version": "1.0", "resource_changes": []any{
		changeOf("adapter", "a", "update", object{"name": "a", "connector": "postgres", "connection_string": "postgres://u:" + canary + "@h/d", "options": object{"x": canary}},
			object{"name": "a", "connector": "postgres", "connection_string": "postgres://u:{{ env.A }}@h/" + canary, "options": object{"x": canary + "2"}}),
	}})
}

func FuzzReview(f *testing.F) {
	for _, content := range plans(f) {
		// What a review reads is enough, and short texts are changed sooner.
		var small struct {
			Version string `json:"format_version"`
			Changes []any  `json:"resource_changes,omitempty"`
			Drift   []any  `json:"resource_drift,omitempty"`
		}
		require.NoError(f, json.Unmarshal(content, &small))
		shortened, err := json.Marshal(small)
		require.NoError(f, err)
		f.Add(shortened, uint64(1))
	}
	f.Add([]byte(everywhere(f, "`|<!--@x\n")), uint64(2))
	f.Fuzz(func(t *testing.T, content []byte, seed uint64) {
		review, err := plan.Read(bytes.NewReader(content), plan.Options{Now: now, FailOn: plan.RuleNames()})
		if err == nil {
			markdown := review.Markdown()
			require.LessOrEqual(t, len(markdown), 65536)
			requireHarmless(t, markdown)
			asJSON, err := review.JSON()
			require.NoError(t, err)
			require.True(t, json.Valid(asJSON))
		}
		var document object
		if json.Unmarshal(content, &document) == nil && document != nil && !bytes.Contains(content, []byte("CANARY")) {
			random := rand.New(rand.NewPCG(seed, 0))
			plantAll(document, func() bool { return random.IntN(5) == 0 })
			requireNoCanary(t, document)
		}
	})
}
