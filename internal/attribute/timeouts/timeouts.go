// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package timeouts is the timeouts block of the resources that work on a database server.
package timeouts

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Default is how long each operation may take where the block does not say otherwise.
const Default = 5 * time.Minute

// Value is the block in a model.
type Value = timeouts.Value

// Block gives the block.
func Block(ctx context.Context) schema.Block {
	const words = ", waiting for other sessions included, such as `10m`. Default: 5 minutes."
	return timeouts.Block(ctx, timeouts.Opts{
		Create: true, Read: true, Update: true, Delete: true,
		CreateDescription: "How long the creation may take" + words, ReadDescription: "How long a refresh may take" + words,
		UpdateDescription: "How long a change may take" + words, DeleteDescription: "How long the removal may take" + words,
	})
}

// Null is a block that says nothing.
func Null(ctx context.Context) Value {
	object, _ := Block(ctx).Type().(timeouts.Type)
	return Value{Object: types.ObjectNull(object.AttributeTypes())}
}

// Limit ends a context when an operation has taken too long; of is the block's method for the operation, such as Create.
func Limit(
	ctx context.Context, of func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diagnostics *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	limit, found := of(ctx, Default)
	diagnostics.Append(found...)
	return context.WithTimeout(ctx, limit)
}
