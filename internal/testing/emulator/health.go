// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import "net/http"

func health(status string) func(*call) error {
	return func(c *call) error {
		return c.send(http.StatusOK, map[string]string{"status": status})
	}
}
