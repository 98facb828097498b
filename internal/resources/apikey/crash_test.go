// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/terraformcli"
)

// crash runs the real provider under the real CLI, so that it can be killed.
type crash struct {
	t         *testing.T
	service   *acctest.Emulator
	workspace *acctest.Workspace
}

func newCrash(t *testing.T) crash {
	t.Helper()
	return crash{t: t, service: acctest.NewEmulator(t), workspace: acctest.NewWorkspace(t, "")}
}

// configure writes the configuration.
func (c crash) configure(trigger, overlap string) {
	c.t.Helper()
	c.workspace.Configure(c.service.ProviderHCL("max_retries = 0", `request_timeout = "60s"`) +
		key(fmt.Sprintf("name = \"prod-backend\"\nscopes = [\"database:read\"]\nrotation = { every = \"90d\", trigger = %q, overlap = %q }",
			trigger, overlap)))
}

func (c crash) apply(ctx context.Context) terraformcli.Result {
	c.t.Helper()
	result, err := c.workspace.Run(ctx, "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(c.t, err)
	return result
}

// killDuring applies, and kills the provider when a call is under way.
func (c crash) killDuring(fault emulator.Fault) {
	c.t.Helper()
	c.service.ResetRequests()
	fault.Delay = time.Minute
	remove := c.service.Inject(fault)
	defer remove()
	reached := make(chan struct{})
	go func() {
		defer close(reached)
		for !c.isUnderWay(fault) && c.t.Context().Err() == nil {
			<-time.After(time.Millisecond) // The emulator has no way to call back.
		}
	}()
	require.True(c.t, c.workspace.ApplyAndKill(reached), "the call was made")
}

// isUnderWay reports whether the call that a fault holds back has come in.
func (c crash) isUnderWay(fault emulator.Fault) bool {
	count := 0
	for _, request := range c.service.Requests() {
		if request.Operation == fault.Operation {
			count++
		}
	}
	return count == fault.Skip+1
}

// known gives the secret and the ids of the keys in the state.
func (c crash) known() (secret string, ids []string) {
	c.t.Helper()
	content, err := os.ReadFile(filepath.Join(c.workspace.Dir, "terraform.tfstate"))
	require.NoError(c.t, err)
	var state struct {
		Resources []struct {
			Instances []struct {
				Attributes struct {
					KeyID    string `json:"key_id"`
					Secret   string
					Previous *struct {
						KeyID string `json:"key_id"`
					}
				}
			}
		}
	}
	require.NoError(c.t, json.Unmarshal(content, &state))
	require.Len(c.t, state.Resources, 1)
	attributes := state.Resources[0].Instances[0].Attributes
	ids = append(ids, attributes.KeyID)
	if attributes.Previous != nil {
		ids = append(ids, attributes.Previous.KeyID)
	}
	return attributes.Secret, ids
}

// TestKeyOfAProviderThatIsKilled kills the provider at each call of a creation and of a rotation. The next apply always leaves
// a key that works in the state, and no replaced one alive. Where the service had made a key that Terraform never heard of,
// that one is left, and is named by each refresh: no client could tell it from somebody else's.
func TestKeyOfAProviderThatIsKilled(t *testing.T) {
	const list, create, revoke = "listApiKeys", "createApiKey", "revokeApiKey"
	for name, test := range map[string]struct {
		rotation  bool
		overlap   string
		fault     emulator.Fault
		wantKnown int
		leftovers int
	}{
		"create: before the list":             {false, "7d", emulator.Fault{Operation: list}, 1, 0},
		"create: before the key is made":      {false, "7d", emulator.Fault{Operation: create, DropBefore: true}, 1, 0},
		"create: after the key is made":       {false, "7d", emulator.Fault{Operation: list, Skip: 1}, 1, 1},
		"rotation: before the list":           {true, "7d", emulator.Fault{Operation: list, Skip: 1}, 2, 0},
		"rotation: before the key is made":    {true, "7d", emulator.Fault{Operation: create, DropBefore: true}, 2, 0},
		"rotation: after the key is made":     {true, "7d", emulator.Fault{Operation: list, Skip: 2}, 2, 1},
		"no overlap: before the key is made":  {true, "0s", emulator.Fault{Operation: create, DropBefore: true}, 1, 0},
		"no overlap: before the old one ends": {true, "0s", emulator.Fault{Operation: revoke, DropBefore: true}, 1, 1},
		"no overlap: after the old one ended": {true, "0s", emulator.Fault{Operation: list, Skip: 2}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCrash(t)
			c.configure("a", test.overlap)
			if test.rotation {
				require.Zero(t, c.apply(t.Context()).ExitCode)
				c.configure("b", test.overlap)
			}
			c.killDuring(test.fault)

			result := c.apply(t.Context())
			require.Zero(t, result.ExitCode, result.Output)
			secret, known := c.known()
			live := c.service.LiveKeys(time.Now())
			require.Len(t, known, test.wantKnown)
			require.Subset(t, live, known, "what the state knows works")
			require.Len(t, live, test.wantKnown+test.leftovers)

			plan, err := c.workspace.Run(t.Context(), "plan", "-detailed-exitcode", "-input=false", "-no-color")
			require.NoError(t, err)
			require.Zero(t, plan.ExitCode, plan.Output)
			require.Equal(t, test.leftovers, strings.Count(plan.Output, "An API key may be left over"))
			require.NoError(t, c.service.CheckKey(secretOf(secret), http.StatusOK, http.StatusForbidden))
			for _, id := range live {
				require.Equal(t, !slices.Contains(known, id), strings.Contains(plan.Output, id+" (created"), id)
			}
		})
	}
}
