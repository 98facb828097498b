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
		MarkdownDescription: "Makes a login in a read-only role for one run of Terraform, which is in no plan and no state, and drops it " +
			"when the run ends.",
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
