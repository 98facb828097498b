// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package acctest is what acceptance tests share: the provider served from the test's own process, private services,
// and looks at the services from outside Terraform.
package acctest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terrascale/terraform-provider-terrascale/internal/provider"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// Factories serve the provider from the test's process.
type Factories = map[string]func() (tfprotov6.ProviderServer, error)

// Providers gives the provider's factories.
func Providers(options ...provider.Option) Factories {
	return Factories{
		provider.Name: providerserver.NewProtocol6WithError(provider.New("test", options...)()),
	}
}

// Clock is a clock that a test moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts a clock at a time.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now tells the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// stack holds the services of this test process.
var stack *devstack.Stack

// Run prepares the process, runs a package's tests, and stops what they started. TestMain calls it.
func Run(m *testing.M) {
	if err := prepare(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	removeBinary()
	if stack != nil {
		if err := stack.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "stop the test's services:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// prepare makes acceptance tests run, always: one that is skipped is not one that passed.
func prepare() error {
	cli, err := terraformcli.Find(context.Background())
	if err != nil {
		return err
	}
	settings := map[string]string{
		"TF_ACC": "1", "TF_ACC_TERRAFORM_PATH": cli, "CHECKPOINT_DISABLE": "1",
		// The developer's own CLI configuration is not the tests' business.
		"TF_CLI_CONFIG_FILE": os.DevNull,
	}
	if terraformcli.IsOpenTofu(cli) {
		settings["TF_ACC_PROVIDER_HOST"] = "registry.opentofu.org"
	}
	for name, value := range settings {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	for _, name := range []string{"PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "TERRASCALE_ENDPOINT", "TERRASCALE_ACCESS_TOKEN"} {
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	return nil
}

func openStack(t *testing.T) *devstack.Stack {
	t.Helper()
	if stack == nil {
		opened, err := devstack.Open()
		if err != nil {
			t.Fatal(err)
		}
		stack = opened
	}
	return stack
}
