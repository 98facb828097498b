// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/stretchr/testify/require"
)

// readable decrypts what the state holds as the owner of an identity, and remembers it.
func (s seen) readable(name string, identity age.Identity) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		encrypted := state.RootModule().Resources[address].Primary.Attributes["secret_encrypted"]
		reader, err := age.Decrypt(armor.NewReader(strings.NewReader(encrypted)), identity)
		if err != nil {
			return err
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			return err
		}
		if before, met := s[name]; met && before != string(content) {
			return fmt.Errorf("%s is another key than before", name)
		}
		s[name] = string(content)
		return nil
	}
}

func TestAccKeyAgeRecipients(t *testing.T) { testRecipients(t, false) }

// TestAccKeyAgeRecipientsOfTheProvider has the provider block name them: the key's are the same, known while planning.
func TestAccKeyAgeRecipientsOfTheProvider(t *testing.T) { testRecipients(t, true) }

func testRecipients(t *testing.T, isDefault bool) {
	s, keys := newService(t), seen{}
	alice, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	bob, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	config := func(identities ...*age.X25519Identity) string {
		recipients := ""
		for _, identity := range identities {
			recipients += fmt.Sprintf("%q, ", identity.Recipient().String())
		}
		if recipients != "" {
			recipients = "age_recipients = [" + recipients + "]"
		}
		if isDefault {
			return s.ProviderHCL(recipients) + strings.TrimPrefix(scheduled(s, `every = "90d", overlap = "7d"`), s.ProviderHCL())
		}
		return scheduled(s, `every = "90d", overlap = "7d"`, recipients)
	}
	inClear := []statecheck.StateCheck{
		expect("secret", s.KeyAnswers(http.StatusOK, http.StatusForbidden)), expect("secret_encrypted", knownvalue.Null()),
	}
	hidden := []statecheck.StateCheck{expect("secret", knownvalue.Null()), expect("secret_encrypted", knownvalue.NotNull())}
	s.test(t,
		resource.TestStep{Config: config(), ConfigStateChecks: inClear, Check: keys.take("one")},
		// What is known is encrypted: no other key is needed.
		resource.TestStep{
			Config: config(alice), ConfigPlanChecks: keepsKey(), ConfigStateChecks: hidden,
			Check: resource.ComposeTestCheckFunc(keys.readable("one", alice), keys.only(s, "one")),
		},
		// Only alice can read it, so bob needs another one, and there is time to change over.
		resource.TestStep{
			Config: config(bob), ConfigPlanChecks: overlapsHidden(), ConfigStateChecks: hidden,
			Check: resource.ComposeTestCheckFunc(keys.readable("two", bob), keys.only(s, "one", "two")),
		},
		resource.TestStep{
			PreConfig: s.later(90 * day), Config: config(bob), ConfigPlanChecks: overlapsHidden(), ConfigStateChecks: hidden,
			Check: resource.ComposeTestCheckFunc(keys.readable("three", bob), keys.only(s, "two", "three")),
		},
		resource.TestStep{
			PreConfig: s.later(7 * day), Config: config(bob), ConfigPlanChecks: ends(), ConfigStateChecks: hidden,
			Check: resource.ComposeTestCheckFunc(keys.readable("three", bob), keys.only(s, "three")),
		},
		resource.TestStep{
			Config: config(), ConfigPlanChecks: overlaps(), ConfigStateChecks: inClear,
			Check: resource.ComposeTestCheckFunc(keys.take("four"), keys.only(s, "three", "four")),
		},
		// Recipients that come with a rotation: the new key is never in the state in clear.
		resource.TestStep{
			PreConfig: s.later(90 * day), Config: config(alice, bob), ConfigStateChecks: hidden, ConfigPlanChecks: overlapsHidden(),
			Check: resource.ComposeTestCheckFunc(keys.readable("five", alice), keys.readable("five", bob), keys.only(s, "four", "five")),
		},
	)
}

func TestAccKeyRecipientsThatAreKnownAtApply(t *testing.T) {
	s, keys := newService(t), seen{}
	alice, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	config := func(recipient string) string {
		return scheduled(s, "", "age_recipients = terraform_data.readers.output") +
			fmt.Sprintf("resource \"terraform_data\" \"readers\" {\n input = [%q]\n}\n", recipient)
	}
	s.test(t,
		resource.TestStep{Config: config("alice"), ExpectError: notARecipient, Check: s.liveKeys(0)},
		resource.TestStep{Config: scheduled(s, ""), Check: keys.take("one")},
		resource.TestStep{
			Config: config(alice.Recipient().String()), ConfigPlanChecks: keepsKey(),
			Check: resource.ComposeTestCheckFunc(keys.readable("one", alice), keys.only(s, "one")),
		},
	)
}

// TestAccKeyAgeRecipientsOfTheEnvironment has a variable name them, and the key others: its own go first.
func TestAccKeyAgeRecipientsOfTheEnvironment(t *testing.T) {
	s, keys := newService(t), seen{}
	alice, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	bob, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	t.Setenv("TERRASCALE_AGE_RECIPIENTS", bob.Recipient().String()+",\n "+alice.Recipient().String()+"\n")
	s.test(t,
		resource.TestStep{
			Config: scheduled(s, ""), ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: emptyPlan()},
			ConfigStateChecks: []statecheck.StateCheck{
				expect("secret", knownvalue.Null()), expect("age_recipients", knownvalue.SetSizeExact(2)),
			},
			Check: resource.ComposeTestCheckFunc(keys.readable("one", alice), keys.readable("one", bob)),
		},
		resource.TestStep{
			Config: scheduled(s, "", fmt.Sprintf("age_recipients = [%q]", alice.Recipient().String())),
			Check:  keys.readable("two", alice),
		},
	)
}
