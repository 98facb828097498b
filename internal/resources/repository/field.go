// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// levels is how deep fields nest as attributes: Terraform's schemas can't refer to themselves.
const levels = 3

// fieldAttributes are those of a field above so many levels.
func fieldAttributes(level int) map[string]schema.Attribute {
	count := []validator.Int64{int64validator.AtLeast(0)}
	attributes := map[string]schema.Attribute{
		"type": schema.StringAttribute{
			// Not Required: the framework misses it, too, where the whole field is not known yet (see typed).
			MarkdownDescription: "`string`, `number`, `boolean`, `array` or `object`. Each field needs one.", Optional: true,
			Validators: []validator.String{stringvalidator.OneOf(terrascale.FieldTypes...)},
		},
		"required":   schema.BoolAttribute{MarkdownDescription: "Whether an entity must have the field. Default `false`.", Optional: true},
		"min_length": schema.Int64Attribute{MarkdownDescription: "The fewest characters of a `string`.", Optional: true, Validators: count},
		"max_length": schema.Int64Attribute{MarkdownDescription: "The most characters of a `string`.", Optional: true, Validators: count},
		"pattern":    schema.StringAttribute{MarkdownDescription: "A regular expression that a `string` matches.", Optional: true},
		"min":        schema.Float64Attribute{MarkdownDescription: "The least `number`.", Optional: true},
		"max":        schema.Float64Attribute{MarkdownDescription: "The greatest `number`.", Optional: true},
		"default": schema.StringAttribute{
			MarkdownDescription: "The value of an entity that has none, in JSON: `jsonencode(…)`.", Optional: true, Validators: []validator.String{jsonText{}},
		},
		"min_items": schema.Int64Attribute{MarkdownDescription: "The fewest items of an `array`.", Optional: true, Validators: count},
		"max_items": schema.Int64Attribute{MarkdownDescription: "The most items of an `array`.", Optional: true, Validators: count},
	}
	if level > 1 {
		attributes["items"] = schema.SingleNestedAttribute{
			MarkdownDescription: "What the items of an `array` are: a field.", Optional: true, Attributes: fieldAttributes(level - 1),
			Validators: []validator.Object{typed{}},
		}
		attributes["properties"] = schema.MapNestedAttribute{
			MarkdownDescription: "The fields of an `object` by name.", Optional: true,
			NestedObject: schema.NestedAttributeObject{Attributes: fieldAttributes(level - 1), Validators: []validator.Object{typed{}}},
		}
		return attributes
	}
	attributes["items_json"] = schema.StringAttribute{
		MarkdownDescription: "What the items of an `array` are: a field in the service's terms, in JSON, such as `jsonencode({ type = \"string\", " +
			"maxLength = 40 })`.",
		Optional: true, Validators: []validator.String{jsonText{}},
	}
	attributes["properties_json"] = schema.StringAttribute{
		MarkdownDescription: "The fields of an `object` by name, in the service's terms, in JSON.", Optional: true,
		Validators: []validator.String{jsonText{}},
	}
	return attributes
}

// typed asks for the type of a field that is known.
type typed struct{}

// Description says what is asked for.
func (typed) Description(context.Context) string { return "A field has a type." }

// MarkdownDescription says what is asked for.
func (f typed) MarkdownDescription(ctx context.Context) string { return f.Description(ctx) }

// ValidateObject looks for the type.
func (typed) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if kind, isText := req.ConfigValue.Attributes()["type"].(types.String); isText && kind.IsNull() {
		resp.Diagnostics.AddAttributeError(req.Path.AtName("type"), "Field without a type", "Write what the field is: "+strings.Join(terrascale.FieldTypes, ", ")+".")
	}
}

// fieldType is the type of a field's value.
func fieldType(level int) types.ObjectType {
	attributes := map[string]attr.Type{}
	for name, attribute := range fieldAttributes(level) {
		attributes[name] = attribute.GetType()
	}
	return types.ObjectType{AttrTypes: attributes}
}

// toFields gives the fields of a map. What is unknown is left out.
func toFields(fields types.Map) (map[string]terrascale.RepositoryField, error) {
	converted := map[string]terrascale.RepositoryField{}
	for name, value := range fields.Elements() {
		object, ok := value.(types.Object)
		if !ok {
			return nil, fmt.Errorf("%q is a %T", name, value)
		}
		field, err := toField(object)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", name, err)
		}
		converted[name] = field
	}
	return converted, nil
}

