// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// subject is a login in a workspace of its own.
type subject struct {
	ReadOnlyLogin
	*Workspace
	t    *testing.T
	name string
}

var quiet = []string{"-input=false", "-no-color"}

// subject lays out a login by a name, with more arguments, on the server at a port.
func (l ReadOnlyLogin) subject(t *testing.T, name string, port int, more string) *subject {
	t.Helper()
	s := &subject{ReadOnlyLogin: l, t: t, name: "conform_" + name}
	s.Workspace = NewWorkspace(t, l.ProviderHCL(port)+fmt.Sprintf(`
variable "trigger" {
  default = "first"
}

variable "overlap" {
  default = "7d"
}

resource %q "test" {
  server = "main"
  name   = %q
  %s
  %s
}
`, l.Type, s.name, l.Arguments, more))
	return s
}

const rotating = `rotation = { every = "90d", overlap = var.overlap, trigger = var.trigger }`

func (s *subject) apply(variables ...string) string {
	s.t.Helper()
	return s.Must(append(append([]string{"apply", "-auto-approve"}, quiet...), variables...)...)
}

// planned gives the action of a plan, and what it prints.
func (s *subject) planned(variables ...string) (action, printed string) {
	s.t.Helper()
	printed = s.Must(append(append([]string{"plan", "-out=planned"}, quiet...), variables...)...)
	var plan struct {
		Changes []struct {
			Change struct{ Actions []string }
		} `json:"resource_changes"`
	}
	require.NoError(s.t, json.Unmarshal([]byte(s.Must("show", "-json", "planned")), &plan))
	require.Len(s.t, plan.Changes, 1)
	return strings.Join(plan.Changes[0].Change.Actions, "-"), printed
}

// requireEmpty asks for a plan without changes.
func (s *subject) requireEmpty(variables ...string) {
	s.t.Helper()
	s.Must(append(append([]string{"plan", "-detailed-exitcode"}, quiet...), variables...)...)
}

// login gives who logs in by the state. A resource without username logs in by its name.
func (s *subject) login() Login {
	s.t.Helper()
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Values struct{ Username, Password string }
				}
			} `json:"root_module"`
		}
	}
	require.NoError(s.t, json.Unmarshal([]byte(s.Must("show", "-json")), &state))
	require.Len(s.t, state.Values.Root.Resources, 1)
	values := state.Values.Root.Resources[0].Values
	if values.Username == "" {
		values.Username = s.name
	}
	return Login{values.Username, secret.New(values.Password)}
}

// setAt gives when the password was set, by the state's file.
func (s *subject) setAt() string {
	s.t.Helper()
	var state struct {
		Resources []struct {
			Instances []struct {
				Attributes struct {
					SetAt string `json:"password_set_at"`
				}
			}
		}
	}
	content, err := os.ReadFile(filepath.Join(s.Dir, "terraform.tfstate"))
	require.NoError(s.t, err)
	require.NoError(s.t, json.Unmarshal(content, &state))
	require.Len(s.t, state.Resources, 1)
	require.NotEmpty(s.t, state.Resources[0].Instances[0].Attributes.SetAt)
	return state.Resources[0].Instances[0].Attributes.SetAt
}

func (s *subject) destroy() {
	s.t.Helper()
	s.Must(append([]string{"destroy", "-auto-approve"}, quiet...)...)
}
