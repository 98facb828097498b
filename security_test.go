// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// heldBy is a test that a promise names, and its folder.
var heldBy = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`\\s+\\(`([^`]+)`\\)")

// TestEveryPromiseIsTested holds SECURITY.md to the tests: each promise names some, and all of them exist.
func TestEveryPromiseIsTested(t *testing.T) {
	content, err := os.ReadFile("SECURITY.md")
	require.NoError(t, err)
	_, promises, found := strings.Cut(string(content), "\n## What the provider promises\n")
	require.True(t, found)
	promises, _, _ = strings.Cut(promises, "\n## ")
	items := strings.Split(promises, "\n- ")[1:]
	require.Greater(t, len(items), 10)
	for _, promise := range items {
		words, tests, named := strings.Cut(promise, "\n  Tests: ")
		require.True(t, named, "no test holds: %s", words)
		named = false
		for _, match := range heldBy.FindAllStringSubmatch(tests, -1) {
			named = true
			require.True(t, declares(t, match[2], match[1]), "%s is not in %s", match[1], match[2])
		}
		require.True(t, named, "no test holds: %s", words)
		require.Empty(t, strings.Trim(heldBy.ReplaceAllString(tests, ""), ", .\n"), "something else is among the tests of: %s", words)
	}
}

// declares reports whether a folder's tests have one of a name.
func declares(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(content), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}

// TestVulncheckTellsAFindingFromNoAnswer runs the script with something that stands in for govulncheck.
func TestVulncheckTellsAFindingFromNoAnswer(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("make tools installs curl")
	}
	database := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(database, "index"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(database, "index", "modules.json"), []byte("[]"), 0o600))
	standIn := func(code string) string {
		path := filepath.Join(t.TempDir(), "govulncheck")
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho \"looked with $*\"\nexit "+code+"\n"), 0o700))
		return path
	}
	for name, test := range map[string]struct {
		database, exit, required string
		want                     int
		words                    string
	}{
		"nothing found":              {"file://" + database, "0", "", 0, "looked with -db file://" + database + " ./..."},
		"found":                      {"file://" + database, "3", "", 3, "looked with"},
		"found, and required":        {"file://" + database, "3", "required", 3, "looked with"},
		"broken":                     {"file://" + database, "1", "", 1, "looked with"},
		"unreachable":                {"http://127.0.0.1:9", "3", "", 0, "NOTHING WAS CHECKED"},
		"unreachable, and required":  {"http://127.0.0.1:9", "0", "required", 1, "NOTHING WAS CHECKED"},
		"a folder that is none":      {"file://" + database + "/none", "0", "", 1, "can't be read"},
		"a name that does not exist": {"https://vuln.invalid", "3", "", 0, "NOTHING WAS CHECKED"},
	} {
		t.Run(name, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), "internal/tools/vulncheck", standIn(test.exit), "./...")
			command.Env = append(os.Environ(), "GOVULNDB="+test.database, "VULNCHECK="+test.required)
			output, _ := command.CombinedOutput()
			require.Equal(t, test.want, command.ProcessState.ExitCode(), string(output))
			require.Contains(t, string(output), test.words)
			require.Equal(t, strings.HasPrefix(test.words, "looked"), strings.Contains(string(output), "looked with"))
		})
	}
}
