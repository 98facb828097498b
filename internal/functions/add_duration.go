// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
)

var _ function.Function = addDuration{}

type addDuration struct{}

// NewAddDuration makes add_duration(time, duration).
func NewAddDuration() function.Function { return addDuration{} }

// Metadata names the function.
func (addDuration) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "add_duration"
}

// Definition describes the function.
func (addDuration) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Add a duration to a time",
		MarkdownDescription: "Gives the RFC 3339 time that lies a duration after another.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "time", MarkdownDescription: "An RFC 3339 time, such as `2027-03-01T00:00:00Z`."},
			function.StringParameter{
				Name: "duration", MarkdownDescription: "A duration, such as `90d`, `2w`, `12h`, `45m` or `30s`; never negative.",
			},
		},
		Return: function.StringReturn{},
	}
}

// Run adds them.
func (addDuration) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var start, span string
	if resp.Error = req.Arguments.Get(ctx, &start, &span); resp.Error != nil {
		return
	}
	from, err := time.Parse(time.RFC3339, start)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0,
			fmt.Sprintf("%q is not an RFC 3339 time: write one such as \"2027-03-01T00:00:00Z\"", start))
		return
	}
	duration, err := customtypes.ParseDuration(span)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(1, err.Error())
		return
	}
	sum := from.Add(duration)
	if sum.Year() > 9999 {
		resp.Error = function.NewArgumentFuncError(1, fmt.Sprintf("%s after %s is later than the year 9999, which RFC 3339 ends with", span, start))
		return
	}
	resp.Error = resp.Result.Set(ctx, sum.Format(time.RFC3339Nano))
}
