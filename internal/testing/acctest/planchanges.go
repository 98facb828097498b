// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// changesOnly checks which values of a resource a plan changes.
type changesOnly struct {
	address string
	paths   []string
}

// ExpectChangesOnly checks that a plan, as JSON, changes these values of a resource and no others. A path is the names of attributes and
// keys with a slash between them, as deep as objects and maps go: a list or set is one value.
func ExpectChangesOnly(address string, paths ...string) plancheck.PlanCheck {
	slices.Sort(paths)
	return changesOnly{address, paths}
}

// CheckPlan implements plancheck.PlanCheck.
func (c changesOnly) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, planned := range req.Plan.ResourceChanges {
		if planned.Address != c.address {
			continue
		}
		changed := changes("", planned.Change.Before, planned.Change.After, planned.Change.AfterUnknown)
		slices.Sort(changed)
		if !slices.Equal(changed, c.paths) {
			resp.Error = fmt.Errorf("%s changes %q instead of %q", c.address, changed, c.paths)
		}
		return
	}
	resp.Error = fmt.Errorf("%s is not in the plan", c.address)
}

// changes gives the paths at which two values differ, or the second is unknown.
func changes(path string, before, after, unknown any) []string {
	if isUnknown, _ := unknown.(bool); isUnknown {
		return []string{path}
	}
	was, isObject := before.(map[string]any)
	becomes, alsoObject := after.(map[string]any)
	if !isObject || !alsoObject {
		if reflect.DeepEqual(before, after) {
			return nil
		}
		return []string{path}
	}
	leftOpen, _ := unknown.(map[string]any)
	names := map[string]bool{}
	for _, part := range []map[string]any{was, becomes, leftOpen} {
		for name := range maps.Keys(part) {
			names[name] = true
		}
	}
	var found []string
	for name := range names {
		below := name
		if path != "" {
			below = path + "/" + name
		}
		found = append(found, changes(below, was[name], becomes[name], leftOpen[name])...)
	}
	return found
}
