// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package hyperterse

import (
	"maps"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// Redacted gives the adapter as it may be shown and kept: a connection string or option that holds, or may hold, a
// password is replaced as a whole. What stands in a file may be anything; what was checked before passes unchanged.
func (a Adapter) Redacted() Adapter {
	a.Options = maps.Clone(a.Options)
	for name, value := range a.Options {
		if secretKey.MatchString(name) && reference.ReplaceAllString(value, "") != "" {
			a.Options[name] = secret.Redacted
		}
	}
	if _, err := Inspect(a.Connector, a.ConnectionString, nil); err != nil && a.ConnectionString != "" {
		a.ConnectionString = secret.Redacted
	}
	return a
}
