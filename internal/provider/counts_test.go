// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
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
	steps := [][]string{{"apply", "-auto-approve"}, {"plan", "-detailed-exitcode"}, {"destroy", "-auto-approve"}}
	for kind, resources := range many {
		t.Run(kind, func(t *testing.T) {
			before := map[string]counted{}
			for i, number := range numbers {
				e := acctest.NewEmulator(t)
				require.NoError(t, e.SetAllowlist(emulator.DefaultOrganizationID, true, "127.0.0.1/32"))
				w := acctest.NewWorkspace(t, e.ProviderHCL()+"variable \"many\" { type = number }\n"+resources)
				if kind == "terrascale_adapter, project" {
					require.NoError(t, os.WriteFile(filepath.Join(w.Dir, ".hyperterse"), nil, 0o600))
					require.NoError(t, os.MkdirAll(filepath.Join(w.Dir, "app", "adapters"), 0o700))
				}
				var row []counted
				for _, step := range steps {
					seen := count(t, e, w, func() {
						w.Must(append(step, "-input=false", "-no-color", fmt.Sprintf("-var=many=%d", number))...)
					})
					row = append(row, seen)
					require.LessOrEqual(t, seen.connections, 30, "as many as Terraform has calls at a time, for the plan and for the change, and some that were dialed for nothing")
					if i > 0 {
						factor := numbers[1] / numbers[0]
						atMost := factor*before[step[0]].requests + 2
						if kind == "terrascale_database" && step[0] == "destroy" {
							atMost += number / 4 * (number / databasesInAPage) // Four at least, of the ten that Terraform deletes at a time.
						}
						require.LessOrEqual(t, seen.requests, atMost, "requests grow with the resources, and no faster")
						require.LessOrEqual(t, seen.files, factor*before[step[0]].files, "so do files that are written")
					}
					before[step[0]] = seen
				}
				t.Logf("| `%s` | %d | %s |", kind, number, inColumns(row))
			}
		})
	}
}

// counted is what a run of the CLI took. Files are those of .terse that were written or removed.
type counted struct {
	requests, connections, files int
	wall, busy                   time.Duration
}

// count counts what the CLI does meanwhile.
func count(t *testing.T, e *acctest.Emulator, w *acctest.Workspace, run func()) counted {
	t.Helper()
	e.ResetRequests()
	files := countFiles(t, w.Dir)
	connections, began, busy := e.Connections(), time.Now(), childrenTime(t)
	run()
	return counted{
		requests: len(e.Requests()), connections: e.Connections() - connections, files: files(),
		wall: time.Since(began), busy: childrenTime(t) - busy,
	}
}

// countFiles begins to count the adapters' files in a folder, and in app/adapters, that are put in place or removed; the function ends that.
func countFiles(t *testing.T, folder string) func() int {
	t.Helper()
	watcher, err := fsnotify.NewBufferedWatcher(100_000)
	require.NoError(t, err)
	require.NoError(t, watcher.Add(folder))
	if adapters := filepath.Join(folder, "app", "adapters"); isFolder(adapters) {
		require.NoError(t, watcher.Add(adapters))
	}
	number := 0
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for event := range watcher.Events {
			// A file that is put in place was written under another name before.
			if filepath.Ext(event.Name) == ".terse" && (event.Has(fsnotify.Create) || event.Has(fsnotify.Remove)) {
				number++
			}
		}
	}()
	return func() int {
		require.NoError(t, watcher.Close())
		<-ended
		return number
	}
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// inColumns gives what apply, plan and destroy took, each kind in a column.
func inColumns(row []counted) string {
	columns := make([][]string, 5)
	for _, c := range row {
		columns[0] = append(columns[0], strconv.Itoa(c.requests))
		columns[1] = append(columns[1], strconv.Itoa(c.connections))
		columns[2] = append(columns[2], strconv.Itoa(c.files))
		columns[3] = append(columns[3], fmt.Sprintf("%.1f", c.wall.Seconds()))
		columns[4] = append(columns[4], fmt.Sprintf("%.1f", c.busy.Seconds()))
	}
	texts := make([]string, len(columns))
	for i, column := range columns {
		texts[i] = strings.Join(column, " / ")
	}
	return strings.Join(texts, " | ")
}

// childrenTime is the processor time of the CLI and its providers so far.
func childrenTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
