// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package provider is the only package that knows every resource: the provider's schema, how its configuration and the
// environment become clients, and the lists of what it offers.
package provider

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terrascale/terraform-provider-terrascale/internal/functions"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/accessreview"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/adapter"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/adapterconfig"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/apikey"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/connectioncheck"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/database"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/ipallowlist"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/ipallowlistentry"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/mysqlreadonlyuser"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/organization"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/password"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/plans"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/postgresqlcredential"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/postgresqlreadonlyrole"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/redisreadonlyuser"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/repository"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/teammember"
	"github.com/terrascale/terraform-provider-terrascale/internal/resources/terminatesessions"
)

// Name is the provider's type name, the prefix of everything that it offers.
const Name = "terrascale"

var (
	_ provider.Provider                       = (*Provider)(nil)
	_ provider.ProviderWithFunctions          = (*Provider)(nil)
	_ provider.ProviderWithEphemeralResources = (*Provider)(nil)
	_ provider.ProviderWithActions            = (*Provider)(nil)
	_ provider.ProviderWithListResources      = (*Provider)(nil)
)

// Provider is the TerraScale provider.
type Provider struct {
	version string
	clock   func() time.Time
	open    *providerdata.Open
	journal *journal.Journal

	mu      sync.Mutex
	current *providerdata.Data
}

// Option changes how a provider is made.
type Option func(*Provider)

// WithClock makes the provider tell the time by a clock of the caller's.
func WithClock(clock func() time.Time) Option { return func(p *Provider) { p.clock = clock } }

// WithOpen makes the provider keep what ephemeral resources have open where the caller can end it.
func WithOpen(open *providerdata.Open) Option { return func(p *Provider) { p.open = open } }

// WithJournal makes the provider remember what it is about to make, so that a later run can tell what a killed one left.
func WithJournal(journal *journal.Journal) Option { return func(p *Provider) { p.journal = journal } }

// New makes the provider's constructor.
func New(version string, options ...Option) func() provider.Provider {
	return func() provider.Provider {
		p := &Provider{version: version, clock: time.Now, open: &providerdata.Open{}}
		for _, option := range options {
			option(p)
		}
		return p
	}
}

// Metadata names the provider.
func (p *Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = Name
	resp.Version = p.version
}

// Schema describes the provider block.
func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Configure turns the configuration and the environment into clients. It connects to nothing.
func (p *Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data, diagnostics := p.newData(ctx, config, req.TerraformVersion)
	resp.Diagnostics.Append(diagnostics...)
	if resp.Diagnostics.HasError() {
		return
	}
	p.replace(data)
	resp.ResourceData, resp.DataSourceData, resp.EphemeralResourceData = data, data, data
	resp.ListResourceData, resp.ActionData = data, data
}

// replace closes what an earlier configuration opened: Terraform configures a provider anew for each walk of a run, and
// one that serves from a test's process lives through many runs.
func (p *Provider) replace(data *providerdata.Data) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != nil {
		for _, server := range p.current.PostgreSQL.Known {
			server.Close()
		}
		for _, server := range p.current.MySQL.Known {
			_ = server.Close() // Nobody waits for what it could say.
		}
		for _, server := range p.current.Redis.Known {
			_ = server.Close()
		}
		if client, err := p.current.API.Client(); err == nil {
			client.Close()
		}
	}
	p.current = data
}

// Resources lists the resources' constructors, sorted by type name.
func (p *Provider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		adapter.New,
		apikey.New,
		database.New,
		ipallowlist.New,
		ipallowlistentry.New,
		mysqlreadonlyuser.New,
		organization.New,
		postgresqlreadonlyrole.New,
		redisreadonlyuser.New,
		repository.New,
		teammember.New,
	}
}

// Actions lists the actions' constructors, sorted by type name.
func (p *Provider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		apikey.NewRevoke,
		apikey.NewRotate,
		terminatesessions.NewMySQL,
		terminatesessions.NewPostgreSQL,
	}
}

// ListResources lists the list resources' constructors, sorted by type name.
func (p *Provider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		adapter.NewList,
		apikey.NewList,
		database.NewList,
		ipallowlistentry.NewList,
		mysqlreadonlyuser.NewList,
		organization.NewList,
		postgresqlreadonlyrole.NewList,
		redisreadonlyuser.NewList,
		repository.NewList,
		teammember.NewList,
	}
}

// DataSources lists the data sources' constructors, sorted by type name.
func (p *Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		accessreview.NewDataSource,
		adapterconfig.NewDataSource,
		apikey.NewDataSource,
		connectioncheck.NewDataSource,
		ipallowlist.NewDataSource,
		organization.NewDataSource,
		plans.NewDataSource,
		teammember.NewDataSource,
	}
}

// EphemeralResources lists the ephemeral resources' constructors, sorted by type name.
func (p *Provider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		apikey.NewEphemeral,
		password.New,
		postgresqlcredential.New,
	}
}

// Functions lists the functions' constructors, sorted by name.
func (p *Provider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		functions.NewAddDuration,
		functions.NewAgeDecrypt,
		functions.NewCIDRCollapse,
		functions.NewConnectionString,
		functions.NewEnvRef,
		functions.NewRedact,
		functions.NewScopesCover,
	}
}
