// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/terrascale/terraform-provider-terrascale/internal/secret"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// Emulator is a TerraScale emulator of one test, on a loopback port: an organization on the plan enterprise, and an
// access token of its owner.
type Emulator struct {
	*emulator.Server
	// Token is accepted for as long as a test may last, also by a clock that it moves.
	Token secret.String
}

// NewEmulator starts an emulator that ends with the test. No call is limited by rate, unless an option says so.
func NewEmulator(t *testing.T, options ...func(*emulator.Options)) *Emulator {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TERRASCALE_") {
			t.Setenv(name, "")
		}
	}
	settings := emulator.Options{
		AccessTokenTTL: 20 * 365 * 24 * time.Hour,
		RateLimits:     emulator.RateLimits{Free: -1, Pro: -1, Enterprise: -1, Anonymous: -1},
	}
	for _, option := range options {
		option(&settings)
	}
	server, err := emulator.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	token, err := server.IssueToken(emulator.DefaultOwnerEmail, emulator.DefaultOrganizationID)
	if err != nil {
		t.Fatal(err)
	}
	return &Emulator{Server: server, Token: token}
}

// OnClock makes an emulator tell the time by a test's clock.
func OnClock(clock *Clock) func(*emulator.Options) {
	return func(options *emulator.Options) { options.Clock = clock.Now }
}

// ProviderHCL gives a provider block that works in the organization as its owner, with more attributes if given.
func (e *Emulator) ProviderHCL(attributes ...string) string {
	return providerHCL(e.URL(), e.Token, attributes)
}

func providerHCL(endpoint string, token secret.String, attributes []string) string {
	return fmt.Sprintf("provider \"terrascale\" {\n  endpoint        = %q\n  access_token    = %q\n  organization_id = %q\n  %s\n}\n",
		endpoint, token.Reveal(), emulator.DefaultOrganizationID, strings.Join(attributes, "\n  "))
}

// UnknownProviderHCL gives a provider block whose settings are known only at apply.
func (e *Emulator) UnknownProviderHCL() string {
	return fmt.Sprintf(`
resource "terraform_data" "service" {
  input = { endpoint = %q, token = %q, organization = %q }
}
provider "terrascale" {
  endpoint        = terraform_data.service.output.endpoint
  access_token    = terraform_data.service.output.token
  organization_id = terraform_data.service.output.organization
}
`, e.URL(), e.Token.Reveal(), emulator.DefaultOrganizationID)
}

// Calls lists the operations that have answered with success since the last ResetRequests, in order.
func (e *Emulator) Calls() []string {
	var operations []string
	for _, request := range e.Requests() {
		if request.Status >= http.StatusOK && request.Status < http.StatusMultipleChoices {
			operations = append(operations, request.Operation)
		}
	}
	return operations
}

// LiveKeys lists the ids of the organization's keys that work.
func (e *Emulator) LiveKeys(now time.Time) []string {
	ids := []string{}
	for _, key := range e.APIKeys(emulator.DefaultOrganizationID) {
		if key.Status(now) == emulator.KeyActive {
			ids = append(ids, key.ID)
		}
	}
	return ids
}

// Member looks a member of the organization up.
func (e *Emulator) Member(email string) (member emulator.Member, found bool) {
	members := e.Members(emulator.DefaultOrganizationID)
	index := slices.IndexFunc(members, func(m emulator.Member) bool { return strings.EqualFold(m.Email, email) })
	if index < 0 {
		return emulator.Member{}, false
	}
	return members[index], true
}

// Networks lists the organization's allowlist, in order.
func (e *Emulator) Networks() []string {
	networks := []string{}
	for _, entry := range e.Allowlist(emulator.DefaultOrganizationID).Entries {
		networks = append(networks, entry.CIDR)
	}
	slices.Sort(networks)
	return networks
}

// Read gives the status that a read on the data plane gets with a key, Write that of a write.
func (e *Emulator) Read(key secret.String) (int, error) { return e.items(http.MethodGet, nil, key) }

// Write puts an item.
func (e *Emulator) Write(key secret.String) (int, error) {
	return e.items(http.MethodPut, []byte(`{"pk":"probe","data":{}}`), key)
}

func (e *Emulator) items(method string, body []byte, key secret.String) (int, error) {
	return e.send(method, "/api/v1/databases/"+emulator.DefaultDatabaseID+"/items", body, key)
}

func (e *Emulator) send(method, path string, body []byte, bearer secret.String) (int, error) {
	request, err := http.NewRequest(method, e.URL()+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+bearer.Reveal())
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// KeyAnswers checks a secret in the state by what a read and a write on the data plane get with it.
func (e *Emulator) KeyAnswers(read, write int) knownvalue.Check {
	return knownvalue.StringFunc(func(key string) error { return e.CheckKey(secret.New(key), read, write) })
}

// CheckKey checks what a read and a write on the data plane get with a key.
func (e *Emulator) CheckKey(key secret.String, read, write int) error {
	for _, probe := range []struct {
		name string
		try  func(secret.String) (int, error)
		want int
	}{{"read", e.Read, read}, {"write", e.Write, write}} {
		got, err := probe.try(key)
		if err != nil {
			return err
		}
		if got != probe.want {
			return fmt.Errorf("a %s with the key got HTTP %d instead of %d", probe.name, got, probe.want)
		}
	}
	return nil
}

// MakeKey makes an API key as the user of an access token.
func (e *Emulator) MakeKey(token secret.String, name string) error {
	body := fmt.Sprintf(`{"name":%q,"scopes":["database:read"]}`, name)
	status, err := e.send(http.MethodPost, "/api/v1/management/apikeys", []byte(body), token)
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("making a key got HTTP %d", status)
	}
	return err
}

// Outside is a check of what is not in the state: it fails with what the function says.
func Outside(check func() error) resource.TestCheckFunc {
	return func(*terraform.State) error { return check() }
}
