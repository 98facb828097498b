// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"crypto/tls"
	"io"
	"log/slog"
	"time"
)

// Options of New. The zero value is a complete emulator on the real clock, with the default seed, in memory only.
type Options struct {
	Clock    func() time.Time // nil: time.Now
	Seed     *Seed            // nil: DefaultSeed(). Not read when DataFile exists
	DataFile string           // where the state is kept; "": nowhere

	Address string      // where Start listens; "": 127.0.0.1 and a free port
	TLS     *tls.Config // nil: plain HTTP

	AccessTokenTTL    time.Duration // 0: one hour
	ProvisioningDelay time.Duration // how long a database stays Creating; 0: Active at its first read
	RateLimits        RateLimits

	// Where the contract leaves a choice to the service, these choose the other way.
	OmitCreatedBy         bool // lists of keys have no createdBy
	OmitMFAEnabled        bool // members have no mfaEnabled
	InvalidCredentials401 bool // a wrong password is HTTP 401 instead of 200

	TrustForwardedFor bool // the caller's address is the first of X-Forwarded-For. For tests only: anyone can send it

	Logger *slog.Logger // one record a request, never with a body or a credential; nil: none
	Outbox io.Writer    // receives e-mailed login codes as text; nil: LastCode only
}

// RateLimits are requests a second of the clock: while that stands still, none is given back. 0 means the default,
// a negative number no limit.
type RateLimits struct {
	Free       int // default 100
	Pro        int // default 1,000
	Enterprise int // default 10,000; the service says "custom"
	Anonymous  int // calls without a valid token or key, by address; default 1,000
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Seed == nil {
		seed := DefaultSeed()
		o.Seed = &seed
	}
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	if o.AccessTokenTTL == 0 {
		o.AccessTokenTTL = time.Hour
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Outbox == nil {
		o.Outbox = io.Discard
	}
	return o
}
