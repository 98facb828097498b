// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// A plan works as a user that may look at users and at the names of commands, and nothing else, and an apply as one that may also change and
// save users: docs/guides/ci.md says so.
func TestAccUserPlanNeedsToLookAtUsers(t *testing.T) {
	r := acctest.NewRedis(t, devstack.RedisOptions{})
	r.Exec("ACL SETUSER planner on >of-the-planner +acl|getuser +acl|cat")
	users := func(pattern string) string {
		return fmt.Sprintf(`
resource "terrascale_redis_readonly_user" "test" {
  server       = "main"
  name         = "reader"
  key_patterns = [%q]
}
`, pattern)
	}
	planner := fmt.Sprintf(`
provider "terrascale" {
  redis = {
    main = { host = %q, port = %d, username = "planner", password = "of-the-planner", ca_file = %q }
  }
}
`, r.Host, r.Port, r.Authority.CAFile)
	w := acctest.NewWorkspace(t, planner+users("app:*"))
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "1 to add")
	w.Configure(r.ServerHCL() + users("app:*"))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Configure(planner + users("app:*"))
	w.Must("plan", "-input=false", "-no-color", "-detailed-exitcode")
	w.Configure(planner + users("shop:*"))
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), `+ "shop:*"`)
	r.Exec("ACL SETUSER applier on >of-the-applier +acl|getuser +acl|cat +acl|setuser +acl|deluser +acl|save +config|rewrite")
	applier := strings.NewReplacer("planner", "applier", "of-the-planner", "of-the-applier").Replace(planner)
	w.Configure(applier + users("shop:*"))
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Must("destroy", "-auto-approve", "-input=false", "-no-color")
	w.Must("apply", "-auto-approve", "-input=false", "-no-color")
	w.Configure(planner + users("shop:*"))
	r.Exec("ACL SETUSER reader +set")
	require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "+set")
}
