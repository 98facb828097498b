// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package connectioncheck

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/adapterschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

// defaultTimeout is how long a server has to answer, and leastTimeout the least that can be asked for.
const (
	defaultTimeout = 5 * time.Second
	leastTimeout   = 100 * time.Millisecond
)

// model is the data source in HCL's terms.
type model struct {
	Connector        types.String         `tfsdk:"connector"`
	ConnectionString types.String         `tfsdk:"connection_string"`
	Options          types.Map            `tfsdk:"options"`
	DotenvFile       types.String         `tfsdk:"dotenv_file"`
	Project          types.String         `tfsdk:"project"`
	Timeout          customtypes.Duration `tfsdk:"timeout"`

	Reachable     types.Bool   `tfsdk:"reachable"`
	Error         types.String `tfsdk:"error"`
	TLS           *tlsModel    `tfsdk:"tls"`
	Username      types.String `tfsdk:"username"`
	ReadOnly      types.Bool   `tfsdk:"read_only"`
	Writable      []string     `tfsdk:"writable"`
	ServerVersion types.String `tfsdk:"server_version"`
	ConnectMS     types.Int64  `tfsdk:"connect_ms"`
}

type tlsModel struct {
	Version  types.String `tfsdk:"version"`
	Verified types.Bool   `tfsdk:"verified"`
}

func (m model) toTarget() target {
	t := target{
		connector: m.Connector.ValueString(), connectionString: m.ConnectionString.ValueString(),
		options: adapterschema.Texts(m.Options), dotenvFile: m.DotenvFile.ValueString(), project: hyperterse.Project(m.Project.ValueString()), timeout: defaultTimeout,
	}
	if !m.Timeout.IsNull() {
		t.timeout = customtypes.ParseDurationValue(m.Timeout)
	}
	return t
}

// fromOutcome fills in what is computed. What is not known is null.
func (m *model) fromOutcome(seen outcome) {
	m.Reachable = types.BoolValue(seen.reachable)
	m.Error = textOrNull(seen.problem)
	if !seen.reachable {
		return
	}
	m.ConnectMS = types.Int64Value(seen.took.Milliseconds())
	m.Username, m.ServerVersion = textOrNull(seen.report.Username), textOrNull(seen.report.ServerVersion)
	if tls := seen.report.TLS; tls != nil {
		m.TLS = &tlsModel{types.StringValue(tls.Version), types.BoolValue(tls.Verified)}
	}
	if seen.report.Unknown == nil {
		m.ReadOnly = types.BoolValue(len(seen.report.Writable) == 0)
		m.Writable = append([]string{}, seen.report.Writable...)
	}
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}
