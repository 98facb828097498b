// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package catalogue_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	module    = "github.com/terrascale/terraform-provider-terrascale"
	framework = "github.com/hashicorp/terraform-plugin-framework/"
)

// sinks are the framework's functions that take a summary, and which of their arguments it is.
var sinks = map[string]int{
	"(*" + framework + "diag.Diagnostics).AddError":            0,
	"(*" + framework + "diag.Diagnostics).AddWarning":          0,
	"(*" + framework + "diag.Diagnostics).AddAttributeError":   1,
	"(*" + framework + "diag.Diagnostics).AddAttributeWarning": 1,
	framework + "diag.NewErrorDiagnostic":                      0,
	framework + "diag.NewWarningDiagnostic":                    0,
	framework + "diag.NewAttributeErrorDiagnostic":             1,
	framework + "diag.NewAttributeWarningDiagnostic":           1,
}

// source is the provider's code, with its types: all but tests and what only tests and commands use.
type source struct {
	files *token.FileSet
	info  *types.Info
	trees []*ast.File
	own   map[string]*types.Package
	of    map[string][]*ast.File

	params   map[types.Object]parameter      // which parameter a variable is
	literals map[*ast.FuncLit]types.Object   // the variable that holds a function literal
	bodies   map[types.Object]*ast.BlockStmt // of the functions that have a name
	assigned map[types.Object][]ast.Expr     // what is given to a variable or a field
	results  map[types.Object]result         // which result of a call is given to a variable
	calls    map[types.Object][]*ast.CallExpr
	holders  map[types.Object][]types.Object // the variables that a function is given to
	followed map[*ast.Ident]bool             // where a function is called, or given to one of those
}

type parameter struct {
	function types.Object
	at       int
}

type result struct {
	call *ast.CallExpr
	at   int
}

func load(t *testing.T) *source {
	t.Helper()
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	list := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Dir,GoFiles,Export", "./...")
	list.Dir = root
	var said bytes.Buffer
	list.Stderr = &said
	listed, err := list.Output()
	require.NoError(t, err, said.String())
	s := &source{
		files: token.NewFileSet(),
		info: &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{},
		},
		own: map[string]*types.Package{}, of: map[string][]*ast.File{},
		params: map[types.Object]parameter{}, literals: map[*ast.FuncLit]types.Object{}, bodies: map[types.Object]*ast.BlockStmt{},
		assigned: map[types.Object][]ast.Expr{}, results: map[types.Object]result{}, calls: map[types.Object][]*ast.CallExpr{},
		holders: map[types.Object][]types.Object{}, followed: map[*ast.Ident]bool{},
	}
	exports := map[string]string{}
	others := importer.ForCompiler(s.files, "gc", func(name string) (io.ReadCloser, error) { return os.Open(exports[name]) })
	packages := json.NewDecoder(bytes.NewReader(listed))
	for {
		var p struct {
			ImportPath, Dir, Export string
			GoFiles                 []string
		}
		if err := packages.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		exports[p.ImportPath] = p.Export
		if p.ImportPath != module && !strings.HasPrefix(p.ImportPath, module+"/") {
			continue
		}
		var trees []*ast.File
		for _, name := range p.GoFiles {
			tree, err := parser.ParseFile(s.files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			trees = append(trees, tree)
		}
		checked, err := (&types.Config{Importer: imports{s.own, others}}).Check(p.ImportPath, s.files, trees, s.info)
		require.NoError(t, err)
		s.own[p.ImportPath] = checked
		s.of[p.ImportPath] = trees
		s.trees = append(s.trees, trees...)
	}
	for _, tree := range s.trees {
		s.index(tree)
	}
	return s
}

type imports struct {
	own    map[string]*types.Package
	others types.Importer
}

func (i imports) Import(name string) (*types.Package, error) {
	if found, ok := i.own[name]; ok {
		return found, nil
	}
	return i.others.Import(name)
}

func (s *source) index(tree *ast.File) {
	ast.Inspect(tree, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncDecl:
			function := s.info.Defs[n.Name]
			s.bodies[function] = n.Body
			s.parameters(function, n.Type)
		case *ast.AssignStmt:
			s.assign(n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			names := make([]ast.Expr, len(n.Names))
			for i, name := range n.Names {
				names[i] = name
			}
			s.assign(names, n.Values)
		case *ast.FuncLit:
			if s.literals[n] == nil { // one without a name, such as an argument
				s.hold(n, types.NewVar(n.Pos(), nil, "", nil))
			}
		case *ast.CompositeLit:
			s.compose(n)
		case *ast.CallExpr:
			s.take(n)
		}
		return true
	})
}

