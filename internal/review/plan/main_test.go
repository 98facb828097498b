// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan_test

import (
	"testing"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestMain(m *testing.M) { acctest.Run(m) }
