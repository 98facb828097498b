// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

func TestOtherUsersOfAVariable(t *testing.T) {
	gateway, elsewhere := t.TempDir(), t.TempDir()
	write := func(folder, name, text string) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	const uses = "adapters:\n  a: {connector: redis, connection_string: '{{ env.V }}'}\n"
	own := write(elsewhere, "own.terse", uses)
	want := []string{
		write(gateway, "beside.terse", uses),
		write(gateway, "app/adapters/below.TERSE", "connector: redis\nconnection_string: '{{ env.V }}'\n"),
		write(gateway, "unreadable.terse", "adapter a {\n  connection_string \"{{ env.V }}\"\n}\n"),
		write(elsewhere, "sibling.terse", uses),
	}
	for name, text := range map[string]string{
		"another.terse":                "adapters:\n  a: {connector: redis, connection_string: '{{ env.W }}'}\n",
		"comment.terse":                "# {{ env.V }}\nadapters: {}\n",
		"notes.txt":                    uses,
		"node_modules/x/module.terse":  uses,
		".terraform/modules/old.terse": uses,
		"a/b/c/d/e/f/far.terse":        uses,
	} {
		write(gateway, name, text)
	}
	require.NoError(t, os.Mkdir(filepath.Join(gateway, "folder.terse"), 0o700))

	got, err := hyperterse.OtherUsers(filepath.Join(gateway, ".env"), "V", hyperterse.ConfigFile(own), "a")
	require.NoError(t, err)
	require.ElementsMatch(t, want, got)
	got, err = hyperterse.OtherUsers(filepath.Join(gateway, "gone", ".env"), "V", hyperterse.ConfigFile(filepath.Join(gateway, "gone", "own.terse")), "a")
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestOtherUsersOfAProjectsVariable(t *testing.T) {
	p := project(t, map[string]string{
		".hyperterse": "", "app/adapters/own.terse": "connector: redis\nconnection_string: '{{ env.V }}'\n",
		"app/adapters/deep/other.terse": "connector: redis\nconnection_string: '{{ env.V }}'\n",
	})
	got, err := hyperterse.OtherUsers(p.DotenvFile(), "V", p, "own")
	require.NoError(t, err)
	require.Equal(t, []string{in(p, "app/adapters/deep/other.terse")}, got)
	require.NoError(t, p.Delete(t.Context(), "other"))
	got, err = hyperterse.OtherUsers(p.DotenvFile(), "V", p, "own")
	require.NoError(t, err)
	require.Empty(t, got)
	require.NoError(t, p.Delete(t.Context(), "own"))
	got, err = hyperterse.OtherUsers(p.DotenvFile(), "V", p, "own")
	require.NoError(t, err)
	require.Empty(t, got)
}
