// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlcredential_test

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// probe is another provider, which logs in with what it is configured with while the run goes on.
type probe struct {
	database *acctest.Database
	results  []probed

	username types.String
	password types.String
}

// probed is what a login could do: read, write, and write after it turned its read-only default off.
type probed struct{ read, write, forced error }

func (p *probe) server() func() (tfprotov6.ProviderServer, error) {
	return providerserver.NewProtocol6WithError(p)
}

func (p *probe) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "probe"
}

func (p *probe) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"username": schema.StringAttribute{Required: true},
		"password": schema.StringAttribute{Required: true, Sensitive: true},
	}}
}

func (p *probe) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config struct {
		Username types.String `tfsdk:"username"`
		Password types.String `tfsdk:"password"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	p.username, p.password = config.Username, config.Password
}

func (p *probe) Resources(context.Context) []func() resource.Resource { return nil }

func (p *probe) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return probeData{p} }}
}

type probeData struct{ probe *probe }

func (d probeData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "probe"
}

func (d probeData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = dataschema.Schema{Attributes: map[string]dataschema.Attribute{"done": dataschema.BoolAttribute{Computed: true}}}
}

func (d probeData) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	try := func(statements ...string) error {
		return d.probe.database.TryAs(d.probe.username.ValueString(), secret.New(d.probe.password.ValueString()), statements...)
	}
	const write = "INSERT INTO public.users VALUES (2)"
	d.probe.results = append(d.probe.results, probed{
		read: try("SELECT * FROM public.users"), write: try(write), forced: try("SET default_transaction_read_only = off", write),
	})
	resp.Diagnostics.Append(resp.State.Set(ctx, &struct {
		Done types.Bool `tfsdk:"done"`
	}{types.BoolValue(true)})...)
}
