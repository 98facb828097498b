// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
)

const module = "github.com/terrascale/terraform-provider-terrascale"

// A line of the table: a module, why it is there, and whether it is in the binary.
var dependencyLine = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\| (yes|no) \\|$")

// TestEachDependencyIsExplained holds the table of CONTRIBUTING.md to go.mod.
func TestEachDependencyIsExplained(t *testing.T) {
	content, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	parsed, err := modfile.Parse("go.mod", content, nil)
	require.NoError(t, err)
	var direct, explained []string
	for _, requirement := range parsed.Require {
		if !requirement.Indirect {
			direct = append(direct, requirement.Mod.Path)
		}
	}
	for _, line := range dependencyTable(t) {
		explained = append(explained, line[1])
	}
	require.Equal(t, direct, explained, "a line for each direct requirement, in the order of go.mod")
}

// TestTestsWeighNothingInTheBinary looks at what is linked into the provider, on the systems that it is released for.
func TestTestsWeighNothingInTheBinary(t *testing.T) {
	linked := map[string]bool{}
	for _, system := range []string{"linux", "darwin", "windows", "freebsd"} {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{.ImportPath}}\t{{with .Module}}{{.Path}}{{end}}", ".")
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		output, err := list.Output()
		require.NoError(t, err)
		for line := range strings.Lines(string(output)) {
			name, of, _ := strings.Cut(strings.TrimSpace(line), "\t")
			linked[of] = true
			for _, folder := range []string{"/internal/testing", "/internal/cmd", "/internal/tools"} {
				require.False(t, strings.HasPrefix(name, module+folder), "%s: %s is for tests and commands", system, name)
			}
		}
	}
	require.True(t, linked[module], "the provider itself was looked at")
	for _, line := range dependencyTable(t) {
		require.Equal(t, line[3] == "yes", linked[line[1]], "%s is in the binary", line[1])
	}
}

func dependencyTable(t *testing.T) [][]string {
	t.Helper()
	content, err := os.ReadFile("CONTRIBUTING.md")
	require.NoError(t, err)
	lines := dependencyLine.FindAllStringSubmatch(string(content), -1)
	require.NotEmpty(t, lines)
	require.True(t, slices.IsSortedFunc(lines, func(a, b []string) int { return strings.Compare(a[1], b[1]) }), "the table is sorted")
	return lines
}
