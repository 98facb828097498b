// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// many are kinds of resources, each as var.many resources.
var many = map[string]string{
	"terrascale_api_key": `resource "terrascale_api_key" "this" {
  count  = var.many
  name   = "key-${count.index}"
  scopes = ["database:read"]
}`,
	"terrascale_team_member": `resource "terrascale_team_member" "this" {
  count = var.many
  email = "member-${count.index}@example.com"
  role  = "readonly"
}`,
	"terrascale_database": `resource "terrascale_database" "this" {
  count               = var.many
  name                = "database-${count.index}"
  region              = "us-east-1"
  deletion_protection = false
}`,
	"terrascale_repository": `resource "terrascale_database" "this" {
  name                = "database"
  region              = "us-east-1"
  deletion_protection = false
}
resource "terrascale_repository" "this" {
  count               = var.many
  database_id         = terrascale_database.this.id
  name                = "repository-${count.index}"
  entity_name         = "Entity${count.index}"
  schema              = { email = { type = "string" } }
  deletion_protection = false
}`,
	"terrascale_ip_allowlist_entry": `resource "terrascale_ip_allowlist_entry" "this" {
  count = var.many
  cidr  = cidrsubnet("10.0.0.0/8", 16, count.index)
}`,
	"terrascale_adapter, config_file": adapters(`config_file = "${path.root}/config.terse"`),
	"terrascale_adapter, project":     adapters(`project = path.root`),
}

func adapters(place string) string {
	return fmt.Sprintf(`resource "terrascale_adapter" "this" {
  count             = var.many
  %s
  name              = "adapter_${count.index}"
  connector         = "postgres"
  connection_string = "postgresql://reader:{{ env.PASSWORD }}@db.example.com:5432/app?sslmode=verify-full"
}`, place)
}

// TestCountedRequestsOfManyResources holds what many resources of a kind cost: requests grow no faster than the resources. With
// TEST_MANY=1000 it does so for that many, and says what they take. That databases are gone is looked up in the list, once for those that go
// at the same time: its pages grow, too.
func TestCountedRequestsOfManyResources(t *testing.T) {
	const few, databasesInAPage = 40, 100
	numbers := []int{few, 2 * few}
	if text := os.Getenv("TEST_MANY"); text != "" {
		number, err := strconv.Atoi(text)
		require.NoError(t, err)
		numbers = []int{number / 10, number}
	}
	for kind, resources := range many {
		t.Run(kind, func(t *testing.T) {
			before := map[string]int{}
			for i, number := range numbers {
				e := acctest.NewEmulator(t)
				require.NoError(t, e.SetAllowlist(emulator.DefaultOrganizationID, true, "127.0.0.1/32"))
				w := acctest.NewWorkspace(t, e.ProviderHCL()+"variable \"many\" { type = number }\n"+resources)
				if kind == "terrascale_adapter, project" {
					require.NoError(t, os.WriteFile(filepath.Join(w.Dir, ".hyperterse"), nil, 0o600))
				}
				for _, step := range [][]string{{"apply", "-auto-approve"}, {"plan", "-detailed-exitcode"}, {"destroy", "-auto-approve"}} {
					e.ResetRequests()
					began, busy := time.Now(), childrenTime(t)
					w.Must(append(step, "-input=false", "-no-color", fmt.Sprintf("-var=many=%d", number))...)
					requests := len(e.Requests())
					t.Logf("| %s | %d | %s | %d | %.1f s | %.1f s |", kind, number, step[0], requests, time.Since(began).Seconds(), (childrenTime(t) - busy).Seconds())
					if i > 0 {
						factor := numbers[1] / numbers[0]
						atMost := factor*before[step[0]] + 2
						if kind == "terrascale_database" && step[0] == "destroy" {
							atMost += number / 4 * (number / databasesInAPage) // Four at least, of the ten that Terraform deletes at a time.
						}
						require.LessOrEqual(t, requests, atMost, "requests grow with the resources, and no faster")
					}
					before[step[0]] = requests
				}
			}
		})
	}
}

// childrenTime is the processor time of the CLI and its providers so far.
func childrenTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
