// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package devstack

import (
	"fmt"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// Emulator starts a TerraScale emulator on loopback that ends with the stack.
func (s *Stack) Emulator(options emulator.Options) (*emulator.Server, error) {
	server, err := emulator.New(options)
	if err != nil {
		return nil, fmt.Errorf("make the emulator: %w", err)
	}
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("start the emulator: %w", err)
	}
	s.closers = append(s.closers, server.Close)
	return server, nil
}
