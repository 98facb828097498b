// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// A plan that would change something on a replica says that it can't; reading from one works, and a destroy is planned.
func TestAccReplicaIsToldWhilePlanning(t *testing.T) {
	m := acctest.NewMariaDB(t, "CREATE DATABASE replica")
	configuration := func(name, more string) string {
		return m.ServerHCL() + `
resource "terrascale_mysql_readonly_user" "` + name + `" {
  server = "main"
  name   = "replica_` + name + `"
  grants = { replica = {} }
` + more + "\n}\n"
	}
	w := acctest.NewWorkspace(t, configuration("reader", ""))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	m.Exec("SET GLOBAL read_only = ON")
	defer m.Exec("SET GLOBAL read_only = OFF")
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	for _, changed := range []string{configuration("reader", "  max_user_connections = 3"), configuration("new", "")} {
		w.Configure(changed)
		result, err := w.Run(t.Context(), "plan", "-input=false", "-no-color")
		require.NoError(t, err)
		require.Equal(t, 1, result.ExitCode, result.Output)
		require.Contains(t, result.Output, "MySQL server takes no changes")
		require.Contains(t, result.Output, "Name the primary")
	}
	w.Configure(configuration("reader", ""))
	require.Contains(t, w.Must("plan", "-destroy", "-input=false", "-no-color"), "the apply will fail")
}

// An apply that meets another session's lock ends when the resource's time is over; once the lock is gone, it comes through.
func TestAccApplyThatWaitsForASessionEnds(t *testing.T) {
	m := acctest.NewMariaDB(t, "CREATE DATABASE waits")
	holder := m.Open(m.Admin, m.AdminPassword, m.TLS())
	holder.SetMaxOpenConns(1)
	_, err := holder.ExecContext(t.Context(), "FLUSH TABLES WITH READ LOCK")
	require.NoError(t, err)
	w := acctest.NewWorkspace(t, m.ServerHCL()+`
resource "terrascale_mysql_readonly_user" "reader" {
  server = "main"
  name   = "waits_reader"
  grants = { waits = {} }
  timeouts { create = "3s" }
}
`)
	result, err := w.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.Equal(t, 1, result.ExitCode)
	said := acctest.Plain(result.Output)
	require.Contains(t, said, "for the server: context deadline exceeded")
	require.Contains(t, said, "raise the limit in the resource's timeouts block")
	_, err = holder.ExecContext(t.Context(), "UNLOCK TABLES")
	require.NoError(t, err)
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
}
