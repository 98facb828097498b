// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// The summaries that several packages give for the same cause. A summary is written in one place, so that it has one meaning: the guide to
// troubleshooting has an entry for each.
const (
	InvalidAgeRecipient       = "Invalid age recipient"
	InvalidName               = "Invalid name"
	InvalidRegularExpression  = "Invalid regular expression"
	IPAllowlistLocksOut       = "The IP allowlist would lock you out"
	ProtectedFromDeletion     = "Protected from deletion"
	UnableToReadIPAllowlist   = "Unable to read IP allowlist"
	UnableToReadPrivateState  = "Unable to read the private state"
	UnableToWritePrivateState = "Unable to write the private state"
)

// InvalidImportID is the error of an import id that is none of the resource's. The detail says what to write.
func InvalidImportID(detail string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Invalid import id", detail)
}

// OrganizationNotFound is the error of a data source about an organization that is not there; at is the attribute that names it.
func OrganizationNotFound(at path.Path, organizationID string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Organization not found", fmt.Sprintf(
		"There is no organization %s, or it was deleted, or the user that the provider logs in as is not a member of it. Check %s here, and "+
			"organization_id in the provider block.", organizationID, at))
}

// UnknownServer is the error of a server that the provider block does not have.
func UnknownServer(at path.Path, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Unknown database server", sentence(err.Error())+
		". Add the server to that map in the provider block, or write the name of one that is in it.")
}

// GrantIsNull is the error of a grant without a value; whole is what {} stands for.
func GrantIsNull(at path.Path, whole string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Grant is null", fmt.Sprintf(
		"A grant that is null could mean nothing or everything. Write {} for %s, or leave the key out.", whole))
}

// PasswordChangedOutside is the warning that a login has another password than the one that was set. The detail says what was found.
func PasswordChangedOutside(name, detail string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("password_version"), "Password changed outside: "+name, detail)
}

// IPAllowlistEntryEnded is the warning that an entry is removed from the list because its time is over.
func IPAllowlistEntryEnded(at path.Path, cidr, detail string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "IP allowlist entry has ended: "+cidr, detail)
}

// PrivateStateUnreadable is the error of something in the private state that does not parse. What names it.
func PrivateStateUnreadable(what string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(UnableToReadPrivateState, fmt.Sprintf(
		"%s does not parse: %s. The state was damaged, or a later version of the provider wrote it. Use that version, or restore the state from "+
			"a backup.", sentence(what), err))
}

// PrivateStateUnwritable is the error of something that can't be kept in the private state. What names it.
func PrivateStateUnwritable(what string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(UnableToWritePrivateState, fmt.Sprintf(
		"%s can't be kept: %s. This is a bug in the provider: please report it.", sentence(what), err))
}
