// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package passwordschema

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/rotationschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Attributes are those of a user's password, for a resource's model to embed; SchemaAttributes describes them. Where a method
// takes a configuration, that is for password_wo, which no plan and no state holds.
type Attributes struct {
	PasswordWO          types.String     `tfsdk:"password_wo"`
	PasswordWOVersion   types.Int64      `tfsdk:"password_wo_version"`
	AgeRecipients       types.Set        `tfsdk:"age_recipients"`
	Password            types.String     `tfsdk:"password"`
	PasswordEncrypted   types.String     `tfsdk:"password_encrypted"`
	PasswordVersion     types.Int64      `tfsdk:"password_version"`
	PasswordSetAt       customtypes.Time `tfsdk:"password_set_at"`
	PasswordFingerprint types.String     `tfsdk:"password_fingerprint"`
}

// firstVersion is the version of a password that was made or imported.
const firstVersion = 1

// BringsPassword reports whether a configuration brings the password; one that is not known yet counts.
func (a Attributes) BringsPassword() bool { return !a.PasswordWO.IsNull() }

// KeepsClearPassword reports whether the state of a plan is to hold the password in clear.
func (a Attributes) KeepsClearPassword(config Attributes) bool {
	return !config.BringsPassword() && a.AgeRecipients.IsNull()
}

// AddSecretFinding applies the rule that looks at where a password is kept.
func (a Attributes) AddSecretFinding(rules *policyschema.Rules, config Attributes, subject string) {
	var found []policy.Finding
	if a.KeepsClearPassword(config) {
		found = rules.Policy.SecretInState(subject, "generated password", "age_recipients = [\"age1…\"], or password_wo with password_wo_version")
	}
	rules.Add(policy.SecretInState, path.Root("password"), found)
}

// IsPasswordDecided reports whether all of a plan is known that the password depends on.
func (a Attributes) IsPasswordDecided() bool {
	_, recipientsKnown := recipients.Texts(a.AgeRecipients)
	return recipientsKnown && !a.PasswordWOVersion.IsUnknown()
}

// DefaultRecipients has the plan keep a generated password for the provider's recipients, where the configuration names none.
func (a *Attributes) DefaultRecipients(config Attributes, fallback types.Set) {
	a.AgeRecipients = config.AgeRecipients
	if !config.BringsPassword() {
		a.AgeRecipients = recipients.Or(config.AgeRecipients, fallback)
	}
}

// AnswerOffer tells those who keep passwords whether a plan takes the one that the configuration brings. The state is nil for a
// login that is to be made.
func (a Attributes) AnswerOffer(
	offers *providerdata.Offers, login providerdata.Login, config Attributes, state *Attributes,
) diag.Diagnostics {
	if a.PasswordVersion.IsUnknown() {
		return nil
	}
	isTaken := state == nil || !a.PasswordVersion.Equal(state.PasswordVersion)
	var diagnostics diag.Diagnostics
	for _, keeper := range offers.Answer(secret.New(config.PasswordWO.ValueString()), login, isTaken) {
		diagnostics.Append(diagnostic.PasswordNotTaken(path.Root("password_wo"), keeper, login.Subject))
	}
	return diagnostics
}

// ValidatePassword refuses combinations in a configuration that could not do what they say.
func (a Attributes) ValidatePassword(isRotated bool) diag.Diagnostics {
	return a.configured(a).Validate(isRotated)
}

// PasswordCauses says why a plan calls for another password than the one that is remembered, beyond what a schedule says.
func (a Attributes) PasswordCauses(config, state Attributes, remembered Record) []string {
	return a.configured(config).Causes(state.configured(state), state.kept(), remembered.Own)
}

// PlanFirstPassword plans the password of a user that is to be made.
func (a *Attributes) PlanFirstPassword(config Attributes) { a.planNewPassword(config, firstVersion) }

// LeaveFirstPassword leaves to the apply how the password of a user that is to be made is kept.
func (a *Attributes) LeaveFirstPassword() {
	a.LeavePassword()
	a.PasswordVersion = types.Int64Value(firstVersion)
}

