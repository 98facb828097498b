// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package providerdata is what the provider hands to its resources: how to reach each system, the rules, and the clock.
package providerdata

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/hyperterse"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/mysql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/redis"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/journal"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// ErrNotKnownYet says that a connection's settings are known only at apply: nothing is to be read from there.
var ErrNotKnownYet = errors.New("the connection's settings are not known yet")

// Data is what every resource receives.
type Data struct {
	API        API
	PostgreSQL Servers[*postgresql.Server]
	MySQL      Servers[*mysql.Server]
	Redis      Servers[*redis.Server]
	Policy     policy.Policy
	// AgeRecipients is the default of each resource's age_recipients: null for none, and maybe not known yet.
	AgeRecipients types.Set
	Clock         func() time.Time
	Open          *Open
	// Offers knows what becomes of the fresh passwords of one walk.
	Offers Offers
	// Variables knows which resource gives a variable of a .env file which value.
	Variables Variables
	// Places share what is read of adapters' places.
	Places *hyperterse.Readings
	// Claims knows what the resources of one walk manage, where two of them could get in each other's way.
	Claims Claims
	// Allowlists knows what the resources of one walk say about IP allowlists.
	Allowlists Allowlists
	// Journal remembers what a run is about to make; nil remembers nothing.
	Journal *journal.Journal
}

// API leads to the management API's client. The zero value is one whose settings are not known yet.
type API struct{ client *terrascale.Client }

// NewAPI wraps a client.
func NewAPI(client *terrascale.Client) API { return API{client: client} }

// Client gives the client, or ErrNotKnownYet.
func (a API) Client() (*terrascale.Client, error) {
	if a.client == nil {
		return nil, ErrNotKnownYet
	}
	return a.client, nil
}

// Servers are the configured servers of one kind, by name.
type Servers[S any] struct {
	// Attribute is the provider's attribute that they are configured in.
	Attribute string
	// Known holds those whose settings are known.
	Known map[string]S
	// NotKnownYet holds the names of the others; AllUnknown is set when not even the names are known.
	NotKnownYet []string
	AllUnknown  bool
}

// Get gives a server, ErrNotKnownYet, or an *UnknownServerError.
func (s Servers[S]) Get(name string) (S, error) {
	server, ok := s.Known[name]
	switch {
	case ok:
		return server, nil
	case s.AllUnknown || slices.Contains(s.NotKnownYet, name):
		return server, fmt.Errorf("%s server %q: %w", s.Attribute, name, ErrNotKnownYet)
	default:
		configured := append(slices.Collect(maps.Keys(s.Known)), s.NotKnownYet...)
		slices.Sort(configured)
		return server, &UnknownServerError{Attribute: s.Attribute, Name: name, Configured: configured}
	}
}

// UnknownServerError says that no server of a name is configured.
type UnknownServerError struct {
	Attribute, Name string
	Configured      []string
}

// Error names the servers that are configured.
func (e *UnknownServerError) Error() string {
	list := "none is configured"
	if len(e.Configured) > 0 {
		list = "configured are: " + strings.Join(e.Configured, ", ")
	}
	return fmt.Sprintf("the provider's %s map has no server %q (%s)", e.Attribute, e.Name, list)
}
