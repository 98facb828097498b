// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
)

var _ function.Function = redact{}

type redact struct{}

// NewRedact makes redact(text).
func NewRedact() function.Function { return redact{} }

// Metadata names the function.
func (redact) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "redact"
}

// Definition describes the function.
func (redact) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Replace every password in a text",
		MarkdownDescription: "Gives the same text with `(redacted)` in place of every password.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "text", MarkdownDescription: "A connection string, or any text with some in it."},
		},
		Return: function.StringReturn{},
	}
}

// Run replaces the passwords.
func (redact) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	resp.Error = resp.Result.Set(ctx, hyperterse.RedactText(text))
}
