// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/plan"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// command runs the command in this process.
func command(input string, arguments ...string) (code int, output, messages string) {
	var out, err bytes.Buffer
	code = plan.Command(arguments, strings.NewReader(input), &out, &err)
	return code, out.String(), err.String()
}

func TestCommand(t *testing.T) {
	open := planJSON(t, changeOf("api_key", "a", "create", nil, object{"name": "k", "scopes": []any{"*"}}))
	for name, test := range map[string]struct {
		input     string
		arguments []string
		code      int
		output    string
		message   string
	}{
		"Markdown":                {open, nil, 0, "### Gains access\n\n- API key `k` is made", ""},
		"JSON":                    {open, []string{"-format", "json"}, 0, `"version": 1`, ""},
		"a rule that holds":       {open, []string{"-fail-on", "extra-owner"}, 0, "### Gains access", ""},
		"a rule that is broken":   {open, []string{"-fail-on", "extra-owner,unbounded-key"}, 2, "- **unbounded-key**: API key `k` (`terrascale_api_key.a`)", ""},
		"two rules":               {open, []string{"-fail-on=wildcard-scope, unbounded-key", "-format=json"}, 2, `"rule": "wildcard-scope"`, ""},
		"a rule that is not":      {open, []string{"-fail-on", "nothing"}, 1, "", "unknown rule \"nothing\": the rules are excess-privilege, "},
		"a format that is not":    {open, []string{"-format", "html"}, 1, "", "markdown or json"},
		"a flag that is not":      {open, []string{"-x"}, 1, "", "terraform show -json tfplan"},
		"a file instead of stdin": {open, []string{"plan.json"}, 1, "", "standard input"},
		"help":                    {"", []string{"-help"}, 0, "", "-fail-on"},
		"nothing to read":         {"", nil, 1, "", "it is empty"},
		"a broken plan":           {open[:20], nil, 1, "", "ends too early"},
	} {
		code, output, messages := command(test.input, test.arguments...)
		require.Equal(t, test.code, code, name)
		require.Contains(t, output, test.output, name)
		require.Contains(t, messages, test.message, name)
		require.Equal(t, test.output == "", output == "", name)
		require.Equal(t, test.message == "", messages == "", name)
	}
}

// failing fails every write.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestAReviewThatCanNotBeWrittenIsAFailure(t *testing.T) {
	var messages bytes.Buffer
	require.Equal(t, 1, plan.Command(nil, strings.NewReader(planJSON(t)), failing{}, &messages))
	require.Contains(t, messages.String(), "write the review: the disk is full")
}

func TestTheEnvironmentVariableMeansProduction(t *testing.T) {
	input := planJSON(t, changeOf("api_key", "a", "create", nil, object{"name": "k", "expires_in": "30d", "scopes": []any{"database:*"}}))
	code, _, _ := command(input, "-fail-on", "wildcard-scope")
	require.Equal(t, 0, code)
	t.Setenv("TERRASCALE_ENVIRONMENT", "prod")
	code, _, _ = command(input, "-fail-on", "wildcard-scope")
	require.Equal(t, 2, code)
}

// The provider's own binary, on plans that the CLI makes now: a plan of a new key, and a plan that changes it.
func TestTheBinaryReviewsThePlanOfTheCLI(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "terraform-provider-terrascale")
	built, err := exec.Command("go", "build", "-o", binary, "github.com/terrascale/terraform-provider-terrascale").CombinedOutput()
	require.NoError(t, err, string(built))
	e := acctest.NewEmulator(t)
	configuration := func(scope string) string {
		return e.ProviderHCL() + keyHCL("backend", "scopes = [\""+scope+"\"]\n"+weekOverlap)
	}
	w := acctest.NewWorkspace(t, configuration("database:read"))
	review := func(wantCode int, arguments ...string) string {
		w.Must("plan", "-input=false", "-no-color", "-out=made.tfplan")
		run := exec.Command(binary, append([]string{plan.CommandName}, arguments...)...)
		run.Stdin = strings.NewReader(w.Must("show", "-json", "made.tfplan"))
		var messages bytes.Buffer
		run.Stderr = &messages
		output, err := run.Output()
		var exit *exec.ExitError
		if err != nil {
			require.ErrorAs(t, err, &exit)
		}
		require.Equal(t, wantCode, run.ProcessState.ExitCode(), messages.String())
		require.Empty(t, messages.String())
		return string(output)
	}
	require.Contains(t, review(0), "API key `prod-backend` is made with the scope `database:read`; it works until it is rotated, every `90d`")
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Configure(configuration("*"))
	printed := review(2, "-fail-on", "wildcard-scope")
	require.Contains(t, printed, "- **wildcard-scope**: API key `prod-backend`")
	require.Contains(t, printed, "API key `prod-backend` is rotated, because `scopes` changes; the old key works for `7d` after the apply")
	var asJSON plan.Review
	require.NoError(t, json.Unmarshal([]byte(review(2, "-fail-on", "wildcard-scope", "-format", "json")), &asJSON))
	require.Equal(t, 1, asJSON.Version)

	// The binary plan itself, and no input.
	file, err := os.Open(filepath.Join(w.Dir, "made.tfplan"))
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	run := exec.Command(binary, plan.CommandName)
	run.Stdin = file
	printedToo, err := run.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 1, run.ProcessState.ExitCode())
	require.Contains(t, string(printedToo), "it is the plan file itself; run: terraform plan")
}
