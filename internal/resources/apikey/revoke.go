// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey

import (
	"context"
	"errors"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// revoke takes a key that is gone for revoked.
func revoke(ctx context.Context, keys keys, keyID string) error {
	if err := keys.RevokeAPIKey(ctx, keyID); !errors.Is(err, terrascale.ErrNotFound) {
		return err
	}
	return nil
}
