// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	framework "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Sink is a provider that stands in for a secret manager's: its one resource, sink_secret, takes a write-only value_wo
// with its value_wo_version under a name, and what it was handed is found here and in no state.
type Sink struct {
	mu     sync.Mutex
	writes map[string][]SinkWrite
}

// SinkWrite is one value that a sink_secret was handed.
type SinkWrite struct {
	Version int64
	Value   secret.String
}

// NewSink makes a sink that has received nothing.
func NewSink() *Sink { return &Sink{writes: map[string][]SinkWrite{}} }

// Providers gives the sink's factories, to be added to a test's own.
func (s *Sink) Providers() Factories {
	return Factories{sinkProviderName: providerserver.NewProtocol6WithError(&sinkProvider{sink: s})}
}

// Received lists what the sink_secret of a name was handed, oldest first, also once it is destroyed.
func (s *Sink) Received(name string) []SinkWrite {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.writes[name])
}

// receive notes a create or an update. The configuration is the only place that has the value: what the state gets is the rest.
func (s *Sink) receive(ctx context.Context, config tfsdk.Config, state *tfsdk.State) diag.Diagnostics {
	var handed sinkSecretModel
	diagnostics := config.Get(ctx, &handed)
	if diagnostics.HasError() {
		return diagnostics
	}
	name := handed.Name.ValueString()
	write := SinkWrite{Version: handed.ValueWOVersion.ValueInt64(), Value: secret.New(handed.ValueWO.ValueString())}
	s.mu.Lock()
	s.writes[name] = append(s.writes[name], write)
	s.mu.Unlock()
	handed.ValueWO = types.StringNull()
	diagnostics.Append(state.Set(ctx, &handed)...)
	return diagnostics
}

const sinkProviderName = "sink"

type sinkProvider struct{ sink *Sink }

func (p *sinkProvider) Metadata(_ context.Context, _ framework.MetadataRequest, resp *framework.MetadataResponse) {
	resp.TypeName = sinkProviderName
}

func (p *sinkProvider) Schema(context.Context, framework.SchemaRequest, *framework.SchemaResponse) {}

func (p *sinkProvider) Configure(context.Context, framework.ConfigureRequest, *framework.ConfigureResponse) {
}

func (p *sinkProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *sinkProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &sinkSecret{sink: p.sink} }}
}

type sinkSecret struct{ sink *Sink }

type sinkSecretModel struct {
	Name           types.String `tfsdk:"name"`
	ValueWO        types.String `tfsdk:"value_wo"`
	ValueWOVersion types.Int64  `tfsdk:"value_wo_version"`
}

func (r *sinkSecret) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = sinkProviderName + "_secret"
}

func (r *sinkSecret) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"value_wo":         schema.StringAttribute{Required: true, Sensitive: true, WriteOnly: true},
		"value_wo_version": schema.Int64Attribute{Required: true},
	}}
}

func (r *sinkSecret) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics = r.sink.receive(ctx, req.Config, &resp.State)
}

func (r *sinkSecret) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *sinkSecret) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics = r.sink.receive(ctx, req.Config, &resp.State)
}

func (r *sinkSecret) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
