// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser

import (
	"context"
	"maps"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/collections"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/loginschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/timeouts"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Manages a user on a MySQL or MariaDB server that can read and nothing else."

// Schema describes the resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		policyschema.Name: policyschema.Attribute(policy.ExcessPrivilege, policy.SecretInState),
		"server": schema.StringAttribute{
			MarkdownDescription: "Name of the server in the provider's `mysql` map. Default `default`. A change makes the user anew " +
				"on the other server.",
			Optional: true, Computed: true, Default: stringdefault.StaticString("default"),
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"name": schema.StringAttribute{
			MarkdownDescription: "Name of the user, at most 80 characters on MariaDB and 32 on MySQL, two less with `rotation`. A change renames it.",
			Required:            true, Validators: []validator.String{userName},
		},
		"host": schema.StringAttribute{
			MarkdownDescription: "Where the user may come from: `%` (the default) for anywhere, an address, a CIDR such as `10.0.0.0/8` " +
				"(IPv4; the server gets it with a netmask), or the pattern of a host name such as `%.internal`. A change keeps the user.",
			Optional: true, Computed: true, Default: stringdefault.StaticString(mysql.AnyHost), Validators: []validator.String{host{}},
		},
		"grants": grantsAttribute(),
		"require_tls": schema.BoolAttribute{
			MarkdownDescription: "Whether the server refuses the user without TLS (`REQUIRE SSL`). Default `true`.",
			Optional:            true, Computed: true, Default: booldefault.StaticBool(true),
		},
		"max_user_connections": schema.Int64Attribute{
			MarkdownDescription: "The most sessions at a time. It must cover the gateway's instances times their pool. Default: the " +
				"server's limit for all users.",
			Optional: true, Validators: []validator.Int64{int64validator.Between(1, math.MaxInt32)},
		},
		"terminate_sessions": schema.BoolAttribute{
			MarkdownDescription: "Whether open sessions are ended with the login that they came with: when a rotation's overlap is over, " +
				"when the user is dropped, and when they come from where `host` does not allow any more. Default `true`.",
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
		},
		"excess_privileges": schema.ListAttribute{
			MarkdownDescription: "What the user can do beyond reading what `grants` says, and through what, such as " +
				"`INSERT on app.orders via PUBLIC`.",
			Computed: true, ElementType: types.StringType,
		},
	}
	maps.Copy(attributes, loginschema.SchemaAttributes("user"))
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description, Attributes: attributes,
		Blocks: map[string]schema.Block{"timeouts": timeouts.Block(ctx)},
	}
}

func grantsAttribute() schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		MarkdownDescription: "What the user may read, by database, such as `{ app = {}, shop = { tables = [\"orders\"] } }`. `_` and `%` in " +
			"a name mean themselves.",
		Required:      true,
		Validators:    []validator.Map{mapvalidator.SizeAtLeast(1)},
		PlanModifiers: []planmodifier.Map{collections.Unwalked()},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			tablesName: schema.SetAttribute{
				MarkdownDescription: "Tables and views of the database. Default: all of them, and what is made later.",
				Optional:            true, ElementType: types.StringType,
				Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(table)},
			},
		}},
	}
}