func toField(object types.Object) (terrascale.RepositoryField, error) {
	attributes := object.Attributes()
	text := func(name string) *string {
		value, _ := attributes[name].(types.String)
		return value.ValueStringPointer()
	}
	field := terrascale.RepositoryField{
		MinLength: whole(attributes["min_length"]), MaxLength: whole(attributes["max_length"]), Min: number(attributes["min"]),
		Max: number(attributes["max"]), MinItems: whole(attributes["min_items"]), MaxItems: whole(attributes["max_items"]),
	}
	if kind := text("type"); kind != nil {
		field.Type = *kind
	}
	if required, ok := attributes["required"].(types.Bool); ok {
		field.Required = required.ValueBool()
	}
	if pattern := text("pattern"); pattern != nil && *pattern != "" {
		field.Pattern = pattern
	}
	if value := text("default"); value != nil && *value != "" {
		field.Default = json.RawMessage(*value)
	}
	if items, ok := attributes["items"].(types.Object); ok && !items.IsNull() && !items.IsUnknown() {
		item, err := toField(items)
		if err != nil {
			return field, err
		}
		field.Items = &item
	}
	if properties, ok := attributes["properties"].(types.Map); ok && !properties.IsNull() && !properties.IsUnknown() {
		converted, err := toFields(properties)
		if err != nil {
			return field, err
		}
		field.Properties = converted
	}
	if items := text("items_json"); items != nil && *items != "" {
		if err := strictly(*items, &field.Items); err != nil {
			return field, fmt.Errorf("items_json: %w", err)
		}
	}
	if properties := text("properties_json"); properties != nil && *properties != "" {
		if err := strictly(*properties, &field.Properties); err != nil {
			return field, fmt.Errorf("properties_json: %w", err)
		}
	}
	return field, nil
}

func whole(value attr.Value) *int64 {
	typed, _ := value.(types.Int64)
	if typed.IsUnknown() {
		return nil
	}
	return typed.ValueInt64Pointer()
}

func number(value attr.Value) *float64 {
	typed, _ := value.(types.Float64)
	if typed.IsUnknown() {
		return nil
	}
	return typed.ValueFloat64Pointer()
}

// fromFields gives the value of fields on a level.
func fromFields(fields map[string]terrascale.RepositoryField, level int) (types.Map, error) {
	elementType := fieldType(level)
	if len(fields) == 0 {
		return types.MapNull(elementType), nil
	}
	elements := map[string]attr.Value{}
	for name, field := range fields {
		element, err := fromField(field, level)
		if err != nil {
			return types.MapNull(elementType), fmt.Errorf("%q: %w", name, err)
		}
		elements[name] = element
	}
	value, diagnostics := types.MapValue(elementType, elements)
	return value, firstError(diagnostics)
}

func fromField(field terrascale.RepositoryField, level int) (types.Object, error) {
	objectType := fieldType(level)
	values := map[string]attr.Value{
		"type": types.StringValue(field.Type), "required": types.BoolNull(), "pattern": types.StringPointerValue(field.Pattern),
		"min_length": types.Int64PointerValue(field.MinLength), "max_length": types.Int64PointerValue(field.MaxLength),
		"min": types.Float64PointerValue(field.Min), "max": types.Float64PointerValue(field.Max),
		"min_items": types.Int64PointerValue(field.MinItems), "max_items": types.Int64PointerValue(field.MaxItems),
	}
	if field.Required {
		values["required"] = types.BoolValue(true)
	}
	var err error
	if values["default"], err = asJSON(field.Default != nil, field.Default); err != nil {
		return types.ObjectNull(objectType.AttrTypes), err
	}
	if level > 1 {
		values["items"] = types.ObjectNull(fieldType(level - 1).AttrTypes)
		if field.Items != nil {
			if values["items"], err = fromField(*field.Items, level-1); err != nil {
				return types.ObjectNull(objectType.AttrTypes), err
			}
		}
		if values["properties"], err = fromFields(field.Properties, level-1); err != nil {
			return types.ObjectNull(objectType.AttrTypes), err
		}
	} else {
		if values["items_json"], err = asJSON(field.Items != nil, field.Items); err != nil {
			return types.ObjectNull(objectType.AttrTypes), err
		}
		if values["properties_json"], err = asJSON(len(field.Properties) > 0, field.Properties); err != nil {
			return types.ObjectNull(objectType.AttrTypes), err
		}
	}
	value, diagnostics := types.ObjectValue(objectType.AttrTypes, values)
	return value, firstError(diagnostics)
}