// PlanNextPassword plans another password than the state's.
func (a *Attributes) PlanNextPassword(config, state Attributes) {
	a.planNewPassword(config, state.PasswordVersion.ValueInt64()+1)
}

func (a *Attributes) planNewPassword(config Attributes, version int64) {
	a.keep(a.configured(config).Plan())
	a.PasswordVersion = types.Int64Value(version)
	a.PasswordSetAt, a.PasswordFingerprint = UnknownRecord()
}

// PlanSamePassword plans the state's password, which may be kept as ciphertext from now on.
func (a *Attributes) PlanSamePassword(config, state Attributes) {
	a.keep(state.kept())
	if a.configured(config).Encrypts(state.kept()) {
		a.keep(Kept{Password: types.StringNull(), Encrypted: types.StringUnknown()})
	}
	a.PasswordVersion = state.PasswordVersion
	a.PasswordSetAt, a.PasswordFingerprint = state.PasswordSetAt, state.PasswordFingerprint
	if state.PasswordSetAt.IsNull() { // No run has looked at the server yet.
		a.PasswordSetAt, a.PasswordFingerprint = UnknownRecord()
	}
}

// LeavePassword leaves to the apply whether there is another password, and how it is kept.
func (a *Attributes) LeavePassword() {
	a.keep(Kept{Password: types.StringUnknown(), Encrypted: types.StringUnknown()})
	a.PasswordVersion = types.Int64Unknown()
	a.PasswordSetAt, a.PasswordFingerprint = UnknownRecord()
}

// NewPassword gives the password to set, the configuration's or a generated one, and keeps it as the plan says.
func (a *Attributes) NewPassword(config Attributes) (secret.String, error) {
	password, kept, err := a.configured(config).New()
	a.keep(kept)
	return password, err
}

// PasswordToSet gives the password that an update is to set, and keeps it. It is empty where the plan has the state's, which is
// kept as ciphertext where the plan says so.
func (a *Attributes) PasswordToSet(config, state Attributes) (secret.String, error) {
	switch {
	case !a.PasswordVersion.Equal(state.PasswordVersion):
		return a.NewPassword(config)
	case a.PasswordEncrypted.IsUnknown():
		kept, err := a.configured(Attributes{}).Keep(secret.New(state.Password.ValueString()))
		a.keep(kept)
		return secret.String{}, err
	default:
		return secret.String{}, nil
	}
}

// PasswordRecord gives what a state remembers of the password; known is false when that is nothing.
func (a Attributes) PasswordRecord(
	ctx context.Context, private rotationschema.PrivateReader, now time.Time,
) (record Record, known bool, diagnostics diag.Diagnostics) {
	return ReadRecord(ctx, private, a.PasswordSetAt, a.PasswordFingerprint, a.configured(a), a.kept(), now)
}

// RememberPassword has the state hold what is remembered of the password. An imported one has the first version.
func (a *Attributes) RememberPassword(record Record) {
	a.PasswordSetAt, a.PasswordFingerprint = record.Attributes()
	if a.PasswordVersion.IsNull() {
		a.PasswordVersion = types.Int64Value(firstVersion)
	}
}

// ForgetPasswordWO leaves nothing of the write-only value: no state takes one.
func (a *Attributes) ForgetPasswordWO() { a.PasswordWO = types.StringNull() }

// configured is what a configuration says of the password of the plan a.
func (a Attributes) configured(config Attributes) Configured {
	return Configured{WriteOnly: config.PasswordWO, WriteOnlyVersion: a.PasswordWOVersion, Recipients: a.AgeRecipients}
}

// kept is what the model holds of the password, and keep sets it.
func (a Attributes) kept() Kept { return Kept{Password: a.Password, Encrypted: a.PasswordEncrypted} }

func (a *Attributes) keep(kept Kept) { a.Password, a.PasswordEncrypted = kept.Password, kept.Encrypted }
