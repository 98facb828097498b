// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package hyperterse_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// TestTheOwnerStays has a file that is another user's where the test may make one.
func TestTheOwnerStays(t *testing.T) {
	owner := func(path string) [2]uint32 {
		info, err := os.Stat(path)
		require.NoError(t, err)
		status, ok := info.Sys().(*syscall.Stat_t)
		require.True(t, ok)
		return [2]uint32{status.Uid, status.Gid}
	}
	path := write(t, "name: a\n")
	dotenv := filepath.Join(filepath.Dir(path), ".env")
	require.NoError(t, os.WriteFile(dotenv, []byte("A=1\n"), 0o600))
	want := owner(path)
	if os.Getuid() == 0 {
		want = [2]uint32{65534, 65534}
		require.NoError(t, os.Chown(path, 65534, 65534))
		require.NoError(t, os.Chown(dotenv, 65534, 65534))
	}
	variable := hyperterse.Variable{File: dotenv, Name: "DATABASE_URL", Value: secret.New("x")}
	require.NoError(t, hyperterse.ConfigFile(path).Create(t.Context(), users, &variable))
	require.Equal(t, want, owner(path))
	require.Equal(t, want, owner(dotenv))
	require.NoError(t, hyperterse.ConfigFile(path).Delete(t.Context(), users.Name))
	require.Equal(t, want, owner(path))
}
