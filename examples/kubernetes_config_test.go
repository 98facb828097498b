// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

// TestTheConfigurationForKubernetesIsWhole applies the part of the example that needs no cluster, and reads what comes of it
// by Hyperterse's rules.
func TestTheConfigurationForKubernetesIsWhole(t *testing.T) {
	const example = "kubernetes-config"
	w := workspace(t, example)
	require.NoError(t, os.Remove(filepath.Join(w.Dir, "main.tf")))
	require.NoError(t, os.WriteFile(filepath.Join(w.Dir, "terraform.tf"), []byte(header), 0o600))
	mustRun(t, &w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
	mustRun(t, &w, 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")
	text := mustRun(t, &w, 0, "output", "-raw", "configuration")

	var configuration struct {
		Name     string
		Adapters map[string]map[string]any
		Queries  map[string]struct{ Use, Statement, Description string }
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &configuration))
	require.Equal(t, "gateway", configuration.Name)
	require.Len(t, configuration.Adapters, 2)
	for name, query := range configuration.Queries {
		require.Contains(t, configuration.Adapters, query.Use, "query %s uses an adapter that is there", name)
	}
	path := filepath.Join(t.TempDir(), "config.terse")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	require.NoError(t, hyperterse.ConfigFile(path).Check())
	whole, err := os.ReadFile(filepath.Join(example, "main.tf"))
	require.NoError(t, err)
	for name := range configuration.Adapters {
		require.NoError(t, hyperterse.CheckName(name))
		adapter, err := hyperterse.ConfigFile(path).Read(name)
		require.NoError(t, err)
		require.NoError(t, hyperterse.CheckConnector(adapter.Connector))
		_, err = hyperterse.Inspect(adapter.Connector, adapter.ConnectionString, adapter.Options)
		require.NoError(t, err)
		require.Empty(t, hyperterse.CheckOptions(adapter.Connector, adapter.Options))
		for _, variable := range hyperterse.References(adapter.ConnectionString) {
			require.Regexp(t, `(?m)^    `+variable+` +=`, string(whole), "the Secret has the variable")
		}
	}
}
