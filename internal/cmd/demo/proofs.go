// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
)

const (
	memberEmail = "grace@example.com"

	// insufficientPrivilege is the server's SQLSTATE for "permission denied".
	insufficientPrivilege = "42501"
	// refusedLogin begins the SQLSTATEs of a login that is refused.
	refusedLogin = "28"
)

// proveApplied looks at what was applied, without Terraform.
func (d *demo) proveApplied(ctx context.Context, now credentials) error {
	if err := d.expectKey(ctx, http.MethodGet, now.key, http.StatusOK, "the new key can read"); err != nil {
		return err
	}
	if err := d.expectKey(ctx, http.MethodPut, now.key, http.StatusForbidden, "it can't write, because it lacks the scope"); err != nil {
		return err
	}
	if err := d.expectMember(ctx, true); err != nil {
		return err
	}
	if err := d.expectAllowlist(ctx, true); err != nil {
		return err
	}
	if err := d.expectReadOnly(ctx, now.database); err != nil {
		return err
	}
	content, err := os.ReadFile(d.terseFile())
	if err != nil {
		return err
	}
	if !strings.Contains(string(content), "app_db:") || !strings.Contains(string(content), "{{ env.DATABASE_URL }}") {
		return fmt.Errorf("config.terse does not hold the adapter:\n%s", content)
	}
	saw("config.terse has the adapter app_db, and no secret")
	return d.expectChecked(ctx, now)
}

// proveDestroyed looks at what is left after the destroy.
func (d *demo) proveDestroyed(ctx context.Context, last credentials) error {
	if err := d.expectKey(ctx, http.MethodGet, last.key, http.StatusUnauthorized, "the key is revoked"); err != nil {
		return err
	}
	if err := d.expectMember(ctx, false); err != nil {
		return err
	}
	if err := d.expectAllowlist(ctx, false); err != nil {
		return err
	}
	if err := expectNoLogin(ctx, last.database, "the role can't log in any more"); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(d.workspace.Dir, ".env")); !errors.Is(err, os.ErrNotExist) {
		return errors.New(".env is still there")
	}
	saw(".env, which the apply made, is removed")
	return nil
}

func (d *demo) expectKey(ctx context.Context, method string, key secret.String, want int, what string) error {
	address := d.playground.DataPlane
	if method == http.MethodPut {
		address += "/demo"
	}
	status, _, err := call(ctx, method, address, key, `{"data": {}}`)
	if err != nil {
		return err
	}
	if status != want {
		return fmt.Errorf("%s: the data plane answered %d, not %d", what, status, want)
	}
	saw("%s (HTTP %d)", what, status)
	return nil
}

func (d *demo) management(ctx context.Context, path string, answer any) error {
	environment := d.playground.Environment
	address := environment["TERRASCALE_ENDPOINT"] + "/api/v1/organizations/" + environment["TERRASCALE_ORGANIZATION_ID"] + path
	status, body, err := call(ctx, http.MethodGet, address, secret.New(environment["TERRASCALE_ACCESS_TOKEN"]), "")
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("GET %s: %d", path, status)
	}
	return json.Unmarshal(body, answer)
}

func (d *demo) expectMember(ctx context.Context, want bool) error {
	var answer struct {
		Members []struct{ Email, Role, Status string }
	}
	if err := d.management(ctx, "/members", &answer); err != nil {
		return err
	}
	for _, member := range answer.Members {
		if member.Email == memberEmail {
			if !want {
				return fmt.Errorf("%s is still a member", memberEmail)
			}
			saw("%s is invited as %s", member.Email, member.Role)
			return nil
		}
	}
	if want {
		return fmt.Errorf("%s is not a member", memberEmail)
	}
	saw("%s is not a member any more", memberEmail)
	return nil
}

func (d *demo) expectAllowlist(ctx context.Context, want bool) error {
	var answer struct {
		Enabled bool
		Entries []struct{ CIDR string }
	}
	if err := d.management(ctx, "/ip-allowlist", &answer); err != nil {
		return err
	}
	if answer.Enabled != want {
		return fmt.Errorf("the allowlist's enabled is %t", answer.Enabled)
	}
	if want {
		saw("the allowlist is on, with %d entries", len(answer.Entries))
	} else {
		saw("the allowlist is off")
	}
	return nil
}

