// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresqlreadonlyrole_test

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

// sourceProvider stands in for cyrilgdn/postgresql: its postgresql_role has the attributes of version 1.26, and writes down in
// the state what it is configured as. It reaches no server.
type sourceProvider struct{ schemaVersion int64 }

const (
	sourceNamespace = "cyrilgdn"
	sourceName      = "postgresql"
)

// withSource serves it beside the provider under test, both from one namespace.
func withSource(schemaVersion int64) acctest.Factories {
	factories := acctest.Providers()
	factories[sourceName] = providerserver.NewProtocol6WithError(&sourceProvider{schemaVersion})
	return factories
}

func (*sourceProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = sourceName
}

func (*sourceProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (*sourceProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (p *sourceProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &sourceRole{p.schemaVersion} }}
}

func (*sourceProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

type sourceRole struct{ schemaVersion int64 }

func (*sourceRole) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = sourceName + "_role"
}

func (r *sourceRole) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"name":        schema.StringAttribute{Required: true},
		"password_wo": schema.StringAttribute{Optional: true, Sensitive: true, WriteOnly: true},
		"roles":       schema.SetAttribute{Optional: true, ElementType: types.StringType},
		"search_path": schema.ListAttribute{Optional: true, ElementType: types.StringType},
	}
	for _, name := range []string{"id", "password", "password_wo_version", "encrypted", "valid_until", "assume_role"} {
		attributes[name] = schema.StringAttribute{Optional: true}
	}
	for _, name := range []string{"connection_limit", "statement_timeout", "idle_in_transaction_session_timeout"} {
		attributes[name] = schema.Int64Attribute{Optional: true}
	}
	for _, name := range []string{
		"encrypted_password", "superuser", "create_database", "create_role", "inherit", "login", "replication",
		"bypass_row_level_security", "skip_drop_role", "skip_reassign_owned",
	} {
		attributes[name] = schema.BoolAttribute{Optional: true}
	}
	resp.Schema = schema.Schema{Version: r.schemaVersion, Attributes: attributes}
}

func (*sourceRole) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (*sourceRole) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (*sourceRole) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (*sourceRole) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
