// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/stretchr/testify/require"

	tested "github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/protocol"
)

const (
	resourcesDir = "../resources"
	examplesDir  = "../../examples/resources"
	docsDir      = "../../docs/resources"

	dataSourceExamplesDir = "../../examples/data-sources"
	dataSourceDocsDir     = "../../docs/data-sources"

	ephemeralExamplesDir = "../../examples/ephemeral-resources"
	ephemeralDocsDir     = "../../docs/ephemeral-resources"

	functionsDir        = "../functions"
	functionExamplesDir = "../../examples/functions"
	functionDocsDir     = "../../docs/functions"
)

// TestEveryResourceIsWhole holds the three places of a resource together: its folder, its line in the provider, and its
// example (from which its documentation is generated).
func TestEveryResourceIsWhole(t *testing.T) {
	var names, folders []string
	for _, constructor := range tested.New("test")().Resources(t.Context()) {
		var metadata resource.MetadataResponse
		constructor().Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: tested.Name}, &metadata)
		names = append(names, metadata.TypeName)
		short := strings.TrimPrefix(metadata.TypeName, tested.Name+"_")
		folders = append(folders, strings.ReplaceAll(short, "_", ""))

		require.FileExists(t, filepath.Join(examplesDir, metadata.TypeName, "resource.tf"))
		require.FileExists(t, filepath.Join(examplesDir, metadata.TypeName, "import.sh"))
		require.FileExists(t, filepath.Join(docsDir, short+".md"), "run 'make docs'")
	}
	require.True(t, slices.IsSorted(names), "the list of resources is sorted by type name: %v", names)
	require.ElementsMatch(t, names, entries(t, examplesDir), "an example for each resource, and a resource for each example")

	var ephemerals []string
	for _, constructor := range newProvider(t).EphemeralResources(t.Context()) {
		var metadata ephemeral.MetadataResponse
		constructor().Metadata(t.Context(), ephemeral.MetadataRequest{ProviderTypeName: tested.Name}, &metadata)
		ephemerals = append(ephemerals, metadata.TypeName)
		short := strings.TrimPrefix(metadata.TypeName, tested.Name+"_")
		folders = append(folders, strings.ReplaceAll(short, "_", ""))
		require.FileExists(t, filepath.Join(ephemeralExamplesDir, metadata.TypeName, "ephemeral-resource.tf"))
		require.FileExists(t, filepath.Join(ephemeralDocsDir, short+".md"), "run 'make docs'")
	}
	require.True(t, slices.IsSorted(ephemerals), "the list of ephemeral resources is sorted by type name: %v", ephemerals)
	require.ElementsMatch(t, ephemerals, entries(t, ephemeralExamplesDir))
	folders = append(folders, dataSourceFolders(t)...)
	folders = append(folders, "terminatesessions") // Actions that go with no resource.
	slices.Sort(folders)
	folders = slices.Compact(folders)
	require.ElementsMatch(t, folders, entries(t, resourcesDir), "a folder for each resource, and a resource for each folder")
}

// dataSourceFolders holds the example and the documentation of each data source together with its line in the provider, and
// gives the folders that they are in: a data source that lists things is in the folder of the thing, where it has one.
func dataSourceFolders(t *testing.T) []string {
	t.Helper()
	var names, folders []string
	for _, constructor := range newProvider(t).DataSources(t.Context()) {
		var metadata datasource.MetadataResponse
		constructor().Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: tested.Name}, &metadata)
		names = append(names, metadata.TypeName)
		short := strings.TrimPrefix(metadata.TypeName, tested.Name+"_")
		require.FileExists(t, filepath.Join(dataSourceExamplesDir, metadata.TypeName, "data-source.tf"))
		require.FileExists(t, filepath.Join(dataSourceDocsDir, short+".md"), "run 'make docs'")
		folder := strings.ReplaceAll(short, "_", "")
		if one := strings.TrimSuffix(folder, "s"); slices.Contains(entries(t, resourcesDir), one) {
			folder = one
		}
		require.FileExists(t, filepath.Join(resourcesDir, folder, "datasource.go"))
		folders = append(folders, folder)
	}
	require.True(t, slices.IsSorted(names), "the list of data sources is sorted by type name: %v", names)
	require.ElementsMatch(t, names, entries(t, dataSourceExamplesDir), "an example for each data source, and a data source for each example")
	return folders
}

// TestEveryFunctionIsWhole holds the places of a function together: its file, its line in the provider, its example and
// its documentation.
func TestEveryFunctionIsWhole(t *testing.T) {
	var names []string
	for _, constructor := range newProvider(t).Functions(t.Context()) {
		var metadata function.MetadataResponse
		constructor().Metadata(t.Context(), function.MetadataRequest{}, &metadata)
		names = append(names, metadata.Name)
		require.FileExists(t, filepath.Join(functionsDir, metadata.Name+".go"))
		require.FileExists(t, filepath.Join(functionExamplesDir, metadata.Name, "function.tf"))

		var definition function.DefinitionResponse
		constructor().Definition(t.Context(), function.DefinitionRequest{}, &definition)
		require.Empty(t, definition.Diagnostics)
		require.NotEmpty(t, definition.Definition.Summary, metadata.Name)
		require.NotEmpty(t, definition.Definition.MarkdownDescription, metadata.Name)
		for _, parameter := range definition.Definition.Parameters {
			require.NotEmpty(t, parameter.GetMarkdownDescription(), "%s(%s)", metadata.Name, parameter.GetName())
		}
	}
	require.True(t, slices.IsSorted(names), "the list of functions is sorted by name: %v", names)
	require.ElementsMatch(t, names, entries(t, functionExamplesDir), "an example for each function, and a function for each example")
	for _, name := range names {
		require.FileExists(t, filepath.Join(functionDocsDir, name+".md"), "run 'make docs'")
	}
}

