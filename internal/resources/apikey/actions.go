// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// The actions' full type names.
const (
	RevokeTypeName = "terrascale_api_key_revoke"
	RotateTypeName = "terrascale_api_key_rotate"
)

var (
	_ action.ActionWithConfigure = (*Revoke)(nil)
	_ action.ActionWithConfigure = (*Rotate)(nil)
)

// aKey is an attribute that names a key.
func aKey(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Required: true, Validators: []validator.String{
		stringvalidator.LengthAtLeast(1), noSecret{},
	}}
}

// noSecret refuses a key's secret in the place of its id.
type noSecret struct{}

// Description says what is asked for.
func (noSecret) Description(context.Context) string {
	return "The value is a key's id, not its secret."
}

// MarkdownDescription says what is asked for.
func (n noSecret) MarkdownDescription(ctx context.Context) string { return n.Description(ctx) }

// ValidateString looks at how the value starts.
func (noSecret) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if strings.HasPrefix(req.ConfigValue.ValueString(), secretStart) {
		resp.Diagnostics.AddAttributeError(req.Path, "API key secret given as a key id",
			"That is a key's secret, or the start of one. Write the key's id (keyId in the service's list). The secret is now in the configuration, "+
				"and may be in logs: consider the key leaked.")
	}
}

// tell reports progress.
func tell(resp *action.InvokeResponse, format string, arguments ...any) {
	resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, arguments...)})
}

// working looks a key up that is to be acted on; found is false where it does not work any more, which is told, or an error was.
func working(
	ctx context.Context, client *terrascale.Client, id, summary string, resp *action.InvokeResponse,
) (key terrascale.APIKey, found bool) {
	key, err := client.GetAPIKey(ctx, id)
	if errors.Is(err, terrascale.ErrNotFound) {
		organization, err := client.ActiveOrganizationID(ctx)
		if err != nil {
			organization = "of the provider"
		}
		resp.Diagnostics.AddAttributeError(path.Root(keyID), summary, fmt.Sprintf(
			"There is no API key %q in organization %s. Nothing was changed: look the id up in the service's list of keys.", id, organization))
		return key, false
	}
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return key, false
	}
	return key, true
}

// Revoke is the action that revokes a key.
type Revoke struct{ data *providerdata.Data }

// NewRevoke makes the action.
func NewRevoke() action.Action { return &Revoke{} }

// Metadata names the action.
func (a *Revoke) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = RevokeTypeName
}

// Schema describes the action.
func (a *Revoke) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Revokes an API key at once, managed or made by hand, and looks whether it is revoked. A key that `terrascale_api_key` " +
			"manages is made anew by the next apply.",
		Attributes: map[string]schema.Attribute{keyID: aKey("The service's id of the key.")},
	}
}

// Configure takes the provider's data.
func (a *Revoke) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Invoke revokes the key. An id that the service does not know is an error: a misspelt one would pass for a revocation.
func (a *Revoke) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var id types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(keyID), &id)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to revoke API key by an action"
	client, err := a.data.API.Client()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	key, found := working(ctx, client, id.ValueString(), summary, resp)
	if !found {
		return
	}
	if key.Status(a.data.Clock()) == terrascale.KeyRevoked {
		tell(resp, "Key %s (%s, %s…) was revoked before.", key.ID, key.Name, key.Prefix)
		return
	}
	tell(resp, "Revoking key %s (%s, %s…).", key.ID, key.Name, key.Prefix)
	if err := client.RevokeAPIKey(ctx, key.ID); err != nil {
		resp.Diagnostics.Append(diagnostic.APIWithAdvice(summary, err, fmt.Sprintf("Key %s may still work: run the action again.", key.ID)))
		return
	}
	tell(resp, "Key %s is revoked.", key.ID)
}

// Rotate is the action that puts a new key in the place of one that no resource manages.
type Rotate struct{ data *providerdata.Data }

// NewRotate makes the action.
func NewRotate() action.Action { return &Rotate{} }

type rotateModel struct {
	KeyID         types.String         `tfsdk:"key_id"`
	AgeRecipients types.Set            `tfsdk:"age_recipients"`
	SecretFile    types.String         `tfsdk:"secret_file"`
	ExpiresIn     customtypes.Duration `tfsdk:"expires_in"`
	KeepOld       types.Bool           `tfsdk:"keep_old"`
}

// Metadata names the action.
func (a *Rotate) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = RotateTypeName
}

// Schema describes the action.
func (a *Rotate) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Puts a new API key with the same name and scopes in the place of one that was made by hand: makes the new key, hands out its secret " +
			"as age ciphertext, and revokes the old one. An action can't change a state: for a key that is managed, change `rotation.trigger` instead.",
		Attributes: map[string]schema.Attribute{
			keyID: aKey("The service's id of the key that is replaced."),
			"age_recipients": schema.SetAttribute{
				MarkdownDescription: "Who can read the new key's secret: `age1…` or SSH public keys. Default: the provider's `age_recipients`. Without any, the action is an " +
					"error: nothing that it prints is a secret in clear.",
				Optional: true, ElementType: types.StringType, Validators: recipients.Validators(),
			},
			"secret_file": schema.StringAttribute{
				MarkdownDescription: "Path of a file that the ciphertext is written to, with mode 0600; a file that is there is replaced. Default: the ciphertext is in the action's output.",
				Optional:            true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"expires_in": schema.StringAttribute{
				MarkdownDescription: "How long the new key works, such as `90d`. Default: as long as the old one was made for; without end where that had none.",
				CustomType:          customtypes.DurationType{}, Optional: true, Validators: []validator.String{customtypes.DurationAtLeast(time.Minute)},
			},
			"keep_old": schema.BoolAttribute{
				MarkdownDescription: "Whether the old key goes on working: until you revoke it with `terrascale_api_key_revoke`. Default `false`.", Optional: true,
			},
		},
	}
}

