// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package accessreview

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Reviews who can do what: API keys, members, settings and the IP allowlist of an organization, and everybody " +
	"who can log in to the PostgreSQL, MySQL and Redis servers that you name. It looks at everything that is there, " +
	"whether a resource manages it or not."

// Schema describes the data source.
func (d *DataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"organization": schema.BoolAttribute{
				MarkdownDescription: "Whether to review an organization of the service: keys, members, settings, IP allowlist. Default `true`.",
				Optional:            true,
			},
			"organization_id": schema.StringAttribute{
				MarkdownDescription: "The organization. Default: the one that the provider works in. The service lists the keys of " +
					"that one only: for another organization, the rules for keys are in `not_known`.",
				Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"postgresql_servers": servers("postgresql"),
			"mysql_servers":      servers("mysql"),
			"redis_servers":      servers("redis"),
			"key_max_age":        threshold("How old an API key may be. Default `90d`."),
			"key_unused_for": threshold("How long an API key may be unused, and how long a server has to run for a login that nobody used to be a finding. " +
				"Default `30d`."),
			"invitation_max_age": threshold("How old an invitation may be. Default `14d`."),
			"expiring_within":    threshold("How long before its end an API key is named. Default `14d`."),
			"max_owners": schema.Int64Attribute{
				MarkdownDescription: "How many owners the organization may have, invitations included. Default `1`.", Optional: true,
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			policyschema.Name: schema.MapAttribute{
				MarkdownDescription: "Rules that are not to be applied to a subject, each with the reason. The keys are subjects as `findings` names them, " +
					"the values maps from rule to reason: refer to the `policy_exceptions` of the resource, or write one for what no resource manages. Null " +
					"is none. An exception for a name holds for all that have that name.",
				Optional: true, ElementType: types.MapType{ElemType: types.StringType},
				Validators: []validator.Map{mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1)), exceptions{}},
			},
			"findings": schema.ListNestedAttribute{
				MarkdownDescription: "What was found, the gravest first, then by rule and subject.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"rule":        text("Name of the rule, such as `unused-key`."),
					"severity":    text("`high`, `medium`, `low` or `info`."),
					"subject":     text("What it is about, such as `API key prod-backend` or `PostgreSQL role main/gateway`."),
					"message":     text("What was found."),
					"remediation": text("What to do, as Markdown."),
				}},
			},
			"passed": schema.ListAttribute{
				MarkdownDescription: "The rules that could look at everything that they look at, and found nothing, sorted.",
				Computed:            true, ElementType: types.StringType,
			},
			"not_known": schema.ListNestedAttribute{
				MarkdownDescription: "What a rule could not look at: the service or a server does not tell, or the admin may not ask. Such a rule is never in " +
					"`passed`.",
				Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"rule": text("Name of the rule."), "subject": text("What it is about."), "reason": text("Why it is not known."),
				}},
			},
			"exceptions": schema.ListNestedAttribute{
				MarkdownDescription: "All exceptions, by rule and subject.", Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"rule": text("Name of the rule."), "subject": text("What it is about."), "reason": text("Why the rule is not applied."),
					"applies": schema.BoolAttribute{
						MarkdownDescription: "Whether there is a finding that it silences. If it is `false`, remove the exception. Null where the review can't " +
							"tell: the rule looks at plans only, or could not look at everything.",
						Computed: true,
					},
				}},
			},
			"counts": schema.MapAttribute{
				MarkdownDescription: "How many findings there are of each severity: `high`, `medium`, `low` and `info`.",
				Computed:            true, ElementType: types.Int64Type,
			},
			"markdown": text("The review as Markdown (GitHub-flavoured) for a pull request, an issue or a wiki page, of less than 65,536 characters. " +
				"If it is too long, it says how many lines are missing."),
		},
	}
}

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func threshold(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description, Optional: true, CustomType: customtypes.DurationType{},
		Validators: []validator.String{customtypes.DurationAtLeast(time.Second)},
	}
}

func servers(kind string) schema.SetAttribute {
	return schema.SetAttribute{
		MarkdownDescription: fmt.Sprintf("Names of servers of the provider's `%s` map to review. Default: none.", kind),
		Optional:            true, ElementType: types.StringType,
		Validators: []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
	}
}

// exceptions holds each subject's exceptions to what a resource's are held to. Any rule may be named: a resource has exceptions from rules,
// too, that only a plan looks at.
type exceptions struct{}

// Description says what is asked for.
func (exceptions) Description(context.Context) string {
	return "Each value is a map from a rule to a reason, or null."
}

// MarkdownDescription says what is asked for.
func (e exceptions) MarkdownDescription(ctx context.Context) string { return e.Description(ctx) }

// ValidateMap looks at the exceptions of each subject.
func (exceptions) ValidateMap(ctx context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	var names []string
	for _, rule := range policy.Rules() {
		names = append(names, rule.Name)
	}
	for subject, value := range req.ConfigValue.Elements() {
		ofSubject, isMap := value.(types.Map)
		if !isMap || ofSubject.IsNull() || ofSubject.IsUnknown() {
			continue
		}
		for _, one := range policyschema.Validators(names...) {
			one.ValidateMap(ctx, validator.MapRequest{Path: req.Path.AtMapKey(subject), ConfigValue: ofSubject}, resp)
		}
	}
}
