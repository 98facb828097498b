// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

//go:build makeplans

package plan_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// TestMakePlans makes the plans that the golden tests read, by the real CLI on real servers (make plans). With TF_ACC_TERRAFORM_PATH=…/tofu it
// makes those of OpenTofu.
func TestMakePlans(t *testing.T) {
	s := &services{
		database: acctest.NewDatabase(t, "app",
			"CREATE ROLE app_owner", "CREATE TABLE users (id int, name text, mail text)", "CREATE TABLE orders (id int)", "CREATE TABLE products (id int)",
			"CREATE TABLE audit (id int)", "CREATE SCHEMA reporting", "CREATE TABLE reporting.monthly (id int)", "CREATE TABLE reporting.yearly (id int)"),
		mariaDB: acctest.NewMariaDB(t, "CREATE DATABASE shop", "CREATE DATABASE crm", "CREATE TABLE crm.customers (id int)", "CREATE TABLE crm.contacts (id int)",
			"CREATE TABLE shop.orders (id int)"),
		redis: acctest.NewRedis(t, devstack.RedisOptions{}),
	}
	isOpenTofu := terraformcli.IsOpenTofu(os.Getenv("TF_ACC_TERRAFORM_PATH"))
	for _, plan := range madePlans {
		if strings.HasPrefix(plan.name, "opentofu-") == isOpenTofu {
			t.Run(plan.name, func(t *testing.T) { s.make(t, plan) })
		}
	}
}

func (s *services) environment(e *acctest.Emulator) []string {
	connection := func(host string, port int, username, password, caFile string) string {
		text, _ := json.Marshal(map[string]string{"host": host, "port": strconv.Itoa(port), "username": username, "password": password, "ca_file": caFile})
		return string(text)
	}
	return []string{
		"TERRASCALE_ENDPOINT=" + e.URL(), "TERRASCALE_ACCESS_TOKEN=" + e.Token.Reveal(), "TERRASCALE_ORGANIZATION_ID=" + emulator.DefaultOrganizationID,
		"PGHOST=" + s.database.Host, "PGPORT=" + strconv.Itoa(s.database.Port), "PGUSER=" + s.database.Admin,
		"PGPASSWORD=" + s.database.AdminPassword.Reveal(), "PGSSLROOTCERT=" + s.database.Authority.CAFile,
		"TF_VAR_mysql=" + connection(s.mariaDB.Host, s.mariaDB.Port, s.mariaDB.Admin, s.mariaDB.AdminPassword.Reveal(), s.mariaDB.Authority.CAFile),
		"TF_VAR_redis=" + connection(s.redis.Host, s.redis.Port, s.redis.Admin, s.redis.AdminPassword.Reveal(), s.redis.Authority.CAFile),
	}
}

func (s *services) make(t *testing.T, plan madePlan) {
	e := acctest.NewEmulator(t)
	s.Server = e.Server
	w := acctest.NewWorkspace(t, plan.planned)
	w.Environment = append(w.Environment, s.environment(e)...)
	require.NoError(t, os.WriteFile(filepath.Join(w.Dir, "config.terse"), []byte("adapters: {}\n"), 0o600))
	for _, configuration := range plan.applied {
		w.Configure(configuration)
		w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	}
	for _, command := range plan.before {
		w.Must(command...)
	}
	if plan.outside != nil {
		plan.outside(s)
	}
	w.Configure(plan.planned)
	arguments := append([]string{"plan", "-input=false", "-no-color", "-out=made.tfplan"}, plan.arguments...)
	result, err := w.Run(t.Context(), arguments...)
	require.NoError(t, err)
	require.Equal(t, plan.fails, result.ExitCode != 0, result.Output)
	content := w.Must("show", "-json", "made.tfplan")
	for _, private := range []string{w.Dir, os.TempDir(), "/tmp/", "/home/", e.Token.Reveal(), s.database.AdminPassword.Reveal()} {
		require.NotContains(t, content, private, "a stored plan holds nothing of the machine that it was made on")
	}
	folder := filepath.Join("testdata", plan.name)
	require.NoError(t, os.MkdirAll(folder, 0o755))
	var pretty bytes.Buffer
	require.NoError(t, json.Indent(&pretty, []byte(content), "", " "))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "plan.json"), append(bytes.TrimSpace(pretty.Bytes()), '\n'), 0o644))
	if strings.Contains(strings.Join(plan.applied, ""), "_readonly_") { // The servers are shared, unlike the emulator.
		w.Configure(databasesHCL)
		w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	}
}
