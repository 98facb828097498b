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

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// crash runs the real provider under the real CLI, so that it can be killed.
type crash struct {
	t         *testing.T
	service   *acctest.Emulator
	workspace *acctest.Workspace
	// endpoint is where the provider finds the service.
	endpoint string
}

func newCrash(t *testing.T) crash {
	t.Helper()
	service := acctest.NewEmulator(t)
	return crash{t: t, service: service, workspace: acctest.NewWorkspace(t, ""), endpoint: service.URL()}
}

// provider gives the provider block.
func (c crash) provider() string {
	return strings.ReplaceAll(c.service.ProviderHCL("max_retries = 0", `request_timeout = "60s"`), c.service.URL(), c.endpoint)
}

// configure writes the configuration.
func (c crash) configure(trigger, overlap string) {
	c.t.Helper()
	c.workspace.Configure(c.provider() +
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

// records lists what the journals of runs remember.
func (c crash) records() []string {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.workspace.Dir, ".terraform", "terrascale", "*", "*.jsonl"))
	require.NoError(c.t, err)
	return files
}

// requireNoRecords has a run look, which finds in the state all that is remembered.
func (c crash) requireNoRecords() {
	c.t.Helper()
	c.workspace.Must("plan", "-input=false", "-no-color")
	require.Empty(c.t, c.records())
}

// forget has the next run come to a fresh checkout, as on another machine.
func (c crash) forget() {
	c.t.Helper()
	require.NotEmpty(c.t, c.records())
	require.NoError(c.t, os.RemoveAll(filepath.Join(c.workspace.Dir, ".terraform")))
}

// TestKeyOfAProviderThatIsKilled kills the provider at each call of a creation and of a rotation. The next apply always leaves
// a key that works in the state, and no other alive: one that the service had made, and Terraform never heard of, is revoked.
// In a fresh checkout that one is left, and is named by each refresh: there, nothing tells it from somebody else's.
func TestKeyOfAProviderThatIsKilled(t *testing.T) {
	const list, create, revoke = "listApiKeys", "createApiKey", "revokeApiKey"
	for name, test := range map[string]struct {
		rotation bool
		overlap  string
		// The call that is under way: before it is carried out, or with its answer still to come, by its method.
		fault      emulator.Fault
		unanswered string
		wantKnown  int
		// made is set where the service has made a key by then; fresh has the next run know nothing of this one.
		made, fresh bool
	}{
		"create: before the list":             {false, "7d", emulator.Fault{Operation: list}, "", 1, false, false},
		"create: before the key is made":      {false, "7d", emulator.Fault{Operation: create, DropBefore: true}, "", 1, false, false},
		"create: before the answer":           {false, "7d", emulator.Fault{}, http.MethodPost, 1, true, false},
		"create: after the key is made":       {false, "7d", emulator.Fault{Operation: list, Skip: 1}, "", 1, true, false},
		"create, then a fresh checkout":       {false, "7d", emulator.Fault{Operation: list, Skip: 1}, "", 1, true, true},
		"rotation: before the list":           {true, "7d", emulator.Fault{Operation: list, Skip: 1}, "", 2, false, false},
		"rotation: before the key is made":    {true, "7d", emulator.Fault{Operation: create, DropBefore: true}, "", 2, false, false},
		"rotation: after the key is made":     {true, "7d", emulator.Fault{}, http.MethodPost, 2, true, false},
		"rotation, then a fresh checkout":     {true, "7d", emulator.Fault{}, http.MethodPost, 2, true, true},
		"no overlap: before the key is made":  {true, "0s", emulator.Fault{Operation: create, DropBefore: true}, "", 1, false, false},
		"no overlap: before the old one ends": {true, "0s", emulator.Fault{Operation: revoke, DropBefore: true}, "", 1, true, false},
		"no overlap: after the old one ended": {true, "0s", emulator.Fault{}, http.MethodDelete, 1, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCrash(t)
			armed := c.holdAnswers(test.unanswered)
			c.configure("a", test.overlap)
			if test.rotation {
				require.Zero(t, c.apply(t.Context()).ExitCode)
				c.configure("b", test.overlap)
			}
			if test.unanswered != "" {
				c.killUnanswered(armed)
			} else {
				c.killDuring(test.fault)
			}
			leftovers := 0
			if test.fresh {
				c.forget()
				leftovers = 1
			}

			result := c.apply(t.Context())
			require.Zero(t, result.ExitCode, result.Output)
			require.Equal(t, test.made && !test.fresh, strings.Contains(result.Output, "The API key of an unfinished run was revoked"))
			c.requireNoRecords()
			secret, known := c.known()
			live := c.service.LiveKeys(time.Now())
			require.Len(t, known, test.wantKnown)
			require.Subset(t, live, known, "what the state knows works")
			require.Len(t, live, test.wantKnown+leftovers)

			plan, err := c.workspace.Run(t.Context(), "plan", "-detailed-exitcode", "-input=false", "-no-color")
			require.NoError(t, err)
			require.Zero(t, plan.ExitCode, plan.Output)
			require.Equal(t, leftovers, strings.Count(plan.Output, "Other API keys have the name of this one"))
			require.NoError(t, c.service.CheckKey(secretOf(secret), http.StatusOK, http.StatusForbidden))
			for _, id := range live {
				require.Equal(t, !slices.Contains(known, id), strings.Contains(plan.Output, id+" (created"), id)
			}
		})
	}
}
