// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package password is the ephemeral resource terrascale_password.
package password

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// TypeName is the ephemeral resource's full type name.
const TypeName = "terrascale_password"

// shortest is what the guides ask for, and some.
const shortest, longest = 16, 512

var _ ephemeral.EphemeralResourceWithConfigure = (*Password)(nil)

// Password is the ephemeral resource.
type Password struct{ data *providerdata.Data }

// New makes the ephemeral resource.
func New() ephemeral.EphemeralResource { return &Password{} }

type model struct {
	Length types.Int64  `tfsdk:"length"`
	Result types.String `tfsdk:"result"`
}

// Metadata names the ephemeral resource.
func (p *Password) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = TypeName
}

// Configure takes the provider's data.
func (p *Password) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	p.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Schema describes the ephemeral resource.
func (p *Password) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Makes a fresh password in each run of Terraform, which is in no plan and no state. It is letters and digits, " +
			"safe in every connection string.",
		Attributes: map[string]schema.Attribute{
			"length": schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("How many characters. Default `%d`.", secret.DefaultLength), Optional: true,
				Validators: []validator.Int64{int64validator.Between(shortest, longest)},
			},
			"result": schema.StringAttribute{MarkdownDescription: "The password.", Computed: true, Sensitive: true},
		},
	}
}

// Open draws the password.
func (p *Password) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var data model
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() {
		return
	}
	length := secret.DefaultLength
	if !data.Length.IsNull() {
		length = int(data.Length.ValueInt64())
	}
	password := secret.Generate(length)
	if p.data != nil {
		p.data.Offers.Draw(password)
	}
	data.Result = types.StringValue(password.Reveal())
	resp.Diagnostics.Append(resp.Result.Set(ctx, data)...)
}
