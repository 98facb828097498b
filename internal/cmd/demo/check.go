// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/devstack"
)

// connectionSeen is the example's output of what terrascale_connection_check saw.
type connectionSeen struct {
	Reachable bool   `json:"reachable"`
	Username  string `json:"username"`
	TLS       *struct {
		Version  string `json:"version"`
		Verified bool   `json:"verified"`
	} `json:"tls"`
	ReadOnly      bool   `json:"read_only"`
	ServerVersion string `json:"server_version"`
}

// String says it in a sentence.
func (c connectionSeen) String() string {
	return fmt.Sprintf("The gateway logs in as %s, over %s with a verified certificate, and can only read. The server is PostgreSQL %s.",
		c.Username, c.TLS.Version, c.ServerVersion)
}

// expectChecked reads what the check saw in the last apply.
func (d *demo) expectChecked(ctx context.Context, now credentials) error {
	result, err := d.workspace.Run(ctx, "output", "-json", "gateway_connection")
	if err != nil {
		return err
	}
	var seen connectionSeen
	if err := json.Unmarshal([]byte(result.Output), &seen); err != nil {
		return fmt.Errorf("read what the check saw: %w: %s", err, result.Output)
	}
	if !seen.Reachable || seen.TLS == nil || !seen.TLS.Verified || !seen.ReadOnly || seen.Username != now.username {
		return fmt.Errorf("the check did not see the adapter's connection as it is: %s", result.Output)
	}
	d.seen = seen
	saw("terrascale_connection_check opened the adapter's connection: as %s, with verified %s, read-only", seen.Username, seen.TLS.Version)
	return nil
}

// proveSlip gives everybody a privilege, as somebody may by mistake: the next plan has to name it.
func (d *demo) proveSlip(ctx context.Context, now credentials) error {
	const grant, revoke, named = "GRANT INSERT ON public.orders TO PUBLIC", "REVOKE INSERT ON public.orders FROM PUBLIC", "INSERT on public.orders via PUBLIC"
	if err := d.asAdmin(ctx, grant); err != nil {
		return err
	}
	planned := d.run(ctx, "plan, after somebody ran "+grant, 0, "plan", "-input=false", "-no-color")
	if err := errors.Join(planned, d.asAdmin(ctx, revoke)); err != nil {
		return err
	}
	words := strings.Join(strings.Fields(strings.ReplaceAll(d.outputs[len(d.outputs)-1], "│", " ")), " ")
	if !strings.Contains(words, "The gateway's login can do more than read: "+named) {
		return fmt.Errorf("the plan does not say that the login has %s:\n%s", named, d.outputs[len(d.outputs)-1])
	}
	saw("the plan warns that %s can do more than read: %s", now.username, named)
	return nil
}

// asAdmin runs a statement as the playground's superuser.
func (d *demo) asAdmin(ctx context.Context, statement string) error {
	environment := d.playground.Environment
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword(environment["PGUSER"], environment["PGPASSWORD"]),
		Host: net.JoinHostPort(environment["PGHOST"], environment["PGPORT"]), Path: "/" + devstack.PlaygroundDatabase,
		RawQuery: url.Values{"sslmode": {environment["PGSSLMODE"]}, "sslrootcert": {environment["PGSSLROOTCERT"]}}.Encode(),
	}
	connection, err := pgx.Connect(ctx, address.String())
	if err != nil {
		return fmt.Errorf("log in as the administrator: %w", err)
	}
	defer func() { _ = connection.Close(ctx) }()
	_, err = connection.Exec(ctx, statement)
	return err
}
