// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/clients/terrascale"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/terraformcli"
)

// The guide's own blocks import a key and a role that people made by hand: the plan is the one that the guide shows, and what reads goes on
// reading.
func TestImportingWhatExists(t *testing.T) {
	const onPage = "key_78e0c62666de9c18"
	byHand, err := client(t, "").CreateAPIKey(t.Context(), terrascale.NewAPIKey{Name: "legacy", Scopes: []string{"database:read"}})
	require.NoError(t, err)
	asAdmin(t, "CREATE ROLE reports LOGIN PASSWORD 'by-hand-2019'", "GRANT SELECT ON public.orders, public.users TO reports",
		"GRANT INSERT ON public.orders TO reports", "GRANT USAGE ON SCHEMA reporting TO reports",
		"GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO reports")

	w := terraformcli.Workspace{CLI: cli, Dir: t.TempDir()}
	require.NoError(t, w.Override(filepath.Join(t.TempDir(), "cli.tfrc"), binaries))
	require.NoError(t, os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte(header+"\nprovider \"terrascale\" {}\n"), 0o600))
	environment := append(newMachine(t), w.Environment...)
	environment = append(environment, "TF_CLI_ARGS=-no-color")
	for name, value := range playground.Environment {
		environment = append(environment, name+"="+value)
	}
	reader := newTerminal(t, w.Dir, environment)
	var plan, last string
	for _, b := range blocksOf(t, "../docs/guides/importing.md") {
		switch b.language {
		case "sh":
			last = reader.must(b.text)
			if strings.Contains(b.text, "-generate-config-out") {
				plan = last
			} else if plan == "" {
				require.Regexp(t, `"?legacy"?\s+=\s+"`+byHand.ID+`"`, last, "the key is found")
			}
		case "text":
			for line := range strings.Lines(b.text) {
				require.Contains(t, plan, strings.TrimRight(line, "\n"), "the plan that the guide shows is the one that Terraform makes:\n%s", plan)
			}
		default:
			if strings.Contains(b.before, "With Terraform 1.12 and newer") || strings.Contains(b.before, ".tfquery.hcl") {
				continue // internal/provider/modern_test.go has it.
			}
			name := fileName.FindStringSubmatch(b.before)
			require.NotNil(t, name, "the line before a block says which file it is: %q", b.before)
			text := strings.ReplaceAll(b.text, onPage, byHand.ID)
			require.NoError(t, os.WriteFile(filepath.Join(w.Dir, name[1]), []byte(text+"\n"), 0o600))
		}
	}
	require.Regexp(t, `2\s+imported,\s+0\s+added,\s+1\s+changed,\s+0\s+destroyed`, last)
	require.Regexp(t, `No\s+changes`, last)

	login, err := pgx.ParseConfig(adminURL("app"))
	require.NoError(t, err)
	login.User, login.Password = "reports", "by-hand-2019"
	connection, err := pgx.ConnectConfig(t.Context(), login)
	require.NoError(t, err, "the password stays")
	for _, statement := range []string{"SELECT * FROM public.users", "SET default_transaction_read_only = off"} {
		_, err = connection.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	_, err = connection.Exec(t.Context(), "INSERT INTO public.orders VALUES (1, 1, 1)")
	require.ErrorContains(t, err, "permission denied")
	require.NoError(t, connection.Close(t.Context()))
	reader.must("rm import.tf && terraform destroy -auto-approve")
}
