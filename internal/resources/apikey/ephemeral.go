// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

const ephemeralDescription = "Makes an API key for one run of Terraform, which is in no plan and no state, and revokes it when the run ends."

// defaultTTL is how long an ephemeral key works when the configuration does not say: a key's expiry can't be moved later.
const defaultTTL = time.Hour

// openedKey is where the private data of an open ephemeral key has its id, as a JSON string.
const openedKey = "key_id"

const notEnded = "Unable to revoke ephemeral API key"

var (
	_ ephemeral.EphemeralResourceWithConfigure = (*Ephemeral)(nil)
	_ ephemeral.EphemeralResourceWithClose     = (*Ephemeral)(nil)
)

// Ephemeral is the ephemeral resource: a key for one run of Terraform.
type Ephemeral struct{ data *providerdata.Data }

// NewEphemeral makes the ephemeral resource.
func NewEphemeral() ephemeral.EphemeralResource { return &Ephemeral{} }

// ephemeralModel is the ephemeral resource in HCL's terms.
type ephemeralModel struct {
	Name             types.String         `tfsdk:"name"`
	Scopes           types.Set            `tfsdk:"scopes"`
	TTL              customtypes.Duration `tfsdk:"ttl"`
	KeyID            types.String         `tfsdk:"key_id"`
	Secret           types.String         `tfsdk:"secret"`
	PolicyExceptions types.Map            `tfsdk:"policy_exceptions"`
}

// Metadata names the ephemeral resource.
func (e *Ephemeral) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = TypeName
}

// Schema describes the ephemeral resource.
func (e *Ephemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: ephemeralDescription,
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "What the key is for, such as `ci-smoke-test`. The key's own name has more: that it is ephemeral, " +
					"and when it ends.",
				Required: true,
				Validators: []validator.String{
					stringvalidator.RegexMatches(notBlank, "the name must not be blank: write one such as \"ci-smoke-test\""),
				},
			},
			"scopes": schema.SetAttribute{
				MarkdownDescription: "What the key may do: `database:read`, `database:write`, `database:*`, `repository:read`, " +
					"`repository:write`, `repository:*`, `*`.",
				Required: true, ElementType: types.StringType,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.OneOf(terrascale.Scopes...)),
				},
			},
			"ttl": schema.StringAttribute{
				MarkdownDescription: "How long the key works when nobody closes it. At least `1m`; default `1h`. It can't be renewed: " +
					"make it longer than the run.",
				CustomType: customtypes.DurationType{}, Optional: true,
				Validators: []validator.String{customtypes.DurationAtLeast(time.Minute)},
			},
			policyschema.Name: schema.MapAttribute{
				MarkdownDescription: policyschema.Describe(policy.WildcardScope, policy.SlowRotation),
				Optional:            true, ElementType: types.StringType, Validators: policyschema.Validators(policy.WildcardScope, policy.SlowRotation),
			},
			"key_id": schema.StringAttribute{MarkdownDescription: "The service's id of the key.", Computed: true},
			"secret": schema.StringAttribute{
				MarkdownDescription: "The key itself, as a client of the data plane sends it.", Computed: true, Sensitive: true,
			},
		},
	}
}

// Configure takes the provider's data.
func (e *Ephemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Open ends what earlier runs left behind, and makes the key.
func (e *Ephemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var data ephemeralModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	ttl := defaultTTL
	if !data.TTL.IsNull() {
		ttl = customtypes.ParseDurationValue(data.TTL)
	}
	name := data.Name.ValueString()
	rules, subject := policyschema.OfResource(e.data.Policy, data.PolicyExceptions), policy.Named("API key", name)
	rules.Add(policy.WildcardScope, path.Root("scopes"), rules.Policy.WildcardScopes(subject, scopeTexts(data.Scopes)))
	rules.Add(policy.SlowRotation, path.Root("ttl"), rules.Policy.LongLivedKey(subject, ttl, 0))
	resp.Diagnostics.Append(rules.Diagnostics()...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to create ephemeral API key"
	keys, err := e.data.API.Client()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	now := e.data.Clock()
	resp.Diagnostics.Append(sweep(ctx, keys, name, now)...)

	ends := now.Add(ttl).UTC().Truncate(time.Second)
	wanted := terrascale.NewAPIKey{Name: ephemeralName(name, ends), Scopes: scopeTexts(data.Scopes), ExpiresAt: &ends}
	created, err := keys.CreateAPIKey(ctx, wanted)
	if err != nil {
		resp.Diagnostics.Append(notCreated(summary, wanted, err))
		return
	}
	e.data.Open.Add(created.ID, func(ctx context.Context) error { return revoke(ctx, keys, created.ID) })
	data.KeyID, data.Secret = types.StringValue(created.ID), types.StringValue(created.Secret.Reveal())
	resp.Diagnostics.Append(resp.Result.Set(ctx, data)...)
	remembered, err := json.Marshal(created.ID)
	if err != nil {
		resp.Diagnostics.AddError(summary, err.Error())
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, openedKey, remembered)...)
	if resp.Diagnostics.HasError() {
		// What failed to open is never closed.
		resp.Diagnostics.Append(e.end(ctx, keys, created.ID)...)
	}
}

// Close revokes the key. Terraform does not call it when something that uses the key fails: then the provider revokes the key
// as it ends (providerdata.Open).
func (e *Ephemeral) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	content, diagnostics := req.Private.GetKey(ctx, openedKey)
	resp.Diagnostics.Append(diagnostics...)
	var id string
	if err := json.Unmarshal(content, &id); err != nil {
		resp.Diagnostics.AddError("Unable to read what was kept of an ephemeral API key", err.Error())
		return
	}
	keys, err := e.data.API.Client()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(notEnded, err))
		return
	}
	resp.Diagnostics.Append(e.end(ctx, keys, id)...)
}

func (e *Ephemeral) end(ctx context.Context, keys keys, id string) (diagnostics diag.Diagnostics) {
	e.data.Open.Remove(id)
	if err := revoke(ctx, keys, id); err != nil {
		diagnostics = append(diagnostics, diagnostic.APIWithAdvice(notEnded, err, fmt.Sprintf(
			"Key %s works until its ttl has passed: revoke it by hand if that is too long.", id)))
	}
	return diagnostics
}
