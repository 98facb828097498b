// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package repository

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

func ptr[T any](value T) *T { return &value }

func TestFieldsThatContradictThemselves(t *testing.T) {
	text := terrascale.RepositoryField{Type: "string"}
	for name, row := range map[string]struct {
		field         terrascale.RepositoryField
		at, want, say string
	}{
		"length of a number": {
			terrascale.RepositoryField{Type: "number", MinLength: ptr[int64](1)}, "min_length", "Not for a field of this type", "fields of type string; this one is of type number",
		},
		"bounds": {
			terrascale.RepositoryField{Type: "number", Min: ptr(2.5), Max: ptr(1.5)}, "min", "Bounds exclude every value", "min 2.5 is more than max 1.5",
		},
		"lengths": {
			terrascale.RepositoryField{Type: "string", MinLength: ptr[int64](3), MaxLength: ptr[int64](2)}, "min_length", "Bounds exclude every value", "3 is more",
		},
		"items": {
			terrascale.RepositoryField{Type: "array", MinItems: ptr[int64](3), MaxItems: ptr[int64](2)}, "min_items", "Bounds exclude every value", "3 is more",
		},
		"items of an object": {terrascale.RepositoryField{Type: "object", Items: &text}, "items", "Not for a field of this type", "type array"},
		"pattern":            {terrascale.RepositoryField{Type: "string", Pattern: ptr("[a-")}, "pattern", "Invalid regular expression", "\"[a-\" is none"},
		"default":            {terrascale.RepositoryField{Type: "number", Default: []byte(`"7"`)}, "default", "Default of another type", "is no number"},
		"null default":       {terrascale.RepositoryField{Type: "string", Default: []byte("null")}, "default", "Default of another type", "is no string"},
	} {
		t.Run(name, func(t *testing.T) {
			found := checkFields(path.Root("schema"), map[string]terrascale.RepositoryField{"f": row.field}, levels)
			require.Len(t, found, 1)
			require.Equal(t, row.want, found[0].Summary())
			require.Contains(t, found[0].Detail(), row.say)
			located, ok := found[0].(interface{ Path() path.Path })
			require.True(t, ok)
			require.Equal(t, `schema["f"].`+row.at, located.Path().String())
		})
	}
}

func TestFieldsInJSONAreCheckedToo(t *testing.T) {
	deep := terrascale.RepositoryField{Type: "object", Properties: map[string]terrascale.RepositoryField{
		"inner": {Type: "text", Properties: map[string]terrascale.RepositoryField{"x": {Type: "string", Pattern: ptr("(")}}},
	}}
	found := checkFields(path.Root("schema"), map[string]terrascale.RepositoryField{"f": deep}, 1)
	require.Len(t, found, 3)
	for _, diagnostic := range found {
		located, ok := diagnostic.(interface{ Path() path.Path })
		require.True(t, ok)
		require.Equal(t, `schema["f"].properties_json`, located.Path().String())
	}
	require.Contains(t, found[0].Detail(), "inner.type: \"text\" is none of string, number")
}

func TestFieldsThatAreRight(t *testing.T) {
	for name, field := range map[string]terrascale.RepositoryField{
		"everything of a string": {
			Type: "string", Required: true, MinLength: ptr[int64](0), MaxLength: ptr[int64](0), Pattern: ptr("^a+$"), Default: []byte(`""`),
		},
		// Go's expressions have none of these; the service's may.
		"look-ahead":     {Type: "string", Pattern: ptr("^(?=.*[0-9]).+$")},
		"back reference": {Type: "string", Pattern: ptr(`(a)\1`)},
		"a number":       {Type: "number", Min: ptr(-1.5), Max: ptr(-1.5), Default: []byte("-1.5")},
		"a boolean":      {Type: "boolean", Default: []byte("false")},
		"an array":       {Type: "array", Items: &terrascale.RepositoryField{Type: "object"}, Default: []byte("[]")},
		"an object":      {Type: "object", Default: []byte("{}"), Properties: map[string]terrascale.RepositoryField{"a": {Type: "string"}}},
		"not known yet":  {MinLength: ptr[int64](1), Min: ptr(1.0)},
	} {
		require.Empty(t, checkFields(path.Root("schema"), map[string]terrascale.RepositoryField{"f": field}, levels), name)
	}
}

func TestFieldsOfAnyDepthComeBack(t *testing.T) {
	field := terrascale.RepositoryField{
		Type: "string", Required: true, MinLength: ptr[int64](1), MaxLength: ptr[int64](9), Pattern: ptr("x"), Default: []byte(`"x"`),
	}
	for range 6 {
		inner := field
		field = terrascale.RepositoryField{
			Type: "object", Items: &inner, MinItems: ptr[int64](1), MaxItems: ptr[int64](2), Min: ptr(0.1), Max: ptr(0.2),
			Properties: map[string]terrascale.RepositoryField{"inner": inner},
		}
		fields := map[string]terrascale.RepositoryField{"f": field}
		value, err := fromFields(fields, levels)
		require.NoError(t, err)
		back, err := toFields(value)
		require.NoError(t, err)
		require.True(t, sameFields(fields, back))
		require.Equal(t, fields, back)
	}
}

func TestSameFields(t *testing.T) {
	with := func(value string) map[string]terrascale.RepositoryField {
		return map[string]terrascale.RepositoryField{"f": {Type: "object", Default: []byte(value)}}
	}
	require.True(t, sameFields(with(`{"a":1,"b":2}`), with(`{ "b": 2, "a": 1 }`)))
	require.False(t, sameFields(with(`{"a":9007199254740993}`), with(`{"a":9007199254740992}`)))
	require.True(t, sameFields(nil, map[string]terrascale.RepositoryField{}))
	require.False(t, sameFields(nil, with("{}")))
}
