// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestShortRun measures a little, on all the real parts.
func TestShortRun(t *testing.T) {
	root := t.TempDir()
	provider := filepath.Join(root, binaryName)
	empty := filepath.Join(root, "emptyprovider")
	for binary, folder := range map[string]string{provider: "../../..", empty: "../emptyprovider"} {
		build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, folder)
		output, err := build.CombinedOutput()
		require.NoError(t, err, string(output))
	}
	for _, folder := range []string{"docs", "templates"} {
		require.NoError(t, os.MkdirAll(filepath.Join(root, folder, "guides"), 0o700))
	}
	chosen, err := parse([]string{"-roles", "2", "-runs", "1", "-delays", "0s,5ms", "-lists=false", "-starts", "2",
		"-provider", provider, "-empty", empty, "-root", root})
	require.NoError(t, err)
	require.NoError(t, clearEnvironment())

	var out bytes.Buffer
	require.NoError(t, run(t.Context(), chosen, &out, io.Discard))
	printed := out.String()
	for _, line := range []string{
		`\| 0s \| 2 \| apply \| \d+\.\d\d s \| \d+\.\d\d s \| 2 \| \d\d \| [1-9]\d+ MiB \| [1-9]\d* KiB \|`,
		`\| 0s \| 2 \| empty plan \| \d+\.\d\d s \| \d+\.\d\d s \| 1 \| \d \| [1-9]\d+ MiB \|  \|`,
		"\\| 0s \\| 2 \\| empty plan, `-refresh=false` \\| \\d+\\.\\d\\d s \\| \\d+\\.\\d\\d s \\| 0 \\| 0 \\| [1-9]\\d+ MiB \\|  \\|",
		`\| 5ms \| 2 \| destroy \| \d+\.\d\d s \| \d+\.\d\d s \| [1-9] \| \d\d \| [1-9]\d+ MiB \|  \|`,
		"\\| 0s \\| 2 \\| apply of `terraform_data` \\| \\d+\\.\\d\\d s \\| \\d+\\.\\d\\d s \\| \\| \\| \\| [1-9]\\d* KiB \\|",
		`apply of 200 roles .* \|  \| not measured \|`,
		`PostgreSQL\s\d+\.\d+`,
		`\| handshake \| [1-9]\d*\.\d ms \| [1-9]\d*\.\d ms \| \d+\.\d\d × \|`,
		`\| configured \| [1-9]\d*\.\d ms \| [1-9]\d*\.\d ms \| \d+\.\d\d × \|`,
		`\| binary \| [1-9]\d\.\d MB \| [1-9]\d\.\d MB \| \|`,
	} {
		require.Regexp(t, line, printed)
	}
	docs, err := os.ReadFile(filepath.Join(root, "docs", "guides", "performance.md"))
	require.NoError(t, err)
	templates, err := os.ReadFile(filepath.Join(root, "templates", "guides", "performance.md"))
	require.NoError(t, err)
	require.Equal(t, string(docs), string(templates))
	require.Contains(t, string(docs), strings.TrimSpace(printed))

	// The start-up alone takes the place of the part before, and leaves the rest of the guide.
	chosen.startupOnly, chosen.starts = true, 3
	out.Reset()
	require.NoError(t, run(t.Context(), chosen, &out, io.Discard))
	again, err := os.ReadFile(filepath.Join(root, "docs", "guides", "performance.md"))
	require.NoError(t, err)
	before, _, found := strings.Cut(string(docs), startupHeading)
	require.True(t, found)
	require.Equal(t, before+out.String(), string(again))
	require.Contains(t, string(again), "are started in turn, 3 times each")
}

func TestParse(t *testing.T) {
	chosen, err := parse([]string{"-roles", "50,10", "-delays", "20ms,0s", "-write=false"})
	require.NoError(t, err)
	require.Equal(t, []int{10, 50}, chosen.roles)
	require.Equal(t, []time.Duration{0, 20 * time.Millisecond}, chosen.delays)
	require.Empty(t, chosen.write)
	for _, wrong := range [][]string{{"-roles", "x"}, {"-roles", "0"}, {"-delays", "-1s"}, {"-delays", "1"}, {"-runs", "0"}, {"-starts", "0"}} {
		_, err := parse(wrong)
		require.Error(t, err, "%v", wrong)
	}
}
