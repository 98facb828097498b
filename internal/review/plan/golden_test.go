// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package plan_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/terrascale/terraform-provider-terrascale/internal/review/plan"
)

var update = flag.Bool("update", false, "write the golden files anew")

// now is after all plans were made.
var now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

// Every plan of testdata was made by the real CLI: see TestMakePlans.
func TestReviewsOfPlansThatTheCLIMade(t *testing.T) {
	files, err := filepath.Glob("testdata/*/plan.json")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 30)
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			review, err := plan.Read(strings.NewReader(string(content)), plan.Options{Now: now, FailOn: plan.RuleNames()})
			require.NoError(t, err)
			asJSON, err := review.JSON()
			require.NoError(t, err)
			for format, got := range map[string]string{"review.md": review.Markdown(), "review.json": string(asJSON)} {
				golden := filepath.Join(filepath.Dir(file), format)
				if *update {
					require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
				}
				want, err := os.ReadFile(golden)
				require.NoError(t, err)
				require.Equal(t, string(want), got)
			}
		})
	}
	require.Len(t, files, len(madePlans), "a folder for each plan of madePlans, and a plan for each folder")
}
