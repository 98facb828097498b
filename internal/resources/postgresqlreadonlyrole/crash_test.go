// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// mostSteps is more messages than any apply here sends: beyond it, the test has gone astray.
const mostSteps = 200

// waitForServer waits until the server has done what a client that was killed had asked for.
func waitForServer(t *testing.T, database *acctest.Database) {
	t.Helper()
	const noneLeft = `SELECT 1 / (count(*) = 0)::int FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'terraform-provider-terrascale'`
	require.Eventually(t, func() bool {
		return database.TryAs(database.Admin, database.AdminPassword, noneLeft) == nil
	}, 30*time.Second, 10*time.Millisecond)
}

// The server has made the role, and Terraform never learns of it.
func TestAccRoleOfAKilledRunIsDroppedByTheNext(t *testing.T) {
	database := newDatabase(t, "unsaved")
	proxy := acctest.NewCutProxy(t, net.JoinHostPort("localhost", strconv.Itoa(database.Port)))
	through := *database.PostgreSQL
	through.Port = proxy.Port()
	provided := (&acctest.Database{PostgreSQL: &through, Name: database.Name}).ServerHCL()
	k := acctest.NewWorkspace(t, provided+role(`
  name     = "unsaved_reader"
  grants   = { "unsaved.public" = {} }
  rotation = { every = "90d", overlap = "7d" }
`)+fmt.Sprintf(`
output "now" {
  value     = { username = %[1]s.username, password = %[1]s.password }
  sensitive = true
}`, address))

	// killed counts the runs up to one that comes to its end in which a kill left the role.
	killed := func() (left int) {
		for step := range mostSteps {
			if !k.ApplyAndKill(proxy.CutAnswerAt(step)) {
				proxy.CutAt(-1)
				return left
			}
			waitForServer(t, database)
			if database.RoleExists("unsaved_reader") {
				left++
			}
		}
		t.Fatal("the apply never came to its end")
		return 0
	}
	left := killed()
	for range 4 {
		if left > 0 {
			break
		}
		// Two messages of the client may have come as one in some runs, so that none was killed after the last.
		k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
		left = killed()
	}
	require.Positive(t, left, "a killed run left a role")
	var made struct{ Username, Password string }
	require.NoError(t, json.Unmarshal([]byte(k.Must("output", "-json", "now")), &made))
	require.NoError(t, database.TryAs(made.Username, secret.New(made.Password), "SELECT * FROM public.users"))
	k.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")

	// A role of somebody else is none of this provider's business, killed or not.
	database.Exec("CREATE ROLE unsaved_other LOGIN")
	other := acctest.NewWorkspace(t, provided+role(`
  name   = "unsaved_other"
  grants = { "unsaved.public" = {} }`))
	result, err := other.Run(t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	require.NoError(t, err)
	require.NotZero(t, result.ExitCode)
	require.Contains(t, result.Output, "terraform import")
	k.Must("destroy", "-auto-approve", "-input=false", "-no-color")
}
