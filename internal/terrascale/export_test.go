// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import "time"

// RecordWaits makes the client retry at once and hands each wait that it would have made to record.
func (c *Client) RecordWaits(record func(time.Duration)) {
	c.pause = func(d time.Duration) time.Duration {
		record(d)
		return 0
	}
}
