// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package terrascale

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

// DefaultEndpoint is where the service answers.
var DefaultEndpoint = "https://api.terrascale.io"

const (
	// DefaultMaxRetries is the number of retries that the provider uses when its configuration names none.
	DefaultMaxRetries = 4
	// DefaultRequestTimeout bounds an attempt when Config.RequestTimeout is zero.
	DefaultRequestTimeout = 30 * time.Second
)

var (
	// ErrInvalidConfig is in every error that New returns.
	ErrInvalidConfig = errors.New("invalid client configuration")
	// ErrInvalidEndpoint says that it is the endpoint.
	ErrInvalidEndpoint = fmt.Errorf("%w: endpoint", ErrInvalidConfig)
	// ErrInvalidToken says that it is the access token.
	ErrInvalidToken = fmt.Errorf("%w: access token", ErrInvalidConfig)
)

// Config says where the service is and who calls it. Credentials may be missing: a call that needs them then
// fails with ErrNoCredentials.
type Config struct {
	// Endpoint is the base URL; empty means DefaultEndpoint. http is refused unless the host is loopback.
	Endpoint string
	// AccessToken is a JWT, used as it is. It goes before Email and Password.
	AccessToken secret.String
	Email       string
	Password    secret.String
	// TOTPSecret is the base32 secret of the authenticator app, for users with a TOTP factor.
	TOTPSecret secret.String
	// OrganizationID is the organization to act in; empty means the token's own active organization.
	OrganizationID string
	// RootCAs are the certificates to trust; nil means the system's.
	RootCAs *x509.CertPool
	// MaxRetries is the number of attempts after the first; 0 means none.
	MaxRetries int
	// RequestTimeout bounds each attempt, its answer's body included; 0 means DefaultRequestTimeout.
	RequestTimeout time.Duration
	UserAgent      string
	// Clock tells the time; nil means time.Now.
	Clock func() time.Time
	// Log, when set, gets one line for each answer or failed attempt, free of secrets. It fits tflog.Debug.
	Log func(ctx context.Context, message string, fields ...map[string]any)
}

// normalized returns the configuration with its defaults filled in and its endpoint parsed, or what is wrong.
func (c Config) normalized() (Config, error) {
	if c.Endpoint == "" {
		c.Endpoint = DefaultEndpoint
	}
	if err := checkEndpoint(c.Endpoint); err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrInvalidEndpoint, err)
	}
	if c.MaxRetries < 0 {
		return Config{}, fmt.Errorf("%w: max retries must not be negative, got %d", ErrInvalidConfig, c.MaxRetries)
	}
	if c.RequestTimeout < 0 {
		return Config{}, fmt.Errorf("%w: request timeout must not be negative, got %s", ErrInvalidConfig, c.RequestTimeout)
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = DefaultRequestTimeout
	}
	if strings.ContainsAny(c.AccessToken.Reveal(), " \t\r\n") {
		return Config{}, fmt.Errorf("%w: the access token contains white space", ErrInvalidToken)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Log == nil {
		c.Log = func(context.Context, string, ...map[string]any) {}
	}
	return c, nil
}

// checkEndpoint never quotes an endpoint that may hold a password.
func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil {
		return errors.New("the endpoint is not a URL; write it like " + DefaultEndpoint)
	}
	switch {
	case u.User != nil:
		return errors.New("the endpoint must not contain a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("the endpoint must not contain a query or a fragment")
	case u.Hostname() == "":
		return fmt.Errorf("the endpoint %q names no host; write it like %s", endpoint, DefaultEndpoint)
	case u.Scheme == "https":
		return nil
	case u.Scheme != "http":
		return fmt.Errorf("the endpoint %q must start with https://", endpoint)
	case !isLoopback(u.Hostname()):
		return fmt.Errorf("the endpoint %q would send credentials in clear; use https:// (http:// is for localhost only)", endpoint)
	}
	return nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