func newProvider(t *testing.T) *tested.Provider {
	t.Helper()
	p, ok := tested.New("test")().(*tested.Provider)
	require.True(t, ok)
	return p
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range found {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names
}

// TestEveryListAndActionIsWhole holds each list and each action to its example and its page, and each resource to how it is imported by identity.
func TestEveryListAndActionIsWhole(t *testing.T) {
	p := protocol.New(t, newProvider(t), protocol.Object{})
	for kind, names := range map[string][]string{
		"list-resources": slices.Collect(maps.Keys(p.Schemas.ListResourceSchemas)), "actions": slices.Collect(maps.Keys(p.Schemas.ActionSchemas)),
	} {
		require.NotEmpty(t, names)
		require.ElementsMatch(t, names, entries(t, filepath.Join("../../examples", kind)))
		file := map[string]string{"list-resources": "list-resource.tfquery.hcl", "actions": "action.tf"}[kind]
		for _, name := range names {
			require.FileExists(t, filepath.Join("../../examples", kind, name, file))
			require.FileExists(t, filepath.Join("../../docs", kind, strings.TrimPrefix(name, tested.Name+"_")+".md"), "run 'make docs'")
		}
	}
	for name := range p.Schemas.ResourceSchemas {
		require.FileExists(t, filepath.Join(examplesDir, name, "import-by-identity.tf"))
	}
}

// blocks are all schemas that the provider offers, by what they are of.
func blocks(t *testing.T) map[string]*tfprotov6.SchemaBlock {
	t.Helper()
	schemas := protocol.New(t, newProvider(t), protocol.Object{}).Schemas
	all := map[string]*tfprotov6.SchemaBlock{"provider": schemas.Provider.Block}
	for kind, ofKind := range map[string]map[string]*tfprotov6.Schema{
		"resource": schemas.ResourceSchemas, "data": schemas.DataSourceSchemas, "ephemeral": schemas.EphemeralResourceSchemas, "list": schemas.ListResourceSchemas,
	} {
		require.NotEmpty(t, ofKind)
		for name, schema := range ofKind {
			all[kind+" "+name] = schema.Block
		}
	}
	for name, action := range schemas.ActionSchemas {
		all["action "+name] = action.Schema.Block
	}
	return all
}

// each calls a function for every attribute of a block, at any depth, with what leads there.
func each(at string, block *tfprotov6.SchemaBlock, do func(at string, attribute *tfprotov6.SchemaAttribute)) {
	var walk func(at string, attributes []*tfprotov6.SchemaAttribute)
	walk = func(at string, attributes []*tfprotov6.SchemaAttribute) {
		for _, attribute := range attributes {
			do(at+"."+attribute.Name, attribute)
			if attribute.NestedType != nil {
				walk(at+"."+attribute.Name, attribute.NestedType.Attributes)
			}
		}
	}
	walk(at, block.Attributes)
	for _, nested := range block.BlockTypes {
		each(at+"."+nested.TypeName, nested.Block, do)
	}
}

// TestEveryAttributeIsDescribed keeps the generated documentation free of blanks, at any depth.
func TestEveryAttributeIsDescribed(t *testing.T) {
	for name, block := range blocks(t) {
		require.NotEmpty(t, block.Description, name)
		each(name, block, func(at string, attribute *tfprotov6.SchemaAttribute) {
			require.NotEmpty(t, attribute.Description, at)
		})
	}
	p := protocol.New(t, newProvider(t), protocol.Object{})
	for name, schema := range p.Identities.IdentitySchemas {
		for _, attribute := range schema.IdentityAttributes {
			require.NotEmpty(t, attribute.Description, "identity of %s.%s", name, attribute.Name)
		}
	}
}

// soundsSecret finds the attributes that may hold a secret, by their names.
var soundsSecret = regexp.MustCompile(`(?i)(password|secret|token|private_key|credential|passphrase|_wo$)`)

// noSecrets are attributes that sound like one and hold none.
var noSecrets = regexp.MustCompile(`\.(password_(version|wo_version|set_at|encrypted|fingerprint)|secret_(encrypted|file)|value_wo_version|token_lifetime)$`)

// TestSecretsAreSensitive: a plan shows no secret that has its own attribute.
func TestSecretsAreSensitive(t *testing.T) {
	found := 0
	for name, block := range blocks(t) {
		each(name, block, func(at string, attribute *tfprotov6.SchemaAttribute) {
			if soundsSecret.MatchString(attribute.Name) && !noSecrets.MatchString(at) {
				found++
				require.True(t, attribute.Sensitive || attribute.WriteOnly, at)
			}
		})
	}
	require.Greater(t, found, 10)
}
