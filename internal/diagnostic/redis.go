// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package diagnostic

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/extraroots"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
)

var redisAdvice = []advice{
	{redis.ErrOwnUser, "Nothing was changed. Name another user: the provider logs in as this one, and could not undo the change."},
	{redis.ErrRule, "Nothing was changed. Remove the rule from commands."},
	{redis.ErrTooOld, "A user that can only read needs Redis 7 or newer, which tells reading keys from writing them. Upgrade the server."},
	{extraroots.ErrUnusable, "Correct ca_file of the server in the provider's redis map."},
	{redis.ErrNoAnswer, "Apply again once the server answers."},
	{context.DeadlineExceeded, overTime},
}

// Redis is the error of a failed change or look at a Redis server.
func Redis(summary, server string, err error) diag.Diagnostic {
	words := fmt.Sprintf("Server %q: %s", server, err)
	return diag.NewErrorDiagnostic(summary, explain(words, err, redisAdvice))
}
