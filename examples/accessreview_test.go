// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// The workflow's own commands run, with a gh that keeps what it is given.
func TestTheMonthlyReviewOpensAnIssue(t *testing.T) {
	folder := t.TempDir()
	w := terraformcli.Workspace{CLI: cli, Dir: filepath.Join(folder, "checkout")}
	require.NoError(t, os.CopyFS(w.Dir, os.DirFS("access-review")))
	require.NoError(t, w.Mirror(filepath.Join(folder, "cli.tfrc"), binaries, filepath.Join(folder, "mirror"), "0.0.1"))
	for name, value := range playground.Environment {
		w.Environment = append(w.Environment, name+"="+value)
	}
	tools := filepath.Join(folder, "tools")
	require.NoError(t, os.Mkdir(tools, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(tools, "gh"), []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" > issue.txt\ncp review.md issue.md\n"), 0o700))
	require.NoError(t, os.Symlink(cli, filepath.Join(tools, "terraform")))

	workflow, err := os.ReadFile("access-review/review.yml")
	require.NoError(t, err)
	steps := regexp.MustCompile(`(?m)^      - run: (.+)$`).FindAllStringSubmatch(string(workflow), -1)
	require.Len(t, steps, 4)
	var printed strings.Builder
	for _, step := range steps {
		command := exec.CommandContext(t.Context(), "sh", "-euc", step[1])
		command.Dir = w.Dir
		command.Env = append(append(os.Environ(), w.Environment...), "PATH="+tools+":"+os.Getenv("PATH"))
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s:\n%s", step[1], output)
		printed.Write(output)
	}
	issue, err := os.ReadFile(filepath.Join(w.Dir, "issue.md"))
	require.NoError(t, err)
	require.Regexp(t, `^\*\*Access review:\*\* \d+ high · `, string(issue))
	require.Contains(t, string(issue), "| `mfa-missing` | `member owner@example.com` |")
	require.Contains(t, string(issue), "| `logged-statements` | `PostgreSQL server default` |")
	require.Contains(t, string(issue), "| no: it can go |")
	require.Contains(t, printed.String(), "Check block assertion failed", "the checks warn")
	title, err := os.ReadFile(filepath.Join(w.Dir, "issue.txt"))
	require.NoError(t, err)
	require.Regexp(t, `(?s)^issue\ncreate\n--title\nAccess review \d{4}-\d{2}\n--body-file\nreview.md\n$`, string(title))
	hidden := secrets{"the admin's password": playground.Environment["PGPASSWORD"], "the service's token": playground.Environment["TERRASCALE_ACCESS_TOKEN"]}
	hidden.expectNone(t, "the issue", string(issue))
	hidden.expectNone(t, "what the CLI printed", printed.String())
}
