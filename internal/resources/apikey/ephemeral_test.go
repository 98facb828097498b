// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/apikey"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// opener opens and closes ephemeral keys as Terraform does, so that a test can look at what is open.
type opener struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	config tftypes.Object
}

func newOpener(t *testing.T, s service) opener {
	t.Helper()
	server, err := s.providers["terrascale"]()
	require.NoError(t, err)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	require.NoError(t, err)
	providerType, ok := schemas.Provider.ValueType().(tftypes.Object)
	require.True(t, ok)
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: dynamic(t, providerType, map[string]string{
			"endpoint": s.URL(), "access_token": s.Token.Reveal(), "organization_id": emulator.DefaultOrganizationID,
		}),
	})
	require.NoError(t, err)
	require.Empty(t, configured.Diagnostics)
	config, ok := schemas.EphemeralResourceSchemas[apikey.TypeName].ValueType().(tftypes.Object)
	require.True(t, ok)
	return opener{t, server, config}
}

// dynamic gives an object of a type: the texts, the scope database:read where there are scopes, and null.
func dynamic(t *testing.T, kind tftypes.Object, texts map[string]string) *tfprotov6.DynamicValue {
	t.Helper()
	values := map[string]tftypes.Value{}
	for name, attribute := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
		if name == "scopes" {
			values[name] = tftypes.NewValue(attribute, []tftypes.Value{tftypes.NewValue(tftypes.String, "database:read")})
		}
	}
	for name, text := range texts {
		values[name] = tftypes.NewValue(tftypes.String, text)
	}
	value, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	require.NoError(t, err)
	return &value
}

// open gives what closes the key, its secret, and what the provider said.
func (o opener) open(texts map[string]string) (closing []byte, secret string, diagnostics []*tfprotov6.Diagnostic) {
	o.t.Helper()
	opened, err := o.server.OpenEphemeralResource(o.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: apikey.TypeName, Config: dynamic(o.t, o.config, texts),
	})
	require.NoError(o.t, err)
	value, err := opened.Result.Unmarshal(o.config)
	require.NoError(o.t, err)
	attributes := map[string]tftypes.Value{}
	require.NoError(o.t, value.As(&attributes))
	require.NoError(o.t, attributes["secret"].As(&secret))
	return opened.Private, secret, opened.Diagnostics
}

func (o opener) close(closing []byte) []*tfprotov6.Diagnostic {
	o.t.Helper()
	closed, err := o.server.CloseEphemeralResource(o.t.Context(), &tfprotov6.CloseEphemeralResourceRequest{
		TypeName: apikey.TypeName, Private: closing,
	})
	require.NoError(o.t, err)
	return closed.Diagnostics
}

func TestEphemeralKeyWorksWhileItIsOpen(t *testing.T) {
	s := newService(t)
	o := newOpener(t, s)
	for ttl, life := range map[string]time.Duration{"": time.Hour, "5m": 5 * time.Minute} {
		texts := map[string]string{"name": "ci"}
		if ttl != "" {
			texts["ttl"] = ttl
		}
		closing, secret, diagnostics := o.open(texts)
		require.Empty(t, diagnostics)
		require.NoError(t, s.CheckKey(secretOf(secret), http.StatusOK, http.StatusForbidden))
		made := s.APIKeys(emulator.DefaultOrganizationID)[len(s.APIKeys(emulator.DefaultOrganizationID))-1]
		require.Equal(t, start.Add(life), *made.ExpiresAt)
		require.Equal(t, "ci (Terraform, until "+start.Add(life).Format(time.RFC3339)+")", made.Name)

		require.Empty(t, o.close(closing))
		require.NoError(t, s.CheckKey(secretOf(secret), http.StatusUnauthorized, http.StatusUnauthorized))
		require.Empty(t, o.close(closing), "one that is revoked already is no error")
	}
}

func TestEphemeralKeyThatCannotBeClosedIsNamed(t *testing.T) {
	s := newService(t)
	o := newOpener(t, s)
	closing, _, _ := o.open(map[string]string{"name": "ci"})
	s.Inject(emulator.Fault{Operation: "revokeApiKey", Status: http.StatusForbidden})
	diagnostics := o.close(closing)
	require.Len(t, diagnostics, 1)
	require.Contains(t, diagnostics[0].Detail, s.newest()+" works until its ttl has passed")
}

