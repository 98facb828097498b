// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package postgresqlcredential is the ephemeral resource terrascale_postgresql_credential.
package postgresqlcredential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/customtypes"
	"github.com/terrascale/terraform-provider-terrascale/internal/attribute/policyschema"
	"github.com/terrascale/terraform-provider-terrascale/internal/clients/postgresql"
	"github.com/terrascale/terraform-provider-terrascale/internal/diagnostic"
	"github.com/terrascale/terraform-provider-terrascale/internal/providerdata"
	"github.com/terrascale/terraform-provider-terrascale/internal/rules/policy"
)

// TypeName is the ephemeral resource's full type name.
const TypeName = "terrascale_postgresql_credential"

var (
	_ ephemeral.EphemeralResourceWithConfigure = (*Credential)(nil)
	_ ephemeral.EphemeralResourceWithRenew     = (*Credential)(nil)
	_ ephemeral.EphemeralResourceWithClose     = (*Credential)(nil)
)

const (
	openSummary  = "Unable to create short-lived PostgreSQL login"
	renewSummary = "Unable to extend short-lived PostgreSQL login"
	closeSummary = "Unable to drop short-lived PostgreSQL login"
	// closeTimeout bounds the drop, which an interrupted run does too.
	closeTimeout = 30 * time.Second
)

// logins is what the ephemeral resource needs of a server.
type logins interface {
	CheckReader(ctx context.Context, role string) (excess []string, err error)
	SweepCredentials(ctx context.Context) error
	OpenCredential(ctx context.Context, role string, until time.Time) (postgresql.Credential, error)
	ExtendCredential(ctx context.Context, username string, until time.Time) error
	CloseCredential(ctx context.Context, username string) error
}

// Credential is the ephemeral resource.
type Credential struct{ data *providerdata.Data }

// New makes the ephemeral resource.
func New() ephemeral.EphemeralResource { return &Credential{} }

// Metadata names the ephemeral resource.
func (c *Credential) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = TypeName
}

// Configure takes the provider's data.
func (c *Credential) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	c.data = diagnostic.ProviderData(req.ProviderData, &resp.Diagnostics)
}

// server gives the server of a name.
func (c *Credential) server(name string) (logins, error) {
	server, err := c.data.PostgreSQL.Get(name)
	if err != nil {
		return nil, err
	}
	return server, nil
}

// Open drops what earlier runs left behind, looks at the role, and makes the login.
func (c *Credential) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var data model
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() {
		return
	}
	server, err := c.server(data.server())
	if errors.Is(err, providerdata.ErrNotKnownYet) {
		data.Username, data.Password, data.ExpiresAt.StringValue = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		resp.Diagnostics.Append(resp.Result.Set(ctx, data)...)
		return
	}
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("server"), openSummary, err.Error())
		return
	}
	if err := server.SweepCredentials(ctx); err != nil {
		resp.Diagnostics.AddWarning("Unable to drop short-lived PostgreSQL logins of earlier runs: "+data.Role.ValueString(), fmt.Sprintf(
			"Server %q: %s\n\nThey have expired, so nobody can log in with them. The next run tries again.",
			data.server(), postgresql.Explain(err)))
	}
	excess, err := server.CheckReader(ctx, data.Role.ValueString())
	if err != nil {
		resp.Diagnostics.Append(c.openError(data, err))
		return
	}
	rules := policyschema.OfResource(c.data.Policy, data.PolicyExceptions)
	rules.Add(policy.ExcessPrivilege, path.Root("role"),
		rules.Policy.ExcessPrivileges(policy.Named("PostgreSQL role", data.Role.ValueString()), excess))
	resp.Diagnostics.Append(rules.Diagnostics()...)
	if resp.Diagnostics.HasError() {
		return
	}
	now := c.data.Clock()
	until := now.Add(data.ttl())
	made, err := server.OpenCredential(ctx, data.Role.ValueString(), until)
	if err != nil {
		resp.Diagnostics.Append(c.openError(data, err))
		return
	}
	c.data.Open.Add(made.Username, func(ctx context.Context) error { return server.CloseCredential(ctx, made.Username) })
	data.Username, data.Password = types.StringValue(made.Username), types.StringValue(made.Password.Reveal())
	data.ExpiresAt = customtypes.NewTime(until)
	resp.RenewAt = renewAt(now, data.ttl())
	resp.Diagnostics.Append(resp.Result.Set(ctx, data)...)
	opened := lease{Server: data.server(), Username: made.Username, TTL: data.ttl()}
	resp.Diagnostics.Append(opened.save(ctx, resp.Private)...)
}

func (c *Credential) openError(data model, err error) diag.Diagnostic {
	if errors.Is(err, postgresql.ErrRoleNotFound) {
		return diag.NewAttributeErrorDiagnostic(path.Root("role"), openSummary, fmt.Sprintf(
			"Server %q: %s\n\nCreate the role first. If this configuration creates it, it does not exist during the first plan: "+
				"apply it alone first, with -target.", data.server(), err))
	}
	return diagnostic.PostgreSQL(openSummary, data.server(), err)
}

// renewAt is half-way to the expiry, so that a renewal that fails leaves time to notice.
func renewAt(now time.Time, ttl time.Duration) time.Time { return now.Add(ttl / 2) }

// Renew lets the login work for another ttl.
func (c *Credential) Renew(ctx context.Context, req ephemeral.RenewRequest, resp *ephemeral.RenewResponse) {
	opened, ok, diagnostics := readLease(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if !ok {
		return
	}
	server, err := c.server(opened.Server)
	if err != nil {
		resp.Diagnostics.AddError(renewSummary, err.Error())
		return
	}
	now := c.data.Clock()
	if err := server.ExtendCredential(ctx, opened.Username, now.Add(opened.TTL)); err != nil {
		resp.Diagnostics.Append(diagnostic.PostgreSQL(renewSummary, opened.Server, err))
		return
	}
	resp.RenewAt = renewAt(now, opened.TTL)
}

// Close ends the login's sessions and drops it. An interrupted run does so too.
func (c *Credential) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	opened, ok, diagnostics := readLease(ctx, req.Private)
	resp.Diagnostics.Append(diagnostics...)
	if !ok {
		return
	}
	server, err := c.server(opened.Server)
	if err != nil {
		resp.Diagnostics.AddError(closeSummary, err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := server.CloseCredential(ctx, opened.Username); err != nil {
		resp.Diagnostics.Append(diagnostic.PostgreSQL(closeSummary, opened.Server, err))
		return
	}
	c.data.Open.Remove(opened.Username)
}

// lease is what Terraform keeps, in memory only, between opening and closing.
type lease struct {
	Server   string        `json:"server"`
	Username string        `json:"username"`
	TTL      time.Duration `json:"ttl"`
}

const leaseKey = "lease"

type (
	privateReader interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateWriter interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
)

func (l lease) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	content, err := json.Marshal(l)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic(openSummary, err.Error())}
	}
	return private.SetKey(ctx, leaseKey, content)
}

// readLease gives what Open kept; ok is false where it made no login.
func readLease(ctx context.Context, private privateReader) (found lease, ok bool, diagnostics diag.Diagnostics) {
	content, diagnostics := private.GetKey(ctx, leaseKey)
	if len(content) == 0 || diagnostics.HasError() {
		return found, false, diagnostics
	}
	if err := json.Unmarshal(content, &found); err != nil {
		diagnostics.AddError("Unable to read what was kept of a short-lived PostgreSQL login", err.Error())
		return found, false, diagnostics
	}
	return found, true, diagnostics
}
