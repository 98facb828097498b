// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

var _ function.Function = connectionString{}

type connectionString struct{}

// NewConnectionString makes connection_string(connector, object).
func NewConnectionString() function.Function { return connectionString{} }

// Metadata names the function.
func (connectionString) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "connection_string"
}

// Definition describes the function.
func (connectionString) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Write a connection string, every part escaped",
		MarkdownDescription: "Writes the connection string that a connector's driver reads back as exactly the parts given, whatever " +
			"characters they hold.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name: "connector", MarkdownDescription: "`postgres`, `mysql`, `redis` or `mongodb`.",
			},
			function.DynamicParameter{
				Name: "parts",
				MarkdownDescription: "An object: `host` (a name or an address; for `postgres` also a socket's folder, for `mysql` a " +
					"socket's path, for `mongodb` also several with commas between them), `port` (default: the connector's usual one), " +
					"`database`, `username`, `password`. Any other attribute is a parameter of the driver, such as `sslmode`. " +
					"Attributes that are null count as left out; only `host` is required.",
			},
		},
		Return: function.StringReturn{},
	}
}

// Run writes the connection string.
func (connectionString) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var connector string
	var parts types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &connector, &parts); resp.Error != nil {
		return
	}
	if err := hyperterse.CheckConnector(connector); err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	fields, known, err := readFields(parts)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, err.Error())
		return
	}
	if !known {
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
		return
	}
	text, err := hyperterse.FormatConnection(connector, fields)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, text.Reveal())
}

var errNotAnObject = errors.New(
	`the parts of a connection are an object: write { host = "db.example.com", username = "app", password = var.password }`)

// readFields takes the object apart; known is false when a value in it is not known yet.
func readFields(parts types.Dynamic) (fields hyperterse.ConnectionFields, known bool, err error) {
	var values map[string]attr.Value
	switch object := parts.UnderlyingValue().(type) {
	case types.Object:
		values = object.Attributes()
	case types.Map:
		values = object.Elements()
	default:
		return fields, false, errNotAnObject
	}
	texts := map[string]string{}
	known = true
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		if dynamic, ok := value.(types.Dynamic); ok {
			value = dynamic.UnderlyingValue()
		}
		switch {
		case value == nil || value.IsNull():
			continue
		case value.IsUnknown():
			known = false
			continue
		}
		text, ok := asText(value)
		if !ok {
			return fields, false, fmt.Errorf("%s: write a string, a number or a boolean", name)
		}
		texts[name] = text
	}
	take := func(name string) string {
		text := texts[name]
		delete(texts, name)
		return text
	}
	if texts["host"] == "" && known {
		return fields, false, errors.New(`host: it is missing: write the server's name or address, such as host = "db.example.com"`)
	}
	return hyperterse.ConnectionFields{
		Host: take("host"), Port: take("port"), Database: take("database"), Username: take("username"),
		Password: secret.New(take("password")), Parameters: texts,
	}, known, nil
}

func asText(value attr.Value) (string, bool) {
	switch value := value.(type) {
	case types.String:
		return value.ValueString(), true
	case types.Bool:
		return strconv.FormatBool(value.ValueBool()), true
	case types.Number:
		return value.ValueBigFloat().Text('f', -1), true
	default:
		return "", false
	}
}
