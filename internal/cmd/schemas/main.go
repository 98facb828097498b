// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Command schemas adds to what 'providers schema -json' prints, on standard input, what older CLIs leave out: the schemas of identities, list
// resources and actions, as Terraform 1.14 prints them. The documentation is made from it, whatever the CLI.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
)

func main() {
	if err := complete(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type attribute struct {
	Type            any    `json:"type"`
	Description     string `json:"description,omitempty"`
	DescriptionKind string `json:"description_kind,omitempty"`
	Required        bool   `json:"required,omitempty"`
	Optional        bool   `json:"optional,omitempty"`

	RequiredForImport bool `json:"required_for_import,omitempty"`
	OptionalForImport bool `json:"optional_for_import,omitempty"`
}

type block struct {
	Attributes      map[string]attribute `json:"attributes,omitempty"`
	Description     string               `json:"description,omitempty"`
	DescriptionKind string               `json:"description_kind,omitempty"`
}

// complete reads what a CLI printed of this one provider, and writes it with what was missing.
func complete(ctx context.Context, from io.Reader, to io.Writer) error {
	var printed struct {
		FormatVersion   string                                `json:"format_version"`
		ProviderSchemas map[string]map[string]json.RawMessage `json:"provider_schemas"`
	}
	if err := json.NewDecoder(from).Decode(&printed); err != nil {
		return fmt.Errorf("read what the CLI printed: %w", err)
	}
	missing, err := schemas(ctx)
	if err != nil {
		return err
	}
	for _, sections := range printed.ProviderSchemas {
		for name, section := range missing {
			if sections[name], err = json.Marshal(section); err != nil {
				return fmt.Errorf("write %s: %w", name, err)
			}
		}
	}
	return json.NewEncoder(to).Encode(printed)
}

// schemas asks the provider.
func schemas(ctx context.Context) (map[string]any, error) {
	server := providerserver.NewProtocol6(provider.New("docs")())()
	all, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, fmt.Errorf("ask for the schemas: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, fmt.Errorf("ask for the schemas of identities: %w", err)
	}
	lists, actions, ids := map[string]any{}, map[string]any{}, map[string]any{}
	for name, schema := range all.ListResourceSchemas {
		lists[name] = map[string]any{"version": schema.Version, "block": blockOf(schema.Block)}
	}
	for name, schema := range all.ActionSchemas {
		actions[name] = map[string]any{"block": blockOf(schema.Schema.Block)}
	}
	for name, schema := range identities.IdentitySchemas {
		attributes := map[string]attribute{}
		for _, one := range schema.IdentityAttributes {
			attributes[one.Name] = attribute{
				Type: one.Type, Description: one.Description, RequiredForImport: one.RequiredForImport, OptionalForImport: one.OptionalForImport,
			}
		}
		ids[name] = map[string]any{"version": schema.Version, "attributes": attributes}
	}
	return map[string]any{"list_resource_schemas": lists, "action_schemas": actions, "resource_identity_schemas": ids}, nil
}

var kinds = map[tfprotov6.StringKind]string{tfprotov6.StringKindPlain: "plain", tfprotov6.StringKindMarkdown: "markdown"}

// blockOf gives a block that has attributes of plain types alone, as those of lists and actions are.
func blockOf(from *tfprotov6.SchemaBlock) block {
	made := block{Description: from.Description, DescriptionKind: kinds[from.DescriptionKind], Attributes: map[string]attribute{}}
	for _, one := range from.Attributes {
		made.Attributes[one.Name] = attribute{
			Type: one.Type, Description: one.Description, DescriptionKind: kinds[one.DescriptionKind], Required: one.Required, Optional: one.Optional,
		}
	}
	return made
}
