// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// checkFields finds what contradicts itself in fields on a level. Below the first level, at stays where the JSON is.
func checkFields(at path.Path, fields map[string]terrascale.RepositoryField, level int) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	for name, field := range fields {
		place, within := at.AtMapKey(name), ""
		if level < 1 {
			place, within = at, name
		}
		if strings.TrimSpace(name) == "" {
			diagnostics.AddAttributeError(place, "Field without a name", "Give the field a name, such as \"title\".")
		}
		diagnostics.Append(checkField(place, within, field, level)...)
	}
	return diagnostics
}

// noValue is the summary of a lower bound above the upper one.
const noValue = "Bounds exclude every value"

// checkField checks one field, and what is in it. within names it where at does not.
func checkField(at path.Path, within string, field terrascale.RepositoryField, level int) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	report := func(attribute, summary, detail string) {
		if level < 1 {
			diagnostics.AddAttributeError(at, summary, strings.TrimPrefix(within+"."+attribute, ".")+": "+detail)
			return
		}
		diagnostics.AddAttributeError(at.AtName(attribute), summary, detail)
	}
	if level < 1 && !slices.Contains(terrascale.FieldTypes, field.Type) {
		report("type", "Unknown field type", fmt.Sprintf("%q is none of %s.", field.Type, strings.Join(terrascale.FieldTypes, ", ")))
	}
	for _, row := range []struct {
		attribute, kind string
		isSet           bool
	}{
		{"min_length", "string", field.MinLength != nil}, {"max_length", "string", field.MaxLength != nil},
		{"pattern", "string", field.Pattern != nil}, {"min", "number", field.Min != nil}, {"max", "number", field.Max != nil},
		{"min_items", "array", field.MinItems != nil}, {"max_items", "array", field.MaxItems != nil},
		{"items", "array", field.Items != nil}, {"properties", "object", field.Properties != nil},
	} {
		if row.isSet && field.Type != "" && field.Type != row.kind {
			attribute := row.attribute
			if level == 1 && (attribute == "items" || attribute == "properties") {
				attribute += "_json"
			}
			report(attribute, "Not for a field of this type", fmt.Sprintf("%s is for fields of type %s; this one is of type %s.",
				attribute, row.kind, field.Type))
		}
	}
	if exceeds(field.MinLength, field.MaxLength) {
		report("min_length", noValue, fmt.Sprintf("min_length %d is more than max_length %d.", *field.MinLength, *field.MaxLength))
	}
	if exceeds(field.Min, field.Max) {
		report("min", noValue, fmt.Sprintf("min %g is more than max %g.", *field.Min, *field.Max))
	}
	if exceeds(field.MinItems, field.MaxItems) {
		report("min_items", noValue, fmt.Sprintf("min_items %d is more than max_items %d.", *field.MinItems, *field.MaxItems))
	}
	if field.Pattern != nil {
		if err := checkPattern(*field.Pattern); err != nil {
			report("pattern", diagnostic.InvalidRegularExpression, fmt.Sprintf("%q is none: %s. Correct it.", *field.Pattern, err))
		}
	}
	if field.Default != nil && field.Type != "" && !isOf(field.Type, field.Default) {
		report("default", "Default of another type", fmt.Sprintf("%s is no %s in JSON. A text is written jsonencode(\"text\").",
			field.Default, field.Type))
	}
	return append(diagnostics, checkInner(at, within, field, level)...)
}

// checkInner checks what is in a field.
func checkInner(at path.Path, within string, field terrascale.RepositoryField, level int) diag.Diagnostics {
	var diagnostics diag.Diagnostics
	items, properties := at, at
	switch {
	case level > 1:
		items, properties = at.AtName("items"), at.AtName("properties")
	case level == 1:
		items, properties = at.AtName("items_json"), at.AtName("properties_json")
	}
	if field.Items != nil {
		diagnostics.Append(checkField(items, strings.TrimPrefix(within+".items", "."), *field.Items, level-1)...)
	}
	return append(diagnostics, checkFields(properties, field.Properties, level-1)...)
}

func exceeds[N int64 | float64](least, most *N) bool {
	return least != nil && most != nil && *least > *most
}

// checkPattern knows Go's regular expressions. What those do not have, another kind may.
func checkPattern(pattern string) error {
	_, err := syntax.Parse(pattern, syntax.Perl)
	known, ok := errors.AsType[*syntax.Error](err)
	if ok && slices.Contains([]syntax.ErrorCode{syntax.ErrInvalidPerlOp, syntax.ErrInvalidEscape, syntax.ErrInvalidNamedCapture}, known.Code) {
		return nil
	}
	return err
}

// isOf reports whether a JSON value is of a field's type.
func isOf(kind string, value json.RawMessage) bool {
	var parsed any
	if json.Unmarshal(value, &parsed) != nil {
		return true // which its validator has reported
	}
	switch parsed.(type) {
	case string:
		return kind == "string"
	case float64:
		return kind == "number"
	case bool:
		return kind == "boolean"
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	}
	return false
}
