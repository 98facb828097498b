// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package ipallowlistentry

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/expiry"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
)

// The status of an entry.
const (
	statusActive  = "active"
	statusExpired = "expired"
)

// model is the resource in HCL's terms.
type model struct {
	ID               types.String     `tfsdk:"id"`
	OrganizationID   types.String     `tfsdk:"organization_id"`
	CIDR             customtypes.CIDR `tfsdk:"cidr"`
	Description      types.String     `tfsdk:"description"`
	ExpiresAt        customtypes.Time `tfsdk:"expires_at"`
	AllowLockout     types.Bool       `tfsdk:"allow_lockout"`
	AllowOpen        types.Bool       `tfsdk:"allow_open"`
	Status           types.String     `tfsdk:"status"`
	PolicyExceptions types.Map        `tfsdk:"policy_exceptions"`
}

// isExpired reports whether the entry has left the list for good.
func (m model) isExpired() bool { return m.Status.ValueString() == statusExpired }

// network gives the entry's network; ok is false while it is not known, or not valid.
func (m model) network() (network netip.Prefix, ok bool) {
	network, err := customtypes.ParseCIDR(m.CIDR.ValueString())
	return network, err == nil
}

// hasEnded reports whether expires_at has passed.
func (m model) hasEnded(now time.Time) bool {
	return expiry.HasEnded(m.ExpiresAt, now)
}

// identify fills id where its parts are known.
func (m *model) identify() {
	m.ID = types.StringUnknown()
	if network, ok := m.network(); ok && !m.OrganizationID.IsUnknown() {
		m.ID = types.StringValue(fmt.Sprintf("%s/%s", m.OrganizationID.ValueString(), network))
	}
}

// fromEntry takes over what the list holds, in the model's spelling where that means the same.
func (m *model) fromEntry(entry terrascale.IPAllowlistEntry) {
	if m.Description.ValueString() != entry.Description {
		m.Description = types.StringValue(entry.Description)
		if entry.Description == "" {
			m.Description = types.StringNull()
		}
	}
	m.Status = types.StringValue(statusActive)
}

// fillDefaults gives an imported entry what only the state knows.
func (m *model) fillDefaults() {
	if m.AllowLockout.IsNull() {
		m.AllowLockout = types.BoolValue(false)
	}
	if m.AllowOpen.IsNull() {
		m.AllowOpen = types.BoolValue(false)
	}
}

// organization gives the organization that a model names, or the active one.
func organization(ctx context.Context, lists lists, m model) (string, error) {
	if named := m.OrganizationID.ValueString(); named != "" {
		return named, nil
	}
	return lists.ActiveOrganizationID(ctx)
}
