// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
)

// model is the provider block.
type model struct {
	Endpoint       types.String         `tfsdk:"endpoint"`
	AccessToken    types.String         `tfsdk:"access_token"`
	Email          customtypes.Email    `tfsdk:"email"`
	Password       types.String         `tfsdk:"password"`
	TOTPSecret     types.String         `tfsdk:"totp_secret"`
	OrganizationID types.String         `tfsdk:"organization_id"`
	CAFile         types.String         `tfsdk:"ca_file"`
	MaxRetries     types.Int64          `tfsdk:"max_retries"`
	RequestTimeout customtypes.Duration `tfsdk:"request_timeout"`
	AgeRecipients  types.Set            `tfsdk:"age_recipients"`
	Environment    types.String         `tfsdk:"environment"`
	LeastPrivilege types.String         `tfsdk:"least_privilege"`
	PostgreSQL     types.Map            `tfsdk:"postgresql"`
	MySQL          types.Map            `tfsdk:"mysql"`
	Redis          types.Map            `tfsdk:"redis"`
}

// postgresqlServer is one server of the postgresql map.
type postgresqlServer struct {
	Host             types.String         `tfsdk:"host"`
	Port             types.Int64          `tfsdk:"port"`
	Database         types.String         `tfsdk:"database"`
	Username         types.String         `tfsdk:"username"`
	Password         types.String         `tfsdk:"password"`
	SSLMode          types.String         `tfsdk:"sslmode"`
	SSLRootCert      types.String         `tfsdk:"sslrootcert"`
	SSLCert          types.String         `tfsdk:"sslcert"`
	SSLKey           types.String         `tfsdk:"sslkey"`
	ConnectTimeout   customtypes.Duration `tfsdk:"connect_timeout"`
	LockTimeout      customtypes.Duration `tfsdk:"lock_timeout"`
	MaxConnections   types.Int64          `tfsdk:"max_connections"`
	SSH              *sshBastion          `tfsdk:"ssh"`
	PolicyExceptions types.Map            `tfsdk:"policy_exceptions"`
}

// sshBastion is the bastion of a server.
type sshBastion struct {
	Host       types.String `tfsdk:"host"`
	Port       types.Int64  `tfsdk:"port"`
	User       types.String `tfsdk:"user"`
	PrivateKey types.String `tfsdk:"private_key"`
	HostKey    types.String `tfsdk:"host_key"`
}

// mysqlServer is one server of the mysql map.
type mysqlServer struct {
	Host             types.String `tfsdk:"host"`
	Port             types.Int64  `tfsdk:"port"`
	Username         types.String `tfsdk:"username"`
	Password         types.String `tfsdk:"password"`
	TLS              types.String `tfsdk:"tls"`
	CAFile           types.String `tfsdk:"ca_file"`
	PolicyExceptions types.Map    `tfsdk:"policy_exceptions"`
}

// redisServer is one server of the redis map.
type redisServer struct {
	Host             types.String `tfsdk:"host"`
	Port             types.Int64  `tfsdk:"port"`
	Username         types.String `tfsdk:"username"`
	Password         types.String `tfsdk:"password"`
	TLS              types.Bool   `tfsdk:"tls"`
	CAFile           types.String `tfsdk:"ca_file"`
	PolicyExceptions types.Map    `tfsdk:"policy_exceptions"`
}
