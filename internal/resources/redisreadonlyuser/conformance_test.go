// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package redisreadonlyuser_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/redisreadonlyuser"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

func TestConformance(t *testing.T) {
	r := acctest.NewRedis(t, devstack.RedisOptions{})
	acctest.ReadOnlyLogin{
		Type: redisreadonlyuser.TypeName, Host: r.Host, Port: r.Port, Admin: r.AdminPassword, Logs: []string{r.LogFile},
		ProviderHCL: func(port int) string {
			through := *r.Redis
			through.Port = port
			return (&acctest.Redis{Redis: &through}).ServerHCL()
		},
		Arguments: `key_patterns = ["app:*"]`,
		ImportID:  func(name string) string { return "main/" + name },
		Read: func(login acctest.Login) error {
			err := r.TryAs(login.Username, login.Password, "GET", "app:nothing")
			if errors.Is(err, redis.Nil) {
				return nil
			}
			return err
		},
		Write: func(login acctest.Login) error {
			return r.TryAs(login.Username, login.Password, "SET", "app:written", "1")
		},
		Exceed: func(name string) { r.Exec("ACL SETUSER " + name + " ~app:* +set") },
		Drop:   func(name string) { r.Exec("ACL DELUSER " + name) },
		Present: func(prefix string) (found []string) {
			users, err := r.Texts("ACL", "USERS")
			require.NoError(t, err)
			for _, user := range users {
				if strings.HasPrefix(user, prefix) {
					found = append(found, user)
				}
			}
			return found
		},
	}.Conform(t)
}
