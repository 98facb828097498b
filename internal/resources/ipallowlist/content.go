// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlist

import (
	"fmt"
	"maps"
	"slices"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// descriptions gives a list's descriptions by canonical CIDR.
func descriptions(list terrascale.IPAllowlist) map[string]string {
	byCIDR := make(map[string]string, len(list.Entries))
	for _, entry := range list.Entries {
		byCIDR[customtypes.NewCIDR(entry.CIDR).Canonical()] = entry.Description
	}
	return byCIDR
}

// sameContent compares by value.
func sameContent(a, b terrascale.IPAllowlist) bool {
	return a.Enabled == b.Enabled && maps.Equal(descriptions(a), descriptions(b))
}

// differences says what became of a list, one line each: "added 10.0.0.0/24".
func differences(from, to terrascale.IPAllowlist) []string {
	var lines []string
	before, after := descriptions(from), descriptions(to)
	for _, cidr := range slices.Sorted(maps.Keys(after)) {
		description, was := before[cidr]
		switch {
		case !was:
			lines = append(lines, "added "+named(cidr, after[cidr]))
		case description != after[cidr]:
			lines = append(lines, fmt.Sprintf("description of %s changed to %q", cidr, after[cidr]))
		}
	}
	for _, line := range removed(from, to) {
		lines = append(lines, "removed "+line)
	}
	if from.Enabled != to.Enabled {
		lines = append(lines, map[bool]string{true: "enabled", false: "disabled"}[to.Enabled])
	}
	return lines
}

// removed names the entries of a list that another one lacks.
func removed(from, to terrascale.IPAllowlist) []string {
	var lines []string
	before, after := descriptions(from), descriptions(to)
	for _, cidr := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[cidr]; !stays {
			lines = append(lines, named(cidr, before[cidr]))
		}
	}
	return lines
}

func named(cidr, description string) string {
	if description == "" {
		return cidr
	}
	return fmt.Sprintf("%s (%q)", cidr, description)
}
