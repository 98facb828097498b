// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/filetree"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// projectWorkspace is the example of Hyperterse 2, and what it is told.
func projectWorkspace(t *testing.T) terraformcli.Workspace {
	t.Helper()
	w := workspace(t, "hyperterse-2")
	w.Environment = append(w.Environment, fmt.Sprintf(
		`TF_VAR_database={"host": %q, "port": %s, "ca_file": %q}`, playground.Environment["PGHOST"], playground.Environment["PGPORT"], playground.Environment["PGSSLROOTCERT"]))
	_, readers := newReader(t)
	w.Environment = append(w.Environment, readers...)
	return w
}

// usernameOf gives whom a .env file has the gateway log in as.
func usernameOf(t *testing.T, dotenv string) string {
	t.Helper()
	variables, err := godotenv.Read(dotenv)
	require.NoError(t, err)
	address, err := url.Parse(variables["DATABASE_URL"])
	require.NoError(t, err)
	return address.User.Username()
}

func TestTheGatewayAsAProjectOfHyperterse2(t *testing.T) {
	w := projectWorkspace(t)
	project := filepath.Join(w.Dir, "gateway")
	before := filetree.Read(t, project)
	require.Contains(t, before, ".hyperterse")
	printed := mustRun(t, &w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
	require.NotContains(t, printed, "Check block assertion failed", "the gateway's login reaches the database, and reads only")
	require.NotContains(t, printed, "Warning: Adapter")
	require.Equal(t, "gateway/app/adapters/app_db.terse", mustRun(t, &w, 0, "output", "-raw", "adapter_file"))
	made := filetree.Read(t, project)
	require.Equal(t, "connector: postgres\nconnection_string: '{{ env.DATABASE_URL }}'\noptions:\n  connect_timeout: '10'\n", made["app/adapters/app_db.terse"])
	require.Equal(t, "project_gateway_a", usernameOf(t, filepath.Join(project, ".env")))
	require.Len(t, made, len(before)+2)
	mustRun(t, &w, 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")

	rotated := w
	rotated.Environment = append(w.Environment, "TF_VAR_rotate=now")
	require.NotContains(t, mustRun(t, &rotated, 0, "apply", "-input=false", "-auto-approve", "-no-color"), "Check block assertion failed")
	require.Equal(t, "project_gateway_b", usernameOf(t, filepath.Join(project, ".env")))
	require.Equal(t, made["app/adapters/app_db.terse"], filetree.Read(t, project)["app/adapters/app_db.terse"], "a rotation changes .env only")
	require.Contains(t, mustRun(t, &rotated, 0, "destroy", "-input=false", "-auto-approve", "-no-color"), "list-users/config.terse")
	require.Equal(t, before, filetree.Read(t, project))
}
