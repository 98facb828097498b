// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// summaryAt is where the summary is among the arguments of what makes a warning.
var summaryAt = map[string]int{
	"AddWarning": 0, "AddAttributeWarning": 1, "NewWarningDiagnostic": 0, "NewAttributeWarningDiagnostic": 1,
}

// TestWarningsNameTheirSubject holds that no warning has the same summary every time: Terraform shows the first of those that do, and folds
// the others into a number.
func TestWarningsNameTheirSubject(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			call, isCall := node.(*ast.CallExpr)
			if !isCall {
				return true
			}
			selector, isSelector := call.Fun.(*ast.SelectorExpr)
			if !isSelector {
				return true
			}
			at, isWarning := summaryAt[selector.Sel.Name]
			if !isWarning {
				return true
			}
			seen++
			literal, isLiteral := call.Args[at].(*ast.BasicLit)
			require.False(t, isLiteral, "%s: the summary says what it is about: %v", files.Position(call.Pos()), literal)
			return true
		})
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, seen, 30)
}
