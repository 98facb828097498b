// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package apikey_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/resources/apikey"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

const (
	keys  = 300
	pages = 3
)

// manyKeys is a configuration of keys, each under a name of its own, with a tag that rotates them.
func manyKeys(e *acctest.Emulator, rotation string) string {
	return e.ProviderHCL() + fmt.Sprintf(`
resource %q "all" {
  count  = %d
  name   = "key-${count.index}"
  scopes = ["database:read"]
  rotation = {
    trigger = %q
    overlap = "0s"
  }
}
`, apikey.TypeName, keys, rotation)
}

// Three hundred keys are three pages of the list. A listing around each of them would be over a thousand requests.
func TestAccRequestsForManyKeysAreCounted(t *testing.T) {
	e := acctest.NewEmulator(t)
	k := acctest.NewWorkspace(t, manyKeys(e, "a"))
	run := func(atMost int, arguments ...string) {
		t.Helper()
		before := len(e.Requests())
		k.Must(append(arguments, "-input=false", "-no-color")...)
		count := len(e.Requests()) - before
		t.Logf("%s: %d requests", arguments[0], count)
		require.LessOrEqual(t, count, atMost)
	}
	run(keys+pages+5, "apply", "-auto-approve")
	run(pages+5, "plan", "-detailed-exitcode")
	k.Configure(manyKeys(e, "b"))
	// Each rotation makes a key and revokes one. The refresh reads the list, and so does the apply, before it makes the first.
	run(2*keys+2*pages+5, "apply", "-auto-approve")
	// Revoked keys stay listed.
	run(2*pages+5, "plan", "-detailed-exitcode")
	run(keys+2*pages+5, "destroy", "-auto-approve")
	require.Empty(t, e.LiveKeys(time.Now()))
	for _, key := range e.APIKeys(emulator.DefaultOrganizationID) {
		require.True(t, key.Revoked)
	}
}

// The first key of an organization tells how much of a secret is listed. One that is listed in another way is looked up.
func TestAccKeyPrefixIsAsListed(t *testing.T) {
	for name, existing := range map[string]int{"the first keys": 0, "beside others": 250} {
		t.Run(name, func(t *testing.T) {
			e := acctest.NewEmulator(t)
			for i := range existing {
				_, _, err := e.CreateKey(emulator.DefaultOrganizationID, fmt.Sprintf("other-%d", i), []string{"database:read"}, nil)
				require.NoError(t, err)
			}
			k := acctest.NewWorkspace(t, e.ProviderHCL()+fmt.Sprintf(`
resource %[1]q "all" {
  count  = 30
  name   = "key-${count.index}"
  scopes = ["database:read"]
}

output "prefixes" { value = { for key in %[1]s.all : key.key_id => key.key_prefix } }
`, apikey.TypeName))
			before := len(e.Requests())
			k.Must("apply", "-auto-approve", "-input=false", "-no-color")
			require.LessOrEqual(t, len(e.Requests())-before, 30+existing/100+1+5)
			var prefixes map[string]string
			require.NoError(t, json.Unmarshal([]byte(k.Must("output", "-json", "prefixes")), &prefixes))
			require.Len(t, prefixes, 30)
			for _, key := range e.APIKeys(emulator.DefaultOrganizationID) {
				if prefix, isOurs := prefixes[key.ID]; isOurs {
					require.Equal(t, key.Prefix, prefix)
				}
			}
		})
	}
}

// What earlier runs left of ephemeral keys is looked for in one listing, however many there are.
func TestRequestsForManyEphemeralKeysAreCounted(t *testing.T) {
	const keys = 40
	s := newService(t)
	for i := range 150 {
		_, _, err := s.CreateKey(emulator.DefaultOrganizationID, fmt.Sprintf("other-%d", i), []string{"database:read"}, nil)
		require.NoError(t, err)
	}
	o := newOpener(t, s)
	before := len(s.Requests())
	for i := range keys {
		closing, _, diagnostics := o.open(map[string]string{"name": fmt.Sprintf("job-%d", i)})
		require.Empty(t, diagnostics)
		require.Empty(t, o.close(closing))
	}
	require.LessOrEqual(t, len(s.Requests())-before, 2*keys+2+1)
}
