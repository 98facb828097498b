// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlcredential

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

const (
	defaultServer = "default"
	defaultTTL    = time.Hour
	// shortestTTL leaves time to renew.
	shortestTTL = time.Minute
)

type model struct {
	Server           types.String         `tfsdk:"server"`
	Role             types.String         `tfsdk:"role"`
	TTL              customtypes.Duration `tfsdk:"ttl"`
	Username         types.String         `tfsdk:"username"`
	Password         types.String         `tfsdk:"password"`
	ExpiresAt        customtypes.Time     `tfsdk:"expires_at"`
	PolicyExceptions types.Map            `tfsdk:"policy_exceptions"`
}

// server gives the server's name.
func (m model) server() string {
	if m.Server.IsNull() {
		return defaultServer
	}
	return m.Server.ValueString()
}

// ttl gives how long the login works without being renewed.
func (m model) ttl() time.Duration {
	if m.TTL.IsNull() {
		return defaultTTL
	}
	return customtypes.ParseDurationValue(m.TTL)
}

// Schema describes the ephemeral resource.
func (c *Credential) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A login of its own for one run of Terraform, in a read-only role: made when the run first needs it, dropped " +
			"when the run ends, also when it fails, and in no plan and no state.\n\n" +
			"The login is named `tftmp_`, the role's name and something random. It is a member of the role and has nothing of its " +
			"own; its transactions are read-only by default; it holds at most 5 connections; the server gets its password as a " +
			"SCRAM-SHA-256 verifier only. `VALID UNTIL` ends it at the server after `ttl`, and a run that takes longer has it " +
			"extended. A run that was killed leaves a login that no longer works after `ttl` (sessions that are open then stay open); " +
			"the next run drops it. Only logins with that name, the provider's comment on them, and an expiry that has passed are " +
			"ever dropped that way.\n\n" +
			"Each `plan` and each `apply` that needs the login makes one. A role that is a superuser, has another such attribute, or owns " +
			"objects is refused; other privileges beyond reading are the finding `excess-privilege`.\n\n" +
			"The provider's user needs `CREATEROLE` and, since PostgreSQL 16, `ADMIN OPTION` on the role (whoever created it has that). " +
			"The role has to exist already when the login is made, in a plan too: a role that the same configuration creates needs an " +
			"apply of its own first. While the server's settings are not known yet, Terraform makes the login at the apply; OpenTofu " +
			"(seen with 1.12) takes no unknown value from an ephemeral resource, and its plan fails.",
		Attributes: map[string]schema.Attribute{
			policyschema.Name: schema.MapAttribute{
				MarkdownDescription: policyschema.Describe(policy.ExcessPrivilege),
				Optional:            true, ElementType: types.StringType, Validators: policyschema.Validators(policy.ExcessPrivilege),
			},
			"server": schema.StringAttribute{
				MarkdownDescription: "The name of a server in the provider's `postgresql` map. Default `default`.", Optional: true,
			},
			"role": schema.StringAttribute{
				MarkdownDescription: "The role that the login is to be in: one of `terrascale_postgresql_readonly_role`, or any other that " +
					"can only read.",
				Required: true, Validators: []validator.String{stringvalidator.LengthBetween(1, 63)},
			},
			"ttl": schema.StringAttribute{
				MarkdownDescription: "How long the login works when nobody extends or drops it, such as `15m` or `2h`. Default `1h`, at least `1m`.",
				CustomType:          customtypes.DurationType{}, Optional: true,
				Validators: []validator.String{customtypes.DurationAtLeast(shortestTTL)},
			},
			"username": schema.StringAttribute{MarkdownDescription: "Whom to log in as.", Computed: true},
			"password": schema.StringAttribute{MarkdownDescription: "The password: letters and digits.", Computed: true, Sensitive: true},
			"expires_at": schema.StringAttribute{
				MarkdownDescription: "When the login stops working, unless a long run has it extended (RFC 3339).",
				CustomType:          customtypes.TimeType{}, Computed: true,
			},
		},
	}
}
