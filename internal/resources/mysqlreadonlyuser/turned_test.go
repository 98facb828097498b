// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package mysqlreadonlyuser_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
)

func TestAccUserRotationIsTurnedOnAndOff(t *testing.T) {
	m := newDatabase(t, "onoff")
	clock := acctest.NewClock(begin)
	config := func(password, more string) string {
		return m.ServerHCL() + user(fmt.Sprintf(`
  name                = "onoff"
  grants              = { onoff = {} }
  password_wo         = %q
  password_wo_version = 1
  %s`, password, more))
	}
	const rotation = `rotation = { every = "90d", overlap = "7d" }`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(provider.WithClock(clock.Now)),
		CheckDestroy:             gone(m, "onoff"),
		Steps: []resource.TestStep{
			{Config: config("one", ""), Check: logins(m, "onoff", map[string]string{"onoff": "one"}, nil)},
			{
				Config: config("two", rotation), ConfigPlanChecks: updates(),
				Check: logins(m, "onoff", map[string]string{"onoff": "one", "onoff_a": "two"}, nil),
			},
			{
				PreConfig: func() { clock.Advance(7 * day) }, Config: config("ignored", rotation), ConfigPlanChecks: updates(),
				Check: logins(m, "onoff", map[string]string{"onoff_a": "two"}, map[string]string{"onoff": "one"}),
			},
			{
				PreConfig: func() {
					require.Equal(t, []string{"%"}, m.Texts("SELECT Host FROM mysql.global_priv WHERE User LIKE 'onoff%'"))
				},
				Config: config("three", ""), ConfigPlanChecks: updates(),
				Check: logins(m, "onoff", map[string]string{"onoff": "three", "onoff_a": "two"}, nil),
			},
			{
				PreConfig: func() { clock.Advance(7 * day) }, Config: config("ignored", ""), ConfigPlanChecks: updates(),
				Check: logins(m, "onoff", map[string]string{"onoff": "three"}, map[string]string{"onoff_a": "two"}),
			},
			{
				// A rename takes the user's logins along, and another host.
				Config:           strings.Replace(config("four", rotation+"\nhost = \"127.0.0.0/8\""), `"onoff"`, `"onoff_renamed"`, 1),
				ConfigPlanChecks: updates(),
				Check:            logins(m, "onoff", map[string]string{"onoff_renamed": "three", "onoff_renamed_a": "four"}, map[string]string{"onoff": "three"}),
			},
			{
				Config: config("ignored", rotation), ConfigPlanChecks: updates(),
				Check: logins(m, "onoff", map[string]string{"onoff": "three", "onoff_a": "four"}, nil),
			},
			{PreConfig: func() { clock.Advance(7 * day) }, Config: config("ignored", rotation), ConfigPlanChecks: updates()},
		},
	})
}

func TestAccUserLoginOfSomebodyElse(t *testing.T) {
	m := newDatabase(t, "seized")
	config := func(rotation string) string {
		return m.ServerHCL() + user("name = \"seized\"\ngrants = { seized = {} }\npassword_wo = \"one\"\npassword_wo_version = 1\n"+rotation)
	}
	const rotation = `rotation = { every = "90d" }`
	theirs := logins(m, "seized", map[string]string{"seized": "one", "seized_a": "theirs"}, nil)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Providers(),
		CheckDestroy:             gone(m, "seized"),
		Steps: []resource.TestStep{
			{Config: config("")},
			{
				PreConfig: func() { m.Exec("CREATE USER seized_a IDENTIFIED BY 'theirs'", "GRANT SELECT ON seized.* TO seized_a") },
				Config:    config(rotation), ExpectError: regexp.MustCompile(`exists\s+already:\s+seized_a@%`),
			},
			{Config: config(""), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: emptyPlan()}, Check: theirs},
			{
				PreConfig: func() { m.Exec("DROP USER seized_a") }, Config: config(rotation), ConfigPlanChecks: updates(),
				Check: logins(m, "seized", map[string]string{"seized_a": "one"}, map[string]string{"seized": "one"}),
			},
		},
	})
}
