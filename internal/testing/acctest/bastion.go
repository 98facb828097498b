// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"testing"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// NewBastion starts an SSH bastion that ends with the test.
func NewBastion(t *testing.T) *devstack.Bastion {
	t.Helper()
	bastion, err := devstack.NewBastion()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bastion.Close() })
	return bastion
}
