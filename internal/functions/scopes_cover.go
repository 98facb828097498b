// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

var _ function.Function = scopesCover{}

type scopesCover struct{}

// NewScopesCover makes scopes_cover(granted, needed).
func NewScopesCover() function.Function { return scopesCover{} }

// Metadata names the function.
func (scopesCover) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "scopes_cover"
}

// Definition describes the function.
func (scopesCover) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Say whether scopes allow all that is needed",
		MarkdownDescription: "Gives `true` if each scope that is needed is granted: by itself, through its family, or through `*`.",
		Parameters: []function.Parameter{
			function.ListParameter{
				Name: "granted", ElementType: types.StringType,
				MarkdownDescription: "The scopes that a key has: `" + strings.Join(terrascale.Scopes, "`, `") + "`.",
			},
			function.ListParameter{
				Name: "needed", ElementType: types.StringType, MarkdownDescription: "The scopes that its holder has a use for.",
			},
		},
		Return: function.BoolReturn{},
	}
}

// Run compares the scopes.
func (scopesCover) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var granted, needed []*string
	if resp.Error = req.Arguments.Get(ctx, &granted, &needed); resp.Error != nil {
		return
	}
	for argument, scopes := range [][]*string{granted, needed} {
		if problem := checkScopes(scopes); problem != "" {
			resp.Error = function.NewArgumentFuncError(int64(argument), problem)
			return
		}
	}
	covered := !slices.ContainsFunc(needed, func(scope *string) bool { return !covers(granted, *scope) })
	resp.Error = resp.Result.Set(ctx, covered)
}

// checkScopes says what is wrong with a list; empty for nothing.
func checkScopes(scopes []*string) string {
	for i, scope := range scopes {
		if scope == nil {
			return fmt.Sprintf("element %d is null: write a scope, or leave it out", i)
		}
		if !slices.Contains(terrascale.Scopes, *scope) {
			return fmt.Sprintf("%q is not a scope: write one of %s", *scope, strings.Join(terrascale.Scopes, ", "))
		}
	}
	return ""
}

func covers(granted []*string, needed string) bool {
	family, _, _ := strings.Cut(needed, ":")
	return slices.ContainsFunc(granted, func(scope *string) bool {
		return *scope == needed || *scope == "*" || *scope == family+":*"
	})
}
