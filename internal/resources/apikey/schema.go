// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// description is the page's first sentence; what follows the arguments is in templates/behaviour.
const description = "Manages an API key for the service's data plane, and rotates it on a schedule: the new key is made first, and " +
	"the old one works until an overlap ends."

var notBlank = regexp.MustCompile(`\S`)

// Schema describes the resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		Version:             0, // Counted up with each change that an older state does not fit (TestStatesOfEveryVersionAreApplied).
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			policyschema.Name: policyschema.Attribute(policy.WildcardScope, policy.UnboundedKey, policy.SlowRotation, policy.SecretInState),
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the key. The service does not ask for a unique one; use one key for each environment " +
					"and purpose, such as `prod-backend`. A change rotates the key.",
				Required: true,
				Validators: []validator.String{
					stringvalidator.RegexMatches(notBlank, "the name must not be blank: write one such as \"prod-backend\""),
				},
			},
			"scopes": schema.SetAttribute{
				MarkdownDescription: "What the key may do: `database:read`, `database:write`, `database:*`, `repository:read`, " +
					"`repository:write`, `repository:*`, `*`. A change rotates the key.",
				Required: true, ElementType: types.StringType,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.OneOf(terrascale.Scopes...)),
				},
			},
			"expires_in": schema.StringAttribute{
				MarkdownDescription: "How long the key works, such as `90d`, counted from its creation. At least `1m`. Each new key " +
					"works as long. A change rotates the key. Without this and `expires_at`, the key never expires.",
				CustomType: customtypes.DurationType{}, Optional: true,
				Validators:    []validator.String{customtypes.DurationAtLeast(time.Minute)},
				PlanModifiers: []planmodifier.String{customtypes.KeepDurationSpelling},
			},
			"expires_at": schema.StringAttribute{
				MarkdownDescription: "When the key stops working, RFC 3339. A change rotates the key. A rotation does not move it: " +
					"use `expires_in` for a key that rotates.",
				CustomType: customtypes.TimeType{}, Optional: true, Computed: true,
				Validators:    []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("expires_in"))},
				PlanModifiers: []planmodifier.String{customtypes.KeepTimeSpelling},
			},
			rotationschema.Name: rotationschema.Attribute("key", true),
			"age_recipients":    recipients.Attribute("secret_encrypted"),
			"id": schema.StringAttribute{
				MarkdownDescription: "The id of the first key. It stays through rotations.", Computed: true,
			},
			keyID: schema.StringAttribute{
				MarkdownDescription: "The service's id of the current key.", Computed: true,
			},
			keyPrefix: schema.StringAttribute{
				MarkdownDescription: "The visible start of the current key.", Computed: true,
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "`active`. If it is `expired`, `revoked` or `gone`, the next apply rotates the key.", Computed: true,
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "When the current key was made, RFC 3339.", CustomType: customtypes.TimeType{}, Computed: true,
			},
			"secret": schema.StringAttribute{
				MarkdownDescription: "The key itself, as a client of the data plane sends it. Null with `age_recipients`, and after an " +
					"import.",
				Computed: true, Sensitive: true,
			},
			"secret_encrypted": schema.StringAttribute{
				MarkdownDescription: "The key itself for `age_recipients`, armored.", Computed: true,
			},
			"previous": schema.SingleNestedAttribute{
				MarkdownDescription: "The key before the last rotation, while it still works.", Computed: true,
				Attributes: map[string]schema.Attribute{
					keyID:     schema.StringAttribute{MarkdownDescription: "The service's id of it.", Computed: true},
					keyPrefix: schema.StringAttribute{MarkdownDescription: "The visible start of it.", Computed: true},
					revokeAt: schema.StringAttribute{
						MarkdownDescription: "When it ends: with the first apply after this time.",
						CustomType:          customtypes.TimeType{}, Computed: true,
					},
				},
			},
		},
	}
}
