// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package customtypes holds the string attributes that are compared by what they mean: durations, CIDRs and e-mail
// addresses. Each validates itself while planning and suppresses a difference in spelling only.
package customtypes

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Format is one kind of text: its name in messages, and the one form that all spellings of a value share.
type Format interface {
	// Name is what a message calls a value: "duration".
	Name() string
	// Invalid is the summary of an error about a text that is none.
	Invalid() string
	// Canonical gives the one form, or an error that says what is wrong and what to write.
	Canonical(text string) (string, error)
}

// Type is the attribute type of a Format.
type Type[F Format] struct{ basetypes.StringType }

// Value is an attribute's value of a Format. Its zero value is null.
type Value[F Format] struct{ basetypes.StringValue }

var (
	_ basetypes.StringTypable                    = Type[durationFormat]{}
	_ basetypes.StringValuableWithSemanticEquals = Value[durationFormat]{}
	_ xattr.ValidateableAttribute                = Value[durationFormat]{}
)

// NewValue gives a known value; an empty text is a value too.
func NewValue[F Format](text string) Value[F] {
	return Value[F]{basetypes.NewStringValue(text)}
}

// Equal reports whether the other type is this one.
func (t Type[F]) Equal(other attr.Type) bool {
	_, ok := other.(Type[F])
	return ok
}

// String names the type.
func (t Type[F]) String() string {
	var format F
	return fmt.Sprintf("customtypes.Type[%s]", format.Name())
}

// ValueType gives the zero value.
func (t Type[F]) ValueType(context.Context) attr.Value { return Value[F]{} }

// ValueFromString wraps a plain string value.
func (t Type[F]) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return Value[F]{in}, nil
}

// ValueFromTerraform reads Terraform's own form of a value.
func (t Type[F]) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	plain, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := plain.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("unexpected value type %T", plain)
	}
	return Value[F]{text}, nil
}

// Type gives the value's type.
func (v Value[F]) Type(context.Context) attr.Type { return Type[F]{} }

// Equal reports whether the other value is the same to the letter.
func (v Value[F]) Equal(other attr.Value) bool {
	value, ok := other.(Value[F])
	return ok && v.StringValue.Equal(value.StringValue)
}

// StringSemanticEquals reports whether two spellings mean the same.
func (v Value[F]) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	value, ok := other.(Value[F])
	return ok && v.Means(value), nil
}

// Means reports whether two known values are the same in their canonical form.
func (v Value[F]) Means(other Value[F]) bool {
	var format F
	mine, err := format.Canonical(v.ValueString())
	if err != nil {
		return v.Equal(other)
	}
	theirs, err := format.Canonical(other.ValueString())
	return err == nil && mine == theirs
}

// Canonical gives the one form of a known value, and its text as it stands where that is not valid.
func (v Value[F]) Canonical() string {
	var format F
	canonical, err := format.Canonical(v.ValueString())
	if err != nil {
		return v.ValueString()
	}
	return canonical
}

// ValidateAttribute reports a value that is not of the format.
func (v Value[F]) ValidateAttribute(
	_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse,
) {
	if v.IsNull() || v.IsUnknown() {
		return
	}
	var format F
	if _, err := format.Canonical(v.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, format.Invalid(), err.Error())
	}
}
