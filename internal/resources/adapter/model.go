// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package adapter

import (
	"context"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/adapterschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

// model is the resource in HCL's terms.
type model struct {
	Project          types.String `tfsdk:"project"`
	ConfigFile       types.String `tfsdk:"config_file"`
	Name             types.String `tfsdk:"name"`
	Connector        types.String `tfsdk:"connector"`
	ConnectionString types.String `tfsdk:"connection_string"`
	Options          types.Map    `tfsdk:"options"`
	Dotenv           types.Object `tfsdk:"dotenv"`
	File             types.String `tfsdk:"file"`
	PolicyExceptions types.Map    `tfsdk:"policy_exceptions"`
}

// dotenvModel is the attribute dotenv; its value is known in a configuration only.
type dotenvModel struct {
	File           types.String `tfsdk:"file"`
	Variable       types.String `tfsdk:"variable"`
	ValueWO        types.String `tfsdk:"value_wo"`
	ValueWOVersion types.Int64  `tfsdk:"value_wo_version"`
}

// sameVariable reports whether two settings mean one variable of one file, written alike.
func (d dotenvModel) sameVariable(other dotenvModel) bool {
	return d.File.Equal(other.File) && d.Variable.Equal(other.Variable)
}

// place is where the adapter is.
func (m model) place(where places) hyperterse.Place {
	if !m.Project.IsNull() {
		return hyperterse.Project(where.at(m.Project.ValueString()))
	}
	return hyperterse.ConfigFile(where.at(m.ConfigFile.ValueString()))
}

// isPlaceKnown reports whether the place is known while planning.
func (m model) isPlaceKnown() bool { return !m.Project.IsUnknown() && !m.ConfigFile.IsUnknown() }

// placeAt is the attribute that says where the adapter is.
func (m model) placeAt() path.Path {
	if !m.Project.IsNull() {
		return path.Root("project")
	}
	return path.Root("config_file")
}

// setFile says which file the adapter is in, written as the place is. Where that can't be told any more, the next refresh says why.
func (m *model) setFile(place hyperterse.Place) {
	if m.Project.IsNull() {
		m.File = m.ConfigFile
		return
	}
	file, err := place.File(m.Name.ValueString())
	if err != nil {
		m.File = types.StringNull()
		return
	}
	if relative, err := filepath.Rel(place.Path(), file); err == nil && filepath.IsLocal(relative) {
		file = filepath.Join(m.Project.ValueString(), relative)
	}
	m.File = types.StringValue(file)
}

// dotenv gives the attribute, or nil where it is null or not known yet.
func (m model) dotenv(ctx context.Context) (*dotenvModel, diag.Diagnostics) {
	if m.Dotenv.IsNull() || m.Dotenv.IsUnknown() {
		return nil, nil
	}
	var dotenv dotenvModel
	diagnostics := m.Dotenv.As(ctx, &dotenv, basetypes.ObjectAsOptions{})
	return &dotenv, diagnostics
}

// paths lists the paths of the model.
func (m model) paths(dotenv *dotenvModel) []string {
	paths := []string{m.Project.ValueString() + m.ConfigFile.ValueString()} // One of the two is empty.
	if dotenv != nil {
		paths = append(paths, dotenv.File.ValueString())
	}
	return paths
}

// forgetVersion makes the next plan write the variable, which is no longer there.
func (m *model) forgetVersion(ctx context.Context, dotenv dotenvModel) diag.Diagnostics {
	dotenv.ValueWOVersion = types.Int64Null()
	object, diagnostics := types.ObjectValueFrom(ctx, m.Dotenv.AttributeTypes(ctx), dotenv)
	m.Dotenv = object
	return diagnostics
}

// toAdapter gives the adapter; options that are not known yet are left out.
func (m model) toAdapter() hyperterse.Adapter {
	return hyperterse.Adapter{
		Name: m.Name.ValueString(), Connector: m.Connector.ValueString(), ConnectionString: m.ConnectionString.ValueString(),
		Options: adapterschema.Texts(m.Options),
	}
}

// connection gives what is to be checked of the adapter.
func (m model) connection() adapterschema.Connection {
	return adapterschema.Connection{Connector: m.Connector, ConnectionString: m.ConnectionString, Options: m.Options, At: path.Empty()}
}

// fromAdapter takes over what the file has. No options and an empty map of them are the same.
func (m *model) fromAdapter(adapter hyperterse.Adapter) {
	m.Connector = textOrNull(adapter.Connector)
	m.ConnectionString = textOrNull(adapter.ConnectionString)
	if len(adapter.Options) == 0 && len(m.Options.Elements()) == 0 {
		return
	}
	m.Options = types.MapNull(types.StringType)
	if len(adapter.Options) > 0 {
		options := make(map[string]attr.Value, len(adapter.Options))
		for name, value := range adapter.Options {
			options[name] = types.StringValue(value)
		}
		m.Options = types.MapValueMust(types.StringType, options)
	}
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
