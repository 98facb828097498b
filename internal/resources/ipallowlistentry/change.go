// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlistentry

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
)

// Why an entry is not written.
var (
	errListed  = errors.New("the network is in the list already")
	errChanged = errors.New("the entry was changed by somebody else")
	errLockout = errors.New("the list would not contain the address that this run comes from")
	errOpen    = errors.New("the list would be empty, and let every address in")
)

// find gives the place of a network in a list, or -1.
func find(list terrascale.IPAllowlist, network netip.Prefix) int {
	canonical := network.String()
	return slices.IndexFunc(list.Entries, func(entry terrascale.IPAllowlistEntry) bool {
		return entry.CIDR == canonical || customtypes.NewCIDR(entry.CIDR).Canonical() == canonical
	})
}

// isOpen reports whether a list lets every address in.
func isOpen(list terrascale.IPAllowlist) bool { return !list.Enabled || len(list.Entries) == 0 }

// add lists an entry. A list that lets everybody in is turned on by the entry that contains the caller, and by no other.
func add(network netip.Prefix, description string) terrascale.IPAllowlistChange {
	return func(list *terrascale.IPAllowlist) error {
		if index := find(*list, network); index >= 0 {
			return fmt.Errorf("%w: %s", errListed, named(list.Entries[index]))
		}
		if isOpen(*list) {
			list.Enabled = !terrascale.ShutsOut([]netip.Prefix{network}, list.CallerIP)
		}
		list.Entries = append(list.Entries, terrascale.IPAllowlistEntry{CIDR: network.String(), Description: description})
		return nil
	}
}

// change swaps an entry's network and description for others, if it is what was known of it.
func change(from, to netip.Prefix, known, description string, allowLockout bool) terrascale.IPAllowlistChange {
	return func(list *terrascale.IPAllowlist) error {
		index, err := findKnown(*list, from, known)
		if err != nil {
			return err
		}
		if index < 0 {
			return fmt.Errorf("%w: %s was removed", errChanged, from)
		}
		if other := find(*list, to); other >= 0 && other != index {
			return fmt.Errorf("%w: %s", errListed, named(list.Entries[other]))
		}
		before := list.Networks()
		list.Entries[index].CIDR, list.Entries[index].Description = to.String(), description
		return checkLockout(*list, before, allowLockout)
	}
}

// remove takes an entry off the list, if it is what was known of it.
func remove(network netip.Prefix, known string, allowLockout, allowOpen bool) terrascale.IPAllowlistChange {
	return func(list *terrascale.IPAllowlist) error {
		index, err := findKnown(*list, network, known)
		if err != nil || index < 0 {
			return err
		}
		before := list.Networks()
		list.Entries = slices.Delete(list.Entries, index, index+1)
		if len(list.Entries) > 0 {
			return checkLockout(*list, before, allowLockout)
		}
		if list.Enabled && !allowOpen {
			return errOpen
		}
		list.Enabled = false
		return nil
	}
}

// findKnown gives the place of an entry, which is an error if it has another description than was known. -1 if it is gone.
func findKnown(list terrascale.IPAllowlist, network netip.Prefix, known string) (int, error) {
	index := find(list, network)
	if index >= 0 && list.Entries[index].Description != known {
		return index, fmt.Errorf("%w: the description of %s is now %q", errChanged, network, list.Entries[index].Description)
	}
	return index, nil
}

// checkLockout compares who gets in now and did before.
func checkLockout(list terrascale.IPAllowlist, before []netip.Prefix, allowed bool) error {
	if !list.Enabled || allowed || terrascale.ShutsOut(before, list.CallerIP) || !terrascale.ShutsOut(list.Networks(), list.CallerIP) {
		return nil
	}
	return fmt.Errorf("%w, %s", errLockout, list.CallerIP)
}

func named(entry terrascale.IPAllowlistEntry) string {
	if entry.Description == "" {
		return entry.CIDR
	}
	return fmt.Sprintf("%s (%q)", entry.CIDR, entry.Description)
}

// failure is the error of an entry that was not written, with what to do about it.
func failure(summary string, m model, err error) diag.Diagnostic {
	switch {
	case errors.Is(err, errListed):
		return diagnostic.APIWithAdvice(summary, err, fmt.Sprintf(
			"It may belong to another team: the provider takes over no entry that this state did not add. To manage it here from now on, import it:\n\n"+
				"  terraform import %s.<name> '%s'\n\nIf another resource of this configuration holds it, write a moved block.",
			TypeName, m.ID.ValueString()))
	case errors.Is(err, errChanged):
		return diagnostic.APIWithAdvice(summary, err, "Nothing was overwritten. Plan again: the plan shows the other change.")
	case errors.Is(err, errLockout):
		return diagnostic.APIWithAdvice(summary, err, "Nothing was changed, because the service would refuse the next run. If this run also removes "+
			"other entries, run it again. Otherwise, add an entry for that address first, or let the others depend on "+
			"this one (depends_on). If later runs come from elsewhere, set allow_lockout = true.")
	case errors.Is(err, errOpen):
		return diagnostic.APIWithAdvice(summary, err, "Nothing was changed. Add another entry first. Or, if every address may call, set "+
			"allow_open = true in this entry and apply, then remove it.")
	default:
		return diagnostic.IPAllowlist(summary, err)
	}
}
