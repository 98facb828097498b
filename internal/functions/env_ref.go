// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

var _ function.Function = envRef{}

type envRef struct{}

// NewEnvRef makes env_ref(name).
func NewEnvRef() function.Function { return envRef{} }

// Metadata names the function.
func (envRef) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "env_ref"
}

// Definition describes the function.
func (envRef) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Refer to an environment variable of Hyperterse",
		MarkdownDescription: "Gives `{{ env.NAME }}`, which Hyperterse replaces with the variable's value when it starts. A name that " +
			"Hyperterse would not recognise, and so pass to the driver as it stands, is an error.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "name", MarkdownDescription: "The variable's name: letters, digits and `_`."},
		},
		Return: function.StringReturn{},
	}
}

// Run writes the reference.
func (envRef) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var name string
	if resp.Error = req.Arguments.Get(ctx, &name); resp.Error != nil {
		return
	}
	reference := hyperterse.Reference(name)
	if !slices.Equal(hyperterse.References(reference), []string{name}) {
		// Not quoted: whoever writes a value in the place of the name does not want it shown.
		resp.Error = function.NewArgumentFuncError(0, `this is not a variable's name: write letters, digits and _, such as "DATABASE_URL"`)
		return
	}
	resp.Error = resp.Result.Set(ctx, reference)
}
