// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package adapterconfig is the data source terrascale_adapter_config.
package adapterconfig

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/adapterschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// DataSourceTypeName is the data source's full type name.
const DataSourceTypeName = "terrascale_adapter_config"

var (
	_ datasource.DataSourceWithConfigure      = (*DataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*DataSource)(nil)
)

// DataSource is the data source.
type DataSource struct{ data *providerdata.Data }

// NewDataSource makes the data source.
func NewDataSource() datasource.DataSource { return &DataSource{} }

// Metadata names the data source.
func (d *DataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = DataSourceTypeName
}

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Renders adapters as the `adapters:` part of a Hyperterse configuration, for those who deliver the file by " +
	"other means."

// Schema describes the data source.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"adapters": schema.MapNestedAttribute{
				MarkdownDescription: "The adapters, by name: a letter, then letters, digits, `_` and `-`.",
				Required:            true,
				Validators:          []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.KeysAre(adapterschema.Name)},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"connector": schema.StringAttribute{
						MarkdownDescription: "The kind of database: `postgres`, `mysql`, `redis` or `mongodb`.",
						Required:            true, Validators: []validator.String{adapterschema.Connector},
					},
					"connection_string": schema.StringAttribute{
						MarkdownDescription: "How to connect. `{{ env.NAME }}` stands for a variable of the gateway's environment, any " +
							"number of times; a password must be such a reference, or part of one.",
						Required: true,
					},
					"options": schema.MapAttribute{
						MarkdownDescription: "Driver parameters, which Hyperterse appends to the connection string (for `redis` it " +
							"ignores them). A name that the driver does not know is a warning.",
						Optional: true, ElementType: types.StringType,
						Validators: []validator.Map{mapvalidator.NoNullValues(), mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1))},
					},
					policyschema.Name: schema.MapAttribute{
						MarkdownDescription: policyschema.Describe(policy.UnverifiedTLS),
						Optional:            true, ElementType: types.StringType, Validators: policyschema.Validators(policy.UnverifiedTLS),
					},
				}},
			},
			"version": schema.Int64Attribute{
				MarkdownDescription: "Which Hyperterse it is for: `1` (the default) gives `content`, `2` gives `files`.",
				Optional:            true, Validators: []validator.Int64{int64validator.OneOf(1, 2)},
			},
			"content": schema.StringAttribute{
				MarkdownDescription: "Version 1: the document, YAML: the key `adapters` with the adapters in the order of their names. It holds no " +
					"secret, and the same adapters give the same text.",
				Computed: true,
			},
			"files": schema.MapAttribute{
				MarkdownDescription: "Version 2: the content of each adapter's file by its path below the folder of `.hyperterse`, such as " +
					"`app/adapters/users_db.terse`. Where `.hyperterse` names another folder, take the last part (`basename`). They hold no secret.",
				Computed: true, ElementType: types.StringType,
			},
		},
	}
}

// Configure takes the provider's data.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// model is the data source in HCL's terms.
type model struct {
	Adapters types.Map    `tfsdk:"adapters"`
	Version  types.Int64  `tfsdk:"version"`
	Content  types.String `tfsdk:"content"`
	Files    types.Map    `tfsdk:"files"`
}

type adapterModel struct {
	Connector        types.String `tfsdk:"connector"`
	ConnectionString types.String `tfsdk:"connection_string"`
	Options          types.Map    `tfsdk:"options"`
	PolicyExceptions types.Map    `tfsdk:"policy_exceptions"`
}

func (a adapterModel) connection(name string) adapterschema.Connection {
	return adapterschema.Connection{
		Connector: a.Connector, ConnectionString: a.ConnectionString, Options: a.Options, At: path.Root("adapters").AtMapKey(name),
	}
}

func subject(name string) string { return fmt.Sprintf("Adapter %q", name) }

// naming has each diagnostic name the adapter: Terraform shows the line of the map, and not of what is in it.
func naming(subject string, diagnostics diag.Diagnostics) diag.Diagnostics {
	var named diag.Diagnostics
	for _, d := range diagnostics {
		if !strings.Contains(d.Detail(), subject) {
			detail := subject + ": " + d.Detail()
			renamed := diag.Diagnostic(diag.NewWarningDiagnostic(d.Summary(), detail))
			if d.Severity() == diag.SeverityError {
				renamed = diag.NewErrorDiagnostic(d.Summary(), detail)
			}
			if at, ok := d.(diag.DiagnosticWithPath); ok {
				renamed = diag.WithPath(at.Path(), renamed)
			}
			d = renamed
		}
		named.Append(d)
	}
	return named
}

// ValidateConfig refuses what terrascale_adapter refuses.
func (d *DataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var adapters types.Map
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("adapters"), &adapters)...)
	for _, name := range slices.Sorted(maps.Keys(adapters.Elements())) {
		if element := adapters.Elements()[name]; element.IsNull() || element.IsUnknown() {
			continue
		}
		var adapter adapterModel
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("adapters").AtMapKey(name), &adapter)...)
		resp.Diagnostics.Append(naming(subject(name), adapter.connection(name).Validate(""))...)
	}
}

// Read renders the document, and warns as terrascale_adapter does.
func (d *DataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	var configured map[string]adapterModel
	resp.Diagnostics.Append(config.Adapters.ElementsAs(ctx, &configured, false)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var adapters []hyperterse.Adapter
	for _, name := range slices.Sorted(maps.Keys(configured)) {
		adapter := configured[name]
		adapters = append(adapters, hyperterse.Adapter{
			Name: name, Connector: adapter.Connector.ValueString(), ConnectionString: adapter.ConnectionString.ValueString(),
			Options: adapterschema.Texts(adapter.Options),
		})
		connection := adapter.connection(name)
		rules := policyschema.New(d.data.Policy, connection.At.AtName(policyschema.Name), adapter.PolicyExceptions)
		resp.Diagnostics.Append(naming(subject(name), connection.Advise(rules, name))...)
		resp.Diagnostics.Append(rules.Diagnostics()...)
	}
	if err := config.render(adapters); err != nil {
		resp.Diagnostics.Append(diagnostic.Hyperterse(path.Root("adapters"), "Unable to render the adapters", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

// render fills in what the version has.
func (m *model) render(adapters []hyperterse.Adapter) error {
	m.Content, m.Files = types.StringNull(), types.MapNull(types.StringType)
	if m.Version.ValueInt64() != 2 {
		content, err := hyperterse.Render(adapters)
		m.Content = types.StringValue(content)
		return err
	}
	rendered, err := hyperterse.RenderFiles(adapters)
	files := make(map[string]attr.Value, len(rendered))
	for name, text := range rendered {
		files[name] = types.StringValue(text)
	}
	m.Files = types.MapValueMust(types.StringType, files)
	return err
}
