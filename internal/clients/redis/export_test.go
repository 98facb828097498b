// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redis

import "slices"

// Tried names the commands that Probe tries.
func Tried() (names []string) {
	for _, attempt := range slices.Concat(attempts("k"), formless("k")) {
		names = append(names, nameOf(attempt))
	}
	return names
}