// take takes note of a call, and of the functions among its arguments.
func (s *source) take(call *ast.CallExpr) {
	callee := s.callee(call)
	if callee == nil {
		return
	}
	s.calls[callee] = append(s.calls[callee], call)
	s.followed[nameIn(call.Fun)] = true
	function, ok := callee.(*types.Func)
	if !ok {
		return
	}
	params := function.Signature().Params()
	for i, argument := range call.Args {
		if i < params.Len() {
			s.pass(params.At(i), argument)
		}
	}
}

// pass gives a function to a parameter.
func (s *source) pass(to types.Object, argument ast.Expr) {
	if function, ok := s.object(argument).(*types.Func); ok {
		s.holders[function] = append(s.holders[function], origin(to))
		s.followed[nameIn(argument)] = true
	}
}

func (s *source) parameters(function types.Object, of *ast.FuncType) {
	at := 0
	for _, field := range of.Params.List {
		for _, name := range field.Names {
			s.params[s.info.Defs[name]] = parameter{function, at}
			at++
		}
		if len(field.Names) == 0 {
			at++
		}
	}
}

func (s *source) hold(literal *ast.FuncLit, in types.Object) {
	s.literals[literal] = in
	s.bodies[in] = literal.Body
	s.parameters(in, literal.Type)
}

func (s *source) assign(to, from []ast.Expr) {
	for i, target := range to {
		object := s.object(target)
		switch {
		case object == nil:
		case len(from) == len(to):
			s.give(object, from[i])
		case len(from) == 1:
			if call, ok := ast.Unparen(from[0]).(*ast.CallExpr); ok {
				s.results[object] = result{call, i}
			}
		}
	}
}

func (s *source) give(object types.Object, value ast.Expr) {
	s.assigned[object] = append(s.assigned[object], value)
	if literal, ok := ast.Unparen(value).(*ast.FuncLit); ok {
		s.hold(literal, object)
	}
	if function, ok := s.object(value).(*types.Func); ok {
		s.holders[function] = append(s.holders[function], object)
		s.followed[nameIn(value)] = true
	}
}

// nameIn is the name at the end of an expression that names something.
func nameIn(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.IndexExpr:
		return nameIn(e.X)
	}
	return nil
}

func (s *source) compose(literal *ast.CompositeLit) {
	of := s.info.Types[literal].Type
	if pointer, ok := of.Underlying().(*types.Pointer); ok {
		of = pointer.Elem()
	}
	structure, ok := of.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			s.give(s.info.Uses[pair.Key.(*ast.Ident)], pair.Value)
			continue
		}
		s.give(structure.Field(i), element)
	}
}

// object is what an expression names.
func (s *source) object(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if defined := s.info.Defs[e]; defined != nil {
			return defined
		}
		return origin(s.info.Uses[e])
	case *ast.SelectorExpr:
		if selection := s.info.Selections[e]; selection != nil {
			return origin(selection.Obj())
		}
		return origin(s.info.Uses[e.Sel])
	case *ast.IndexExpr:
		return s.object(e.X)
	}
	return nil
}

// origin is the generic function or field that one with types filled in comes from.
func origin(object types.Object) types.Object {
	switch o := object.(type) {
	case *types.Func:
		return o.Origin()
	case *types.Var:
		return o.Origin()
	}
	return object
}

func (s *source) callee(call *ast.CallExpr) types.Object { return s.object(call.Fun) }

// use is a summary that a diagnostic has: the text, with … for what is not the same every time, and where the text is written.
type use struct {
	text    string
	written token.Position
}

type finder struct {
	*source
	t       *testing.T
	found   []use
	sought  map[parameter]bool
	queue   []parameter
	visited map[types.Object]bool
}

// summaries gives the summary of every diagnostic.
func (s *source) summaries(t *testing.T) []use {
	t.Helper()
	f := &finder{source: s, t: t, sought: map[parameter]bool{}, visited: map[types.Object]bool{}}
	for function := range s.calls {
		if named, ok := function.(*types.Func); ok {
			if at, ok := sinks[named.FullName()]; ok {
				f.seek(parameter{function, at})
			}
		}
	}
	for len(f.queue) > 0 {
		next := f.queue[0]
		f.queue = f.queue[1:]
		for _, call := range s.calls[next.function] {
			require.Greater(f.t, len(call.Args), next.at, "%s: write the summary as an argument of its own", f.files.Position(call.Pos()))
			f.found = append(f.found, f.resolve(call.Args[next.at])...)
		}
	}
	f.mustFollow()
	return f.found
}

// mustFollow holds that what takes a summary is called, or given to a variable whose calls are known: any other way would hide a summary.
func (f *finder) mustFollow() {
	for name, object := range f.info.Uses {
		function, ok := origin(object).(*types.Func)
		if !ok || f.followed[name] {
			continue
		}
		_, isSink := sinks[function.FullName()]
		for p := range f.sought {
			isSink = isSink || p.function == function
		}
		require.False(f.t, isSink, "%s: call %s, so that this test finds the summary", f.files.Position(name.Pos()), function.FullName())
	}
}