// expectLogin logs in as the gateway would, and reads.
func expectLogin(ctx context.Context, database secret.String, what string) error {
	connection, err := pgx.Connect(ctx, database.Reveal())
	if err != nil {
		return fmt.Errorf("%s: log in with what .env holds: %w", what, err)
	}
	defer func() { _ = connection.Close(ctx) }()
	if _, err := connection.Exec(ctx, "SELECT * FROM public.users"); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	saw("%s", what)
	return nil
}

// expectNoLogin tries a login that must be refused as such.
func expectNoLogin(ctx context.Context, database secret.String, what string) error {
	connection, err := pgx.Connect(ctx, database.Reveal())
	if err == nil {
		_ = connection.Close(ctx)
		return fmt.Errorf("%s: it still can", what)
	}
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) || !strings.HasPrefix(refusal.Code, refusedLogin) {
		return fmt.Errorf("%s: it can't, but for another reason: %w", what, err)
	}
	saw("%s", what)
	return nil
}

// expectReadOnly logs in as the gateway would, and tries what the role must not do.
func (d *demo) expectReadOnly(ctx context.Context, database secret.String) error {
	if err := expectLogin(ctx, database, "the role can log in with what .env has, over verified TLS, and read"); err != nil {
		return err
	}
	connection, err := pgx.Connect(ctx, database.Reveal())
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close(ctx) }()
	for _, table := range []string{"public.users", "public.products", "public.orders", "reporting.monthly"} {
		if _, err := connection.Exec(ctx, "SELECT * FROM "+table); err != nil {
			return fmt.Errorf("read %s: %w", table, err)
		}
	}
	saw("it can read users, products, orders and all of reporting")
	// The read-only default is only the first of two lines of defence: the second must hold without it.
	if _, err := connection.Exec(ctx, "SET default_transaction_read_only = off"); err != nil {
		return err
	}
	for _, statement := range []string{
		"SELECT * FROM public.payments", "INSERT INTO public.users VALUES (2, 'x')", "UPDATE public.users SET id = 3",
		"DELETE FROM public.users", "CREATE TABLE public.mine (id int)", "CREATE TABLE reporting.mine (id int)",
	} {
		_, err := connection.Exec(ctx, statement)
		var refusal *pgconn.PgError
		if !errors.As(err, &refusal) || refusal.Code != insufficientPrivilege {
			return errors.Join(fmt.Errorf("%s was not refused for want of a privilege", statement), err)
		}
	}
	saw("it can't read payments, and can't INSERT, UPDATE, DELETE or CREATE")
	return nil
}

// proveNoSecrets looks for the secrets where they must not be.
func (d *demo) proveNoSecrets(used ...credentials) error {
	state, err := os.ReadFile(filepath.Join(d.workspace.Dir, "terraform.tfstate"))
	if err != nil {
		return err
	}
	log, err := os.ReadFile(d.playground.PostgreSQLLog)
	if err != nil {
		return err
	}
	printed := strings.Join(d.outputs, "\n")
	for place, text := range map[string]string{"the state": string(state), "PostgreSQL's log": string(log), "the CLI's output": printed} {
		for _, password := range d.passwords {
			if strings.Contains(text, password.Reveal()) {
				return fmt.Errorf("a password of the role is in %s", place)
			}
		}
		for _, c := range used {
			if strings.Contains(text, c.key.Reveal()) {
				return fmt.Errorf("a key is in %s", place)
			}
		}
		if strings.Contains(text, d.identity.Reveal()) {
			return fmt.Errorf("the age identity is in %s", place)
		}
	}
	saw("no password and no key is in the state, in the output, or in PostgreSQL's log of all statements: the state has ciphertext only")
	return nil
}

func call(ctx context.Context, method, address string, token secret.String, body string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token.Reveal())
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, request.URL.Path, err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, content, err
}
