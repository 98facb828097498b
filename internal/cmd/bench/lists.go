// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// lengths are the sizes of a map of grants or entries that are measured.
var lengths = []int{10, 250, 1000}

// measureLists measures one resource with a map of each length: what one more of its elements costs.
func (b *bench) measureLists(ctx context.Context, stack *devstack.Stack, measured results) error {
	for _, length := range b.lengths {
		if err := b.measureEntries(ctx, stack, measured, length); err != nil {
			return err
		}
		if err := b.measureGrants(ctx, measured, length); err != nil {
			return err
		}
	}
	return nil
}

// measureEntries makes an IP allowlist on an emulator of its own.
func (b *bench) measureEntries(ctx context.Context, stack *devstack.Stack, measured results, length int) (err error) {
	_, _ = fmt.Fprintf(b.progress, "%d allowlist entries\n", length)
	service, err := stack.Emulator(emulator.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	token, err := service.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID)
	if err != nil {
		return err
	}
	return b.measureSteps(ctx, measured, entriesConfiguration(service.URL(), token.Reveal(), length), []step{
		{of: key{length, 0, stepEntriesApply}, arguments: []string{"apply", "-auto-approve"}, leavesState: true},
		{of: key{length, 0, stepEntriesPlan}, arguments: []string{"plan", "-detailed-exitcode"}},
	})
}

// measureGrants makes a role that reads many schemas.
func (b *bench) measureGrants(ctx context.Context, measured results, length int) error {
	_, _ = fmt.Fprintf(b.progress, "%d grants of one role\n", length)
	return b.measureSteps(ctx, measured, grantsConfiguration(b.server, length), []step{
		{of: key{length, 0, stepGrantsApply}, arguments: []string{"apply", "-auto-approve"}, leavesState: true},
		{of: key{length, 0, stepGrantsPlan}, arguments: []string{"plan", "-detailed-exitcode"}},
		{of: key{length, 0, stepGrantsDestroy}, arguments: []string{"destroy", "-auto-approve"}},
	})
}

func entriesConfiguration(endpoint, token string, length int) string {
	return fmt.Sprintf(`terraform {
  required_providers {
    terrascale = { source = %q }
  }
}

provider "terrascale" {
  endpoint        = %q
  access_token    = %q
  organization_id = %q
}

resource "terrascale_ip_allowlist" "this" {
  entries = merge({ "127.0.0.1/32" = {} }, { for i in range(%d) : cidrsubnet("10.0.0.0/8", 16, i) => { description = "network ${i}" } })
}
`, terraformcli.Source, endpoint, token, emulator.DefaultOrganizationID, length-1)
}

func grantsConfiguration(server *devstack.PostgreSQL, length int) string {
	return postgresqlProvider(server, server.Port) + fmt.Sprintf(`
resource "terrascale_postgresql_readonly_role" "wide" {
  name   = "wide"
  grants = { for i in range(%d) : "%s.s${i}" => { tables = ["t"] } }
}
`, length, wideDatabase)
}

// wideStatements make as many schemas as the longest map of grants names.
func wideStatements() []string {
	statements := make([]string, 0, 2*lengths[len(lengths)-1])
	for i := range lengths[len(lengths)-1] {
		statements = append(statements, fmt.Sprintf("CREATE SCHEMA s%d", i), fmt.Sprintf("CREATE TABLE s%d.t (id int)", i))
	}
	return statements
}
