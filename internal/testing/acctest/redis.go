// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// Redis is a private server of one test.
type Redis struct {
	*devstack.Redis
	t *testing.T
}

// NewRedis starts a server that ends with the process.
func NewRedis(t *testing.T, options devstack.RedisOptions) *Redis {
	t.Helper()
	started, err := openStack(t).Redis(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	return &Redis{Redis: started, t: t}
}

// TryAs logs in over verified TLS and runs a command.
func (r *Redis) TryAs(username string, password secret.String, command ...any) error {
	client := r.client(username, password)
	defer func() { _ = client.Close() }()
	return client.Do(context.Background(), command...).Err()
}

// Texts runs a command as the administrator whose answer is a list of texts.
func (r *Redis) Texts(command ...any) ([]string, error) {
	client := r.client(r.Admin, r.AdminPassword)
	defer func() { _ = client.Close() }()
	return client.Do(context.Background(), command...).StringSlice()
}

// Text runs a command as the administrator whose answer is a text.
func (r *Redis) Text(command ...any) (string, error) {
	client := r.client(r.Admin, r.AdminPassword)
	defer func() { _ = client.Close() }()
	return client.Do(context.Background(), command...).Text()
}

func (r *Redis) client(username string, password secret.String) *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr: fmt.Sprintf("%s:%d", r.Host, r.Port), Username: username, Password: password.Reveal(), TLSConfig: r.TLS(),
		MaxRetries: -1, Protocol: 2, DisableIdentity: true,
	})
}

// Exec runs a command, of words, as the administrator.
func (r *Redis) Exec(command string) {
	r.t.Helper()
	arguments := []any{}
	for _, word := range strings.Fields(command) {
		arguments = append(arguments, word)
	}
	if err := r.TryAs(r.Admin, r.AdminPassword, arguments...); err != nil {
		r.t.Fatalf("%s: %s", command, err)
	}
}

// ServerHCL gives a provider block whose redis server "main" is this one, with more attributes if given.
func (r *Redis) ServerHCL(attributes ...string) string {
	return fmt.Sprintf(`
provider "terrascale" {
  %s
  redis = {
    main = {
      host     = %q
      port     = %d
      username = %q
      password = %q
      ca_file  = %q
    }
  }
}
`, strings.Join(attributes, "\n  "), r.Host, r.Port, r.Admin, r.AdminPassword.Reveal(), r.Authority.CAFile)
}
