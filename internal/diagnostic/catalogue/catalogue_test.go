// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package catalogue_test

import (
	"context"
	"go/ast"
	"go/constant"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/function"
	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic/catalogue"
	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/review/plan"
)

func entries(t *testing.T) map[string]catalogue.Entry {
	t.Helper()
	found := map[string]catalogue.Entry{}
	for _, topic := range catalogue.Topics() {
		for _, entry := range topic.Entries {
			_, again := found[entry.Summary]
			require.False(t, again, "%q has two entries", entry.Summary)
			found[entry.Summary] = entry
		}
	}
	return found
}

// TestEachSummaryHasAnEntry finds the summary of every diagnostic in the source: it is constant but for its subject, is written in one place,
// so that two causes don't share it, and has an entry. What has an entry is a message of the provider.
func TestEachSummaryHasAnEntry(t *testing.T) {
	code := load(t)
	said := map[string]bool{catalogue.FrameworkSummary: true}
	written := map[string]string{}
	found := code.summaries(t)
	require.Greater(t, len(found), 300)
	known := entries(t)
	for _, summary := range found {
		at := summary.written.String()
		_, ok := known[summary.text]
		require.True(t, ok, "%s: write an entry for %q", at, summary.text)
		require.NotRegexp(t, `^[…\s]*$`, summary.text, "%s: a summary has words of its own", at)
		if before, ok := written[summary.text]; ok {
			require.Equal(t, before, at, "%q is written twice: use one constant for one cause, and other words for another", summary.text)
		}
		written[summary.text] = at
		said[summary.text] = true
	}
	for _, text := range code.reviewErrors(t) {
		_, ok := known[text]
		require.True(t, ok, "write an entry for %q", text)
		said[text] = true
	}
	for _, name := range functions(t) {
		text := `Call to function "provider::terrascale::` + name + `" failed`
		_, ok := known[text]
		require.True(t, ok, "write an entry for %q", text)
		said[text] = true
	}
	for summary := range known {
		require.True(t, said[summary], "nothing says %q any more: remove its entry", summary)
	}
}

// functions names the provider's functions that can fail: redact takes anything.
func functions(t *testing.T) []string {
	t.Helper()
	offered, ok := provider.New("test")().(frameworkprovider.ProviderWithFunctions)
	require.True(t, ok)
	var names []string
	for _, make := range offered.Functions(t.Context()) {
		var response function.MetadataResponse
		make().Metadata(context.Background(), function.MetadataRequest{}, &response)
		if response.Name != "redact" {
			names = append(names, response.Name)
		}
	}
	return names
}

// reviewErrors gives what plan-review can say: its errors that wrap no other one of its own.
func (s *source) reviewErrors(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, file := range s.of[module+"/internal/review/plan"] {
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			callee := s.callee(call)
			if callee == nil || callee.Pkg() == nil {
				return true
			}
			if name := callee.Pkg().Path() + "." + callee.Name(); name != "errors.New" && name != "fmt.Errorf" {
				return true
			}
			value := s.info.Types[call.Args[0]].Value
			require.NotNil(t, value, "%s: the text of an error is constant", s.files.Position(call.Pos()))
			text := verb.ReplaceAllString(constant.StringVal(value), catalogue.Subject)
			if !strings.HasPrefix(text, catalogue.Subject) {
				found = append(found, plan.CommandName+": "+text)
			}
			return true
		})
	}
	require.Greater(t, len(found), 5)
	return slices.Compact(slices.Sorted(slices.Values(found)))
}

// endOfSentence is followed by a space: a full stop in a file's name ends none.
var endOfSentence = regexp.MustCompile(`[.?!:](\s|$)`)

// TestEntriesHelp holds each entry to say more than its summary does, and not at length.
func TestEntriesHelp(t *testing.T) {
	for summary, entry := range entries(t) {
		for _, text := range []string{entry.Means, entry.Do} {
			require.NotEmpty(t, text, summary)
			require.NotContains(t, text, summary, "it says more than the summary")
			require.Regexp(t, `\.$`, text, "%s: sentences", summary)
		}
		sentences := len(endOfSentence.FindAllString(entry.Means, -1)) + len(endOfSentence.FindAllString(entry.Do, -1))
		require.GreaterOrEqual(t, sentences, 2, summary)
		require.LessOrEqual(t, sentences, 7, "%s: say less, and link to the page that says more", summary)
	}
}
