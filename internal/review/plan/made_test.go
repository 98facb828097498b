// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan_test

import (
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// madePlan is a plan for testdata: what is applied first, what happens outside, and what is planned then.
type madePlan struct {
	name string
	// applied are configurations, one after the other.
	applied []string
	outside func(*services)
	planned string
	// arguments are further ones of plan.
	arguments []string
	// before are commands after the applies.
	before [][]string
	// fails says that planning ends with an error.
	fails bool
}

// services are what the plans are made on. Each plan has its own emulator and workspace.
type services struct {
	*emulator.Server
	database *acctest.Database
	mariaDB  *acctest.MariaDB
	redis    *acctest.Redis
}

// databasesHCL has what differs from one machine to the next in ephemeral variables, which no plan holds.
const databasesHCL = `
variable "mysql" {
  ephemeral = true
  type      = map(string)
}
variable "redis" {
  ephemeral = true
  type      = map(string)
}
provider "terrascale" {
  mysql = { main = { host = var.mysql.host, port = var.mysql.port, username = var.mysql.username, password = var.mysql.password, ca_file = var.mysql.ca_file } }
  redis = { main = { host = var.redis.host, port = var.redis.port, username = var.redis.username, password = var.redis.password, ca_file = var.redis.ca_file } }
}
`
