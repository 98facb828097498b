// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"strings"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Hide gives a text, such as a driver's error, without the secrets (see secret.Hide). Spaces and line breaks become single spaces.
func Hide(text string, secrets []secret.String) string {
	return strings.Join(strings.Fields(secret.Hide(text, secrets...)), " ")
}
