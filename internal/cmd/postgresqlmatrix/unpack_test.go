// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// pack writes an archive of files, by their paths.
func pack(t *testing.T, files map[string]string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "package.tgz")
	file, err := os.Create(name)
	require.NoError(t, err)
	compressed := gzip.NewWriter(file)
	archive := tar.NewWriter(compressed)
	for path, content := range files {
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: path, Size: int64(len(content)), Mode: 0o600}))
		_, err := archive.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, compressed.Close())
	require.NoError(t, file.Close())
	return name
}

func TestUnpack(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, unpack(pack(t, map[string]string{
		"package/native/bin/postgres":      "server",
		"package/native/lib/libpq.so.5.18": "library",
		"package/" + linksFile: `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"},
			{"source":"native/lib/libpq.so.5.18","target":"native/lib/more/libpq.so"}]`,
	}), dir))

	info, err := os.Stat(filepath.Join(dir, "native", "bin", "postgres"))
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&0o100, "the server can be run")
	for _, name := range []string{"libpq.so.5", filepath.Join("more", "libpq.so")} {
		content, err := os.ReadFile(filepath.Join(dir, "native", "lib", name))
		require.NoError(t, err)
		require.Equal(t, "library", string(content))
	}
}

func TestUnpackStaysInItsFolder(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a file":               {"package/../outside": "", "package/" + linksFile: "[]"},
		"a file of its own":    {"outside": "", "package/" + linksFile: "[]"},
		"a link":               {"package/" + linksFile: `[{"source":"native/a","target":"../outside"}]`},
		"a file beyond a link": {"package/" + linksFile: `[{"source":"..","target":"up"},{"source":"a","target":"up/outside"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "in")
			require.NoError(t, os.Mkdir(dir, 0o700))
			require.Error(t, unpack(pack(t, files), dir))
			require.NoFileExists(t, filepath.Join(parent, "outside"))
		})
	}
}

func TestChoose(t *testing.T) {
	all, err := choose("")
	require.NoError(t, err)
	require.Equal(t, releases, all)
	some, err := choose("16, 12")
	require.NoError(t, err)
	require.Equal(t, []string{"16", "12"}, []string{some[0].major, some[1].major})
	_, err = choose("9")
	require.ErrorContains(t, err, "no PostgreSQL 9")
}
