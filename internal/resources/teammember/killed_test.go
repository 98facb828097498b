// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package teammember_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/testing/acctest"
	"github.com/terrascale/terraform-provider-terrascale/internal/testing/emulator"
)

// TestAccMemberOfAKilledRunIsTakenOver applies where an earlier run was killed before its state was saved.
func TestAccMemberOfAKilledRunIsTakenOver(t *testing.T) {
	body := fmt.Sprintf("email = %q\nrole = \"readonly\"\n", grace)
	for name, test := range map[string]struct {
		changed func(t *testing.T, e *acctest.Emulator)
		// elsewhere applies from another folder, where nothing is known of the killed run; refused is what it has to say, if anything.
		elsewhere bool
		refused   string
	}{
		"in the same folder": {changed: func(*testing.T, *acctest.Emulator) {}},
		"in the same folder, accepted since": {changed: func(t *testing.T, e *acctest.Emulator) {
			require.NoError(t, e.AcceptInvitation(org, grace))
		}},
		"in the same folder, with another role since": {
			changed: func(t *testing.T, e *acctest.Emulator) { require.NoError(t, e.SetMemberRole(org, grace, "admin")) },
			refused: "import it",
		},
		"from another folder": {changed: func(*testing.T, *acctest.Emulator) {}, elsewhere: true},
		"from another folder, accepted since": {
			changed: func(t *testing.T, e *acctest.Emulator) {
				require.NoError(t, e.AcceptInvitation(org, grace))
			},
			elsewhere: true, refused: "import it",
		},
		"from another folder, invited by somebody else": {
			changed: func(t *testing.T, e *acctest.Emulator) {
				require.NoError(t, e.ResendInvitation(org, grace, emulator.DefaultAdminEmail))
			},
			elsewhere: true, refused: "import it",
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := acctest.NewEmulator(t)
			w := acctest.NewWorkspace(t, e.ProviderHCL()+member(body+acctest.Provisioner))
			w.ApplyAndLose()
			test.changed(t, e)
			if test.elsewhere {
				w = acctest.NewWorkspace(t, "")
			}
			w.Configure(e.ProviderHCL() + member(body))
			result, err := w.Run(t.Context(), append([]string{"apply"}, cli...)...)
			require.NoError(t, err)
			if test.refused != "" {
				require.NotZero(t, result.ExitCode, result.Output)
				require.Contains(t, acctest.Plain(result.Output), test.refused)
				return
			}
			require.Zero(t, result.ExitCode, result.Output)
			require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "No changes.")
			w.Must(append([]string{"destroy"}, cli...)...)
			require.NoError(t, has(e, grace, "")(nil))
		})
	}
}

// TestAccMemberWhoseInvitationHasNoAnswer loses the answer, and finds the invitation in the same run.
func TestAccMemberWhoseInvitationHasNoAnswer(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{
		"the connection ends": {Operation: "inviteMember", DropAfter: true},
		"an answer is cut":    {Operation: "inviteMember", Truncate: true},
	} {
		t.Run(name, func(t *testing.T) {
			e := acctest.NewEmulator(t)
			w := acctest.NewWorkspace(t, e.ProviderHCL()+withRole("member"))
			e.Inject(fault)
			w.Must(append([]string{"apply"}, cli...)...)
			require.NoError(t, has(e, grace, "member")(nil))
			require.Contains(t, w.Must("plan", "-input=false", "-no-color"), "No changes.")
		})
	}
	t.Run("nothing came of it", func(t *testing.T) {
		e := acctest.NewEmulator(t)
		w := acctest.NewWorkspace(t, e.ProviderHCL()+withRole("member"))
		e.Inject(emulator.Fault{Operation: "inviteMember", Status: http.StatusBadGateway})
		result, err := w.Run(t.Context(), append([]string{"apply"}, cli...)...)
		require.NoError(t, err)
		require.NotZero(t, result.ExitCode)
		w.Must(append([]string{"apply"}, cli...)...)
	})
}
