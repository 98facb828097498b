// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package recipients

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Attribute describes age_recipients; encrypted is the attribute that the ciphertext is in.
func Attribute(encrypted string) schema.SetAttribute {
	return schema.SetAttribute{
		MarkdownDescription: "Who can read the secret: [age](https://age-encryption.org) recipients (`age1…`, or `ssh-ed25519` and " +
			"`ssh-rsa` public keys). Default: the provider's `age_recipients`. With recipients the state holds ciphertext only, in `" +
			encrypted + "`. Read it with the function `age_decrypt`, or with `terraform output -raw NAME | age -d -i key.txt`.",
		Optional: true, Computed: true, ElementType: types.StringType,
		Validators: Validators(),
	}
}

// Description is that of the provider's own age_recipients.
const Description = "Who can read the secrets in the state: the default for the `age_recipients` of each API key and each database " +
	"login. [age](https://age-encryption.org) recipients: `age1…`, or `ssh-ed25519` and `ssh-rsa` public keys. With this one line, " +
	"each secret that the provider keeps is ciphertext in the state; the function `age_decrypt` hands it on."

// ProviderAttribute describes the provider's age_recipients.
func ProviderAttribute(environment string) providerschema.SetAttribute {
	return providerschema.SetAttribute{
		MarkdownDescription: Description + environment, Optional: true, ElementType: types.StringType, Validators: Validators(),
	}
}

// Validators refuse what is no recipient.
func Validators() []validator.Set { return []validator.Set{setvalidator.SizeAtLeast(1), usable{}} }

// Or gives the recipients that a resource names or, where it names none, the provider's.
func Or(own, fallback types.Set) types.Set {
	switch {
	case !own.IsNull():
		return own
	case fallback.IsNull():
		return types.SetNull(types.StringType)
	default:
		return fallback
	}
}

// usable refuses recipients that nothing can be encrypted to.
type usable struct{}

// Description says what is asked for.
func (usable) Description(context.Context) string { return "Each value must be an age recipient." }

// MarkdownDescription says what is asked for.
func (u usable) MarkdownDescription(ctx context.Context) string { return u.Description(ctx) }

// ValidateSet reports each value that is no recipient, and a set that can't be used together.
func (usable) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	texts, known := Texts(req.ConfigValue)
	for _, text := range texts {
		if _, err := Parse(text); err != nil {
			resp.Diagnostics.AddAttributeError(req.Path, diagnostic.InvalidAgeRecipient, err.Error())
		}
	}
	if resp.Diagnostics.HasError() || !known || len(texts) == 0 {
		return
	}
	if _, err := Encrypt(secret.New("probe"), texts); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Age recipients do not go together", err.Error())
	}
}

// Texts gives the known values of a set, and whether all of it is known.
func Texts(set types.Set) (texts []string, known bool) {
	known = !set.IsUnknown()
	for _, element := range set.Elements() {
		text, ok := element.(types.String)
		if !ok || text.IsUnknown() {
			known = false
			continue
		}
		texts = append(texts, text.ValueString())
	}
	return texts, known
}
