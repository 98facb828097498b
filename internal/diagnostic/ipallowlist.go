// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
)

// IPAllowlist is the error of a failed call for an IP allowlist, with what the likely cause is for a list.
func IPAllowlist(summary string, err error) diag.Diagnostic {
	switch {
	case errors.Is(err, terrascale.ErrForbidden):
		return APIWithAdvice(summary, err, "IP allowlists are a feature of the plan Enterprise. If the organization has another plan, move it "+
			"to Enterprise, or remove this resource from the configuration (terraform state rm, if it is in the state). On Enterprise, "+
			"the user that the provider logs in as must be an admin or owner, and this machine's address must be in the list.")
	case errors.Is(err, terrascale.ErrConflict):
		return APIWithAdvice(summary, err, "Nothing was changed. The service refuses a list without the address that it is called "+
			"from, whatever allow_lockout says. Add that address to the list, or apply from an address that is in it.")
	default:
		return API(summary, err)
	}
}

// IPAllowlistClaim is the error of an entry, or a list, that contradicts another resource of the configuration.
func IPAllowlistClaim(organizationID string, err error) diag.Diagnostic {
	if overlap, ok := errors.AsType[*providerdata.OverlapError](err); ok {
		a, b := overlap.Entry, overlap.Other
		if a.Network != b.Network && a.Network.Bits() > b.Network.Bits() {
			a, b = b, a
		}
		summary, detail := RedundantNetworks(a.Text, b.Text, a.Network == b.Network)
		return diag.NewErrorDiagnostic(summary, detail)
	}
	return diag.NewErrorDiagnostic("IP allowlist is managed twice", fmt.Sprintf(
		"The configuration has terrascale_ip_allowlist and terrascale_ip_allowlist_entry for organization %s. The first manages the whole "+
			"list and removes what the other adds. Keep one kind: the first if one configuration manages the whole list, the second if "+
			"several add to it. To go from the first to the second, remove it from the state without destroying it (a removed block with "+
			"lifecycle { destroy = false }): destroying it would empty the list. Then import each entry.", organizationID))
}

// CIDRSpelling describes a key that is a CIDR in another form than the canonical one.
func CIDRSpelling(written string, network netip.Prefix) (summary, detail string) {
	return "CIDR not in canonical form", fmt.Sprintf(
		"Terraform compares the keys of this map letter by letter, so each network has one spelling. Write %q instead of %q.", network, written)
}

// RedundantNetworks describes two networks of one list, as they are written, of which the first contains the second.
func RedundantNetworks(wide, narrow string, same bool) (summary, detail string) {
	if same {
		return "Duplicate IP allowlist entry", fmt.Sprintf("%q and %q are the same network. Keep one entry.", wide, narrow)
	}
	return "IP allowlist entry within another", fmt.Sprintf(
		"%q lies within %q, which allows all of it. Remove %q, or write narrower networks instead of %q.", narrow, wide, narrow, wide)
}
