// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package adapterschema is what an adapter is in HCL's terms: the values that are refused, and what a plan says of a
// connection string and its options.
package adapterschema

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// The validators of an adapter's attributes.
var (
	Name      validator.String = checked{"Invalid adapter name", hyperterse.CheckName}
	Connector validator.String = checked{"Unknown connector", hyperterse.CheckConnector}
	Variable  validator.String = checked{"Invalid variable name", hyperterse.CheckVariable}
)

// Texts gives a map of strings without those that are not known yet; nil for none.
func Texts(values types.Map) map[string]string {
	var texts map[string]string
	for name, value := range values.Elements() {
		if text, ok := value.(types.String); ok && !text.IsUnknown() {
			if texts == nil {
				texts = map[string]string{}
			}
			texts[name] = text.ValueString()
		}
	}
	return texts
}

// Connection is an adapter's connection, as far as it is known.
type Connection struct {
	Connector, ConnectionString types.String
	Options                     types.Map
	// At is the path of the block or map entry that holds the three.
	At path.Path
}

// IsKnown reports whether the connector, one that exists, and the connection string are known.
func (c Connection) IsKnown() bool {
	return !c.Connector.IsUnknown() && !c.ConnectionString.IsUnknown() && hyperterse.CheckConnector(c.Connector.ValueString()) == nil
}

// Validate refuses a connection string that holds a password, or is not one of its connector's. Variable names the
// environment variable to use instead; empty for the connector's usual one.
func (c Connection) Validate(variable string) diag.Diagnostics {
	if !c.IsKnown() {
		return nil
	}
	connector := c.Connector.ValueString()
	_, err := hyperterse.Inspect(connector, c.ConnectionString.ValueString(), Texts(c.Options))
	if err == nil {
		return nil
	}
	if variable == "" {
		variable = hyperterse.SuggestedVariable(connector)
	}
	at := c.At.AtName("connection_string")
	var option *hyperterse.OptionError
	if errors.As(err, &option) {
		at = c.At.AtName("options").AtMapKey(option.Option)
	}
	return diag.Diagnostics{diagnostic.ConnectionString(at, connector, variable, err)}
}

// Advise warns of options and parameters that the driver does not know, and of a connection that does not verify the server.
// Name is the adapter's. The findings are in rules.
func (c Connection) Advise(rules *policyschema.Rules, name string) diag.Diagnostics {
	if !c.IsKnown() {
		return nil
	}
	var diagnostics diag.Diagnostics
	connector, options := c.Connector.ValueString(), Texts(c.Options)
	if found := hyperterse.CheckOptions(connector, options); len(found) > 0 {
		diagnostics.Append(diagnostic.Options(c.At.AtName("options"), name, connector, found))
	}
	seen, err := hyperterse.Inspect(connector, c.ConnectionString.ValueString(), options)
	if err != nil {
		return diagnostics // Validate says it.
	}
	if found := hyperterse.CheckParameters(connector, seen.Parameters); len(found) > 0 {
		diagnostics.Append(diagnostic.Parameters(c.At.AtName("connection_string"), name, connector, found))
	}
	if seen.TLS == hyperterse.TrustUnknown {
		return diagnostics
	}
	rules.Add(policy.UnverifiedTLS, c.At.AtName("connection_string"), rules.Policy.UnverifiedTLS(
		policy.Named("adapter", name), hyperterse.VerifiedTLS[connector], seen.TLS == hyperterse.TrustVerified, seen.Loopback))
	return diagnostics
}

// checked refuses a text that a check finds wrong.
type checked struct {
	summary string
	check   func(string) error
}

// Description says what is asked for.
func (c checked) Description(context.Context) string { return c.summary + " is an error." }

// MarkdownDescription says what is asked for.
func (c checked) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateString reports what the check finds.
func (c checked) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := c.check(req.ConfigValue.ValueString()); err != nil {
		words := err.Error()
		resp.Diagnostics.AddAttributeError(req.Path, c.summary, strings.ToUpper(words[:1])+words[1:]+".")
	}
}
