// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"context"
	"time"
)

// RecordWaits makes the client retry at once and hands each wait that it would have made to record.
func (c *Client) RecordWaits(record func(time.Duration)) {
	c.pause = func(d time.Duration) time.Duration {
		record(d)
		return 0
	}
	c.window = func(time.Duration) time.Duration { return 0 }
}

// CreateAPIKeyOnce is the call as it is, without the search for a lost key.
func (c *Client) CreateAPIKeyOnce(ctx context.Context, key NewAPIKey) (CreatedAPIKey, error) {
	return c.createAPIKey(ctx, key)
}