// seek looks at the calls of a function, and of what holds it: a variable, a field, a parameter, an interface's method.
func (f *finder) seek(p parameter) {
	if f.sought[p] {
		return
	}
	f.sought[p] = true
	f.queue = append(f.queue, p)
	for _, holder := range f.holders[p.function] {
		f.seek(parameter{holder, p.at})
	}
	for callee := range f.calls {
		if slices.Contains(f.implementations(callee), p.function) {
			f.seek(parameter{callee, p.at})
		}
	}
}

var verb = regexp.MustCompile(`%(\[\d+\])?[+#]?[a-z]`)

// resolve gives the texts that an expression can be. What comes by a parameter is sought where the function is called.
func (f *finder) resolve(e ast.Expr) []use {
	e = ast.Unparen(e)
	if value := f.info.Types[e].Value; value != nil {
		return []use{{text: constant.StringVal(value), written: f.written(e)}}
	}
	here := f.files.Position(e.Pos())
	switch n := e.(type) {
	case *ast.BinaryExpr:
		return []use{{text: f.part(n.X) + f.part(n.Y), written: here}}
	case *ast.CallExpr:
		return f.call(n, 0)
	case *ast.Ident, *ast.SelectorExpr:
		return f.variable(n)
	}
	f.t.Errorf("%s: this is no way to write a summary: %T", here, e)
	return nil
}

// part is what an expression adds to a longer text.
func (f *finder) part(e ast.Expr) string {
	e = ast.Unparen(e)
	if value := f.info.Types[e].Value; value != nil {
		return constant.StringVal(value)
	}
	if n, ok := e.(*ast.BinaryExpr); ok {
		return f.part(n.X) + f.part(n.Y)
	}
	return "…"
}

// written is where a constant text is written, even if other constants have it from there.
func (f *finder) written(e ast.Expr) token.Position {
	named, ok := f.object(e).(*types.Const)
	for ok && len(f.assigned[named]) == 1 {
		e = f.assigned[named][0]
		named, ok = f.object(e).(*types.Const)
	}
	return f.files.Position(e.Pos())
}

func (f *finder) call(n *ast.CallExpr, at int) []use {
	callee := f.callee(n)
	here := f.files.Position(n.Pos())
	function, isFunction := callee.(*types.Func)
	switch {
	case isFunction && function.FullName() == "fmt.Sprintf":
		format := f.info.Types[n.Args[0]].Value
		if format == nil {
			f.t.Errorf("%s: the pattern of a summary is constant", here)
			return nil
		}
		return []use{{text: verb.ReplaceAllString(constant.StringVal(format), "…"), written: here}}
	case isFunction && function.Name() == "Summary" && strings.HasPrefix(function.FullName(), "("+framework+"diag."):
		return nil // that of another diagnostic
	}
	var found []use
	for _, implementation := range f.implementations(callee) {
		for _, returned := range f.returned(f.bodies[implementation], at) {
			found = append(found, f.resolve(returned)...)
		}
	}
	if len(found) == 0 {
		f.t.Errorf("%s: nothing is known of what this gives: %v", here, callee)
	}
	return found
}

// implementations are the methods that a call of an interface's can be, or the function itself.
func (f *finder) implementations(callee types.Object) []types.Object {
	if f.bodies[callee] != nil {
		return []types.Object{callee}
	}
	var found []types.Object
	method, ok := callee.(*types.Func)
	if !ok {
		return nil
	}
	receiver := method.Signature().Recv()
	if receiver == nil {
		return nil
	}
	promised, ok := receiver.Type().Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	for object := range f.bodies {
		candidate, ok := object.(*types.Func)
		if ok && candidate.Name() == method.Name() && candidate.Signature().Recv() != nil && types.Implements(candidate.Signature().Recv().Type(), promised) {
			found = append(found, candidate)
		}
	}
	return found
}

func (f *finder) returned(body *ast.BlockStmt, at int) []ast.Expr {
	var found []ast.Expr
	if body == nil {
		return nil
	}
	ast.Inspect(body, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if at < len(n.Results) {
				found = append(found, n.Results[at])
			}
		}
		return true
	})
	return found
}

func (f *finder) variable(e ast.Expr) []use {
	object := f.object(e)
	if given, ok := f.params[object]; ok {
		f.seek(given)
		return nil
	}
	if from, ok := f.results[object]; ok {
		return f.call(from.call, from.at)
	}
	if f.visited[object] { // told already
		return nil
	}
	f.visited[object] = true
	if len(f.assigned[object]) == 0 {
		f.t.Errorf("%s: nothing is known of what %s is", f.files.Position(e.Pos()), fmt.Sprint(object))
	}
	var found []use
	for _, value := range f.assigned[object] {
		found = append(found, f.resolve(value)...)
	}
	return found
}
