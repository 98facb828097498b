// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
)

var _ function.Function = ageDecrypt{}

type ageDecrypt struct{}

// NewAgeDecrypt makes age_decrypt(ciphertext, identity).
func NewAgeDecrypt() function.Function { return ageDecrypt{} }

// Metadata names the function.
func (ageDecrypt) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "age_decrypt"
}

// Definition describes the function.
func (ageDecrypt) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Read a secret that the state keeps as ciphertext",
		MarkdownDescription: "Gives the secret that `age_recipients` keeps in the state as ciphertext (`password_encrypted`, " +
			"`secret_encrypted`), for this run only.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name: "ciphertext", MarkdownDescription: "`password_encrypted` of a login, or `secret_encrypted` of an API key.",
				AllowNullValue: true,
			},
			function.StringParameter{
				Name: "identity",
				MarkdownDescription: "The private half of one of the recipients: `AGE-SECRET-KEY-1…`, the content of a file that " +
					"`age-keygen` wrote, or an SSH private key without a passphrase.",
			},
		},
		Return: function.StringReturn{},
	}
}

// Run decrypts.
func (ageDecrypt) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var ciphertext types.String
	var identity string
	if resp.Error = req.Arguments.Get(ctx, &ciphertext, &identity); resp.Error != nil {
		return
	}
	if ciphertext.IsNull() {
		resp.Error = function.NewArgumentFuncError(0, "The state keeps no ciphertext: set age_recipients in the resource or in the provider "+
			"block. A secret that the configuration brings (password_wo), or one from before an import, can't be read back.")
		return
	}
	clear, err := recipients.Decrypt(ciphertext.ValueString(), identity)
	switch {
	case errors.Is(err, recipients.ErrInvalidIdentity), errors.Is(err, recipients.ErrNotReadable):
		resp.Error = function.NewArgumentFuncError(1, err.Error())
	case err != nil:
		resp.Error = function.NewArgumentFuncError(0, err.Error())
	default:
		resp.Error = resp.Result.Set(ctx, clear.Reveal())
	}
}
