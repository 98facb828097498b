// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql_test

import (
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// TestNothingIsCompiledForTheCatalogue has the server compile all but the least that it is asked, and log its plans: those of the provider's
// queries say nothing of it, and another query's do.
func TestNothingIsCompiledForTheCatalogue(t *testing.T) {
	server, database := newServer(t, "compiled")
	quoted := pgx.Identifier{database}.Sanitize()
	admin(t, "postgres", "ALTER DATABASE "+quoted+" SET jit = on", "ALTER DATABASE "+quoted+" SET jit_above_cost = 1")
	logsPlans := canLogPlans(t)
	if logsPlans {
		admin(t, "postgres", "ALTER DATABASE "+quoted+" SET session_preload_libraries = 'auto_explain'",
			"ALTER DATABASE "+quoted+" SET auto_explain.log_min_duration = 0")
	}
	before := len(serverLog(t))
	role := postgresql.Role{
		Name: "compiled", Grants: []postgresql.Grant{{Database: database, Schema: "public"}},
		Attributes: postgresql.Attributes{ConnectionLimit: postgresql.NoConnectionLimit},
	}
	create(t, server, role, secret.New("of-it"))
	require.NoError(t, server.DropRole(t.Context(), role.Name, true))
	const other = "SELECT count(*) AS compiled_count FROM pg_class"
	admin(t, database, other)
	log := serverLog(t)[before:]
	require.Greater(t, strings.Count(log, "set_config('jit', 'off', true)"), 3)
	plans := strings.Split(log, "Query Text: ")[1:]
	if !logsPlans {
		require.Empty(t, plans)
		return
	}
	require.Greater(t, len(plans), 6)
	for _, plan := range plans {
		require.Equal(t, strings.HasPrefix(plan, other), strings.Contains(plan, "JIT:"), plan)
	}
}

// canLogPlans reports whether the server compiles queries, and can say so: some builds have neither.
func canLogPlans(t *testing.T) (can bool) {
	t.Helper()
	as(t, cluster.AdminURL("postgres"), func(c *pgx.Conn) {
		_, err := c.Exec(t.Context(), "LOAD 'auto_explain'")
		if err != nil {
			return
		}
		require.NoError(t, c.QueryRow(t.Context(), "SELECT pg_jit_available()").Scan(&can))
	})
	return can
}

func serverLog(t *testing.T) string {
	t.Helper()
	log, err := os.ReadFile(cluster.LogFile)
	require.NoError(t, err)
	return string(log)
}
