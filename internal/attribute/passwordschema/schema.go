// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package passwordschema

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/recipients"
)

// The names of the attributes by which a state remembers the password in force. Terraform loses a resource's private state when
// the provider does not survive a change of it, so that nothing is kept there that a later run can't do without.
const (
	SetAtName       = "password_set_at"
	FingerprintName = "password_fingerprint"
)

// SchemaAttributes describes Attributes, by their names.
func SchemaAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"password_wo": schema.StringAttribute{
			MarkdownDescription: "The password, write-only: it is in no plan and no state. Without it, the provider generates one " +
				"and keeps it in the state as `password`.",
			Optional: true, Sensitive: true, WriteOnly: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		"password_wo_version": schema.Int64Attribute{
			MarkdownDescription: "Change it to have `password_wo` set again: Terraform can't see a change of a write-only value. " +
				"With `rotation` it may be left out: each rotation takes the value of that apply.",
			Optional: true, Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("password_wo"))},
		},
		"age_recipients": recipients.Attribute("password_encrypted"),
		"password": schema.StringAttribute{
			MarkdownDescription: "The generated password; null with `password_wo` or `age_recipients`, and after an import.",
			Computed:            true, Sensitive: true,
		},
		"password_encrypted": schema.StringAttribute{
			MarkdownDescription: "The generated password for `age_recipients`, armored.", Computed: true,
		},
		"password_version": schema.Int64Attribute{
			MarkdownDescription: "Grows with each rotation and each new password. Use it as the version of whoever keeps the password.",
			Computed:            true,
		},
		SetAtName: schema.StringAttribute{
			MarkdownDescription: "When the password was set: its age counts from here. After an import, the time of the import.",
			CustomType:          customtypes.TimeType{}, Computed: true,
		},
		FingerprintName: FingerprintAttribute(),
	}
}

// FingerprintAttribute says which password was set, to who sees what the server keeps of it.
func FingerprintAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "A salted fingerprint of what the server keeps of the password. The provider uses it to see that " +
			"another password was set. Nobody can log in with it. Null if the provider's user may not see what the server " +
			"keeps.",
		Computed: true, Sensitive: true,
	}
}
