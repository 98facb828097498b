// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/stretchr/testify/require"

	tested "github.com/terrascale/terraform-provider-terrascale/internal/provider"
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

// TestEveryAttributeIsDescribed keeps the generated documentation free of blanks.
func TestEveryAttributeIsDescribed(t *testing.T) {
	for _, constructor := range tested.New("test")().Resources(t.Context()) {
		tfResource := constructor()
		var metadata resource.MetadataResponse
		tfResource.Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: tested.Name}, &metadata)
		var schema resource.SchemaResponse
		tfResource.Schema(t.Context(), resource.SchemaRequest{}, &schema)
		require.Empty(t, schema.Diagnostics)
		require.Empty(t, schema.Schema.ValidateImplementation(t.Context()))
		require.NotEmpty(t, schema.Schema.MarkdownDescription, metadata.TypeName)
		for name, attribute := range schema.Schema.Attributes {
			require.NotEmpty(t, attribute.GetMarkdownDescription(), "%s.%s", metadata.TypeName, name)
		}
	}
	for _, constructor := range tested.New("test")().DataSources(t.Context()) {
		dataSource := constructor()
		var metadata datasource.MetadataResponse
		dataSource.Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: tested.Name}, &metadata)
		var schema datasource.SchemaResponse
		dataSource.Schema(t.Context(), datasource.SchemaRequest{}, &schema)
		require.Empty(t, schema.Schema.ValidateImplementation(t.Context()))
		require.NotEmpty(t, schema.Schema.MarkdownDescription, metadata.TypeName)
		for name, attribute := range schema.Schema.Attributes {
			require.NotEmpty(t, attribute.GetMarkdownDescription(), "%s.%s", metadata.TypeName, name)
		}
	}
	var schema provider.SchemaResponse
	tested.New("test")().Schema(t.Context(), provider.SchemaRequest{}, &schema)
	for name, attribute := range schema.Schema.Attributes {
		require.NotEmpty(t, attribute.GetMarkdownDescription(), name)
	}
}