// Configure takes the provider's data.
func (a *Rotate) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// Invoke makes the new key, hands its secret out, and touches the old one last.
func (a *Rotate) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config rotateModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const summary = "Unable to rotate API key by an action"
	texts, _ := recipients.Texts(recipients.Or(config.AgeRecipients, a.data.AgeRecipients))
	if len(texts) == 0 {
		resp.Diagnostics.AddAttributeError(path.Root("age_recipients"), "No age recipients for the new API key",
			"Nothing was changed. The new key's secret is handed out as ciphertext only: write age_recipients here, or in the provider block.")
		return
	}
	if _, err := recipients.Encrypt(secret.New("probe"), texts); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("age_recipients"), summary, "Nothing was changed. "+err.Error())
		return
	}
	client, err := a.data.API.Client()
	if err != nil {
		resp.Diagnostics.Append(diagnostic.API(summary, err))
		return
	}
	old, found := working(ctx, client, config.KeyID.ValueString(), summary, resp)
	if !found {
		return
	}
	now := a.data.Clock()
	if status := old.Status(now); status != terrascale.KeyActive {
		resp.Diagnostics.AddAttributeError(path.Root(keyID), summary, fmt.Sprintf(
			"Nothing was changed. Key %s is %s, so there is nothing to rotate.", old.ID, status))
		return
	}
	wanted := config.successor(old, now)
	tell(resp, "Making a new key %q with %s.", wanted.Name, strings.Join(wanted.Scopes, ", "))
	created, err := client.CreateAPIKey(ctx, wanted)
	if err != nil {
		resp.Diagnostics.Append(notCreated(summary, wanted, err))
		return
	}
	if err := config.handOut(created.Secret, texts, resp); err != nil {
		advice := fmt.Sprintf("The new key %s was revoked again, and the old one works as before.", created.ID)
		if err := client.RevokeAPIKey(ctx, created.ID); err != nil {
			advice = fmt.Sprintf("The new key %s could not be revoked (%s): revoke it by hand. The old one works as before.", created.ID, err)
		}
		resp.Diagnostics.AddError("Unable to hand out the new API key's secret", err.Error()+"\n\n"+advice)
		return
	}
	if config.KeepOld.ValueBool() {
		tell(resp, "Key %s is made. The old key %s goes on working until it is revoked.", created.ID, old.ID)
		return
	}
	if err := client.RevokeAPIKey(ctx, old.ID); err != nil {
		resp.Diagnostics.Append(diagnostic.APIWithAdvice(summary, err, fmt.Sprintf(
			"The new key %s works, and its secret was handed out. The old key %s may still work: revoke it with %s.", created.ID, old.ID, RevokeTypeName)))
		return
	}
	tell(resp, "Key %s is made, and the old key %s is revoked.", created.ID, old.ID)
}

// successor is what takes a key's place.
func (m rotateModel) successor(old terrascale.APIKey, now time.Time) terrascale.NewAPIKey {
	wanted := terrascale.NewAPIKey{Name: old.Name, Scopes: old.Scopes}
	var life time.Duration
	switch {
	case !m.ExpiresIn.IsNull():
		life = customtypes.ParseDurationValue(m.ExpiresIn)
	case old.ExpiresAt != nil:
		life = old.ExpiresAt.Sub(old.CreatedAt)
	}
	if life > 0 {
		ends := now.Add(life).UTC().Truncate(time.Second)
		wanted.ExpiresAt = &ends
	}
	return wanted
}

// handOut writes the ciphertext of a secret to the file, or tells it.
func (m rotateModel) handOut(clear secret.String, texts []string, resp *action.InvokeResponse) error {
	encrypted, err := recipients.Encrypt(clear, texts)
	if err != nil {
		return fmt.Errorf("the key's secret can't be encrypted: %w", err)
	}
	if m.SecretFile.IsNull() {
		tell(resp, "The new key's secret, for age -d:\n%s", encrypted)
		return nil
	}
	if err := replaceFile(m.SecretFile.ValueString(), encrypted); err != nil {
		return err
	}
	tell(resp, "The new key's secret is in %s, for age -d.", m.SecretFile.ValueString())
	return nil
}

// replaceFile writes a file that only its owner reads, in one step.
func replaceFile(name, content string) (err error) {
	pending, err := os.CreateTemp(filepath.Dir(name), ".terrascale-*") // Its mode is 0600.
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = pending.Close()
			_ = os.Remove(pending.Name())
		}
	}()
	if _, err := pending.WriteString(content); err != nil {
		return err
	}
	if err := pending.Sync(); err != nil {
		return err
	}
	if err := pending.Close(); err != nil {
		return err
	}
	return os.Rename(pending.Name(), name)
}
