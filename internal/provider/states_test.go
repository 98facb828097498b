// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
)

var updateStates = flag.Bool("update-states", false, "write testdata/states anew, for a version of a schema that no file has yet")

// storedState gives the file of a state as a version of the provider wrote it. Once a release has written such states, the file stays as it is.
func storedState(typeName, word string, version int64) string {
	return filepath.Join("testdata", "states", fmt.Sprintf("%s-%s-v%d.json", strings.TrimPrefix(typeName, "terrascale_"), word, version))
}

// Every version of every schema has a stored state, which is read, planned without a change, and destroyed.
func TestStatesOfEveryVersionAreApplied(t *testing.T) {
	w := unknownWorld(t, "storedstates")
	for typeName, configs := range w.whole(t) {
		current := w.Schemas.ResourceSchemas[typeName].Version
		for word, config := range configs {
			for version := range current + 1 {
				t.Run(fmt.Sprintf("%s %s version %d", typeName, word, version), func(t *testing.T) {
					p := w.configured(t)
					made := p.Create(t, typeName, config)
					live := p.JSON(t, made.State)
					file := storedState(typeName, word, version)
					if *updateStates && version == current {
						w.writeState(t, p, file, typeName, live)
					}
					content, err := os.ReadFile(file)
					require.NoError(t, err, "each version of a schema has a stored state: run this with -update-states")
					var stored map[string]any
					require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(content), "FOLDER", w.folder)), &stored))
					// What the service made up differs from run to run.
					for _, attribute := range p.Schemas.ResourceSchemas[typeName].Block.Attributes {
						_, isStored := stored[attribute.Name]
						if isStored && (attribute.Computed && !attribute.Optional || attribute.Name == "database_id") {
							stored[attribute.Name] = live[attribute.Name]
						}
					}
					raw, err := json.Marshal(stored)
					require.NoError(t, err)
					upgraded, err := p.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
						TypeName: typeName, Version: version, RawState: &tfprotov6.RawState{JSON: raw},
					})
					require.NoError(t, err)
					require.Empty(t, protocol.Errors(upgraded.Diagnostics))
					state, err := upgraded.UpgradedState.Unmarshal(p.Type(typeName))
					require.NoError(t, err)

					p = w.configured(t)
					read, errors := p.Read(t, protocol.Instance{TypeName: typeName, State: state, Private: made.Private})
					require.Empty(t, errors)
					plan := p.Plan(t, read, protocol.Value(p.Type(typeName), config))
					require.Empty(t, plan.Errors)
					require.Empty(t, protocol.Inconsistent(read.State, plan.Planned), "nothing is left to do")
					require.Empty(t, w.configured(t).Destroy(t, read))
					_ = os.Remove(filepath.Join(w.folder, ".env"))
				})
			}
		}
	}
}

// writeState stores a state without what is secret, and without the machine's own folder.
func (w *world) writeState(t *testing.T, p *protocol.Provider, file, typeName string, live map[string]any) {
	t.Helper()
	kept := map[string]any{}
	for _, attribute := range p.Schemas.ResourceSchemas[typeName].Block.Attributes {
		kept[attribute.Name] = live[attribute.Name]
		if attribute.Sensitive {
			kept[attribute.Name] = nil
		}
	}
	content, err := json.MarshalIndent(kept, "", "  ")
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, append([]byte(strings.ReplaceAll(string(content), w.folder, "FOLDER")), '\n'), 0o644))
}
