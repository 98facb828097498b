// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package protocol

import (
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"
)

// proposed merges a configuration with the state before it, as a CLI does: what is computed and not written stays.
func proposed(schema *tfprotov6.Schema, prior, config tftypes.Value) tftypes.Value {
	if config.IsNull() {
		return config
	}
	return mergeObject(schema.Block.Attributes, prior, config)
}

func mergeObject(attributes []*tfprotov6.SchemaAttribute, prior, config tftypes.Value) tftypes.Value {
	var written, before map[string]tftypes.Value
	if config.IsNull() || !config.IsKnown() || config.As(&written) != nil {
		return config
	}
	written = maps.Clone(written) // What is read out of a value is the value's own.
	if !prior.IsNull() && prior.IsKnown() {
		_ = prior.As(&before)
	}
	for _, attribute := range attributes {
		value, had := before[attribute.Name]
		switch {
		case attribute.WriteOnly:
			written[attribute.Name] = tftypes.NewValue(attribute.ValueType(), nil)
		case attribute.Computed && written[attribute.Name].IsNull() && had:
			written[attribute.Name] = value
		case attribute.NestedType != nil && attribute.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle && had:
			written[attribute.Name] = mergeObject(attribute.NestedType.Attributes, value, written[attribute.Name])
		}
	}
	return tftypes.NewValue(config.Type(), written)
}

// Generated is the configuration that a CLI generates of a resource: what can be written, without what is null.
func (p *Provider) Generated(t T, typeName string, state tftypes.Value) tftypes.Value {
	t.Helper()
	return written(p.Schemas.ResourceSchemas[typeName].Block.Attributes, state)
}

func written(attributes []*tfprotov6.SchemaAttribute, state tftypes.Value) tftypes.Value {
	var values map[string]tftypes.Value
	if state.IsNull() || state.As(&values) != nil {
		return state
	}
	values = maps.Clone(values)
	for _, attribute := range attributes {
		if attribute.Computed && !attribute.Optional {
			values[attribute.Name] = tftypes.NewValue(attribute.ValueType(), nil)
		}
	}
	return tftypes.NewValue(state.Type(), values)
}

// IsRequired reports whether a CLI itself refuses null at a place of a resource.
func (p *Provider) IsRequired(typeName string, at []any) bool {
	attributes := p.Schemas.ResourceSchemas[typeName].Block.Attributes
	for i := 0; i < len(at); i++ {
		index := slices.IndexFunc(attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == at[i] })
		if index < 0 {
			return false
		}
		attribute := attributes[index]
		if i == len(at)-1 {
			return attribute.Required
		}
		if attribute.NestedType == nil {
			return false
		}
		attributes = attribute.NestedType.Attributes
		if attribute.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeMap {
			i++
		}
	}
	return false
}

// JSON gives an object as it is in a state.
func (p *Provider) JSON(t T, object tftypes.Value) map[string]any {
	t.Helper()
	values, isObject := plain(t, object).(map[string]any)
	require.True(t, isObject)
	return values
}

func plain(t T, value tftypes.Value) any {
	t.Helper()
	if value.IsNull() {
		return nil
	}
	require.True(t, value.IsKnown(), "a state has no unknown values")
	var (
		text     string
		yes      bool
		number   big.Float
		elements []tftypes.Value
		fields   map[string]tftypes.Value
	)
	switch {
	case value.As(&text) == nil:
		return text
	case value.As(&yes) == nil:
		return yes
	case value.As(&number) == nil:
		amount, _ := number.Float64()
		return amount
	case value.As(&fields) == nil:
		values := map[string]any{}
		for name, field := range fields {
			values[name] = plain(t, field)
		}
		return values
	default:
		require.NoError(t, value.As(&elements))
		values := make([]any, len(elements))
		for i, element := range elements {
			values[i] = plain(t, element)
		}
		return values
	}
}
