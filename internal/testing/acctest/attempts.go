// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Attempt is one way to write that a login tries, on whatever database.
type Attempt struct {
	Name string
	// Statements are what the login runs, in one session.
	Statements []string
	// Free says why it works on a clean server, too, and is not counted; empty for what a clean server refuses.
	Free string
	// Absent is set where a clean server has nothing to try it on.
	Absent bool
	// Allow is what an administrator runs so that it works, and Forbid what undoes that and what was written. Without Allow and Says it is
	// tried on the clean server only.
	Allow, Forbid []string
	// Says is what excess_privileges has to name it by, and CheckSays what the connection check has to; empty for the same.
	Says, CheckSays string
	// CheckUntold is set where the check can only say that it can't tell.
	CheckUntold bool
}

// Attempts tries to write with a login that Terraform made: on the clean server, where nothing may work and nothing be named, and then each way
// with what makes it work, where both excess_privileges and the connection check have to name it.
type Attempts struct {
	// Resource is the configuration with the resource at Address, which makes the login.
	Resource, Address string
	// Check is the body of the connection check with that login.
	Check string
	// Environment is what the check's references are filled in from.
	Environment []string
	// Try runs statements as the login, in one session, until one fails.
	Try func(statements ...string) error
	// Exec runs statements as an administrator of the server.
	Exec func(statements ...string)
	// Refused is a pattern that every refusal's words match.
	Refused string
}

// seen is what the provider says of the login.
type seen struct {
	Excess []string `json:"excess"`
	Check  struct {
		Reachable bool     `json:"reachable"`
		Error     string   `json:"error"`
		ReadOnly  *bool    `json:"read_only"`
		Writable  []string `json:"writable"`
	} `json:"check"`
}

// Run runs them.
func (a Attempts) Run(t *testing.T, attempts []Attempt) {
	w := NewWorkspace(t, a.Resource+`
data "terrascale_connection_check" "login" {
  `+a.Check+`
}
output "seen" {
  sensitive = true
  value     = { excess = `+a.Address+`.excess_privileges, check = data.terrascale_connection_check.login }
}
`)
	w.Environment = append(w.Environment, a.Environment...)
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	look := func(t *testing.T) (found seen) {
		t.Helper()
		w.t = t
		w.Must("apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color")
		require.NoError(t, json.Unmarshal([]byte(w.Must("output", "-json", "seen")), &found))
		require.True(t, found.Check.Reachable, found.Check.Error)
		return found
	}
	clean := func(t *testing.T) {
		t.Helper()
		found := look(t)
		require.Empty(t, found.Excess)
		require.Empty(t, found.Check.Writable)
		require.Empty(t, found.Check.Error)
		require.True(t, *found.Check.ReadOnly)
	}
	t.Run("clean", func(t *testing.T) {
		clean(t)
		for _, attempt := range attempts {
			if attempt.Absent {
				continue
			}
			err := a.Try(attempt.Statements...)
			if attempt.Free != "" {
				assert.NoError(t, err, attempt.Name)
			} else if assert.Error(t, err, attempt.Name) {
				assert.Regexp(t, a.Refused, err.Error(), attempt.Name)
			}
			if attempt.Says != "" && attempt.Allow == nil {
				a.Exec(attempt.Forbid...)
			}
		}
		clean(t)
	})
	for _, attempt := range attempts {
		if attempt.Says == "" {
			continue
		}
		t.Run(attempt.Name, func(t *testing.T) {
			a.Exec(attempt.Allow...)
			defer a.Exec(attempt.Forbid...)
			require.NoError(t, a.Try(attempt.Statements...), "it was made to work")
			attempt.judge(t, look(t))
		})
	}
	t.Run("clean again", clean)
	w.t = t
	w.Must("destroy", "-auto-approve", "-input=false", "-no-color")
}

func (a Attempt) judge(t *testing.T, found seen) {
	t.Helper()
	assert.Contains(t, found.Excess, a.Says)
	switch {
	case a.CheckUntold:
		require.Nil(t, found.Check.ReadOnly)
		require.NotEmpty(t, found.Check.Error)
	default:
		require.NotNil(t, found.Check.ReadOnly, found.Check.Error)
		require.False(t, *found.Check.ReadOnly, "it writes, and passes for read-only")
		if a.CheckSays == "" {
			a.CheckSays = a.Says
		}
		require.Contains(t, found.Check.Writable, a.CheckSays)
	}
}
