// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package store

// The plans an organization can be on.
const (
	Free       = "free"
	Pro        = "pro"
	Enterprise = "enterprise"
)

// Limits are the counts an organization may not pass.
type Limits struct {
	Databases int `json:"databases"`
	APIKeys   int `json:"apiKeys"`
	Members   int `json:"members"`
}

// limitsByPlan: free and pro are the figures in the service's own examples of an organization's settings.
// Enterprise is published as unlimited; a settings field is a number, so it gets one that nobody meets.
var limitsByPlan = map[string]Limits{
	Free:       {Databases: 3, APIKeys: 10, Members: 5},
	Pro:        {Databases: 10, APIKeys: 50, Members: 25},
	Enterprise: {Databases: 10_000, APIKeys: 10_000, Members: 10_000},
}

// ValidPlan reports whether there is a plan of that name.
func ValidPlan(plan string) bool { _, ok := limitsByPlan[plan]; return ok }