func TestEphemeralKeySweepsWhatKilledRunsLeft(t *testing.T) {
	s := newService(t)
	o := newOpener(t, s)
	_, killed, _ := o.open(map[string]string{"name": "ci"})
	left := s.newest()
	_, underWay, _ := o.open(map[string]string{"name": "ci", "ttl": "2h"})
	revoked := func(id string) bool {
		for _, key := range s.APIKeys(emulator.DefaultOrganizationID) {
			if key.ID == id {
				return key.Revoked
			}
		}
		return false
	}
	// A key that a service did not end at its time, and keys that only look like ours.
	forever, _, err := s.CreateKey(emulator.DefaultOrganizationID, "ci (Terraform, until 2030-01-01T12:30:00Z)", []string{"database:read"}, nil)
	require.NoError(t, err)
	others := map[string]string{}
	for _, name := range []string{"ci", "ci (Terraform, until tomorrow)", "ci (Terraform, until 2030-01-01T12:30:00Z) too", "other (Terraform, until 2030-01-01T12:30:00Z)"} {
		other, _, err := s.CreateKey(emulator.DefaultOrganizationID, name, []string{"database:read"}, nil)
		require.NoError(t, err)
		others[name] = other.ID
	}
	s.clock.Advance(time.Hour)
	require.NoError(t, s.CheckKey(secretOf(killed), http.StatusUnauthorized, http.StatusUnauthorized), "the service ends it")
	require.False(t, revoked(left))

	o = newOpener(t, s) // Another run: what earlier ones left is looked for once in each.
	_, secret, diagnostics := o.open(map[string]string{"name": "ci"})
	require.Empty(t, diagnostics)
	require.True(t, revoked(left))
	require.True(t, revoked(forever.ID))
	for name, id := range others {
		require.False(t, revoked(id), name)
	}
	for _, alive := range []string{underWay, secret} {
		require.NoError(t, s.CheckKey(secretOf(alive), http.StatusOK, http.StatusForbidden))
	}

	// What can't be swept does not stop a run.
	s.clock.Advance(time.Hour)
	s.Inject(emulator.Fault{Operation: "revokeApiKey", Status: http.StatusForbidden, Times: -1})
	o = newOpener(t, s)
	_, secret, diagnostics = o.open(map[string]string{"name": "ci"})
	require.NoError(t, s.CheckKey(secretOf(secret), http.StatusOK, http.StatusForbidden))
	require.Len(t, diagnostics, 2)
	require.Equal(t, tfprotov6.DiagnosticSeverityWarning, diagnostics[0].Severity)
}

// withEcho adds the testing library's provider that shows what is ephemeral.
func withEcho(s service) service {
	s.providers = maps.Clone(s.providers)
	s.providers["echo"] = echoprovider.NewProviderServer()
	return s
}

// ephemeralKey gives a configuration that shows the secret to the testing library's provider.
func ephemeralKey(s service, body string) string {
	return s.ProviderHCL() + fmt.Sprintf(`
ephemeral %[1]q "test" {
  name = "ci"
  %[2]s
}
provider "echo" {
  data = ephemeral.%[1]s.test.secret
}
resource "echo" "test" {}
`, apikey.TypeName, body)
}

func TestAccEphemeralKeyEndsWithItsRun(t *testing.T) {
	s, keys := withEcho(newService(t)), seen{}
	shown := statecheck.ExpectKnownValue("echo.test", at("data"), knownvalue.StringFunc(func(secret string) error {
		keys["shown"] = secret
		return nil
	}))
	s.test(t,
		resource.TestStep{
			Config: ephemeralKey(s, `scopes = ["database:read"]`), ConfigStateChecks: []statecheck.StateCheck{shown}, Check: s.liveKeys(0),
		},
		// A run that fails revokes its key, too.
		resource.TestStep{
			Config: ephemeralKey(s, `scopes = ["database:read"]`) + `
resource "terraform_data" "fails" {
  lifecycle {
    postcondition {
      condition     = self.id == ""
      error_message = "This run is to fail."
    }
  }
}
`,
			ExpectError: regexp.MustCompile("This run is to fail"),
		},
		resource.TestStep{
			PreConfig: func() { require.NoError(t, s.liveKeys(0)(nil)) },
			Config:    ephemeralKey(s, `scopes = ["database:read"]`), Check: s.liveKeys(0),
		},
	)
	require.Regexp(t, "^ts_live_", keys["shown"])
	require.NoError(t, keys.only(s)(nil))
	require.NotEmpty(t, s.APIKeys(emulator.DefaultOrganizationID))
}

func TestAccEphemeralKeyMistakesAreNamed(t *testing.T) {
	s := withEcho(newService(t))
	for body, want := range map[string]string{
		`scopes = []`: `at\s+least\s+1`,
		"scopes = [\"database:read\"]\nttl = \"59s\"": `"59s"\s+is\s+too\s+short`,
		"scopes = [\"database:admin\"]":               `must\s+be\s+one\s+of`,
	} {
		s.test(t, resource.TestStep{Config: ephemeralKey(s, body), PlanOnly: true, ExpectError: regexp.MustCompile(want)})
	}
	enforced := strings.Replace(ephemeralKey(s, `scopes = ["*"]`), `provider "terrascale" {`,
		"provider \"terrascale\" {\n  least_privilege = \"enforce\"", 1)
	s.test(t, resource.TestStep{Config: enforced, PlanOnly: true, ExpectError: regexp.MustCompile(`wildcard-scope`)})
	require.Empty(t, s.APIKeys(emulator.DefaultOrganizationID), "nothing was made")
}

func TestAccEphemeralKeyOfAProviderThatIsNotKnownYet(t *testing.T) {
	s := withEcho(newService(t))
	known := ephemeralKey(s, `scopes = ["database:read"]`)
	s.test(t, resource.TestStep{
		Config:      s.UnknownProviderHCL() + known[len(s.ProviderHCL()):],
		ExpectError: regexp.MustCompile(`(?s)Unable to create ephemeral API key.*provider\s+block\s+is\s+not\s+known\s+yet`),
	})
}
