// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package accessreview

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/review/access"
)

// service is what a review asks the service.
type service interface {
	ActiveOrganizationID(ctx context.Context) (string, error)
	GetOrganization(ctx context.Context, organizationID string) (terrascale.Organization, error)
	APIKeys(ctx context.Context) ([]terrascale.APIKey, error)
	Members(ctx context.Context, organizationID string) ([]terrascale.Member, error)
	IPAllowlist(ctx context.Context, organizationID string) (terrascale.IPAllowlist, error)
}

// organization asks the service, and fills in which organization that is; nil where it failed.
func (d *DataSource) organization(ctx context.Context, config *model, req datasource.ReadRequest, resp *datasource.ReadResponse) *access.Organization {
	client, err := d.data.API.Client()
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return nil
	}
	active, err := client.ActiveOrganizationID(ctx)
	if err != nil {
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return nil
	}
	id := config.OrganizationID.ValueString()
	if id == "" {
		id = active
	}
	found, err := readOrganization(ctx, client, id, id == active, d.data.Clock())
	switch {
	case errors.Is(err, terrascale.ErrNotFound):
		resp.Diagnostics.Append(diagnostic.OrganizationNotFound(path.Root("organization_id"), id))
		return nil
	case err != nil:
		diagnostic.DataSourceFailure(summary, err, req, resp)
		return nil
	}
	config.OrganizationID = types.StringValue(id)
	return found
}

// readOrganization asks once for each kind of thing. Keys are listed of the active organization only.
func readOrganization(ctx context.Context, client service, id string, isActive bool, now time.Time) (*access.Organization, error) {
	organization, err := client.GetOrganization(ctx, id)
	if err != nil {
		return nil, err
	}
	found := &access.Organization{
		Name: organization.Name, OwnerID: organization.OwnerUserID, RequiresMFA: organization.Settings.RequireMFA,
		KeysUntold: "The service lists the keys of the organization that the provider works in. Set organization_id in the provider block.",
	}
	if isActive {
		found.KeysUntold = ""
		keys, err := client.APIKeys(ctx)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			if key.Status(now) == terrascale.KeyActive {
				found.Keys = append(found.Keys, fromKey(key))
			}
		}
	}
	members, err := client.Members(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, member := range members {
		found.Members = append(found.Members, fromMember(member))
	}
	list, err := client.IPAllowlist(ctx, id)
	switch {
	case errors.Is(err, terrascale.ErrForbidden):
		found.Allowlist.Untold = fmt.Sprintf("The service does not show the IP allowlist: it is part of the plan enterprise, and this is the plan %s.", organization.Plan)
		if organization.Plan == "enterprise" {
			found.Allowlist.Untold = "The service does not show the IP allowlist to the user that the provider logs in as."
		}
		return found, nil
	case err != nil:
		return nil, err
	}
	found.Allowlist = fromAllowlist(list)
	return found, nil
}

func fromKey(key terrascale.APIKey) access.Key {
	found := access.Key{
		Name: key.Name, Prefix: key.Prefix, Scopes: key.Scopes, Created: key.CreatedAt, Expires: key.ExpiresAt, LastUsed: key.LastUsedAt,
		UseUntold: key.LastUseUntold,
	}
	if key.CreatedBy != nil {
		found.CreatorID = *key.CreatedBy
	}
	return found
}

func fromMember(member terrascale.Member) access.Member {
	found := access.Member{
		Email: member.Email, Role: member.Role, Pending: member.Status == terrascale.MemberPending, Joined: member.JoinedAt,
		Invited: member.InvitedAt, MFA: member.MFAEnabled,
	}
	if member.UserID != nil {
		found.ID = *member.UserID
	}
	return found
}

func fromAllowlist(list terrascale.IPAllowlist) access.Allowlist {
	networks := list.Networks()
	if len(networks) < len(list.Entries) {
		return access.Allowlist{Untold: "The service lists an entry that is no network."}
	}
	return access.Allowlist{Enabled: list.Enabled, Entries: networks}
}
