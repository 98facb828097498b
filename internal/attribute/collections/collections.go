// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package collections turns lists and sets of texts into Go's terms and back, without the framework's reflection, which costs more
// than all else where there are many.
package collections

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Texts gives the values of a list or set; null and unknown give none.
func Texts(from interface{ Elements() []attr.Value }) []string {
	elements := from.Elements()
	texts := make([]string, 0, len(elements))
	for _, element := range elements {
		if text, ok := element.(types.String); ok {
			texts = append(texts, text.ValueString())
		}
	}
	return texts
}

// TextList gives a list; it is never null.
func TextList(texts []string) types.List {
	return types.ListValueMust(types.StringType, values(texts))
}

// TextSet gives a set, which is null for nil.
func TextSet(texts []string) types.Set {
	if texts == nil {
		return types.SetNull(types.StringType)
	}
	return types.SetValueMust(types.StringType, values(texts))
}

func values(texts []string) []attr.Value {
	converted := make([]attr.Value, len(texts))
	for i, text := range texts {
		converted[i] = types.StringValue(text)
	}
	return converted
}
