// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

// Package catalogue says of each error and warning of the provider what it means and what to do. internal/cmd/troubleshooting writes the
// guide from it. A test finds the summary of every diagnostic in the source, and holds that each has one entry here.
package catalogue

//go:generate go run github.com/terrascale/terraform-provider-terrascale/internal/cmd/troubleshooting -out ../../../templates/guides/troubleshooting.md

import "slices"

// Subject stands in a summary for what is not the same every time, such as a resource's name.
const Subject = "…"

// Topic is a part of the guide.
type Topic struct {
	Title string
	// About is what holds for all of its entries; it may be empty.
	About   string
	Entries []Entry
}

// Entry explains one summary. Its texts are Markdown; links start at docs/guides.
type Entry struct {
	// Summary is the first line of the message.
	Summary string
	// Means says what happened, and why.
	Means string
	// Do says what to do, and where to read more.
	Do string
}

// Topics gives the whole guide, in its order.
func Topics() []Topic {
	return slices.Concat(ofTheProvider, ofTheService, ofDatabaseServers, ofHyperterse, ofRules, ofTerraform)
}
