// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/joho/godotenv"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// gatewaySeen is the example's output.
type gatewaySeen struct {
	Reachable bool
	Error     *string
	Username  string
	TLS       *struct {
		Version  string
		Verified bool
	}
	ReadOnly *bool `json:"read_only"`
	Writable []string
	Server   string
}

// asAdmin runs statements on the playground's database.
func asAdmin(t *testing.T, statements ...string) {
	t.Helper()
	connection := connect(t, "app")
	defer func() { _ = connection.Close(t.Context()) }()
	for _, statement := range statements {
		_, err := connection.Exec(t.Context(), statement)
		require.NoError(t, err, statement)
	}
}

func TestTheGatewaysConnectionIsCheckedAfterEachChange(t *testing.T) {
	w := workspace(t, "gateway")
	before, err := os.ReadFile(filepath.Join(w.Dir, "config.terse"))
	require.NoError(t, err)
	trace := filepath.Join(t.TempDir(), "trace.log")
	w.Environment = append(w.Environment, "TF_LOG=TRACE", "TF_LOG_PATH="+trace, fmt.Sprintf(
		`TF_VAR_database={"host": %q, "port": %s, "ca_file": %q}`, playground.Environment["PGHOST"], playground.Environment["PGPORT"], playground.Environment["PGSSLROOTCERT"]))
	identity, readers := newReader(t)
	w.Environment = append(w.Environment, readers...)
	passwords := secrets{"the age identity": identity}
	printed := ""
	apply := func(w terraformcli.Workspace, name string) gatewaySeen {
		t.Helper()
		printed += mustRun(t, &w, 0, "apply", "-input=false", "-auto-approve", "-no-color")
		variables, err := godotenv.Read(filepath.Join(w.Dir, ".env"))
		require.NoError(t, err)
		address, err := url.Parse(variables["DATABASE_URL"])
		require.NoError(t, err)
		passwords[name], _ = address.User.Password()
		var seen gatewaySeen
		require.NoError(t, json.Unmarshal([]byte(mustRun(t, &w, 0, "output", "-json", "gateway")), &seen))
		return seen
	}

	first := apply(w, "the first password")
	require.True(t, first.Reachable, "the check came after the adapter, in the same apply: %+v", first)
	require.Equal(t, "checked_gateway_a", first.Username, "the role, and not whom the provider logs in as")
	require.True(t, first.TLS.Verified)
	require.Equal(t, "TLS 1.3", first.TLS.Version)
	require.True(t, *first.ReadOnly)
	require.Empty(t, first.Writable)
	require.NotContains(t, printed, "Check block assertion failed")
	printed += mustRun(t, &w, 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")

	asAdmin(t, "GRANT INSERT ON public.orders TO PUBLIC")
	plan := mustRun(t, &w, 0, "plan", "-input=false", "-no-color")
	require.Contains(t, plan, "Check block assertion failed")
	require.Contains(t, strings.Join(strings.Fields(strings.ReplaceAll(plan, "│", "")), " "), "can do more than read: INSERT on public.orders via PUBLIC")
	require.False(t, *apply(w, "the first password").ReadOnly, "and nothing fails")
	asAdmin(t, "REVOKE INSERT ON public.orders FROM PUBLIC")

	rotated := w
	rotated.Environment = append(w.Environment, "TF_VAR_rotate=now")
	second := apply(rotated, "the second password")
	require.True(t, second.Reachable)
	require.True(t, *second.ReadOnly)
	require.Equal(t, "checked_gateway_b", second.Username)
	printed += mustRun(t, &rotated, 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")

	// A login that somebody locked out is a warning that says so.
	asAdmin(t, "ALTER ROLE checked_gateway_b VALID UNTIL '2020-01-01'")
	plan = mustRun(t, &rotated, 0, "plan", "-input=false", "-no-color")
	require.Regexp(t, `can't\s+(│\s+)?reach`, plan)
	printed += plan

	printed += mustRun(t, &rotated, 0, "destroy", "-input=false", "-auto-approve", "-no-color")
	after, err := os.ReadFile(filepath.Join(w.Dir, "config.terse"))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	require.Len(t, passwords, 3)
	require.NotEqual(t, passwords["the first password"], passwords["the second password"])
	log, err := os.ReadFile(trace)
	require.NoError(t, err)
	passwords.expectNone(t, "the TRACE log", string(log))
	passwords.expectNone(t, "what the CLI printed", printed)
	state, err := os.ReadFile(filepath.Join(w.Dir, "terraform.tfstate.backup"))
	require.NoError(t, err)
	passwords.expectNone(t, "the state", string(state))
}
